"""What rhythms asked for and what was done, and what reports said beside the records, as of an instant."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.attainment.freezing import freeze_period_result
from services.db import Database
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance.commands import end_cadence, record_action_status
from services.governance.queries import CadenceAsOf, FigureAsOf, reported_figures, rhythms
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
from services.governance.shown import record_report_pack
from services.improvement.rules import ChangedObjectKind
from services.organisations.rules import Actor
from tests.factories.broken import broken_promise
from tests.factories.changes import JULY, faster, rows
from tests.factories.governed import acknowledged, new_cadence, new_meeting, new_snapshot
from tests.factories.organisations import new_actor, new_person
from tests.factories.stored import Rows, store
from tests.statements import Statements

SINCE, AS_OF = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
APRIL, MAY, JUNE = date(2026, 4, 15), date(2026, 5, 15), date(2026, 6, 15)


async def cadences(
    database: Database, actor: Actor, as_of: datetime = AS_OF, since: datetime = SINCE
) -> list[CadenceAsOf]:
    async with database.reading(actor.organisation_id) as session:
        return await rhythms(session, actor.organisation_id, since=since, as_of=as_of)


@pytest.mark.capability("R3", partly=True)
async def test_meetings_answer_the_months_they_stand_for_on_time_late_or_not_at_all(
    database: Database, actor: Actor
) -> None:
    cadence = await new_cadence(database, actor)
    in_time, late = datetime(2026, 5, 5, 23, 59, 59, tzinfo=UTC), datetime(2026, 6, 6, tzinfo=UTC)
    await new_meeting(database, actor, cadence, APRIL, in_time)
    await new_meeting(database, actor, cadence, MAY, late)
    (found,) = await cadences(database, actor)
    assert [each.occurrence.first_day.month for each in found.occurrences] == [4, 5, 6]
    assert [each.kept_at for each in found.occurrences] == [in_time, late, None]
    assert [each.is_on_time for each in found.occurrences] == [True, False, False]


async def test_what_came_of_a_meeting_is_seen_as_it_was_known(database: Database, actor: Actor) -> None:
    promise = await broken_promise(database, actor, datetime(2026, 5, 1, tzinfo=UTC))
    cadence = await new_cadence(database, actor, service_id=promise.service_id)
    person, absent = await new_person(database, actor), await new_person(database, actor, "bob")
    held = datetime(2026, 5, 4, 9, tzinfo=UTC)
    meeting = await new_meeting(
        database, actor, cadence, APRIL, held, minutes="Said much", breach_ids=promise.breach_ids * 2,
        attendance=[
            AttendeeEntry(person, AttendeeRole.CUSTOMER), AttendeeEntry(absent, AttendeeRole.SUPPLIER, present=False),
        ],
        decisions=[DecisionEntry(DecisionKind.RISK_ACCEPTED, "Live"), DecisionEntry(DecisionKind.CHANGE, "Buy")],
        actions=[ActionEntry("Buy", person, held + 9 * DAY), ActionEntry("Ask", person, held + DAY)],
    )  # fmt: skip
    (first,) = (await cadences(database, actor))[0].meetings
    buy, ask = (action.action_id for action in first.actions)
    await became(database, actor, buy, ActionStatus.CARRIED_OVER, held + 10 * DAY)
    await became(database, actor, buy, ActionStatus.CARRIED_OVER, held + 20 * DAY)
    await became(
        database, actor, buy, ActionStatus.DONE, held + 30 * DAY, changed_kind=ChangedObjectKind.CAPACITY,
        changed_name="mail server",
    )  # fmt: skip
    await became(database, actor, ask, ActionStatus.DROPPED, held + DAY, note="Moot")
    (then,) = (await cadences(database, actor, held + 29 * DAY))[0].meetings
    (now,) = (await cadences(database, actor, held + 30 * DAY))[0].meetings
    assert (now.meeting_id, now.held_at, now.planned_for, now.has_minutes) == (meeting, held, APRIL, True)
    assert now.decisions == (DecisionKind.RISK_ACCEPTED, DecisionKind.CHANGE)
    assert now.present == {AttendeeRole.CUSTOMER}
    assert now.breach_ids == promise.breach_ids
    assert [(a.ending, a.ended_at, a.times_carried_over, a.changed_something) for a in then.actions] == [
        (None, None, 2, False), (ActionStatus.DROPPED, held + DAY, 0, False),
    ]  # fmt: skip
    assert [(a.ending, a.ended_at, a.times_carried_over, a.changed_something) for a in now.actions] == [
        (ActionStatus.DONE, held + 30 * DAY, 2, True), (ActionStatus.DROPPED, held + DAY, 0, False),
    ]  # fmt: skip


async def became(
    database: Database, actor: Actor, action_id: UUID, status: ActionStatus, at: datetime, **different: Any
) -> None:
    async with database.writing(actor.organisation_id) as session:
        await record_action_status(
            session, actor=actor, action_id=action_id, status=status, occurred_at=at, now=at, **different
        )


async def test_a_meeting_written_down_later_is_not_seen_before(database: Database, actor: Actor) -> None:
    cadence = await new_cadence(database, actor)
    held = datetime(2026, 5, 2, tzinfo=UTC)
    await new_meeting(database, actor, cadence, APRIL, held, now=AS_OF)
    (before,), (after,) = await cadences(database, actor, AS_OF - HOUR), await cadences(database, actor)
    assert [each.meetings for each in before.occurrences] == [(), (), ()]
    assert [each.kept_at for each in after.occurrences] == [held, None, None]


@pytest.mark.capability("R1", partly=True)
async def test_a_day_is_kept_only_when_somebody_looked_at_its_dashboard_in_time(
    database: Database, actor: Actor
) -> None:
    cadence, person = await new_cadence(database, actor, Rhythm.DAILY), await new_person(database, actor)
    monday = datetime(2026, 6, 1, 7, tzinfo=UTC)
    snapshots = [await new_snapshot(database, actor, cadence, monday + days * DAY) for days in range(3)]
    await acknowledged(database, actor, snapshots[0], person, monday + HOUR)
    await acknowledged(database, actor, snapshots[0], person, monday + 2 * HOUR, AcknowledgementKind.ACTED)
    await acknowledged(database, actor, snapshots[1], person, monday + 2 * DAY)
    week = {"since": monday - 7 * HOUR, "as_of": monday + 4 * DAY - 7 * HOUR}
    (found,) = await cadences(database, actor, **week)
    assert [each.kept_at for each in found.occurrences] == [monday + HOUR, monday + 2 * DAY, None, None]
    assert [each.is_on_time for each in found.occurrences] == [True, False, False, False]
    assert [each.snapshot is not None for each in found.occurrences] == [True, True, True, False]
    seen = found.occurrences[0].snapshot
    assert seen is not None
    assert (seen.data_at, seen.acted_at) == (monday, monday + 2 * HOUR)


async def test_holidays_of_the_cadences_calendar_are_no_working_days(database: Database, actor: Actor) -> None:
    rows = Rows(actor)
    calendar = rows.calendar()
    old = rows.calendar_version(calendar.id, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    new = rows.calendar_version(calendar.id, valid_from=datetime(2026, 6, 3, tzinfo=UTC))
    holidays = [rows.holiday(old.id, day) for day in (date(2026, 6, 2), date(2026, 6, 4))]
    await store(database, calendar, old, new, holidays, rows.holiday(new.id, date(2026, 6, 5)))
    await new_cadence(database, actor, Rhythm.DAILY, calendar_id=calendar.id)
    week = {"since": datetime(2026, 6, 1, tzinfo=UTC), "as_of": datetime(2026, 6, 8, tzinfo=UTC)}
    (found,) = await cadences(database, actor, **week)
    assert [each.occurrence.first_day.day for each in found.occurrences] == [1, 3, 4]


async def test_an_ended_cadence_asks_for_nothing_after_its_end_as_soon_as_that_is_known(
    database: Database, actor: Actor
) -> None:
    cadence = await new_cadence(database, actor)
    async with database.writing(actor.organisation_id) as session:
        await end_cadence(
            session, actor=actor, cadence_id=cadence, ends_on=date(2026, 6, 1), reason="Merged", now=AS_OF
        )
    (before,), (after,) = await cadences(database, actor, AS_OF - HOUR), await cadences(database, actor)
    assert (len(before.occurrences), len(after.occurrences)) == (3, 2)


@pytest.mark.capability("B5", partly=True)
async def test_reported_figures_stand_beside_the_results_computed_from_the_records(
    database: Database, actor: Actor
) -> None:
    promise = await broken_promise(database, actor, datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    person, start = await new_person(database, actor), promise.periods[0].period_start
    figures = [
        figure(promise.target_id, start, Outcome.MET, 97),
        figure(promise.target_id, promise.periods[1].period_start, Outcome.MISSED, 95),
        figure(promise.target_id, datetime(2026, 6, 1, tzinfo=UTC), Outcome.MET, 99),
    ]
    shown = datetime(2026, 7, 2, tzinfo=UTC)
    await reported(database, actor, figures, shown)
    signed = figure(promise.target_id, start, Outcome.MET, 97, adjustment_reason="Twice", adjusted_by_id=person)
    await reported(database, actor, [signed], shown + DAY)
    found = await compared(database, actor)
    assert [(each.reported, each.recomputed, each.is_adjusted, each.contradicts) for each in found] == [
        (Outcome.MET, Outcome.MISSED, False, True),
        (Outcome.MET, Outcome.MISSED, True, False),
        (Outcome.MISSED, Outcome.MISSED, False, False),
        (Outcome.MET, None, False, None),
    ]
    assert {each.service_id for each in found} == {promise.service_id}
    assert await compared(database, actor, shown - HOUR) == []


@pytest.mark.capability("B5", partly=True)
async def test_a_signed_result_does_not_make_a_reported_figure_right(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    ((result_id, target_id, start),) = await rows(
        database, actor, "SELECT id, target_id, period_start FROM period_result WHERE organisation_id = $1"
    )
    ann = await new_person(database, actor)
    async with database.writing(actor.organisation_id) as session:
        await freeze_period_result(session, actor=actor, period_result_id=result_id, signed_by_id=ann, now=JULY)
    await reported(database, actor, [figure(target_id, start, Outcome.MET, 100)], JULY)
    assert [each.contradicts for each in await compared(database, actor, JULY)] == [False]
    await faster(database, actor, calendar_id)
    (found,) = await compared(database, actor, JULY)
    assert (found.recomputed, found.recomputed_percent, found.contradicts) == (Outcome.MISSED, Decimal(50), True)


def figure(target_id: UUID, start: datetime, outcome: Outcome, percent: int, **different: Any) -> FigureEntry:
    return FigureEntry(target_id, PeriodKind.MONTH, start, outcome, Decimal(percent), **different)


async def reported(database: Database, actor: Actor, figures: list[FigureEntry], at: datetime) -> None:
    async with database.writing(actor.organisation_id) as session:
        await record_report_pack(
            session, actor=actor, title="Month", sha256="a" * 64, shown_at=at, figures=figures, now=at
        )


async def compared(database: Database, actor: Actor, as_of: datetime = AS_OF) -> list[FigureAsOf]:
    async with database.reading(actor.organisation_id) as session:
        return await reported_figures(session, actor.organisation_id, since=SINCE, as_of=as_of)


async def test_the_rhythms_of_all_services_take_five_statements(
    database: Database, actor: Actor, statements: Statements
) -> None:
    for rhythm in Rhythm:
        await new_cadence(database, actor, rhythm)
    statements.clear()
    assert [each.key for each in await cadences(database, actor)] == ["daily", "monthly", "quarterly", "weekly"]
    assert len(statements.texts) == 5


async def test_an_organisation_sees_only_its_own_rhythms_and_figures(database: Database, actor: Actor) -> None:
    stranger = await new_actor(database)
    promise = await broken_promise(database, stranger, datetime(2026, 5, 1, tzinfo=UTC))
    cadence = await new_cadence(database, stranger)
    await new_meeting(database, stranger, cadence, APRIL, datetime(2026, 5, 2, tzinfo=UTC))
    figures = [figure(promise.target_id, promise.periods[0].period_start, Outcome.MET, 97)]
    await reported(database, stranger, figures, datetime(2026, 5, 2, tzinfo=UTC))
    assert (await cadences(database, actor), await compared(database, actor)) == ([], [])
    assert len((await cadences(database, stranger))[0].meetings) == len(await compared(database, stranger)) == 1
