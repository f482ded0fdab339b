"""The life cycle of clocks: the worked examples and the decisions stated in `services.domain.clock`."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.domain.business_time import BeyondHorizon, CalendarDefinition, NoOpenTime, Window, compile_covering
from services.domain.clock import ClockDefinition, Clocks, compute_clocks
from services.domain.vocabulary import ClockStatus, Outcome, ReopenPolicy, StartRule
from services.domain.vocabulary import ClockTransitionKind as Kind
from tests.services.domain.minutes import local, utc
from tests.services.domain.tickets import Event, Ticket, log_of

HOUR = 3600
OFFICE = CalendarDefinition("UTC", tuple(Window(day, 9 * HOUR, 17 * HOUR) for day in range(1, 6)))
ALWAYS = CalendarDefinition("UTC", tuple(Window(day, 0, 24 * HOUR) for day in range(1, 8)))
EIGHT_HOURS = ClockDefinition(8 * HOUR)
LATER = utc(2026, 7, 1)


def mon(hour: int, minute: int = 0) -> int:
    return utc(2026, 6, 1, hour, minute)


def tue(hour: int, minute: int = 0) -> int:
    return utc(2026, 6, 2, hour, minute)


def clocks_of(
    definition: ClockDefinition, *tickets: Ticket, calendar: CalendarDefinition = OFFICE, now: int = LATER
) -> Clocks:
    log = log_of(*tickets)
    compiled = compile_covering(calendar, int(log.opened_at.min()), now, definition.duration)
    return compute_clocks(definition, compiled, log, now)


def told(clocks: Clocks) -> list[tuple[Kind, int]]:
    return list(zip(clocks.transitions.kind.tolist(), clocks.transitions.at.tolist(), strict=True))


def test_a_pause_moves_the_due_instant_by_business_time() -> None:
    ticket = (mon(10), [(mon(10), "ms"), (mon(16), "mp"), (tue(10), "mr")])
    before = clocks_of(EIGHT_HOURS, ticket, now=mon(15))
    paused = clocks_of(EIGHT_HOURS, ticket, now=tue(9))
    after = clocks_of(EIGHT_HOURS, ticket, now=tue(11))
    assert before.due_at.tolist() == [tue(10)]
    assert (paused.due_at.tolist(), paused.status.tolist()) == ([-1], [ClockStatus.PAUSED])
    assert (after.due_at.tolist(), after.paused.tolist()) == ([tue(12)], [2 * HOUR])


@pytest.mark.parametrize(
    ("start", "retroactive_pause", "hours_left"),
    [
        pytest.param(StartRule.FROM_MATCH, False, 4, id="fresh"),
        pytest.param(StartRule.FROM_OPENING, False, 1, id="retroactive start"),
        pytest.param(StartRule.FROM_OPENING, True, 3, id="retroactive start and pause"),
    ],
)
def test_a_raised_priority_leaves_the_hours_its_start_rule_says(
    start: StartRule, retroactive_pause: bool, hours_left: int
) -> None:
    definition = ClockDefinition(4 * HOUR, start=start, retroactive_pause=retroactive_pause)
    ticket = (mon(9), [(mon(9), "s r"), (mon(10), "p"), (mon(12), "ms r")])
    clocks = clocks_of(definition, ticket, calendar=ALWAYS, now=mon(12))
    assert (definition.duration - clocks.elapsed).tolist() == [hours_left * HOUR]
    assert clocks.due_at.tolist() == [mon(12) + hours_left * HOUR]


REOPENED: Ticket = (mon(9), [(mon(9), "ms"), (mon(11), "mx"), (tue(9), "m"), (tue(12), "mx")])


@pytest.mark.parametrize(
    ("policy", "hours", "outcomes", "due"),
    [
        (ReopenPolicy.NEW_CYCLE, [2, 3], [Outcome.MET, Outcome.MET], [mon(17), tue(17)]),
        (ReopenPolicy.RESUME, [5], [Outcome.MET], [tue(15)]),
        (ReopenPolicy.CONTINUOUS, [11], [Outcome.MISSED], [mon(17)]),
    ],
)
def test_a_reopened_ticket_is_judged_by_its_policy(
    policy: ReopenPolicy, hours: list[int], outcomes: list[Outcome], due: list[int]
) -> None:
    clocks = clocks_of(replace(EIGHT_HOURS, reopen=policy), REOPENED)
    assert (clocks.elapsed / HOUR).tolist() == hours
    assert clocks.outcome.tolist() == outcomes
    assert clocks.due_at.tolist() == due
    assert clocks.cycle.tolist() == list(range(1, len(hours) + 1))
    assert clocks.breached_at.tolist() == ([mon(17)] if Outcome.MISSED in outcomes else [-1] * len(hours))


def test_thresholds_are_crossed_at_percents_of_business_time() -> None:
    paris = CalendarDefinition("Europe/Paris", OFFICE.windows)
    friday = local("Europe/Paris", 2026, 6, 5, 14)
    definition = ClockDefinition(8 * HOUR, thresholds=(100, 50, 75, 50))
    transitions = clocks_of(definition, (friday, [(friday, "ms")]), calendar=paris).transitions
    crossed = transitions.kind == Kind.THRESHOLD
    assert transitions.percent[crossed].tolist() == [50, 75, 100]
    assert transitions.at[crossed].tolist() == [local("Europe/Paris", 2026, 6, 8, hour) for hour in (10, 12, 14)]
    assert transitions.business[crossed].tolist() == [4 * HOUR, 6 * HOUR, 8 * HOUR]
    assert transitions.event[crossed].tolist() == [-1, -1, -1]


def test_a_threshold_between_two_seconds_is_crossed_at_the_later() -> None:
    clocks = clocks_of(ClockDefinition(10, thresholds=(33,)), (mon(9), [(mon(9), "ms")]))
    assert (Kind.THRESHOLD, mon(9) + 4) in told(clocks)


def test_business_and_wall_clock_percent_are_both_known() -> None:
    opened = utc(2026, 6, 5, 21)
    schedule = CalendarDefinition("UTC", tuple(Window(day, 8 * HOUR, 17 * HOUR) for day in range(1, 6)))
    clocks = clocks_of(EIGHT_HOURS, (opened, [(opened, "ms")]), calendar=schedule, now=utc(2026, 6, 8, 9, 30))
    assert (clocks.percent_elapsed.tolist(), clocks.percent_elapsed_wall.tolist()) == ([18.75], [756.25])


def test_the_timeline_says_what_happened_and_how_far_the_clock_had_run() -> None:
    ticket = (mon(9), [(mon(10), "ms"), (mon(12), "mp"), (mon(13), "mr"), (tue(12), "mx")])
    clocks = clocks_of(replace(EIGHT_HOURS, thresholds=(50,)), ticket)
    t = clocks.transitions
    assert list(zip(t.kind, t.at, t.business // HOUR, t.wall // HOUR, t.event, strict=True)) == [
        (Kind.START, mon(9), 0, 0, 0),
        (Kind.PAUSE, mon(12), 3, 3, 1),
        (Kind.RESUME, mon(13), 3, 3, 2),
        (Kind.THRESHOLD, mon(14), 4, 4, -1),
        (Kind.BREACH, tue(10), 8, 24, -1),
        (Kind.STOP, tue(12), 10, 26, 3),
    ]
    assert clocks.stopped_at.tolist() == [tue(12)]
    assert clocks.wall.tolist() == [26 * HOUR]


@pytest.mark.parametrize(
    ("inclusive", "stop", "outcome"),
    [
        (True, mon(17), Outcome.MET),
        (True, mon(17) + 1, Outcome.MISSED),
        (False, mon(17) - 1, Outcome.MET),
        (False, mon(17), Outcome.MISSED),
    ],
)
def test_the_limit_itself_is_met_or_missed_as_the_target_says(inclusive: bool, stop: int, outcome: Outcome) -> None:
    definition = replace(EIGHT_HOURS, limit_inclusive=inclusive)
    clocks = clocks_of(definition, (mon(9), [(mon(9), "ms"), (stop, "mx")]), calendar=ALWAYS)
    assert clocks.outcome.tolist() == [outcome]


@pytest.mark.parametrize(
    ("inclusive", "now", "breached"),
    [(True, mon(17), False), (True, mon(17) + 1, True), (False, mon(17) - 1, False), (False, mon(17), True)],
)
def test_a_running_clock_is_breached_once_now_has_passed_due(inclusive: bool, now: int, breached: bool) -> None:
    definition = replace(EIGHT_HOURS, limit_inclusive=inclusive)
    clocks = clocks_of(definition, (mon(9), [(mon(9), "ms")]), now=now)
    assert clocks.breached_at.tolist() == [mon(17) if breached else -1]
    assert clocks.outcome.tolist() == [Outcome.MISSED if breached else Outcome.PENDING]


def test_a_breach_seen_while_running_out_of_hours_is_not_undone_by_stopping_out_of_hours() -> None:
    started = (mon(9), "ms")
    running = clocks_of(EIGHT_HOURS, (mon(9), [started]), now=mon(18))
    stopped = clocks_of(EIGHT_HOURS, (mon(9), [started, (mon(19), "mx")]))
    assert running.breached_at.tolist() == stopped.breached_at.tolist() == [mon(17)]


def test_a_pause_at_the_due_instant_keeps_an_inclusive_promise() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(17), "mp"), (tue(12), "mx")]))
    assert clocks.outcome.tolist() == [Outcome.MET]


def test_resuming_and_stopping_at_once_after_such_a_pause_still_keeps_it() -> None:
    events = [(mon(9), "ms"), (mon(17), "mp"), (tue(12), "mr"), (tue(12), "mx")]
    assert clocks_of(EIGHT_HOURS, (mon(9), events)).outcome.tolist() == [Outcome.MET]


def test_a_pause_after_the_breach_does_not_undo_it() -> None:
    ticket = (mon(9), [(mon(9), "ms"), (tue(10), "mp")])
    clocks = clocks_of(EIGHT_HOURS, ticket, now=tue(16))
    assert clocks.status.tolist() == [ClockStatus.PAUSED]
    assert (clocks.due_at.tolist(), clocks.breached_at.tolist()) == ([mon(17)], [mon(17)])


def test_overlapping_pauses_count_once() -> None:
    once = [(mon(9), "ms"), (mon(10), "mp"), (mon(12), "mr")]
    twice = [(mon(9), "ms"), (mon(10), "mp"), (mon(11), "mp"), (mon(12), "mr"), (mon(13), "mr")]
    a, b = (clocks_of(EIGHT_HOURS, (mon(9), events), now=mon(15)) for events in (once, twice))
    assert a.paused.tolist() == b.paused.tolist() == [2 * HOUR]
    assert told(a) == told(b)


def test_a_repeated_event_changes_nothing() -> None:
    events = [(mon(9), "ms"), (mon(10), "mp"), (mon(12), "mr"), (mon(15), "mx"), (tue(9), "m"), (tue(11), "mx")]
    plain = clocks_of(EIGHT_HOURS, (mon(9), events))
    doubled = clocks_of(EIGHT_HOURS, (mon(9), [event for event in events for _ in range(2)]))
    assert told(plain) == told(doubled)
    assert plain.elapsed.tolist() == doubled.elapsed.tolist()


def test_a_pause_of_no_length_moves_nothing() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(10), "mp"), (mon(10), "mr")]), now=mon(11))
    assert (clocks.paused.tolist(), clocks.due_at.tolist()) == ([0], [mon(17)])


def test_a_state_that_pauses_and_resumes_leaves_the_clock_running() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(10), "mpr")]), now=mon(11))
    assert told(clocks) == [(Kind.START, mon(9))]


@pytest.mark.parametrize(
    ("start", "started_at", "elapsed"), [(StartRule.FROM_OPENING, 9, 3), (StartRule.FROM_MATCH, 10, 2)]
)
def test_the_first_event_happens_at_opening_for_a_retroactive_start(
    start: StartRule, started_at: int, elapsed: int
) -> None:
    clocks = clocks_of(replace(EIGHT_HOURS, start=start), (mon(9), [(mon(10), "ms")]), now=mon(12))
    assert (clocks.started_at.tolist(), clocks.elapsed.tolist()) == ([mon(started_at)], [elapsed * HOUR])


def test_a_ticket_first_seen_when_resolved_was_open_until_then() -> None:
    ticket = (mon(9), [(mon(11), "mx"), (tue(9), "mx")])
    retroactive = clocks_of(EIGHT_HOURS, ticket)
    assert told(retroactive) == [(Kind.START, mon(9)), (Kind.STOP, mon(11))]
    assert retroactive.elapsed.tolist() == [2 * HOUR]
    assert not clocks_of(replace(EIGHT_HOURS, start=StartRule.FROM_MATCH), ticket).ticket.size


def test_events_before_the_opening_happen_at_opening() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(10), [(mon(8), "ms"), (mon(9), "mp"), (mon(11), "mr")]), now=mon(12))
    assert (clocks.started_at.tolist(), clocks.paused.tolist(), clocks.elapsed.tolist()) == ([mon(10)], [HOUR], [HOUR])


def test_a_target_that_ceases_to_match_cancels_its_clock() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(11), "s"), (mon(12), "x")]))
    assert (clocks.status.tolist(), clocks.outcome.tolist()) == ([ClockStatus.CANCELLED], [Outcome.NO_DATA])
    assert (clocks.stopped_at.tolist(), clocks.elapsed.tolist()) == ([mon(11)], [2 * HOUR])


def test_an_event_that_stops_and_ceases_to_match_completes_the_clock() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(11), "xc")]))
    assert clocks.status.tolist() == [ClockStatus.COMPLETED]


def test_a_cancelled_ticket_cancels_its_clock() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(11), "msc")]))
    assert told(clocks) == [(Kind.START, mon(9)), (Kind.CANCEL, mon(11))]


@pytest.mark.parametrize(("start", "elapsed"), [(StartRule.FROM_OPENING, 4), (StartRule.FROM_MATCH, 1)])
def test_a_target_that_matches_again_supersedes_its_cancelled_clock(start: StartRule, elapsed: int) -> None:
    ticket = (mon(9), [(mon(9), "ms"), (mon(10), "s"), (mon(12), "ms")])
    clocks = clocks_of(replace(EIGHT_HOURS, start=start), ticket, now=mon(13))
    assert (clocks.cycle.tolist(), clocks.status.tolist()) == ([1], [ClockStatus.RUNNING])
    assert clocks.elapsed.tolist() == [elapsed * HOUR]


def test_a_breach_survives_that_its_clock_is_superseded() -> None:
    ticket = (mon(9), [(mon(9), "ms"), (tue(10), "s"), (tue(11), "ms"), (tue(12), "mx")])
    clocks = clocks_of(replace(EIGHT_HOURS, start=StartRule.FROM_MATCH), ticket)
    assert (clocks.elapsed.tolist(), clocks.outcome.tolist()) == ([HOUR], [Outcome.MISSED])
    assert clocks.breached_at.tolist() == [mon(17)]
    assert (Kind.BREACH, mon(17)) in told(clocks)


def test_a_cancelled_clock_keeps_its_breach() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (tue(10), "s")]))
    assert (clocks.status.tolist(), clocks.outcome.tolist()) == ([ClockStatus.CANCELLED], [Outcome.MISSED])


def test_a_clock_that_attaches_to_a_waiting_ticket_is_paused_from_the_start() -> None:
    ticket = (mon(9), [(mon(9), "s"), (mon(10), "p"), (mon(11), "ms")])
    clocks = clocks_of(replace(EIGHT_HOURS, start=StartRule.FROM_MATCH), ticket, now=mon(12))
    assert told(clocks) == [(Kind.START, mon(11)), (Kind.PAUSE, mon(11))]


def test_a_reopened_clock_attaches_although_the_state_does_not_start_it() -> None:
    clocks = clocks_of(EIGHT_HOURS, (mon(9), [(mon(9), "ms"), (mon(11), "mx"), (tue(9), "mp")]))
    assert clocks.status.tolist() == [ClockStatus.COMPLETED, ClockStatus.PAUSED]
    assert clocks.started_at.tolist() == [mon(9), tue(9)]


def test_a_target_that_matches_after_a_reopening_counts_from_the_reopening() -> None:
    ticket = (mon(9), [(mon(9), "s"), (mon(11), "x"), (tue(9), "s"), (tue(10), "ms")])
    clocks = clocks_of(EIGHT_HOURS, ticket, now=tue(12))
    assert (clocks.cycle.tolist(), clocks.started_at.tolist(), clocks.elapsed.tolist()) == ([1], [tue(9)], [3 * HOUR])


def test_the_time_while_completed_is_told_but_not_counted_when_resuming() -> None:
    clocks = clocks_of(replace(EIGHT_HOURS, reopen=ReopenPolicy.RESUME), REOPENED)
    assert [kind for kind, _ in told(clocks)] == [Kind.START, Kind.STOP, Kind.REOPEN, Kind.STOP]
    assert clocks.paused.tolist() == [0]


def test_events_after_now_have_not_happened() -> None:
    clocks = clocks_of(EIGHT_HOURS, REOPENED, now=mon(10))
    assert (clocks.status.tolist(), clocks.elapsed.tolist()) == ([ClockStatus.RUNNING], [HOUR])
    opened_later = (mon(12), [(mon(9), "ms")])
    assert clocks_of(EIGHT_HOURS, REOPENED, opened_later, now=mon(10)).ticket.tolist() == [0]


def test_tickets_do_not_influence_each_other() -> None:
    tickets: list[Ticket] = [
        REOPENED,
        (mon(9), []),
        (mon(8), [(mon(10), "mp")]),
        (mon(9), [(mon(9), "ms")]),
        (mon(9), [(mon(9), "m")]),
    ]
    together = clocks_of(EIGHT_HOURS, *tickets)
    alone = [clocks_of(EIGHT_HOURS, ticket) for ticket in tickets]
    for column in ("cycle", "status", "outcome", "started_at", "stopped_at", "elapsed", "due_at", "breached_at"):
        assert getattr(together, column).tolist() == [v for one in alone for v in getattr(one, column).tolist()]
    assert together.ticket.tolist() == [0, 0, 3]
    assert told(together) == [transition for one in alone for transition in told(one)]


@pytest.mark.parametrize(
    ("different", "message"),
    [({"duration": 0}, "duration: expected at least one"), ({"thresholds": (50, 0)}, r"thresholds\.1: expected")],
)
def test_an_impossible_promise_is_refused(different: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(EIGHT_HOURS, **different)


def test_a_calendar_without_open_time_is_refused() -> None:
    ticket: tuple[int, list[Event]] = (mon(9), [(mon(9), "ms")])
    never = CalendarDefinition("UTC", (), frozenset(), ())
    with pytest.raises(NoOpenTime):
        clocks_of(EIGHT_HOURS, ticket, calendar=never)
    with pytest.raises(NoOpenTime):
        compute_clocks(EIGHT_HOURS, compile_covering(never, mon(9), LATER), log_of(ticket), LATER)


def test_a_calendar_that_does_not_reach_the_ticket_is_refused() -> None:
    with pytest.raises(BeyondHorizon):
        compute_clocks(
            EIGHT_HOURS,
            compile_covering(OFFICE, tue(9), LATER, HOUR),
            log_of((utc(2026, 1, 1), [(mon(9), "ms")])),
            LATER,
        )


def test_an_unsorted_log_is_refused() -> None:
    with pytest.raises(ValueError, match="event 1 is out of order"):
        log_of((mon(9), [(mon(12), "ms"), (mon(11), "mx")]))


def test_an_event_of_an_unknown_ticket_is_refused() -> None:
    log = log_of((mon(9), [(mon(9), "ms")]))
    with pytest.raises(ValueError, match="below the number of tickets, 1"):
        replace(log, ticket=np.array([1]))
    with pytest.raises(ValueError, match="one value per event"):
        replace(log, stops=np.array([True, False]))
