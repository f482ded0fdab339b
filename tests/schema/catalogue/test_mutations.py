"""Changing the service catalogue over GraphQL."""

from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.schema.mutating import Changes, fields_of

SERVICE = {"key": "mail", "name": "Mail"}


async def service_id(change: Changes, actor: Actor) -> str:
    answer = await change(actor, "createService", SERVICE, "... on ServicePayload { service { id } }")
    return str(answer["service"]["id"])


async def person_id(change: Changes, actor: Actor) -> str:
    answer = await change(
        actor, "createPerson", {"key": "ann", "name": "Ann"}, "... on PersonPayload { person { id } }"
    )
    return str(answer["person"]["id"])


async def test_a_service_is_created_and_said_anew(actor: Actor, change: Changes) -> None:
    service = await service_id(change, actor)
    answer = await change(
        actor,
        "updateService",
        {"serviceId": service, "criticality": "CRITICAL"},
        "... on ServicePayload { service { id key name criticality description department { key } } }",
    )
    assert answer["service"] == {
        "id": service,
        "key": "mail",
        "name": "Mail",
        "criticality": "CRITICAL",
        "description": "",
        "department": None,
    }


async def test_what_is_wrong_with_a_service_is_named(actor: Actor, change: Changes) -> None:
    service = await service_id(change, actor)
    bad = {"name": " ", "description": "x" * 4001, "departmentId": service}
    assert fields_of(await change(actor, "createService", {"key": "?"} | bad)) == [
        "departmentId",
        "description",
        "key",
        "name",
    ]
    assert fields_of(await change(actor, "updateService", {"serviceId": service} | bad)) == [
        "departmentId",
        "description",
        "name",
    ]


async def test_an_owner_is_assigned_and_released(actor: Actor, change: Changes) -> None:
    selected = "... on ServiceOwnershipPayload { ownership { tenure kind service { key } person { key } validFrom } }"
    given = {
        "serviceId": await service_id(change, actor),
        "personId": await person_id(change, actor),
        "kind": "BUSINESS_OWNER",
    }
    begun = await change(actor, "assignOwnership", given | {"validFrom": "2026-01-01T00:00:00Z"}, selected)
    ended = await change(actor, "endOwnership", given, selected)
    assert begun["ownership"] == {
        "tenure": "HELD",
        "kind": "BUSINESS_OWNER",
        "service": {"key": "mail"},
        "person": {"key": "ann"},
        "validFrom": "2026-01-01T00:00:00Z",
    }
    assert (ended["ownership"]["tenure"], ended["ownership"]["validFrom"]) == ("ENDED", "2026-06-01T10:00:00Z")
    assert (await change(actor, "endOwnership", given))["__typename"] == "ConflictProblem"


async def test_a_milestone_is_recorded_unless_it_lies_ahead(actor: Actor, change: Changes) -> None:
    given = {"serviceId": await service_id(change, actor), "kind": "GO_LIVE", "note": "At last"}
    answer = await change(
        actor,
        "recordLifecycleEvent",
        given | {"occurredAt": "2026-05-01T00:00:00Z"},
        "... on LifecycleEventPayload { lifecycleEvent { kind occurredAt note } }",
    )
    assert answer["lifecycleEvent"] == {"kind": "GO_LIVE", "occurredAt": "2026-05-01T00:00:00Z", "note": "At last"}
    ahead = await change(actor, "recordLifecycleEvent", given | {"occurredAt": "2026-06-01T10:00:01Z"})
    assert fields_of(ahead) == ["occurredAt"]


async def test_services_of_another_organisation_are_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    foreign = {"serviceId": await service_id(change, await new_actor(database))}
    own = {"personId": await person_id(change, actor), "kind": "BUSINESS_OWNER"}
    event = {"kind": "GO_LIVE", "occurredAt": "2026-05-01T00:00:00Z"}
    answers = [
        await change(actor, "updateService", foreign | {"name": "Mine"}),
        await change(actor, "assignOwnership", foreign | own),
        await change(actor, "endOwnership", foreign | own),
        await change(actor, "recordLifecycleEvent", foreign | event),
    ]
    assert [answer["__typename"] for answer in answers] == ["NotFoundProblem"] * 4
