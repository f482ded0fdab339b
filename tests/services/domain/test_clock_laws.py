"""The life cycle on random tickets, against one ticket at a time stepped through event by event."""

from dataclasses import astuple
from datetime import date
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.business_time import BusinessCalendar, CalendarDefinition, Window, compile_calendar
from services.domain.clock import ClockDefinition, Clocks, compute_clocks
from services.domain.vocabulary import ClockTransitionKind as Kind
from services.domain.vocabulary import ReopenPolicy, StartRule
from tests.services.domain.minutes import MINUTE, OpenMinutes
from tests.services.domain.one_ticket import Figures, OneTicket
from tests.services.domain.tickets import Ticket, log_of

HOUR = 3600
CALENDARS = {
    "around the clock": CalendarDefinition("UTC", tuple(Window(day, 0, 24 * HOUR) for day in range(1, 8))),
    "office, clocks go forward": CalendarDefinition(
        "Europe/London", tuple(Window(day, 9 * HOUR, 17 * HOUR) for day in (1, 2, 4, 7)), frozenset({date(2026, 3, 30)})
    ),
    "split shifts and nights": CalendarDefinition(
        "Australia/Lord_Howe",
        tuple(Window(day, *hours) for day in range(1, 8) for hours in ((60 * 7, 60 * 95), (22 * HOUR, 27 * HOUR))),
    ),
}
"""Opening hours are dense, so that breaches, pauses and closing hours meet within a few days."""
FIRST, LAST = date(2026, 3, 28), date(2026, 4, 20)
EVENTS_WITHIN = 3 * 24 * 60
"""Minutes from the beginning of the horizon in which events fall."""


class CountedOnce(OpenMinutes):
    """The same minutes with running totals, because the stepping asks for them often."""

    @cache  # noqa: B019  three of them, alive as long as the tests
    def _before(self, index: int) -> int:
        return sum(self.is_open[:index])

    def elapsed(self, start: int, end: int) -> int:
        assert start % MINUTE == end % MINUTE == 0
        indices = ((instant - self.start) // MINUTE for instant in (start, end))
        before, after = (self._before(index) for index in indices)
        return (after - before) * MINUTE


@cache
def calendar_and_minutes(name: str) -> tuple[BusinessCalendar, OpenMinutes]:
    calendar = compile_calendar(CALENDARS[name], FIRST, LAST)
    return calendar, CountedOnce(CALENDARS[name], calendar.horizon_start, calendar.horizon_end)


definitions = st.builds(
    ClockDefinition,
    duration=st.sampled_from([20, 60, 240, 600]).map(lambda minutes: minutes * MINUTE),
    limit_inclusive=st.booleans(),
    start=st.sampled_from(StartRule),
    retroactive_pause=st.booleans(),
    reopen=st.sampled_from(ReopenPolicy),
    thresholds=st.sampled_from([(), (50, 75, 100), (50, 150)]),
)
letters = st.one_of(
    st.sampled_from(["msr", "msr", "mpr", "mp", "msp", "mx", "mx", "sr", "p", "x", "msc", "xc", "m", ""]),
    st.sets(st.sampled_from("msxprc")).map("".join),
)
# Few distinct instants, so that events coincide with each other, with the opening, with closing hours and with `now`.
minutes_of_day = st.one_of(st.integers(0, EVENTS_WITHIN), st.integers(0, EVENTS_WITHIN // 60).map(lambda h: 60 * h))


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    opened, *others = (minute * MINUTE for minute in draw(st.lists(minutes_of_day, min_size=1, max_size=10)))
    return opened, [(at, draw(letters)) for at in sorted(others)]


def shifted(ticket: Ticket, start: int) -> Ticket:
    return start + ticket[0], [(start + at, flags) for at, flags in ticket[1]]


def figures_of(clocks: Clocks, log_positions: list[int]) -> list[tuple[int, tuple[object, ...]]]:
    """Per clock its ticket and what `Figures` holds, events counted within their ticket."""
    t = clocks.transitions
    rows = list(zip(t.clock, t.kind, t.at.tolist(), t.event.tolist(), t.percent.tolist(), strict=True))
    computed_kinds = (Kind.THRESHOLD, Kind.BREACH)
    result = []
    for index, ticket in enumerate(clocks.ticket.tolist()):
        own = [row[1:] for row in rows if row[0] == index]
        assert [at for _, at, _, _ in own] == sorted(at for _, at, _, _ in own)
        figures = Figures(
            *(clocks.cycle[index], clocks.status[index], clocks.outcome[index]),
            *(clocks.started_at[index], clocks.stopped_at[index], clocks.elapsed[index], clocks.wall[index]),
            *(clocks.paused[index], clocks.due_at[index], clocks.breached_at[index]),
            events=[
                (kind, at, event - log_positions[ticket]) for kind, at, event, _ in own if kind not in computed_kinds
            ],
            computed=sorted((kind, at, percent) for kind, at, _, percent in own if kind in computed_kinds),
        )
        result.append((ticket, astuple(figures)))
    return result


bounded = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(bounded, max_examples=800)
@given(definitions, st.sampled_from(sorted(CALENDARS)), st.lists(tickets(), min_size=1, max_size=3), minutes_of_day)
def test_every_figure_and_transition_agrees_with_stepping_through_each_ticket(
    definition: ClockDefinition, name: str, drawn: list[Ticket], now_minute: int
) -> None:
    calendar, minutes = calendar_and_minutes(name)
    now = calendar.horizon_start + now_minute * MINUTE
    log = [shifted(ticket, calendar.horizon_start) for ticket in drawn]
    positions = [sum(len(events) for _, events in log[:index]) for index in range(len(log))]
    stepped = OneTicket(definition, minutes)
    expected = [
        (index, astuple(figures))
        for index, (opened, events) in enumerate(log)
        for figures in stepped.clocks(opened, events, now)
    ]
    assert figures_of(compute_clocks(definition, calendar, log_of(*log), now), positions) == expected


@settings(bounded, max_examples=300)
@given(definitions, st.sampled_from(sorted(CALENDARS)), tickets(), st.tuples(minutes_of_day, minutes_of_day))
def test_a_breach_never_disappears_and_never_moves_later_as_time_goes_on(
    definition: ClockDefinition, name: str, drawn: Ticket, two: tuple[int, int]
) -> None:
    calendar, _ = calendar_and_minutes(name)
    # It may move to an earlier instant: when time comes to count that had not (CONTINUOUS, a retroactive start).
    log = log_of(shifted(drawn, calendar.horizon_start))
    early, late = (compute_clocks(definition, calendar, log, calendar.horizon_start + m * MINUTE) for m in sorted(two))
    broken_late = dict(zip(late.cycle.tolist(), late.breached_at.tolist(), strict=True))
    for cycle, breached_at in zip(early.cycle.tolist(), early.breached_at.tolist(), strict=True):
        if breached_at >= 0:
            assert 0 <= broken_late[cycle] <= breached_at


@settings(bounded, max_examples=300)
@given(definitions, st.sampled_from(sorted(CALENDARS)), tickets(), minutes_of_day)
def test_repeating_every_event_changes_nothing(
    definition: ClockDefinition, name: str, drawn: Ticket, now_minute: int
) -> None:
    calendar, _ = calendar_and_minutes(name)
    now = calendar.horizon_start + now_minute * MINUTE
    opened, events = shifted(drawn, calendar.horizon_start)
    once = compute_clocks(definition, calendar, log_of((opened, events)), now)
    twice = compute_clocks(definition, calendar, log_of((opened, [e for e in events for _ in range(2)])), now)
    for column in (
        "cycle",
        "status",
        "outcome",
        "started_at",
        "stopped_at",
        "elapsed",
        "paused",
        "due_at",
        "breached_at",
    ):
        assert getattr(once, column).tolist() == getattr(twice, column).tolist()
    assert once.transitions.at.tolist() == twice.transitions.at.tolist()
