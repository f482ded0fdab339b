"""Stating requirements, approving them and promising them over GraphQL."""

from typing import Any
from uuid import UUID

import pytest

from schema.planner.identity import encode_global_id
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.broken import broken_promise
from tests.factories.organisations import new_actor, new_person
from tests.schema.conftest import Ask
from tests.schema.mutating import Changes, fields_of

DEFINITION = {
    "statement": "Mail is back by noon",
    "metric": "time to restore",
    "comparison": "AT_MOST",
    "targetValue": "4.5",
    "unit": "hours",
}
SELECTED = "... on RequirementPayload { requirement { id versions { id } } }"


def named(type_name: str, actor: Actor, id_: UUID) -> str:
    return encode_global_id(type_name, actor.organisation_id, id_)


async def requirement_of(change: Changes, actor: Actor, service_id: UUID) -> dict[str, Any]:
    given = {"key": "noon", "serviceId": named("Service", actor, service_id), "definition": DEFINITION}
    answer = await change(actor, "createRequirement", given, SELECTED)
    found: dict[str, Any] = answer["requirement"]
    return found


@pytest.mark.capability("S1", partly=True)
async def test_a_back_dated_approval_shows_by_its_stamps(
    actor: Actor, change: Changes, database: Database, ask: Ask
) -> None:
    promise, person = await broken_promise(database, actor), await new_person(database, actor)
    requirement = await requirement_of(change, actor, promise.service_id)
    given = {
        "requirementVersionId": requirement["versions"][0]["id"],
        "personId": named("Person", actor, person),
        "approvedAt": "2024-01-01T00:00:00Z",
    }
    selected = "... on RequirementApprovalPayload { approval { decision decidedAt recordedAt person { key } } }"
    answer = await change(actor, "approveRequirement", given, selected)
    assert answer["approval"] == {
        "decision": "APPROVED",
        "decidedAt": "2024-01-01T00:00:00Z",
        "recordedAt": "2026-06-01T10:00:00Z",
        "person": {"key": "ann"},
    }
    assert (await change(actor, "approveRequirement", given | {"approvedAt": None}))["__typename"] == "ConflictProblem"
    withdrawal = {key: value for key, value in given.items() if key != "approvedAt"} | {"reason": "Prices rose"}
    assert (await change(actor, "withdrawApproval", withdrawal, selected))["approval"]["decision"] == "WITHDRAWN"
    document = """{ requirement(key: "noon") { service { key } versions { statement comparison targetValue unit
        validUntil approvals { decision } } } }"""
    assert await ask(actor, document) == {
        "requirement": {
            "service": {"key": "mail"},
            "versions": [
                {
                    "statement": "Mail is back by noon",
                    "comparison": "AT_MOST",
                    "targetValue": "4.5",
                    "unit": "hours",
                    "validUntil": None,
                    "approvals": [{"decision": "APPROVED"}, {"decision": "WITHDRAWN"}],
                }
            ],
        }
    }


async def test_no_mutation_takes_the_instant_at_which_a_fact_was_recorded(change: Changes) -> None:
    assert not change.input_fields() & {"recordedAt", "receivedAt", "recordedBy"}


async def test_a_target_promises_a_requirement_until_it_does_not(
    actor: Actor, change: Changes, database: Database, ask: Ask
) -> None:
    promise = await broken_promise(database, actor)
    requirement = await requirement_of(change, actor, promise.service_id)
    link = {"targetId": named("Target", actor, promise.target_id), "requirementId": requirement["id"]}
    await change(actor, "linkRequirement", link | {"validFrom": "2026-05-01T00:00:00Z"})
    await change(actor, "unlinkRequirement", link)
    document = """{ service(key: "mail") { requirements { key targetLinks { tenure validFrom target { key } } }
        agreements { targets { requirementLinks { tenure requirement { key } } } } } }"""
    found = (await ask(actor, document))["service"]
    assert found["requirements"] == [
        {
            "key": "noon",
            "targetLinks": [
                {"tenure": "HELD", "validFrom": "2026-05-01T00:00:00Z", "target": {"key": "resolve"}},
                {"tenure": "ENDED", "validFrom": "2026-06-01T10:00:00Z", "target": {"key": "resolve"}},
            ],
        }
    ]
    links = found["agreements"][0]["targets"][0]["requirementLinks"]
    assert [each["tenure"] for each in links] == ["HELD", "ENDED"]


async def test_what_is_wrong_with_a_requirement_is_named_where_it_was_given(
    actor: Actor, change: Changes, database: Database
) -> None:
    promise, person = await broken_promise(database, actor), await new_person(database, actor)
    requirement = await requirement_of(change, actor, promise.service_id)
    definition = {"statement": "", "targetValue": "0.0000001"}
    answer = await change(actor, "createRequirement", {"key": "?", "serviceId": "x", "definition": definition})
    assert fields_of(answer) == [
        "definition.comparison", "definition.metric", "definition.statement", "definition.targetValue",
        "definition.unit", "key", "serviceId",
    ]  # fmt: skip
    waiver = {
        "requirementId": requirement["id"],
        "personId": named("Person", actor, person),
        "validUntil": "2026-06-01T10:00:00Z",
        "reason": "Moving",
    }
    assert fields_of(await change(actor, "waiveRequirement", waiver)) == ["validUntil"]
    selected = "... on RequirementWaiverPayload { waiver { validFrom validUntil requirement { key } } }"
    answer = await change(actor, "waiveRequirement", waiver | {"validUntil": "2026-07-01T00:00:00Z"}, selected)
    assert answer["waiver"]["validFrom"] == "2026-06-01T10:00:00Z"


async def test_a_requirement_is_said_anew(actor: Actor, change: Changes, database: Database) -> None:
    promise = await broken_promise(database, actor)
    requirement = await requirement_of(change, actor, promise.service_id)
    given = {"requirementId": requirement["id"], "definition": DEFINITION | {"targetValue": "2"}}
    assert (await change(actor, "publishRequirementVersion", given))["__typename"] == "ConflictProblem"
    later = given | {"validFrom": "2026-09-01T00:00:00Z", "reason": "Stricter"}
    selected = "... on RequirementVersionPayload { version { targetValue requirement { versions { validUntil } } } }"
    answer = await change(actor, "publishRequirementVersion", later, selected)
    assert answer["version"] == {
        "targetValue": "2",
        "requirement": {"versions": [{"validUntil": "2026-09-01T00:00:00Z"}, {"validUntil": None}]},
    }


async def test_requirements_of_another_organisation_are_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    stranger = await new_actor(database)
    theirs = await requirement_of(change, stranger, (await broken_promise(database, stranger)).service_id)
    person = named("Person", actor, await new_person(database, actor))
    version = {"requirementVersionId": theirs["versions"][0]["id"], "personId": person}
    waiver = {"validUntil": "2027-01-01T00:00:00Z", "reason": "r", "personId": person, "requirementId": theirs["id"]}
    answers = [
        await change(actor, "publishRequirementVersion", {"requirementId": theirs["id"], "definition": DEFINITION}),
        await change(actor, "approveRequirement", version),
        await change(actor, "withdrawApproval", version | {"reason": "r"}),
        await change(actor, "waiveRequirement", waiver),
        await change(actor, "linkRequirement", {"targetId": theirs["id"], "requirementId": theirs["id"]}),
    ]
    assert [answer["__typename"] for answer in answers] == ["NotFoundProblem"] * 5
