"""Meetings, actions, reports and snapshots as facts: whole or not at all, once, and bounded."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import ProgrammingError

from services.db import Database, execute, fetch, new_id
from services.domain.vocabulary import Outcome, PeriodKind
from services.errors import Conflict, NotFound, NotPermitted
from services.governance.commands import end_cadence, record_action_status
from services.governance.rules import (
    AcknowledgementKind,
    ActionEntry,
    ActionStatus,
    AttendeeEntry,
    AttendeeRole,
    DecisionEntry,
    DecisionKind,
    FigureEntry,
    Rhythm,
)
from services.governance.shown import record_daily_snapshot, record_report_pack
from services.improvement.rules import ChangedObjectKind
from services.organisations.rules import AccessRole, Actor
from tests.factories.broken import broken_promise
from tests.factories.definitions import new_service
from tests.factories.governed import acknowledged, new_cadence, new_meeting, new_snapshot
from tests.factories.organisations import new_actor, new_person
from tests.factories.refusals import refused_fields

HELD = datetime(2026, 6, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MAY = date(2026, 5, 31)


async def action_of(database: Database, actor: Actor) -> UUID:
    cadence, person = await new_cadence(database, actor), await new_person(database, actor)
    await new_meeting(database, actor, cadence, MAY, HELD, actions=[ActionEntry("Buy", person, HELD + DAY)])
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT id FROM action WHERE organisation_id = $1"
        id_: UUID = (await fetch(session, sql, actor.organisation_id))[0][0]
        return id_


async def became(
    database: Database, actor: Actor, action_id: UUID, status: ActionStatus, at: datetime = HELD, **different: Any
) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await record_action_status(
            session, actor=actor, action_id=action_id, status=status, occurred_at=at, now=HELD, **different
        )


async def test_a_meeting_of_a_day_is_recorded_once_even_at_the_same_moment(database: Database, actor: Actor) -> None:
    cadence = await new_cadence(database, actor)
    both = await asyncio.gather(
        *(new_meeting(database, actor, cadence, MAY, HELD) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in both) == ["Conflict", "UUID"]


async def test_a_meeting_with_something_wrong_in_it_leaves_nothing(database: Database, actor: Actor) -> None:
    cadence, person = await new_cadence(database, actor), await new_person(database, actor)
    with refused_fields(
        "planned_for", "held_at", "minutes", "attendance.1.person_id", "decisions.0.statement", "actions.0.owner_id",
        "actions.0.statement", "actions.0.due_at", "breach_ids.0",
    ):  # fmt: skip
        await new_meeting(
            database, actor, cadence, date(1900, 1, 1), HELD + DAY, now=HELD, minutes="x" * 4001,
            attendance=[AttendeeEntry(person, AttendeeRole.OTHER), AttendeeEntry(new_id(), AttendeeRole.OTHER)],
            decisions=[DecisionEntry(DecisionKind.CHANGE, " ")],
            actions=[ActionEntry("", new_id(), datetime(2026, 6, 1))],  # noqa: DTZ001 - what is refused
            breach_ids=[new_id()],
        )  # fmt: skip
    async with database.reading(actor.organisation_id) as session:
        for table in ("meeting", "attendance", "decision", "action", "meeting_breach"):
            sql = f"SELECT 1 FROM {table} WHERE organisation_id = $1"
            assert await fetch(session, sql, actor.organisation_id) == []


@pytest.mark.parametrize(
    ("field", "entry", "most"),
    [
        ("attendance", AttendeeEntry(new_id(), AttendeeRole.OTHER), 200),
        ("decisions", DecisionEntry(DecisionKind.CHANGE, "s"), 100),
        ("actions", ActionEntry("s", new_id(), HELD), 100),
        ("breach_ids", new_id(), 1_000),
    ],
)
async def test_what_a_meeting_may_bring_is_bounded(
    database: Database, actor: Actor, field: str, entry: object, most: int
) -> None:
    cadence = await new_cadence(database, actor)
    too_many: dict[str, Any] = {field: [entry] * (most + 1)}
    with refused_fields(field):
        await new_meeting(database, actor, cadence, MAY, HELD, **too_many)


async def test_a_person_is_invited_to_a_meeting_once(database: Database, actor: Actor) -> None:
    cadence, person = await new_cadence(database, actor), await new_person(database, actor)
    twice = [AttendeeEntry(person, AttendeeRole.CUSTOMER), AttendeeEntry(person, AttendeeRole.OTHER)]
    with refused_fields("attendance"):
        await new_meeting(database, actor, cadence, MAY, HELD, attendance=twice)


@pytest.mark.parametrize("table", ["meeting", "action", "cadence"])
async def test_what_a_meeting_recorded_cannot_be_changed(database: Database, actor: Actor, table: str) -> None:
    await action_of(database, actor)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await execute(
                session, f"UPDATE {table} SET recorded_at = now() WHERE organisation_id = $1", actor.organisation_id
            )


async def test_an_action_is_carried_over_often_but_ends_once(database: Database, actor: Actor) -> None:
    action = await action_of(database, actor)
    await became(database, actor, action, ActionStatus.CARRIED_OVER, HELD - DAY)
    await became(database, actor, action, ActionStatus.CARRIED_OVER)
    both = await asyncio.gather(
        became(database, actor, action, ActionStatus.DONE),
        became(database, actor, action, ActionStatus.DROPPED, note="Moot"),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in both) == ["Conflict", "UUID"]
    with pytest.raises(Conflict, match="ended"):
        await became(database, actor, action, ActionStatus.CARRIED_OVER, HELD - timedelta(hours=1))


async def test_only_an_action_that_is_done_names_what_it_changed_and_dropping_one_needs_a_reason(
    database: Database, actor: Actor
) -> None:
    action = await action_of(database, actor)
    changed: dict[str, Any] = {"changed_kind": ChangedObjectKind.TARGET, "changed_name": "resolve"}
    with refused_fields("changed_kind"):
        await became(database, actor, action, ActionStatus.CARRIED_OVER, **changed)
    with refused_fields("changed_name"):
        await became(database, actor, action, ActionStatus.DONE, changed_kind=ChangedObjectKind.TARGET)
    with refused_fields("changed_name"):
        await became(database, actor, action, ActionStatus.DONE, changed_name="resolve")
    with refused_fields("changed_name"):
        await became(database, actor, action, ActionStatus.DONE, **changed | {"changed_name": " "})
    with refused_fields("note", "occurred_at"):
        await became(database, actor, action, ActionStatus.DROPPED, HELD + DAY)


async def test_a_cadence_says_how_often_where_and_with_which_tolerance(database: Database, actor: Actor) -> None:
    with refused_fields("key", "name", "time_zone", "starts_on", "tolerance_days", "service_id", "calendar_id"):
        await new_cadence(
            database, actor, key="?", name="", time_zone="Mars/Olympus", starts_on=date(1900, 1, 1),
            tolerance_days=91, service_id=new_id(), calendar_id=new_id(),
        )  # fmt: skip
    cadence = await new_cadence(database, actor, Rhythm.QUARTERLY, service_id=await new_service(database, actor))
    with pytest.raises(Conflict, match="quarterly"):
        await new_cadence(database, actor, Rhythm.QUARTERLY)
    ending = {"actor": actor, "cadence_id": cadence, "ends_on": MAY, "now": HELD}
    async with database.writing(actor.organisation_id) as session:
        sql = "SELECT tolerance_days FROM cadence WHERE organisation_id = $1"
        assert await fetch(session, sql, actor.organisation_id) == [(15,)]
        with refused_fields("reason"):
            await end_cadence(session, reason=" ", **ending)  # type: ignore[arg-type]
        await end_cadence(session, reason="Merged", **ending)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="ended"):
            await end_cadence(session, reason="Merged", **ending)  # type: ignore[arg-type]


async def test_a_report_is_kept_as_it_was_shown_or_refused_whole(database: Database, actor: Actor) -> None:
    promise = await broken_promise(database, actor, datetime(2026, 6, 1, tzinfo=UTC))
    start = promise.periods[0].period_start
    good = FigureEntry(promise.target_id, PeriodKind.MONTH, start, Outcome.MET, Decimal("97.123456"))
    bad = [
        replace(good, target_id=new_id()),
        replace(good, attainment_percent=Decimal("100.1"), adjustment_reason="Unsigned"),
        replace(good, attainment_percent=Decimal("97.1234567"), adjusted_by_id=new_id()),
    ]
    pack = {"actor": actor, "title": "May", "sha256": "0" * 64, "shown_at": HELD, "now": HELD}
    async with database.writing(actor.organisation_id) as session:
        with refused_fields(
            "title", "sha256", "shown_at", "meeting_id", "figures.0.target_id", "figures.1.attainment_percent",
            "figures.1.adjustment_reason", "figures.2.attainment_percent", "figures.2.adjusted_by_id",
            "figures.2.adjustment_reason", "figures",
        ):  # fmt: skip
            await record_report_pack(
                session, figures=[*bad, good], meeting_id=new_id(),
                **pack | {"title": "", "sha256": "A" * 64, "shown_at": HELD + DAY},  # type: ignore[arg-type]
            )  # fmt: skip
        with refused_fields("figures"):
            await record_report_pack(session, figures=[good] * 1001, **pack)  # type: ignore[arg-type]
        await record_report_pack(session, figures=[good], **pack)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            await record_report_pack(session, figures=[], **pack)  # type: ignore[arg-type]
        sql = "SELECT attainment_percent FROM reported_figure WHERE organisation_id = $1"
        assert await fetch(session, sql, actor.organisation_id) == [(Decimal("97.123456"),)]


async def test_a_snapshot_is_of_a_daily_cadence_and_a_day_has_one(database: Database, actor: Actor) -> None:
    daily, weekly = await new_cadence(database, actor, Rhythm.DAILY), await new_cadence(database, actor, Rhythm.WEEKLY)
    await new_snapshot(database, actor, daily, HELD)
    with pytest.raises(Conflict):
        await new_snapshot(database, actor, daily, HELD + timedelta(hours=1))
    with refused_fields("cadence_id"):
        await new_snapshot(database, actor, weekly, HELD)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("data_at", "day"):
            await record_daily_snapshot(
                session, actor=actor, cadence_id=daily, day=date(1900, 1, 1), data_at=HELD + DAY, now=HELD
            )


async def test_looking_twice_at_the_same_instant_is_one_look(database: Database, actor: Actor) -> None:
    snapshot = await new_snapshot(database, actor, await new_cadence(database, actor, Rhythm.DAILY), HELD)
    person = await new_person(database, actor)
    await acknowledged(database, actor, snapshot, person, HELD)
    with pytest.raises(Conflict):
        await acknowledged(database, actor, snapshot, person, HELD)
    await acknowledged(database, actor, snapshot, person, HELD, AcknowledgementKind.ACTED)
    with refused_fields("person_id"):
        await acknowledged(database, actor, snapshot, new_id(), HELD)


async def test_what_belongs_to_another_organisation_is_unknown_here(database: Database, actor: Actor) -> None:
    stranger = await new_actor(database)
    theirs = await action_of(database, stranger)
    daily = await new_cadence(database, stranger, Rhythm.DAILY)
    snapshot = await new_snapshot(database, stranger, daily, HELD)
    foreign_person, person = await new_person(database, stranger, "eve"), await new_person(database, actor)
    cadence = await new_cadence(database, actor)
    with pytest.raises(NotFound):
        await became(database, actor, theirs, ActionStatus.DONE)
    with pytest.raises(NotFound):
        await new_meeting(database, actor, daily, MAY, HELD)
    with pytest.raises(NotFound):
        await new_snapshot(database, actor, daily, HELD)
    with pytest.raises(NotFound):
        await acknowledged(database, actor, snapshot, person, HELD)
    with refused_fields("attendance.0.person_id"):
        invited = [AttendeeEntry(foreign_person, AttendeeRole.OTHER)]
        await new_meeting(database, actor, cadence, MAY, HELD, attendance=invited)


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST])
async def test_roles_below_manager_record_no_governance(database: Database, role: AccessRole) -> None:
    actor = await new_actor(database, role)
    with pytest.raises(NotPermitted):
        await new_cadence(database, actor)
    with pytest.raises(NotPermitted):
        await new_meeting(database, actor, new_id(), MAY, HELD)
    with pytest.raises(NotPermitted):
        await new_snapshot(database, actor, new_id(), HELD)
