"""A changed definition or calendar is previewed, then applied as new results beside the old."""

import asyncio
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.calendars.rules import Closure, Holiday, VersionDefinition, WeeklyHours
from services.compliance.commands import retract_breach
from services.compliance.recomputing import Effect
from services.compliance.rules import BreachKind
from services.db import Database, fetch
from services.domain.vocabulary import Outcome, PeriodKind, TicketState
from services.errors import Conflict, Invalid, NotPermitted
from services.improvement.queries import BREACHES
from services.organisations.rules import AccessRole, Actor
from slm.worker import work
from tests.factories.changes import JULY, MAY, MONDAY, change_agreement, change_calendar, faster, rows
from tests.factories.definitions import OFFICE_HOURS, new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.factories.tickets import event, happened, hours

TABLES = (
    "agreement_version", "breach", "breach_retraction", "calendar_version", "clock", "due_organisation",
    "period_result", "recomputation", "recomputed_period_result", "superseded_clock", "superseded_period_result",
    "target", "target_version", "ticket", "ticket_event",
)  # fmt: skip


async def everything(database: Database, actor: Actor) -> dict[str, list[Any]]:
    """Every row there is, with what PostgreSQL notes of who wrote it."""
    return {
        table: await rows(
            database, actor, f"SELECT xmin::text, * FROM {table} WHERE organisation_id = $1 ORDER BY 2, 3"
        )
        for table in TABLES
    }


def told(effect: Effect) -> tuple[Any, ...]:
    """What an effect says, without the ids of the rows it made."""
    return (
        effect.facts,
        effect.tickets,
        *((counted.total, counted.shown) for counted in (effect.clocks,)),
        *(
            (
                counted.total,
                [
                    (c.subject.period, c.subject.period_start, c.subject.is_frozen, c.before, c.after)
                    for c in counted.shown
                ],
            )
            for counted in (effect.periods, effect.frozen_periods)
        ),
        *(
            (
                counted.total,
                [(c.kind, getattr(c.subject, "ticket_key", None), c.subject.target_key) for c in counted.shown],
            )
            for counted in (effect.breaches_added, effect.breaches_removed)
        ),
    )


async def test_a_preview_says_which_tickets_periods_and_verdicts_change_and_how(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    effect = await faster(database, actor, calendar_id, preview=True)
    assert (effect.tickets, effect.clocks.total, effect.periods.total) == (2, 2, 1)
    slow, quick = effect.clocks.shown
    assert slow.before is not None
    assert (slow.subject.ticket_key, slow.before.outcome, slow.after.outcome) == ("slow", Outcome.MET, Outcome.MISSED)
    assert (slow.before.due_at, slow.after.due_at) == (MONDAY + hours(8), MONDAY + hours(4))
    assert quick.before is not None
    assert (quick.before.elapsed_seconds, quick.after.elapsed_seconds) == (7200, 7200)
    assert [(p.before and p.before.outcome, p.after.outcome, p.after.met) for p in effect.periods.shown] == [
        (Outcome.MET, Outcome.MISSED, 1)
    ]
    assert [b.kind for b in effect.breaches_added.shown] == [BreachKind.CLOCK, BreachKind.PERIOD]
    assert effect.breaches_removed.total == 0


async def test_a_preview_writes_nothing(database: Database, actor: Actor, judged: UUID, calendar_id: UUID) -> None:
    before = await everything(database, actor)
    await faster(database, actor, calendar_id, preview=True)
    assert await everything(database, actor) == before


async def test_what_is_applied_is_what_was_previewed(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    previewed = await faster(database, actor, calendar_id, preview=True)
    applied = await faster(database, actor, calendar_id)
    assert told(applied) == told(previewed)


async def test_facts_that_arrive_after_the_preview_show(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    previewed = await faster(database, actor, calendar_id, preview=True)
    await happened(database, actor, judged, [event("late", MONDAY, TicketState.NEW)], JULY)
    assert (await faster(database, actor, calendar_id, preview=True)).facts != previewed.facts


async def test_what_was_concluded_before_stays_readable(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    (was,) = await rows(database, actor, "SELECT * FROM period_result WHERE organisation_id = $1")
    clocks = await rows(database, actor, "SELECT * FROM clock WHERE organisation_id = $1 ORDER BY ticket_id")
    effect = await faster(database, actor, calendar_id, now=JULY + hours(1))
    (kept,) = await rows(database, actor, "SELECT * FROM superseded_period_result WHERE organisation_id = $1")
    same = ("target_version_id", "met", "missed", "attainment_percent", "outcome", "inputs_digest", "computed_at")
    assert [getattr(kept, name) for name in same] == [getattr(was, name) for name in same]
    assert (kept.period_result_id, kept.recomputation_id) == (was.id, effect.recomputation_id)
    assert kept.superseded_at == JULY + hours(1)
    sql = "SELECT * FROM superseded_clock WHERE organisation_id = $1 ORDER BY ticket_id"
    same = ("ticket_id", "target_version_id", "outcome", "due_at", "elapsed_seconds", "timeline", "computed_at")
    assert [[getattr(row, name) for name in same] for row in await rows(database, actor, sql)] == [
        [getattr(row, name) for name in same] for row in clocks
    ]


async def test_a_change_that_mends_retracts_the_breach_and_names_the_change(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    await faster(database, actor, calendar_id)
    slower = target(calendar_id, duration_seconds=7 * 3600)
    effect = await change_agreement(database, actor, slower, valid_from=MAY + hours(1), now=JULY)
    assert [b.kind for b in effect.breaches_removed.shown] == [BreachKind.CLOCK, BreachKind.PERIOD]
    sql = "SELECT reason, recomputation_id FROM breach_retraction WHERE organisation_id = $1"
    assert {tuple(row) for row in await rows(database, actor, sql)} == {
        ("Recomputed by the version of the agreement from 2026-05-01T01:00:00+00:00.", effect.recomputation_id)
    }


async def test_a_breach_that_a_third_change_brings_back_counts_again_and_is_recorded_once(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    await faster(database, actor, calendar_id)
    await change_agreement(
        database, actor, target(calendar_id, duration_seconds=7 * 3600), valid_from=MAY + hours(1), now=JULY
    )
    third = await faster(database, actor, calendar_id, valid_from=MAY + hours(2))
    assert third.breaches_added.total == 2
    assert len(await rows(database, actor, "SELECT id FROM breach WHERE organisation_id = $1")) == 2
    async with database.reading(actor.organisation_id) as session:
        assert len(await fetch(session, BREACHES, actor.organisation_id, JULY + hours(1), MAY)) == 2
    again = await change_agreement(
        database, actor, target(calendar_id, duration_seconds=7 * 3600), valid_from=MAY + hours(3), now=JULY
    )
    assert again.breaches_removed.total == 2


async def test_a_breach_a_person_retracted_stays_retracted(
    database: Database, actor: Actor, service_id: UUID, calendar_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY + hours(30))
    ((breach_id,),) = await rows(database, actor, "SELECT id FROM breach WHERE organisation_id = $1")
    async with database.writing(actor.organisation_id) as session:
        await retract_breach(session, actor=actor, breach_id=breach_id, reason="a test", now=MONDAY + hours(31))
    effect = await faster(database, actor, calendar_id, now=MONDAY + hours(32))
    assert (effect.breaches_added.total, effect.breaches_removed.total) == (0, 0)


async def test_a_target_left_out_withdraws_its_clocks(
    database: Database, actor: Actor, service_id: UUID, calendar_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    other = target(calendar_id, key="respond", duration_seconds=3600)
    effect = await change_agreement(database, actor, other, valid_from=MAY, now=MONDAY)
    shown = {c.subject.target_key: (c.before and c.before.status, c.after.status) for c in effect.clocks.shown}
    assert shown == {"resolve": ("running", "cancelled"), "respond": (None, "running")}


async def test_time_that_passed_is_no_effect_of_the_change(
    database: Database, actor: Actor, service_id: UUID, calendar_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    same = target(calendar_id)
    effect = await change_agreement(database, actor, same, valid_from=MAY, now=JULY)
    assert (effect.clocks.total, effect.periods.total, effect.breaches_added.total) == (0, 0, 0)
    kinds = await rows(database, actor, "SELECT kind FROM breach WHERE organisation_id = $1 ORDER BY kind")
    assert [kind for (kind,) in kinds] == ["clock", "period"]


async def test_a_version_from_later_on_changes_nothing_that_is_over(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    effect = await faster(database, actor, calendar_id, valid_from=JULY)
    assert (effect.tickets, effect.clocks.total, effect.periods.total) == (0, 0, 0)
    assert not await rows(database, actor, "SELECT id FROM superseded_clock WHERE organisation_id = $1")


async def test_a_holiday_added_later_moves_deadlines_and_mends_breaches(
    database: Database, actor: Actor, service_id: UUID, calendar_id: UUID
) -> None:
    events = [
        event("A", MONDAY + hours(4), TicketState.NEW),
        event("A", MONDAY + hours(48), TicketState.CLOSED, sequence=1),
    ]
    await happened(database, actor, service_id, events, JULY)
    holiday = VersionDefinition(
        "Europe/London",
        [WeeklyHours(day, "09:00", "17:00") for day in range(1, 6)],
        holidays=[Holiday(date(2026, 6, 2), "A day off")],
    )
    effect = await change_calendar(database, actor, calendar_id, holiday, valid_from=MAY, now=JULY)
    (clock,) = effect.clocks.shown
    assert clock.before is not None
    assert (clock.before.due_at, clock.after.due_at) == (MONDAY + hours(28), MONDAY + hours(52))
    assert [b.kind for b in effect.breaches_removed.shown] == [BreachKind.CLOCK, BreachKind.PERIOD]


async def test_nothing_is_recorded_yet_and_a_change_says_so(
    database: Database, actor: Actor, service_id: UUID, calendar_id: UUID
) -> None:
    effect = await faster(database, actor, calendar_id)
    assert (effect.tickets, effect.clocks.shown, effect.periods.shown) == (0, [], [])


async def test_all_changes_are_counted_and_a_few_are_told(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    effect = await faster(database, actor, calendar_id, shown=1)
    assert (effect.clocks.total, len(effect.clocks.shown), effect.breaches_added.total) == (2, 1, 2)


async def test_too_many_tickets_are_refused_at_the_instant_that_selects_them(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    with pytest.raises(Invalid) as refused:
        await faster(database, actor, calendar_id, preview=True, most_tickets=1)
    assert [problem.field for problem in refused.value.problems] == ["valid_from"]


async def test_who_may_not_define_may_not_look_at_what_would_change(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    reader = await new_actor(database, AccessRole.INGEST)
    stranger = Actor(actor.organisation_id, reader.account_id, "reader", AccessRole.INGEST)
    with pytest.raises(NotPermitted):
        await faster(database, stranger, calendar_id, preview=True)


async def test_ordinary_settling_keeps_no_history(database: Database, actor: Actor, service_id: UUID) -> None:
    for number in range(3):
        opened = event(f"T{number}", MONDAY + hours(number), TicketState.NEW)
        await happened(database, actor, service_id, [opened], MONDAY + hours(number))
    await work(database, now=JULY)
    for table in ("superseded_clock", "superseded_period_result"):
        assert not await rows(database, actor, f"SELECT id FROM {table} WHERE organisation_id = $1")


async def test_a_fact_that_comes_after_a_period_was_judged_leaves_what_was_said_of_it(
    database: Database, actor: Actor, judged: UUID
) -> None:
    late = [
        event("late", MONDAY, TicketState.NEW),
        event("late", MONDAY + hours(1), TicketState.CLOSED, sequence=1),
    ]
    await happened(database, actor, judged, late, JULY + hours(5))
    (kept,) = await rows(database, actor, "SELECT * FROM superseded_period_result WHERE organisation_id = $1")
    assert (kept.met, kept.computed_at, kept.recomputation_id) == (2, JULY, None)


async def test_two_changes_at_the_same_moment_follow_one_another(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID
) -> None:
    async def change(number: int) -> Effect | None:
        try:
            return await faster(database, actor, calendar_id, valid_from=MAY + hours(number))
        except Conflict:
            return None

    effects = await asyncio.gather(*(change(number) for number in range(4)))
    applied = [effect for effect in effects if effect is not None]
    assert applied
    recomputed = await rows(database, actor, "SELECT id FROM recomputation WHERE organisation_id = $1")
    assert {id_ for (id_,) in recomputed} == {effect.recomputation_id for effect in applied}
    # The first one changed everything; those after it said the same and superseded nothing.
    assert sorted(effect.clocks.total for effect in applied) == [0] * (len(applied) - 1) + [2]
    assert len(await rows(database, actor, "SELECT id FROM breach WHERE organisation_id = $1")) == 2


async def test_a_change_while_the_worker_settles_loses_nothing(
    database: Database, actor: Actor, service_id: UUID, calendar_id: UUID
) -> None:
    opened = [event(f"T{number}", MONDAY, TicketState.NEW) for number in range(6)]
    await happened(database, actor, service_id, opened, MONDAY)
    then = MONDAY + hours(30)
    closing = [event(f"T{number}", then, TicketState.CLOSED, sequence=1) for number in range(6)]
    await asyncio.gather(
        faster(database, actor, calendar_id, now=then),
        *(happened(database, actor, service_id, [closed], then) for closed in closing),
        *(work(database, now=then) for _ in range(3)),
    )
    results = await rows(database, actor, "SELECT met, missed FROM period_result WHERE organisation_id = $1")
    assert [tuple(row) for row in results] == [(0, 6)]
    sql = "SELECT DISTINCT duration_seconds FROM clock WHERE organisation_id = $1"
    assert [tuple(row) for row in await rows(database, actor, sql)] == [(4 * 3600,)]


DEFINITIONS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    duration_seconds=st.integers(1, 60).map(lambda hours: hours * 1800),
    objective_percent=st.sampled_from([Decimal(50), Decimal(90), Decimal(100)]),
    period=st.sampled_from([PeriodKind.WEEK, PeriodKind.MONTH]),
    pause_states=st.sampled_from([(), (TicketState.AWAITING_CUSTOMER,)]),
    priorities=st.sampled_from([(), ("1 - Critical",)]),
    limit_inclusive=st.booleans(),
)
TOOK = st.lists(st.integers(0, 80), min_size=1, max_size=6)
ALWAYS = VersionDefinition("Europe/London", [WeeklyHours(day, "00:00", "24:00") for day in range(1, 8)])
CLOSED = VersionDefinition(
    "Europe/London", OFFICE_HOURS.windows, closures=[Closure(MONDAY, MONDAY + hours(4), "moving")]
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(took=TOOK, different=DEFINITIONS, since=st.integers(-24, 24), hours_are=st.sampled_from([None, ALWAYS, CLOSED]))
async def test_whatever_changes_a_preview_writes_nothing_and_says_what_applying_does(
    database: Database, took: list[int], different: dict[str, Any], since: int, hours_are: VersionDefinition | None
) -> None:
    actor = await new_actor(database)
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    then = MONDAY + hours(60)
    for number, hour in enumerate(took):
        opened = event(f"T{number}", MONDAY + timedelta(minutes=number), TicketState.NEW)
        waited = event(f"T{number}", MONDAY + hours(1), TicketState.AWAITING_CUSTOMER, sequence=1)
        closed = event(f"T{number}", MONDAY + hours(1 + hour), TicketState.CLOSED, sequence=2)
        events = [opened, waited, closed] if 1 + hour < 60 else [opened]
        await happened(database, actor, service_id, events, then)

    def changed(**how: Any) -> Any:
        at = {"valid_from": MONDAY + hours(since), "now": then} | how
        if hours_are is not None:
            return change_calendar(database, actor, calendar_id, hours_are, **at)
        return change_agreement(database, actor, target(calendar_id, **different), **at)

    before = await everything(database, actor)
    previewed = await changed(preview=True)
    assert await everything(database, actor) == before
    assert told(await changed()) == told(previewed)
    # Nothing is left to say: settling again, or the worker, changes no figure.
    assert told_rows(await everything(database, actor)) == await settled_again(database, actor, then)


def told_rows(found: dict[str, list[Any]]) -> list[Any]:
    """The figures of clocks and periods."""
    return [(row.id, row.outcome) for table in ("clock", "period_result") for row in found[table]]


async def settled_again(database: Database, actor: Actor, now: datetime) -> list[Any]:
    await work(database, now=now)
    return told_rows(await everything(database, actor))
