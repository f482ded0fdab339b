"""An account of a party sees what concerns the party: all of it, and nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import strawberry

from schema.planner.identity import decode_global_id
from services.db import Database
from services.organisations.rules import PartyKind
from tests.factories.organisations import new_actor
from tests.factories.parties import PARTIES, PartyWorld, new_party_world
from tests.schema.conftest import Ask, Execute
from tests.schema.mutating import Changes
from tests.schema.selections import Selections, ids_in
from tests.schema.test_mutation_roles import MUTATIONS

Refused = Callable[..., Awaitable[str]]


@pytest.fixture(scope="module")
async def shared(database: Database) -> PartyWorld:
    """An organisation that several parties share."""
    return await new_party_world(database, await new_actor(database))


def row_ids(value: Any) -> set[Any]:
    return {decode_global_id(id_).id for id_ in ids_in(value)}


@pytest.mark.parametrize("party", PARTIES)
async def test_every_list_shows_a_party_exactly_the_rows_that_concern_it(
    schema: strawberry.Schema, shared: PartyWorld, ask: Ask, party: str
) -> None:
    actor, selections = shared.of_party[party], Selections(schema, shared.of_party[party])
    assert {"agreements", "tickets", "clocks", "breaches", "periodResults", "services"} <= selections.lists.keys()
    for name, type_ in selections.lists.items():
        model = selections.model(type_)
        wanted = {id_ for id_, of in shared.types.items() if of is model and shared.may_see(actor, id_)}
        for first, depth in ((100, 1), (3, 2)):
            answered = (await ask(actor, selections.list_of(name, first=first, depth=depth)))[name]
            assert not {id_ for id_ in row_ids(answered) if not shared.may_see(actor, id_)}, name
            assert answered["totalCount"] == len(wanted), name
            found = {decode_global_id(node["id"]).id for node in answered["nodes"]}
            assert len(found) == min(first, len(wanted)), name
            assert found <= wanted, name


async def test_what_concerns_others_is_found_by_no_id(
    schema: strawberry.Schema, shared: PartyWorld, ask: Ask, execute: Execute
) -> None:
    actor = shared.of_party["cloud"]
    ids: dict[bool, list[str]] = {True: [], False: []}
    everything = Selections(schema, shared.actor)
    for name in everything.lists:
        for id_ in ids_in(await ask(shared.actor, everything.list_of(name, first=100, depth=0))):
            ids[shared.may_see(actor, decode_global_id(id_).id)].append(id_)
    assert ids[True]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    for visible, given in ids.items():
        for start in range(0, len(given), 100):
            chunk = given[start : start + 100]
            answered = (await ask(actor, document, ids=chunk))["nodes"]
            assert answered == [{"id": id_} if visible else None for id_ in chunk]
    for id_ in ids[False][::20]:
        result = await execute(actor, "query($id: ID!) { node(id: $id) { id } }", id=id_)
        assert (result.errors, result.data) == (None, {"node": None})


async def test_a_key_finds_only_what_concerns_the_party(shared: PartyWorld, ask: Ask) -> None:
    document = """{ mine: agreement(key: "cloud-mail") { key } other: agreement(key: "pipes-mail") { key }
        mail: service(key: "mail") { key } web: service(key: "web") { key } self: party(key: "cloud") { key }
        side: party(key: "desk") { key } rival: party(key: "pipes") { key } }"""
    found = await ask(shared.of_party["cloud"], document)
    assert {alias for alias, value in found.items() if value is not None} == {"mine", "mail", "self", "side"}


async def test_what_is_not_visible_is_null_behind_a_relation_that_may_be(shared: PartyWorld, ask: Ask) -> None:
    document = "{ tickets(first: 100) { nodes { customer { key } provider { key } service { key } } } }"
    nodes = (await ask(shared.of_party["cloud"], document))["tickets"]["nodes"]
    assert {node["provider"]["key"] for node in nodes} == {"cloud"}
    assert {(node["customer"] or {}).get("key") for node in nodes} == {None}
    assert {(node["service"] or {}).get("key") for node in nodes} == {"mail", None}


@pytest.mark.parametrize(
    "document",
    [
        "{ departments(first: 1) { totalCount } }",
        '{ department(key: "it") { name } }',
        "{ assessmentScores(first: 1) { nodes { id } } }",
        "{ services(first: 1) { nodes { description } } }",
        "{ services(first: 1) { nodes { ownerships { id } } } }",
        "{ services(first: 1, filter: { criticality: [STANDARD] }) { totalCount } }",
        '{ tickets(first: 1, filter: { assignee: ["somebody inside"] }) { totalCount } }',
        "{ tickets(first: 1) { nodes { events(first: 1) { nodes { attributes } } } } }",
        "{ forecasts(first: 1) { nodes { model { id } } } }",
        "{ forecasts(first: 1) { nodes { reasons { sentence } } } }",
        "{ forecasts(first: 1) { nodes { outcome } } }",
        "{ forecasts(first: 1) { nodes { outcomeAt } } }",
        "{ forecasts(first: 1) { nodes { squaredError } } }",
        "{ forecasts(first: 1, filter: { outcome: [MISSED] }) { totalCount } }",
        "{ forecasts(first: 1, filter: { isCurrent: true }) { totalCount } }",
        "{ forecasts(first: 1, filter: { isCurrent: false }) { totalCount } }",
        "{ attainment(by: [TEAM]) { pending } }",
        "{ serviceReview { findings { sentence } } }",
    ],
)
async def test_what_no_party_is_shown_is_refused_by_name(shared: PartyWorld, refused: Refused, document: str) -> None:
    assert await refused(shared.of_party["cloud"], document) == "NOT_PERMITTED"


async def test_forecasts_are_for_those_who_can_still_prevent_a_breach(
    shared: PartyWorld, ask: Ask, refused: Refused
) -> None:
    document = "{ forecasts(first: 1) { totalCount } }"
    for party, kind in PARTIES.items():
        if kind is PartyKind.CUSTOMER:
            assert await refused(shared.of_party[party], document) == "NOT_PERMITTED"
        else:
            assert (await ask(shared.of_party[party], document))["forecasts"]["totalCount"] > 0


async def test_a_party_finds_the_forecasts_of_the_last_run_whatever_came_of_them(shared: PartyWorld, ask: Ask) -> None:
    document = "{ forecasts(first: 100, filter: { isSuperseded: false }) { nodes { id } } }"
    found = row_ids(await ask(shared.of_party["cloud"], document))
    outcomes = "{ forecasts(first: 100) { nodes { id outcome } } }"
    nodes = (await ask(shared.actor, outcomes))["forecasts"]["nodes"]
    of_party = {node["outcome"] for node in nodes if shared.may_see(shared.of_party["cloud"], *row_ids(node))}
    assert of_party == {"MISSED", "PENDING"}, "a settled forecast is among those it sees"
    assert {node["outcome"] for node in nodes if row_ids(node) <= found} == of_party


async def test_a_filter_by_an_id_tells_nothing_of_what_is_not_visible(shared: PartyWorld, ask: Ask) -> None:
    document = "query($of: [ID!]) { tickets(first: 1, filter: { customer: $of }) { totalCount } }"
    customer = (await ask(shared.actor, '{ party(key: "acme") { id } }'))["party"]["id"]
    assert (await ask(shared.actor, document, of=[customer]))["tickets"]["totalCount"] > 0
    assert (await ask(shared.of_party["cloud"], document, of=[customer]))["tickets"]["totalCount"] == 0


async def test_a_party_reads_even_where_no_row_is_asked_for(shared: PartyWorld, ask: Ask) -> None:
    actor = shared.of_party["acme"]
    answered = await ask(actor, "{ organisation { key } agreements { __typename } nodes(ids: []) { id } }")
    assert answered["agreements"] == {"__typename": "AgreementConnection"}
    assert answered["nodes"] == []


async def test_a_party_changes_nothing(change: Changes, shared: PartyWorld) -> None:
    for party in ("acme", "desk", "cloud"):
        for name, given in MUTATIONS.items():
            assert (await change(shared.of_party[party], name, given))["__typename"] == "NotPermittedProblem", name
