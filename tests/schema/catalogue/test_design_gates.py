"""Recording design gates and who took part in them over GraphQL."""

from typing import Any

from services.organisations.rules import Actor
from tests.schema.catalogue.test_mutations import person_id, service_id
from tests.schema.mutating import Changes, fields_of

HELD = "2026-02-01T00:00:00Z"
GATE = "... on DesignGatePayload { designGate { id key heldAt outcome note serviceLevelManagementPresent } }"
PARTICIPATION = """... on GateParticipationPayload {
  participation { role roleHeld kind occurredAt designGate { serviceLevelManagementPresent } }
}"""


async def gate_of(change: Changes, actor: Actor, service: str, key: str = "design") -> dict[str, Any]:
    given = {"serviceId": service, "key": key, "name": "Design review", "heldAt": HELD, "outcome": "PASSED"}
    answer = await change(actor, "recordDesignGate", given, GATE)
    return dict(answer["designGate"])


async def take_part(
    change: Changes, actor: Actor, gate: str, person: str, role: str = "SERVICE_LEVEL_MANAGER", **more: Any
) -> dict[str, Any]:
    given = {"designGateId": gate, "personId": person, "role": role, "kind": "SIGNED", **more}
    return await change(actor, "recordGateParticipation", given, PARTICIPATION)


async def test_a_gate_is_recorded_once_for_each_key_of_a_service(actor: Actor, change: Changes) -> None:
    service = await service_id(change, actor)
    made = await gate_of(change, actor, service)
    assert made | {"id": ""} == {
        "id": "", "key": "design", "heldAt": HELD, "outcome": "PASSED", "note": "",
        "serviceLevelManagementPresent": False,
    }  # fmt: skip
    again = {"serviceId": service, "key": "design", "name": "n", "heldAt": HELD, "outcome": "REFUSED"}
    assert (await change(actor, "recordDesignGate", again))["__typename"] == "ConflictProblem"
    wrong = {"serviceId": service, "key": "?", "name": " ", "heldAt": "2026-06-01T10:00:01Z", "outcome": "PASSED"}
    assert fields_of(await change(actor, "recordDesignGate", wrong)) == ["heldAt", "key", "name"]


async def test_whether_the_role_was_held_comes_from_its_assignments(actor: Actor, change: Changes) -> None:
    person, gate = await person_id(change, actor), await gate_of(change, actor, await service_id(change, actor))
    stated = await take_part(change, actor, gate["id"], person)
    assert stated["participation"]["roleHeld"] is False
    assert stated["participation"]["designGate"] == {"serviceLevelManagementPresent": False}
    assigned = {"personId": person, "role": "SERVICE_LEVEL_MANAGER", "validFrom": "2026-01-01T00:00:00Z"}
    await change(actor, "assignRole", assigned)
    attended = await take_part(change, actor, gate["id"], person, kind="ATTENDED")
    assert attended["participation"] == {
        "role": "SERVICE_LEVEL_MANAGER", "roleHeld": True, "kind": "ATTENDED", "occurredAt": HELD,
        "designGate": {"serviceLevelManagementPresent": True},
    }  # fmt: skip
    operations = await take_part(change, actor, gate["id"], person, "OPERATIONS")
    customer = await take_part(change, actor, gate["id"], person, "CUSTOMER")
    assert [each["participation"]["roleHeld"] for each in (operations, customer)] == [None, False]
    assert (await take_part(change, actor, gate["id"], person))["__typename"] == "ConflictProblem"


async def test_a_role_held_only_later_was_not_held(actor: Actor, change: Changes) -> None:
    person, gate = await person_id(change, actor), await gate_of(change, actor, await service_id(change, actor))
    assigned = {"personId": person, "role": "SERVICE_LEVEL_MANAGER", "validFrom": "2026-02-01T00:00:01Z"}
    await change(actor, "assignRole", assigned)
    signed = await take_part(change, actor, gate["id"], person)
    assert signed["participation"]["roleHeld"] is False


async def test_a_part_in_it_put_on_record_long_after_go_live_does_not_count(actor: Actor, change: Changes) -> None:
    service, person = await service_id(change, actor), await person_id(change, actor)
    assigned = {"personId": person, "role": "SERVICE_LEVEL_MANAGER", "validFrom": "2026-01-01T00:00:00Z"}
    await change(actor, "assignRole", assigned)
    live = {"serviceId": service, "kind": "GO_LIVE", "occurredAt": "2026-03-01T00:00:00Z"}
    await change(actor, "recordLifecycleEvent", live)
    gate = await gate_of(change, actor, service)
    back_dated = await take_part(change, actor, gate["id"], person)
    assert back_dated["participation"]["roleHeld"] is True
    assert back_dated["participation"]["designGate"] == {"serviceLevelManagementPresent": False}


async def test_several_gates_and_participations_are_recorded_at_once(actor: Actor, change: Changes) -> None:
    service, person = await service_id(change, actor), await person_id(change, actor)
    gates = [
        {"serviceId": service, "key": key, "name": key, "heldAt": HELD, "outcome": "PASSED"} for key in ("one", "two")
    ]
    written = "... on BulkPayload { written refused items { id } }"
    made = await change(actor, "recordDesignGates", {"items": gates}, written)
    items = [
        {"designGateId": item["id"], "personId": person, "role": "OPERATIONS", "kind": "ATTENDED"}
        for item in made["items"]
    ]
    took = await change(actor, "recordGateParticipations", {"items": items}, written)
    assert (made["written"], took["written"]) == (2, 2)
    again = await change(actor, "recordGateParticipations", {"items": items, "mode": "PER_ITEM"}, written)
    assert (again["written"], again["refused"]) == (0, 2)
