"""The fast path: a plan serves the requests it was compiled for and no others, and says what the ordinary path says."""

import gc
import random
import weakref
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import strawberry
from strawberry.types import ExecutionResult

from schema.budget import Budgets
from schema.context import Context
from schema.fast import FastReads
from schema.planner.identity import encode_global_id
from schema.planner.plan_cache import MOST_VARIANTS, PlanCache
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.factories.parties import PartyWorld, new_party_world
from tests.factories.world import World
from tests.schema.conftest import NOW

TICKETS = """query($first: Int, $after: String, $last: Int, $before: String, $order: TicketOrder = OPENED_AT_ASC,
                   $filter: TicketFilter, $long: Boolean = false, $short: Boolean = false) {
    tickets(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { key ...More @include(if: $long) state @skip(if: $short) }
    }
} fragment More on Ticket { id service { key } clocks { status } events(first: $first) { nodes { key } } }"""


def variables(actor: Actor, world: PartyWorld, cursors: list[str]) -> list[dict[str, Any]]:
    """Requests that differ in what a plan may depend on, some of them at fault."""
    service = encode_global_id("Service", actor.organisation_id, next(iter(world.types)))
    pages: list[dict[str, Any]] = [
        {},
        {"first": None},
        {"first": 1},
        {"first": 3},
        {"first": 0},
        {"first": 101},
        {"last": 2},
        {"first": 1, "last": 1},
        {"first": 2, "after": cursors[0]},
        {"last": 2, "before": cursors[-1]},
        {"after": "nothing"},
        {"first": "many"},
    ]
    filters: list[dict[str, Any]] = [
        {},
        {"filter": None},
        {"filter": {}},
        {"filter": {"isClosed": True}},
        {"filter": {"isClosed": False}},
        {"filter": {"isClosed": None}},
        {"filter": {"state": ["NEW"]}},
        {"filter": {"state": ["NEW", "IN_PROGRESS"]}},
        {"filter": {"state": []}},
        {"filter": {"team": ["desk"]}},
        {"filter": {"team": ["a\0b"]}},
        {"filter": {"service": [service]}},
        {"filter": {"service": ["nothing"]}},
        {"filter": {"opened": {"from": "2026-01-01T00:00:00Z"}}},
        {"filter": {"opened": {"before": "2027-01-01T00:00:00Z", "from": "2026-01-01T00:00:00Z"}}},
        {"filter": {"opened": {"before": "2026-01-01T00:00:00Z", "from": "2027-01-01T00:00:00Z"}}},
        {"filter": {"unknown": 1}},
    ]
    shapes: list[dict[str, Any]] = [
        {},
        {"order": "OPENED_AT_DESC"},
        {"order": "CLOSED_AT_ASC"},
        {"order": None},
        {"long": True},
        {"short": True},
        {"long": None},
    ]
    return [given | shape for given in (*pages, *filters) for shape in shapes]


@dataclass
class Both:
    """Asks the ordinary path, which leaves plans, and the fast one."""

    schema: strawberry.Schema
    database: Database
    plans: PlanCache

    async def ordinary(self, actor: Actor, document: str, given: dict[str, Any]) -> dict[str, Any]:
        context = Context(database=self.database, actor=actor, now=NOW, trace_id="trace-1", plans=self.plans)
        result = await self.schema.execute(document, variable_values=given, context_value=context)
        assert isinstance(result, ExecutionResult)
        return {"data": result.data, "errors": result.errors}

    async def fast(self, actor: Actor, document: str, given: dict[str, Any]) -> Any:
        answer = await FastReads(self.plans).answer(self.database.reader, actor, document, None, given)
        return None if answer is None else orjson.loads(answer.body())


@pytest.fixture
def both(schema: strawberry.Schema, database: Database) -> Both:
    return Both(schema, database, PlanCache())


@pytest.fixture(scope="module")
async def shared(database: Database) -> PartyWorld:
    """An organisation that several parties share."""
    return await new_party_world(database, await new_actor(database))


@pytest.fixture(scope="module")
async def neighbour(database: Database) -> PartyWorld:
    """Another one with rows of the same keys."""
    return await new_party_world(database, await new_actor(database))


async def test_whatever_requests_came_before_the_fast_path_says_what_the_ordinary_one_says_or_nothing(
    both: Both, shared: PartyWorld
) -> None:
    seed = random.randrange(2**32)  # noqa: S311
    print(f"seed {seed}")  # noqa: T201
    draw = random.Random(seed)  # noqa: S311
    edges = "{ tickets(first: 10) { edges { cursor } } }"
    first = await both.ordinary(shared.actor, edges, {})
    cursors = [edge["cursor"] for edge in first["data"]["tickets"]["edges"]]
    requests = variables(shared.actor, shared, cursors)
    answered = 0
    for given in (draw.choice(few) for few in (draw.sample(requests, k=12) for _ in range(6)) for _ in range(30)):
        before = await both.fast(shared.actor, TICKETS, given)
        said = await both.ordinary(shared.actor, TICKETS, given)
        after = await both.fast(shared.actor, TICKETS, given)
        if said["errors"]:
            assert before is None, given
            assert after is None, given
        else:
            assert before in (None, {"data": said["data"]}), given
            assert after == {"data": said["data"]}, given
            answered += before is not None
    assert answered > 10


async def test_one_plan_serves_all_who_ask_alike(both: Both, shared: PartyWorld, neighbour: PartyWorld) -> None:
    document = "query($first: Int!) { tickets(first: $first) { nodes { id key } } }"
    await both.ordinary(shared.actor, document, {"first": 1})
    for actor in (shared.actor, neighbour.actor):
        for first in (2, 5):
            expected = await Both(both.schema, both.database, PlanCache()).ordinary(actor, document, {"first": first})
            assert await both.fast(actor, document, {"first": first}) == {"data": expected["data"]}


async def test_an_id_of_another_organisation_finds_nothing_by_a_plan_made_for_ones_own(
    both: Both, shared: PartyWorld, neighbour: PartyWorld
) -> None:
    document = "query($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }"
    mine = [encode_global_id("Ticket", shared.actor.organisation_id, id_) for id_ in ids_of(shared)]
    theirs = [encode_global_id("Ticket", neighbour.actor.organisation_id, id_) for id_ in ids_of(neighbour)]
    in_my_name = [encode_global_id("Ticket", shared.actor.organisation_id, id_) for id_ in ids_of(neighbour)]
    await both.ordinary(shared.actor, document, {"id": mine[0], "ids": mine[:3]})
    found = await both.fast(shared.actor, document, {"id": mine[0], "ids": mine[:3]})
    assert [node["id"] for node in found["data"]["nodes"]] == mine[:3]
    for foreign in (theirs, in_my_name):
        given = {"id": foreign[0], "ids": [foreign[0], mine[0], foreign[1]]}
        assert await both.fast(shared.actor, document, given) == {
            "data": {"node": None, "nodes": [None, {"id": mine[0]}, None]}
        }


async def test_a_plan_of_one_kind_of_caller_serves_no_other(both: Both, shared: PartyWorld) -> None:
    document = "{ tickets { totalCount } }"
    await both.ordinary(shared.actor, document, {})
    for party in shared.of_party.values():
        alone = Both(both.schema, both.database, PlanCache())
        assert await both.fast(party, document, {}) in (
            None,
            {"data": (await alone.ordinary(party, document, {}))["data"]},
        )
    for party in shared.of_party.values():
        said = await both.ordinary(party, document, {})
        assert await both.fast(party, document, {}) == {"data": said["data"]}


@pytest.mark.parametrize(
    "document",
    [
        "{ maturityPatterns { key } }",
        "{ tickets { totalCount } maturityPatterns { key } }",
        "{ __schema { queryType { name } } }",
        'mutation { createParty(input: {key: "k", name: "n", kind: CUSTOMER}) { __typename } }',
        "{ tickets(first: 1000) { totalCount } }",
        "{ nothing }",
        "{ tickets { ",
    ],
)
async def test_what_is_not_all_planned_is_left_to_the_ordinary_path(both: Both, actor: Actor, document: str) -> None:
    await both.ordinary(actor, document, {})
    assert len(both.plans) == 0
    assert await both.fast(actor, document, {}) is None


async def test_a_page_too_large_is_refused_by_a_plan_made_for_a_small_one(both: Both, world: World) -> None:
    document = "query($n: Int!) { tickets(first: $n) { nodes { events(first: $n) { nodes { ticket { key } } } } } }"
    nested = document.replace("ticket { key }", "ticket { events(first: $n) { nodes { key } } }")
    await both.ordinary(world.actor, nested, {"n": 2})
    assert await both.fast(world.actor, nested, {"n": 3}) is not None
    assert await both.fast(world.actor, nested, {"n": 60}) is None
    said = await both.ordinary(world.actor, nested, {"n": 60})
    assert [error.extensions for error in said["errors"]] == [{"code": "TOO_COSTLY"}]


async def test_the_plans_of_one_document_are_few(both: Both, world: World) -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    kinds = ["Ticket", "Service", "Party", "Calendar", "Agreement", "Target", "Clock", "Breach", "Person", "Department"]
    requests = [{"ids": [encode_global_id(kind, world.actor.organisation_id, world.ticket.id)]} for kind in kinds]
    for given in requests:
        await both.ordinary(world.actor, document, given)
    assert len(both.plans) == 1
    kept = [await both.fast(world.actor, document, given) is not None for given in requests]
    assert kept == [False] * (len(kinds) - MOST_VARIANTS) + [True] * MOST_VARIANTS


async def test_what_is_used_least_recently_makes_room(both: Both, world: World) -> None:
    both.plans = PlanCache(most_documents=2)
    documents = [f"{{ tickets(first: {number}) {{ totalCount }} }}" for number in range(3)]
    for document in (documents[0], documents[1], documents[0], documents[2]):
        if await both.fast(world.actor, document, {}) is None:
            await both.ordinary(world.actor, document, {})
    assert len(both.plans) == 2
    kept = [await both.fast(world.actor, document, {}) is not None for document in documents]
    assert kept == [True, False, True]


async def test_both_paths_charge_alike_and_refuse_who_has_used_up_its_budget(both: Both, world: World) -> None:
    document = "query($n: Int!) { tickets(first: $n) { nodes { key } } services(first: 5) { nodes { key } } }"
    clock = [0.0]
    budgets = Budgets(100, clock=lambda: clock[0])
    context = Context(
        database=both.database, actor=world.actor, now=NOW, trace_id="t", plans=both.plans, budgets=budgets
    )
    result = await both.schema.execute(document, variable_values={"n": 10}, context_value=context)
    assert isinstance(result, ExecutionResult)
    assert result.extensions == {"cost": {"requested": 17, "remaining": 83, "limit": 100}}
    reads = FastReads(both.plans, budgets)

    async def fast(n: int) -> Any:
        answer = await reads.answer(both.database.reader, world.actor, document, None, {"n": n})
        return None if answer is None else orjson.loads(answer.body())["extensions"]["cost"]

    assert await fast(10) == {"requested": 17, "remaining": 66, "limit": 100}
    assert await fast(59) == {"requested": 66, "remaining": 0, "limit": 100}
    assert await fast(0) is None
    refused = await both.schema.execute(document, variable_values={"n": 0}, context_value=context)
    assert isinstance(refused, ExecutionResult)
    assert refused.data is None
    assert [error.extensions for error in refused.errors or []] == [
        {"code": "OVER_BUDGET", "retryAfter": 5, "cost": {"requested": 7, "remaining": 0, "limit": 100}}
    ]
    clock[0] += 6
    assert await fast(0) == {"requested": 7, "remaining": 3, "limit": 100}


def ids_of(world: PartyWorld) -> list[Any]:
    """The ids of tickets of an organisation."""
    return [id_ for id_, model in world.types.items() if model.__name__ == "Ticket"]


class Text(str):
    """A text of which can be told whether anybody still has it."""


@pytest.mark.parametrize(
    "document",
    [
        "query($text: String!) { service(key: $text) { key } }",
        "query($text: String!) { tickets(filter: { team: [$text] }) { nodes { key } } }",
        "query($text: String!) { tickets(filter: { team: [$text] }) { totalCount } service(key: $text) { key } }",
    ],
)
async def test_a_plan_that_is_kept_holds_nothing_that_a_client_sent(
    both: Both, shared: PartyWorld, document: str
) -> None:
    text = Text("x" * 1000)
    held = weakref.ref(text)
    answer = await both.ordinary(shared.actor, document, {"text": text})
    assert answer["errors"] is None, answer
    assert len(both.plans) == 1
    del answer, text
    gc.collect()
    assert held() is None
    assert await both.fast(shared.actor, document, {"text": "desk"}) is not None
