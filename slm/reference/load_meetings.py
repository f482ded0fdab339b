"""The four rhythms of a reference organisation: daily views, weekly, monthly and quarterly meetings, and reports."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from services.db import WriteSession, fetch
from services.domain.period import following_day
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance.commands import create_cadence, record_action_status, record_meeting
from services.governance.rules import (
    PERIODS,
    AcknowledgementKind,
    ActionEntry,
    ActionStatus,
    AttendeeEntry,
    AttendeeRole,
    DecisionEntry,
    DecisionKind,
    FigureEntry,
    Rhythm,
    occurrence_day,
)
from services.governance.shown import acknowledge_snapshot, record_daily_snapshot, record_report_pack
from services.improvement.rules import ChangedObjectKind
from services.organisations.rules import Actor
from slm.reference.governed import Governed

DAILY_VIEWS_FOR = timedelta(days=420)
TOO_LATE = timedelta(days=30)
DONE_AFTER = timedelta(days=2)
MORNING = timedelta(hours=10)

BREACHES = """
SELECT id FROM breach
WHERE organisation_id = $1::uuid AND breached_at > $2::timestamptz AND breached_at <= $3::timestamptz
"""
ACTIONS = "SELECT id FROM action WHERE organisation_id = $1::uuid AND meeting_id = $2::uuid"
RESULTS = """
SELECT p.target_id, p.period_start, p.outcome, p.attainment_percent FROM period_result p
JOIN target t ON t.organisation_id = $1::uuid AND t.id = p.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id AND a.kind = 'sla'
WHERE p.organisation_id = $1::uuid AND p.period = 'month' AND p.period_start = $2::timestamptz
  AND p.attainment_percent IS NOT NULL
ORDER BY p.target_id
"""


async def load_meetings(
    session: WriteSession, actor: Actor, governed: Governed, *, manager: UUID, customer: UUID
) -> None:
    """Record every view and meeting of the organisation's history until its end."""
    start = governed.months[0]
    await _load_views(session, actor, governed, manager)
    attendance = (
        AttendeeEntry(manager, AttendeeRole.SERVICE_LEVEL_MANAGER),
        AttendeeEntry(customer, AttendeeRole.CUSTOMER),
    )
    for rhythm in (Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY):
        cadence_id = await _cadence(session, actor, rhythm, start)
        earlier = _instant(start)
        for number, (first, held_at) in enumerate(_occasions(rhythm, start, governed)):
            if rhythm is Rhythm.WEEKLY and number % 2 and not governed.habits.follows_through:
                continue  # people come together when there is an occasion
            breach_ids = await _ids(session, BREACHES, actor.organisation_id, earlier, held_at)
            meeting_id = await _hold(
                session, actor, governed, cadence_id, rhythm, first, held_at, attendance, breach_ids, manager
            )
            if rhythm is Rhythm.MONTHLY:
                await _report(session, actor, governed, meeting_id, first, held_at)
            earlier = held_at


async def _load_views(session: WriteSession, actor: Actor, governed: Governed, manager: UUID) -> None:
    day = (governed.until - DAILY_VIEWS_FOR).date()
    cadence_id = await _cadence(session, actor, Rhythm.DAILY, day)
    while (made_at := _instant(day) + timedelta(hours=7)) + MORNING <= governed.until:
        if day.weekday() < 5:
            snapshot_id = await record_daily_snapshot(
                session, actor=actor, cadence_id=cadence_id, day=day, data_at=made_at, now=made_at
            )
            if governed.habits.follows_through:
                acted_at = _instant(day) + MORNING
                await acknowledge_snapshot(
                    session, actor=actor, snapshot_id=snapshot_id, person_id=manager, kind=AcknowledgementKind.ACTED,
                    acknowledged_at=acted_at, now=acted_at,
                )  # fmt: skip
        day += timedelta(days=1)


async def _cadence(session: WriteSession, actor: Actor, rhythm: Rhythm, starts_on: date) -> UUID:
    return await create_cadence(
        session, actor=actor, key=rhythm.value, name=f"The {rhythm.value} rhythm", rhythm=rhythm, starts_on=starts_on,
        time_zone="UTC", now=_instant(starts_on),
    )  # fmt: skip


def _occasions(rhythm: Rhythm, start: date, governed: Governed) -> Iterator[tuple[date, datetime]]:
    """The first day of each whole period and when its meeting is held, as far as it has been."""
    first = occurrence_day(rhythm, start)
    while True:
        following = following_day(PERIODS[rhythm], first)
        if rhythm is Rhythm.WEEKLY:
            held_at = _instant(first) + timedelta(days=4) + MORNING
        else:
            held_at = _instant(following) + timedelta(days=2) + MORNING
            if rhythm is Rhythm.QUARTERLY and not governed.habits.follows_through:
                held_at += TOO_LATE
        if held_at + DONE_AFTER > governed.until:
            return
        if first >= start:
            yield first, held_at
        first = following


async def _hold(
    session: WriteSession,
    actor: Actor,
    governed: Governed,
    cadence_id: UUID,
    rhythm: Rhythm,
    first: date,
    held_at: datetime,
    attendance: Sequence[AttendeeEntry],
    breach_ids: Sequence[UUID],
    owner_id: UUID,
) -> UUID:
    """A meeting that decides and has something changed within two days, or one that is attended and no more."""
    serious = governed.habits.follows_through
    due_at = held_at + timedelta(days=3)
    meeting_id = await record_meeting(
        session, actor=actor, cadence_id=cadence_id, planned_for=first, held_at=held_at,
        minutes="The figures were shown", attendance=attendance,
        decisions=[DecisionEntry(DecisionKind.CHANGE, "More people on the late shift")] if serious else [],
        actions=[ActionEntry("Change the shift plan", owner_id, due_at)] if serious else [],
        breach_ids=breach_ids if serious else [], now=held_at,
    )  # fmt: skip
    for action_id in await _ids(session, ACTIONS, actor.organisation_id, meeting_id):
        await record_action_status(
            session, actor=actor, action_id=action_id, status=ActionStatus.DONE, occurred_at=held_at + DONE_AFTER,
            changed_kind=ChangedObjectKind.STAFFING, changed_name=f"Shift plan after {rhythm.value} {first}",
            now=held_at + DONE_AFTER,
        )  # fmt: skip
    return meeting_id


async def _report(
    session: WriteSession, actor: Actor, governed: Governed, meeting_id: UUID, first: date, shown_at: datetime
) -> None:
    figures = [
        FigureEntry(
            target_id, PeriodKind.MONTH, period_start, Outcome(outcome),
            min(percent + governed.habits.flattered_by, Decimal(100)),
        )
        for target_id, period_start, outcome, percent in await fetch(
            session, RESULTS, actor.organisation_id, _instant(first)
        )
    ]  # fmt: skip
    await record_report_pack(
        session, actor=actor, title=f"Report of {first:%Y-%m}", meeting_id=meeting_id, figures=figures,
        sha256=sha256(f"{governed.habits.key} {first}".encode()).hexdigest(), shown_at=shown_at, now=shown_at,
    )  # fmt: skip


async def _ids(session: WriteSession, statement: str, *parameters: object) -> list[UUID]:
    return [row[0] for row in await fetch(session, statement, *parameters)]


def _instant(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)
