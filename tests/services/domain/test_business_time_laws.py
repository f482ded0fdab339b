"""The laws of business time on random calendars, against minutes counted one by one."""

import itertools
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.business_time import (
    BeyondHorizon,
    BusinessCalendar,
    CalendarDefinition,
    NoOpenTime,
    Window,
    compile_calendar,
)
from tests.services.domain.minutes import MINUTE, OpenMinutes

DAY = 86_400
DAYS = 8

ZONES_AND_DAYS = [
    (zone, date.fromisoformat(day))
    for zone, days in {
        "Europe/London": ("2026-03-29", "2026-10-25"),
        "America/New_York": ("2026-03-08", "2026-11-01"),
        "Australia/Sydney": ("2026-04-05", "2026-10-04"),
        "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
        "America/Santiago": ("2026-04-05", "2026-09-06"),
        "America/Havana": ("2026-03-08", "2026-11-01"),
        "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
        "Asia/Kolkata": ("2026-01-01",),
        "Asia/Kathmandu": ("2026-06-15",),
        "Pacific/Chatham": ("2026-04-05", "2026-09-27"),
    }.items()
    for day in days
]


@st.composite
def calendars(draw: st.DrawFn) -> tuple[CalendarDefinition, date]:
    """A calendar and the first of the days to look at; boundaries on minutes, or on half hours so that a table fits."""
    zone, change = draw(st.sampled_from(ZONES_AND_DAYS))
    first = change - timedelta(days=draw(st.integers(1, DAYS - 2)))
    unit = draw(st.sampled_from([1, 30])) * MINUTE
    weekdays = draw(st.sets(st.integers(1, 7)))
    shifts = draw(
        st.lists(st.tuples(st.integers(0, DAY // unit - 1), st.integers(1, DAY // unit)), min_size=1, max_size=3)
    )
    windows = tuple(
        Window(weekday, opens * unit, (opens + length) * unit)
        for weekday in sorted(weekdays)
        for opens, length in shifts
    )
    holidays = draw(st.frozensets(st.integers(0, DAYS - 1).map(lambda day: first + timedelta(days=day)), max_size=2))
    midnight = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    interval = st.tuples(st.integers(0, DAYS * DAY // unit), st.integers(1, DAY // unit))
    closed = tuple(
        (midnight + start * unit, midnight + (start + length) * unit)
        for start, length in draw(st.lists(interval, max_size=2))
    )
    return CalendarDefinition(zone, windows, holidays, closed), first


def compiled(definition: CalendarDefinition, first: date) -> BusinessCalendar:
    return compile_calendar(definition, first, first + timedelta(days=DAYS - 1))


def counted(definition: CalendarDefinition, calendar: BusinessCalendar) -> OpenMinutes:
    return OpenMinutes(definition, calendar.horizon_start - 2 * DAY, calendar.horizon_end + 2 * DAY)


def instants_within(calendar: BusinessCalendar, fractions: list[float]) -> np.ndarray:
    span = calendar.horizon_end - calendar.horizon_start
    return calendar.horizon_start + np.array([int(fraction * span) for fraction in fractions], np.int64)


fractions = st.lists(st.floats(0, 1), min_size=3, max_size=8)
bounded = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(bounded, max_examples=120)
@given(calendars(), fractions, st.integers(1, 3 * DAY))
def test_elapsed_and_due_agree_with_minutes_counted_one_by_one(
    drawn: tuple[CalendarDefinition, date], where: list[float], seconds: int
) -> None:
    calendar, oracle = compiled(*drawn), counted(drawn[0], compiled(*drawn))
    instants = np.sort(instants_within(calendar, where))
    elapsed = calendar.elapsed(instants[:-1], instants[1:])
    assert elapsed.tolist() == [oracle.elapsed(int(a), int(b)) for a, b in itertools.pairwise(instants)]
    for start in instants[:3].tolist():
        expected = oracle.due(start, seconds)
        if expected is not None and expected <= calendar.horizon_end:
            assert calendar.due(start, seconds) == expected


@settings(bounded, max_examples=400)
@given(calendars(), fractions)
def test_elapsed_is_additive(drawn: tuple[CalendarDefinition, date], where: list[float]) -> None:
    calendar = compiled(*drawn)
    a, b, c = instants_within(calendar, where)[:3]
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)


@settings(bounded, max_examples=400)
@given(calendars(), fractions, st.lists(st.integers(0, 2 * DAY), min_size=2, max_size=2))
def test_due_uses_up_exactly_its_span_no_later_than_needed_and_grows_with_it(
    drawn: tuple[CalendarDefinition, date], where: list[float], spans: list[int]
) -> None:
    calendar = compiled(*drawn)
    starts = instants_within(calendar, where)
    longer = max(spans)
    starts = starts[calendar.open_seconds - calendar.work_at(starts) >= longer] if calendar.open_seconds else starts[:0]
    due = {seconds: calendar.due(starts, seconds) for seconds in spans}
    for seconds, instants in due.items():
        assert (calendar.elapsed(starts, instants) == seconds).all()
        if seconds:
            assert (calendar.elapsed(starts, instants - 1) == seconds - 1).all()
    assert (due[min(spans)] <= due[longer]).all()


@settings(bounded, max_examples=200)
@given(calendars(), fractions)
def test_the_table_and_the_search_give_the_same(drawn: tuple[CalendarDefinition, date], where: list[float]) -> None:
    calendar = compiled(*drawn)
    instants = np.append(instants_within(calendar, where), calendar.intervals.ravel())
    assert calendar.work_at(instants).tolist() == calendar._work_by_search(instants).tolist()


@settings(bounded, max_examples=200)
@given(calendars(), fractions, st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_totals_of_groups_are_the_sums_of_their_spans(
    drawn: tuple[CalendarDefinition, date], where: list[float], sizes: list[int]
) -> None:
    calendar = compiled(*drawn)
    first = np.concatenate(([0], np.cumsum(sizes)))
    instants = np.resize(instants_within(calendar, where), 2 * first[-1])
    starts, ends = np.minimum(instants[::2], instants[1::2]), np.maximum(instants[::2], instants[1::2])
    each = calendar.elapsed(starts, ends)
    expected = [int(each[a:b].sum()) for a, b in itertools.pairwise(first)]
    assert calendar.elapsed_totals(starts, ends, first).tolist() == expected


@settings(bounded, max_examples=100)
@given(calendars(), st.integers(1, 30 * DAY))
def test_due_fits_into_the_horizon_or_says_that_it_does_not(
    drawn: tuple[CalendarDefinition, date], seconds: int
) -> None:
    calendar = compiled(*drawn)
    try:
        due = int(calendar.due(calendar.horizon_start, seconds))
    except (BeyondHorizon, NoOpenTime):
        assert calendar.open_seconds < seconds
    else:
        assert calendar.horizon_start < due <= calendar.horizon_end
