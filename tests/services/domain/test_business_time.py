"""Business time: the worked examples, the rules at changes of clocks, and what is refused."""

from datetime import date, timedelta

import numpy as np
import pytest

from services.domain.business_time import (
    BeyondHorizon,
    BusinessCalendar,
    CalendarDefinition,
    NoOpenTime,
    Window,
    compile_calendar,
    compile_covering,
)
from tests.services.domain.minutes import local, utc

HOUR = 3600
LONDON = "Europe/London"


def weekly(zone: str, opens: float, closes: float, weekdays: range = range(1, 6)) -> CalendarDefinition:
    return CalendarDefinition(zone, tuple(Window(day, int(opens * HOUR), int(closes * HOUR)) for day in weekdays))


def around_the_clock(zone: str) -> CalendarDefinition:
    return weekly(zone, 0, 24, range(1, 8))


def year(definition: CalendarDefinition, of: int = 2026) -> BusinessCalendar:
    return compile_calendar(definition, date(of, 1, 1), date(of, 12, 31))


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "expected"),
    [
        pytest.param(
            weekly(LONDON, 9, 17), local(LONDON, 2026, 3, 27, 16), 4 * HOUR, utc(2026, 3, 30, 11), id="weekend of DST"
        ),
        pytest.param(
            around_the_clock(LONDON),
            utc(2026, 3, 28, 12),
            24 * HOUR,
            local(LONDON, 2026, 3, 29, 13),
            id="24x7 over DST",
        ),
        pytest.param(
            weekly(LONDON, 9, 17),
            local(LONDON, 2026, 6, 1, 9),
            24 * HOUR,
            local(LONDON, 2026, 6, 3, 17),
            id="three days",
        ),
        *(
            pytest.param(
                weekly("Europe/Paris", 9, 17),
                local("Europe/Paris", 2026, 6, 5, 14),
                hours * HOUR,
                local("Europe/Paris", 2026, 6, 8, at),
                id=f"Paris {hours} h",
            )
            for hours, at in ((4, 10), (6, 12), (8, 14))
        ),
    ],
)
def test_due_is_the_worked_example(calendar: CalendarDefinition, start: int, seconds: int, expected: int) -> None:
    assert year(calendar).due(start, seconds) == expected


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 7), ((2026, 10, 25), 9), ((2026, 6, 14), 8)])
def test_a_night_window_has_the_hours_its_night_has(day: tuple[int, int, int], hours: int) -> None:
    nights = year(weekly(LONDON, 0, 8, range(1, 8)))
    midnight = local(LONDON, *day)
    assert nights.elapsed(midnight, midnight + 20 * HOUR) == hours * HOUR


def test_business_and_wall_clock_elapsed_are_both_known() -> None:
    opened, now = utc(2026, 6, 5, 21), utc(2026, 6, 8, 9, 30)
    business = int(year(weekly("UTC", 8, 17)).elapsed(opened, now))
    wall = int(year(around_the_clock("UTC")).elapsed(opened, now))
    assert (business, wall) == (1.5 * HOUR, 60.5 * HOUR)
    assert (100 * business / (8 * HOUR), 100 * wall / (8 * HOUR)) == (18.75, 756.25)


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        (LONDON, 3, 743),
        ("America/New_York", 3, 743),
        ("UTC", 3, 744),
        (LONDON, 10, 745),
        ("America/New_York", 11, 721),
    ],
)
def test_a_reporting_month_has_the_hours_of_its_zone(zone: str, month: int, hours: int) -> None:
    start, end = local(zone, 2026, month, 1), local(zone, 2026, month + 1, 1)
    elapsed = int(year(around_the_clock(zone)).elapsed(start, end))
    assert elapsed == hours * HOUR
    budget = {743: 44.58, 744: 44.64, 745: 44.70}
    if hours in budget:
        assert round(elapsed / 60 * 0.001, 2) == budget[hours]


@pytest.mark.parametrize("zone", [LONDON, "America/Santiago", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata"])
def test_a_calendar_open_around_the_clock_is_plain_subtraction(zone: str) -> None:
    calendar = compile_calendar(around_the_clock(zone), date(2019, 1, 1), date(2029, 12, 31))
    assert len(calendar.intervals) == 1
    instants = np.arange(calendar.horizon_start, calendar.horizon_end, 7_777_777)
    assert (calendar.elapsed(instants[0], instants) == instants - instants[0]).all()
    assert (calendar.due(instants[:-1], 100) == instants[:-1] + 100).all()


@pytest.mark.parametrize(
    ("opens", "closes", "day", "start", "end"),
    [
        pytest.param(1.5, 5, (2026, 3, 29), (1, 0), (4, 0), id="start skipped: moves forward to the end of the gap"),
        pytest.param(0, 1.5, (2026, 3, 29), (0, 0), (1, 0), id="end skipped: moves forward to the end of the gap"),
        pytest.param(1.5, 5, (2026, 10, 25), (0, 30), (5, 0), id="start doubled: the first occurrence"),
        pytest.param(0, 1.5, (2026, 10, 25), (-1, 0), (1, 30), id="end doubled: the second occurrence"),
        pytest.param(0, 1, (2026, 10, 25), (-1, 0), (0, 0), id="end where the doubled hour begins: before it"),
        pytest.param(2, 5, (2026, 10, 25), (2, 0), (5, 0), id="start where the doubled hour ends: after it"),
    ],
)
def test_skipped_and_doubled_local_times_follow_the_stated_rule(
    opens: float, closes: float, day: tuple[int, int, int], start: tuple[int, int], end: tuple[int, int]
) -> None:
    calendar = compile_calendar(weekly(LONDON, opens, closes, range(7, 8)), date(*day), date(*day))
    midnight = utc(*day)
    expected = [midnight + hour * HOUR + minute * 60 for hour, minute in (start, end)]
    assert calendar.intervals.tolist() == [expected]


def test_hours_that_exist_only_in_the_gap_are_not_open() -> None:
    gap = weekly(LONDON, 1.25, 1.75, range(7, 8))
    assert not len(compile_calendar(gap, date(2026, 3, 29), date(2026, 3, 29)).intervals)


def test_a_holiday_closes_the_hours_of_its_date_and_not_the_night_it_begins() -> None:
    nights = CalendarDefinition(
        "UTC", tuple(Window(d, 22 * HOUR, 30 * HOUR) for d in range(1, 8)), frozenset({date(2026, 6, 3)})
    )
    calendar = compile_calendar(nights, date(2026, 6, 2), date(2026, 6, 4))
    assert calendar.intervals.tolist() == [
        [utc(2026, 6, 2, 0), utc(2026, 6, 2, 6)],
        [utc(2026, 6, 2, 22), utc(2026, 6, 3, 0)],
        [utc(2026, 6, 4, 0), utc(2026, 6, 4, 6)],
        [utc(2026, 6, 4, 22), utc(2026, 6, 5, 0)],
    ]


def test_a_closed_interval_counts_for_nothing_and_due_jumps_over_it() -> None:
    noon = utc(2026, 6, 1, 12)
    calendar = year(CalendarDefinition("UTC", weekly("UTC", 9, 17).windows, closed=((noon, noon + HOUR),)))
    assert calendar.elapsed(utc(2026, 6, 1, 9), utc(2026, 6, 1, 17)) == 7 * HOUR
    assert calendar.due(utc(2026, 6, 1, 11), 2 * HOUR) == utc(2026, 6, 1, 14)


def test_overlapping_and_touching_windows_count_once() -> None:
    windows = (Window(1, 9 * HOUR, 12 * HOUR), Window(1, 11 * HOUR, 13 * HOUR), Window(1, 13 * HOUR, 14 * HOUR))
    calendar = compile_calendar(CalendarDefinition("UTC", windows), date(2026, 6, 1), date(2026, 6, 1))
    assert calendar.intervals.tolist() == [[utc(2026, 6, 1, 9), utc(2026, 6, 1, 14)]]


def test_due_of_no_time_is_the_start_even_when_closed() -> None:
    saturday = utc(2026, 6, 6, 12)
    assert year(weekly("UTC", 9, 17)).due(saturday, 0) == saturday


def test_due_at_closing_time_is_that_evening_and_not_the_next_morning() -> None:
    assert year(weekly("UTC", 9, 17)).due(utc(2026, 6, 1, 9), 8 * HOUR) == utc(2026, 6, 1, 17)


def test_elapsed_is_negative_backwards() -> None:
    calendar = year(weekly("UTC", 9, 17))
    assert calendar.elapsed(utc(2026, 6, 1, 12), utc(2026, 6, 1, 10)) == -2 * HOUR


def test_shapes_are_kept_and_both_ends_of_the_horizon_answer() -> None:
    calendar = year(weekly("UTC", 9, 17))
    ends = np.array([[calendar.horizon_start], [calendar.horizon_end]])
    assert calendar.work_at(ends).tolist() == [[0], [calendar.open_seconds]]
    assert calendar.work_at(calendar.horizon_start).shape == ()


@pytest.mark.parametrize("outside", [utc(2025, 12, 31, 23, 59), utc(2027, 1, 1, 0, 1), -(10**15), 10**15])
def test_an_instant_outside_the_horizon_is_refused(outside: int) -> None:
    with pytest.raises(BeyondHorizon, match=r"outside the calendar's horizon, 2026-01-01T00:00:00Z to 2027-01-01"):
        year(weekly("UTC", 9, 17)).work_at([utc(2026, 6, 1), outside])


def test_a_span_that_does_not_fit_into_the_horizon_is_refused() -> None:
    with pytest.raises(BeyondHorizon, match="36000 s of business time from 2026-12-31T09:00:00Z"):
        year(weekly("UTC", 9, 17)).due(utc(2026, 12, 31, 9), 10 * HOUR)


def test_a_calendar_that_never_opens_has_no_due() -> None:
    never = compile_calendar(CalendarDefinition("UTC", ()), date(2026, 1, 1), date(2026, 12, 31))
    assert never.elapsed(utc(2026, 1, 1), utc(2026, 6, 1)) == 0
    with pytest.raises(NoOpenTime):
        never.due(utc(2026, 6, 1), 1)


def test_a_negative_span_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative, got -5 s"):
        year(weekly("UTC", 9, 17)).due(utc(2026, 6, 1), -5)


@pytest.mark.parametrize("seconds", [0, 1, 8 * HOUR, 3000 * HOUR])
def test_a_covering_calendar_has_room_for_the_span(seconds: int) -> None:
    start = utc(2026, 6, 6, 12)
    calendar = compile_covering(weekly("UTC", 9, 17), utc(2024, 1, 1), start, seconds)
    assert calendar.elapsed(start, calendar.due(start, seconds)) == seconds


def test_covering_looks_past_a_long_closure() -> None:
    start = utc(2026, 6, 1, 9)
    reopening = utc(2030, 6, 3, 9)
    closed = CalendarDefinition("UTC", weekly("UTC", 9, 17).windows, closed=((start, reopening),))
    assert compile_covering(closed, start, start, HOUR).due(start, HOUR) == reopening + HOUR


@pytest.mark.parametrize(
    "never_open",
    [
        CalendarDefinition("UTC", ()),
        CalendarDefinition("UTC", weekly("UTC", 9, 17).windows, closed=((0, 10**11),)),
    ],
)
def test_covering_says_when_a_calendar_never_opens(never_open: CalendarDefinition) -> None:
    with pytest.raises(NoOpenTime):
        compile_covering(never_open, utc(2026, 6, 1), utc(2026, 6, 1), 1)


def test_covering_says_when_a_span_is_longer_than_it_looks_ahead() -> None:
    with pytest.raises(BeyondHorizon):
        compile_covering(weekly("UTC", 9, 10, range(1, 2)), utc(2026, 6, 1), utc(2026, 6, 1), 10**9)


@pytest.mark.parametrize(
    ("weekday", "opens", "closes", "message"),
    [
        (0, 0, 60, "weekday: expected 1"),
        (8, 0, 60, "weekday: expected 1"),
        (1, -1, 60, "opens: expected"),
        (1, 86_400, 86_460, "opens: expected"),
        (1, 60, 60, "closes: expected more than opens"),
        (1, 60, 86_461, "at most 86460, got 86461"),
    ],
)
def test_an_impossible_window_is_refused(weekday: int, opens: int, closes: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Window(weekday, opens, closes)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time_zone: expected an IANA zone name"):
        CalendarDefinition(name, ())


def test_an_empty_closed_interval_is_refused() -> None:
    with pytest.raises(ValueError, match=r"closed\.1: expected an end after its start"):
        CalendarDefinition("UTC", (), closed=((1, 2), (5, 5)))


def test_a_horizon_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="first <= last"):
        compile_calendar(weekly("UTC", 9, 17), date(2026, 1, 2), date(2026, 1, 2) - timedelta(days=1))
