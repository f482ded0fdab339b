"""Reading the audit trail over GraphQL."""

from typing import Any

import pytest

from schema.planner.identity import encode_global_id
from services.db import Database
from services.organisations.rules import AccessRole, Actor
from tests.factories.organisations import new_actor
from tests.factories.world import World
from tests.schema.conftest import Ask, Execute
from tests.schema.mutating import Changes

TRAIL = """query($filter: AuditEntryFilter) { auditEntries(filter: $filter, orderBy: RECORDED_AT_ASC) {
    totalCount nodes { kind operation traceId subjectType subjectId subjectVersion recordedAt recordedBy { name }
        changes { attribute before after } personalChanges { attribute before after } } } }"""


async def trail(ask: Ask, reader: Actor, **condition: Any) -> list[dict[str, Any]]:
    """The entries that satisfy a condition, the earliest first."""
    nodes: list[dict[str, Any]] = (await ask(reader, TRAIL, filter=condition))["auditEntries"]["nodes"]
    return nodes


async def edited_service(change: Changes, actor: Actor) -> str:
    """The id of a service that was renamed once."""
    service = {"key": "mail", "name": "E-mail"}
    created = await change(actor, "createService", service, "... on ServicePayload { service { id } }")
    id_: str = created["service"]["id"]
    await change(actor, "updateService", {"serviceId": id_, "name": "Mail", "criticality": "CRITICAL"})
    return id_


async def test_it_says_who_changed_what_when_and_what_it_was_before(actor: Actor, change: Changes, ask: Ask) -> None:
    service = await edited_service(change, actor)
    created, changed = await trail(ask, actor, subject=[service])
    assert (created["kind"], created["subjectVersion"]) == ("CREATED", 1)
    assert changed == {
        "kind": "CHANGED",
        "operation": "updateService",
        "traceId": "trace-1",
        "subjectType": "Service",
        "subjectId": service,
        "subjectVersion": 2,
        "recordedAt": "2026-06-01T10:00:00Z",
        "recordedBy": {"name": "slm"},
        "changes": [
            {"attribute": "name", "before": "E-mail", "after": "Mail"},
            {"attribute": "criticality", "before": "standard", "after": "critical"},
            {"attribute": "version", "before": 1, "after": 2},
        ],
        "personalChanges": [],
    }


async def test_what_tells_about_a_person_stands_apart(actor: Actor, change: Changes, ask: Ask) -> None:
    person = {"key": "ann", "name": "Ann Example", "email": "ann@example.org"}
    created = await change(actor, "createPerson", person, "... on PersonPayload { person { id } }")
    (entry,) = await trail(ask, actor, subject=[created["person"]["id"]])
    assert entry["personalChanges"] == [
        {"attribute": "email", "before": None, "after": "ann@example.org"},
        {"attribute": "key", "before": None, "after": "ann"},
        {"attribute": "name", "before": None, "after": "Ann Example"},
    ]
    assert "Ann" not in str(entry["changes"])


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"operation": ["updateService"]}, 1),
        ({"subjectType": ["Service"], "kind": ["CREATED"]}, 1),
        ({"kind": ["CHANGED"]}, 1),
        ({"kind": ["INGESTED"]}, 0),
        ({"recorded": {"from": "2026-06-01T10:00:00.000001Z"}}, 0),
        ({"subjectType": ["Service"], "recorded": {"before": "2026-06-01T10:00:01Z"}}, 2),
    ],
)
async def test_it_is_filtered(actor: Actor, change: Changes, ask: Ask, condition: dict[str, Any], found: int) -> None:
    await edited_service(change, actor)
    assert len(await trail(ask, actor, **condition)) == found


async def test_it_is_filtered_by_who_acted(actor: Actor, change: Changes, ask: Ask, database: Database) -> None:
    await edited_service(change, actor)
    mine = encode_global_id("Account", actor.organisation_id, actor.account_id)
    nobody = encode_global_id("Account", actor.organisation_id, actor.organisation_id)
    assert len(await trail(ask, actor, actor=[mine], subjectType=["Service"])) == 2
    assert await trail(ask, actor, actor=[nobody]) == []


async def test_it_is_walked_by_pages(actor: Actor, change: Changes, ask: Ask) -> None:
    await edited_service(change, actor)
    document = """query($after: String) { auditEntries(first: 1, after: $after, orderBy: RECORDED_AT_DESC) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id } } }"""
    seen, after, more = [], None, True
    while more:
        page = (await ask(actor, document, after=after))["auditEntries"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(seen) == len(set(seen)) == page["totalCount"]


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.MANAGER, AccessRole.INGEST])
async def test_other_roles_are_refused_it(role: AccessRole, world: World, execute: Execute, database: Database) -> None:
    curious = Actor(world.actor.organisation_id, world.actor.account_id, "curious", role)
    refused = await execute(curious, "{ auditEntries { totalCount } }")
    assert [error.extensions for error in refused.errors or []] == [{"code": "NOT_PERMITTED"}]
    entries = await execute(world.actor, "{ auditEntries { nodes { id personalChanges { id } } } }")
    assert entries.data is not None
    entry = next(entry for entry in entries.data["auditEntries"]["nodes"] if entry["personalChanges"])
    ids = [entry["id"], entry["personalChanges"][0]["id"]]
    found = await execute(curious, "query($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } node(id: $id) { id } }",
                          ids=ids, id=ids[0])  # fmt: skip
    assert found.data == {"nodes": [None, None], "node": None}


async def test_auditors_read_it(world: World, ask: Ask) -> None:
    auditor = Actor(world.actor.organisation_id, world.actor.account_id, "auditor", AccessRole.AUDITOR)
    assert (await ask(auditor, "{ auditEntries { totalCount } }"))["auditEntries"]["totalCount"] > 1


async def test_another_organisations_trail_is_not_there(
    actor: Actor, change: Changes, ask: Ask, database: Database
) -> None:
    service = await edited_service(change, await new_actor(database))
    assert await trail(ask, actor, subject=[service]) == []


async def test_every_subject_type_is_a_type_of_the_api() -> None:
    from schema.planner.planned_types import model_of
    from schema.root import build_schema
    from services.audit.commands import subject_type
    from tests.trail import trailed_models

    types = build_schema()._schema.type_map
    for model in trailed_models():
        assert model_of(types[subject_type(model)]) is model  # type: ignore[arg-type]
