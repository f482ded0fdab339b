"""Recording over GraphQL how services are governed."""

from datetime import UTC, datetime
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

MAY = datetime(2026, 5, 1, tzinfo=UTC)
SHA = "0123456789abcdef" * 4


def named(type_name: str, actor: Actor, id_: UUID) -> str:
    return encode_global_id(type_name, actor.organisation_id, id_)


async def cadence_of(change: Changes, actor: Actor, rhythm: str = "MONTHLY", **different: Any) -> str:
    given = {"key": rhythm.lower(), "name": rhythm, "rhythm": rhythm, "startsOn": "2026-01-01", "timeZone": "UTC"}
    answer = await change(
        actor, "createCadence", given | different, "... on CadencePayload { cadence { id toleranceDays } }"
    )
    return str(answer["cadence"]["id"])


async def test_a_review_is_recorded_with_everything_that_came_of_it(
    actor: Actor, change: Changes, database: Database, ask: Ask
) -> None:
    promise = await broken_promise(database, actor, MAY)
    ann, bob = [named("Person", actor, await new_person(database, actor, key)) for key in ("ann", "bob")]
    service = named("Service", actor, promise.service_id)
    breach = named("Breach", actor, promise.breach_ids[0])
    given = {
        "cadenceId": await cadence_of(change, actor, serviceId=service),
        "plannedFor": "2026-04-30",
        "heldAt": "2026-05-04T09:00:00Z",
        "minutes": "Said much",
        "attendance": [
            {"personId": ann, "role": "CUSTOMER"},
            {"personId": bob, "role": "SUPPLIER", "present": False},
        ],
        "decisions": [{"kind": "CHANGE", "statement": "A second server"}],
        "actions": [{"statement": "Buy it", "ownerId": ann, "dueAt": "2026-05-20T00:00:00Z"}],
        "breachIds": [breach],
    }
    selected = """... on MeetingPayload { meeting { plannedFor heldAt minutes cadence { rhythm service { key } }
        attendance { role present person { key } } decisions { sequence kind statement }
        actions { id statement ending owner { key } } breachLinks { breach { id } } } }"""
    meeting = (await change(actor, "recordMeeting", given, selected))["meeting"]
    action = meeting["actions"][0].pop("id")
    assert meeting == {
        "plannedFor": "2026-04-30",
        "heldAt": "2026-05-04T09:00:00Z",
        "minutes": "Said much",
        "cadence": {"rhythm": "MONTHLY", "service": {"key": "mail"}},
        "attendance": [
            {"role": "CUSTOMER", "present": True, "person": {"key": "ann"}},
            {"role": "SUPPLIER", "present": False, "person": {"key": "bob"}},
        ],
        "decisions": [{"sequence": 1, "kind": "CHANGE", "statement": "A second server"}],
        "actions": [{"statement": "Buy it", "ending": None, "owner": {"key": "ann"}}],
        "breachLinks": [{"breach": {"id": breach}}],
    }
    assert (await change(actor, "recordMeeting", given))["__typename"] == "ConflictProblem"
    document = "{ actions(filter: {isOpen: true}) { nodes { id } } }"
    assert (await ask(actor, document))["actions"]["nodes"] == [{"id": action}]
    done = {"actionId": action, "status": "DONE", "changedKind": "CAPACITY", "changedName": "mail server"}
    selected = "... on ActionPayload { action { ending statusChanges { occurredAt changedKind changedName } } }"
    assert (await change(actor, "recordActionStatus", done, selected))["action"] == {
        "ending": "DONE",
        "statusChanges": [
            {"occurredAt": "2026-06-01T10:00:00Z", "changedKind": "CAPACITY", "changedName": "mail server"}
        ],
    }
    assert (await ask(actor, document))["actions"]["nodes"] == []
    assert (await change(actor, "recordActionStatus", done))["__typename"] == "ConflictProblem"


@pytest.mark.capability("B5", partly=True)
async def test_a_reported_figure_is_shown_beside_the_one_computed_from_the_records(
    actor: Actor, change: Changes, database: Database
) -> None:
    promise = await broken_promise(database, actor, MAY)
    given = {
        "title": "April",
        "sha256": SHA,
        "figures": [
            {
                "targetId": named("Target", actor, promise.target_id),
                "period": "MONTH",
                "periodStart": "2026-04-01T00:00:00Z",
                "outcome": "MET",
                "attainmentPercent": "97.25",
            }
        ],
    }
    selected = """... on ReportPackPayload { reportPack { sha256 shownAt figures { outcome attainmentPercent
        recomputed { outcome attainmentPercent } } } }"""
    assert (await change(actor, "recordReportPack", given, selected))["reportPack"] == {
        "sha256": SHA,
        "shownAt": "2026-06-01T10:00:00Z",
        "figures": [
            {
                "outcome": "MET",
                "attainmentPercent": "97.25",
                "recomputed": {"outcome": "MISSED", "attainmentPercent": "95"},
            }
        ],
    }
    assert (await change(actor, "recordReportPack", given))["__typename"] == "ConflictProblem"
    wrong = given["figures"][0] | {"targetId": "x", "attainmentPercent": "101", "adjustmentReason": "Unsigned"}  # type: ignore[operator]
    answer = await change(actor, "recordReportPack", given | {"sha256": "x", "figures": [wrong]})
    assert fields_of(answer) == [
        "figures.0.adjustmentReason", "figures.0.attainmentPercent", "figures.0.targetId", "sha256",
    ]  # fmt: skip


@pytest.mark.capability("R1", partly=True)
async def test_a_daily_view_shows_who_looked_at_it_and_how_old_its_data_were(
    actor: Actor, change: Changes, database: Database, ask: Ask
) -> None:
    person = named("Person", actor, await new_person(database, actor))
    daily, weekly = await cadence_of(change, actor, "DAILY"), await cadence_of(change, actor, "WEEKLY")
    given = {"cadenceId": daily, "day": "2026-06-01", "dataAt": "2026-06-01T06:00:00Z"}
    selected = "... on DailySnapshotPayload { dailySnapshot { id acknowledgements { kind person { key } } } }"
    snapshot = (await change(actor, "recordDailySnapshot", given, selected))["dailySnapshot"]
    assert snapshot["acknowledgements"] == []
    assert fields_of(await change(actor, "recordDailySnapshot", given | {"cadenceId": weekly})) == ["cadenceId"]
    seen = {"snapshotId": snapshot["id"], "personId": person, "kind": "OPENED"}
    answer = await change(actor, "acknowledgeSnapshot", seen, selected)
    assert answer["dailySnapshot"]["acknowledgements"] == [{"kind": "OPENED", "person": {"key": "ann"}}]
    document = '{ cadence(key: "daily") { dailySnapshots { nodes { day dataAt } } } }'
    assert (await ask(actor, document))["cadence"]["dailySnapshots"]["nodes"] == [
        {"day": "2026-06-01", "dataAt": "2026-06-01T06:00:00Z"}
    ]


async def test_a_cadence_is_ended_once_and_stays_on_record(actor: Actor, change: Changes, ask: Ask) -> None:
    cadence = await cadence_of(change, actor)
    given = {"cadenceId": cadence, "endsOn": "2026-07-01", "reason": "Merged"}
    selected = "... on CadencePayload { cadence { toleranceDays ending { endsOn reason } } }"
    assert (await change(actor, "endCadence", given, selected))["cadence"] == {
        "toleranceDays": 5,
        "ending": {"endsOn": "2026-07-01", "reason": "Merged"},
    }
    assert (await change(actor, "endCadence", given))["__typename"] == "ConflictProblem"
    answered = await ask(actor, "{ cadences(filter: {rhythm: [MONTHLY]}) { nodes { id } } }")
    assert answered["cadences"]["nodes"] == [{"id": cadence}]


async def test_what_is_wrong_with_a_meeting_is_named_where_it_was_given(actor: Actor, change: Changes) -> None:
    given = {
        "cadenceId": await cadence_of(change, actor),
        "plannedFor": "1900-01-01",
        "heldAt": "2026-06-01T10:00:01Z",
        "attendance": [{"personId": "x", "role": "OTHER"}],
        "decisions": [{"kind": "CHANGE", "statement": ""}],
        "actions": [{"statement": "s", "ownerId": "x", "dueAt": "2026-05-20T00:00:00Z"}],
        "breachIds": ["x"],
    }
    assert fields_of(await change(actor, "recordMeeting", given)) == [
        "actions.0.ownerId", "attendance.0.personId", "breachIds.0", "decisions.0.statement", "heldAt", "plannedFor",
    ]  # fmt: skip


async def test_governance_of_another_organisation_is_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    stranger = await new_actor(database)
    foreign = await cadence_of(change, stranger, "DAILY")
    day = {"day": "2026-06-01", "dataAt": "2026-06-01T06:00:00Z"}
    answers = [
        await change(actor, "endCadence", {"cadenceId": foreign, "endsOn": "2026-07-01", "reason": "r"}),
        await change(
            actor, "recordMeeting", {"cadenceId": foreign, "plannedFor": "2026-05-01", "heldAt": "2026-05-01T00:00:00Z"}
        ),
        await change(actor, "recordDailySnapshot", {"cadenceId": foreign} | day),
        await change(actor, "recordActionStatus", {"actionId": foreign, "status": "DONE"}),
    ]
    assert [answer["__typename"] for answer in answers] == ["NotFoundProblem"] * 4
