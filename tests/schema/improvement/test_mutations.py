"""Keeping the improvement register over GraphQL."""

from uuid import UUID

import pytest

from schema.planner.identity import encode_global_id
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.broken import broken_promise
from tests.factories.organisations import NOW, new_actor, new_person
from tests.schema.conftest import Ask
from tests.schema.mutating import Changes, fields_of

ENTRY = {"key": "spare", "title": "A spare server", "consequence": "STRUCTURAL"}
IDENTIFIED = "... on ImprovementPayload { improvement { id } }"
STANDING = "... on ImprovementPayload { improvement { status shownConsequence changedObjects { changeReference } } }"
MONTH = NOW.replace(day=1, hour=0)


def named(type_name: str, actor: Actor, id_: UUID) -> str:
    return encode_global_id(type_name, actor.organisation_id, id_)


async def entry_of(change: Changes, actor: Actor) -> str:
    answer = await change(actor, "registerImprovement", ENTRY, IDENTIFIED)
    return str(answer["improvement"]["id"])


@pytest.mark.capability("Q5", partly=True)
async def test_an_improvement_is_structural_only_once_it_is_done_by_a_change_that_is_named(
    actor: Actor, change: Changes, database: Database, ask: Ask
) -> None:
    promise = await broken_promise(database, actor, MONTH)
    breach = named("Breach", actor, promise.breach_ids[0])
    owner = named("Person", actor, await new_person(database, actor))
    given = ENTRY | {"breachIds": [breach], "ownerId": owner, "cause": "One disk"}
    improvement = (await change(actor, "registerImprovement", given, IDENTIFIED))["improvement"]["id"]
    status = {"improvementId": improvement, "status": "IMPLEMENTED"}
    changed = [{"kind": "CAPACITY", "name": "mail server", "changeReference": "CHG1"}]
    document = '{ improvement(key: "spare") { status consequence shownConsequence breachLinks { breach { id } } } }'
    assert (await ask(actor, document))["improvement"] == {
        "status": "REGISTERED",
        "consequence": "STRUCTURAL",
        "shownConsequence": "NONE",
        "breachLinks": [{"breach": {"id": breach}}],
    }
    answer = await change(actor, "recordImprovementStatus", status | {"changedObjects": changed}, STANDING)
    assert answer["improvement"] == {
        "status": "IMPLEMENTED",
        "shownConsequence": "STRUCTURAL",
        "changedObjects": [{"changeReference": "CHG1"}],
    }
    assert (await change(actor, "recordImprovementStatus", status))["__typename"] == "ConflictProblem"
    verified = status | {"status": "VERIFIED", "note": "None since"}
    assert (await change(actor, "recordImprovementStatus", verified, STANDING))["improvement"]["status"] == "VERIFIED"


async def test_without_a_change_reference_it_is_corrective(actor: Actor, change: Changes) -> None:
    status = {"improvementId": await entry_of(change, actor), "status": "IMPLEMENTED"}
    answer = await change(actor, "recordImprovementStatus", status, STANDING)
    assert answer["improvement"]["shownConsequence"] == "CORRECTIVE"


async def test_what_is_wrong_with_an_entry_is_named_where_it_was_given(actor: Actor, change: Changes) -> None:
    bad = {"key": "?", "title": " ", "consequence": "NONE", "breachIds": ["x"], "ownerId": "x", "serviceId": "x"}
    assert fields_of(await change(actor, "registerImprovement", bad)) == [
        "breachIds.0", "consequence", "key", "ownerId", "serviceId", "title",
    ]  # fmt: skip
    status = {
        "improvementId": await entry_of(change, actor),
        "status": "STOPPED",
        "occurredAt": "2026-06-01T10:00:01Z",
        "changedObjects": [{"kind": "DESIGN", "name": ""}],
    }
    assert fields_of(await change(actor, "recordImprovementStatus", status)) == [
        "changedObjects", "changedObjects.0.name", "occurredAt",
    ]  # fmt: skip


@pytest.mark.capability("B7", partly=True)
async def test_a_breach_is_answered_or_accepted_with_a_reason(
    actor: Actor, change: Changes, database: Database, ask: Ask
) -> None:
    promise = await broken_promise(database, actor, MONTH)
    breach = named("Breach", actor, promise.breach_ids[0])
    link = {"improvementId": await entry_of(change, actor), "breachId": breach}
    selected = "... on ImprovementBreachPayload { link { improvement { key } } }"
    assert (await change(actor, "linkBreach", link, selected))["link"] == {"improvement": {"key": "spare"}}
    assert (await change(actor, "linkBreach", link))["__typename"] == "ConflictProblem"
    person = named("Person", actor, await new_person(database, actor))
    acceptance = {"breachId": breach, "personId": person, "reason": "Once in years"}
    selected = "... on BreachAcceptancePayload { acceptance { reason acceptedAt breach { id } } }"
    assert (await change(actor, "acceptBreach", acceptance, selected))["acceptance"] == {
        "reason": "Once in years",
        "acceptedAt": "2026-06-01T10:00:00Z",
        "breach": {"id": breach},
    }
    assert fields_of(await change(actor, "acceptBreach", acceptance | {"reason": " "})) == ["reason"]
    document = "query($breach: [ID!]) { breachAcceptances(filter: {breach: $breach}) { nodes { person { key } } } }"
    assert (await ask(actor, document, breach=[breach]))["breachAcceptances"]["nodes"] == [{"person": {"key": "ann"}}]


async def test_improvements_and_breaches_of_another_organisation_are_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    stranger = await new_actor(database)
    promise = await broken_promise(database, stranger, MONTH)
    foreign, breach = await entry_of(change, stranger), named("Breach", stranger, promise.breach_ids[0])
    person = named("Person", actor, await new_person(database, actor))
    status = {"improvementId": foreign, "status": "IMPLEMENTED"}
    acceptance = {"breachId": breach, "personId": person, "reason": "r"}
    link = {"improvementId": await entry_of(change, actor), "breachId": breach}
    assert (await change(actor, "recordImprovementStatus", status))["__typename"] == "NotFoundProblem"
    assert (await change(actor, "acceptBreach", acceptance))["__typename"] == "NotFoundProblem"
    assert fields_of(await change(actor, "linkBreach", link)) == ["breachId"]
