"""Times of day, weekly hours and what else a calendar version may say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendars.rules import (
    MOST_CLOSURES,
    MOST_HOLIDAYS,
    MOST_WINDOWS,
    MOST_YEARS,
    Closure,
    Holiday,
    PublicHolidays,
    VersionDefinition,
    WeeklyHours,
    check_definition,
    format_time_of_day,
    parse_time_of_day,
    windows_of,
)
from services.domain.business_time import Window
from services.domain.inputs import Problems
from tests.factories.definitions import OFFICE_HOURS
from tests.factories.organisations import NOW
from tests.factories.refusals import refused_fields


@pytest.mark.parametrize(("text", "seconds"), [("00:00", 0), ("09:30", 34_200), ("23:59", 86_340), ("24:00", 86_400)])
def test_a_time_of_day_is_seconds_from_midnight(text: str, seconds: int) -> None:
    assert parse_time_of_day(text) == seconds
    assert format_time_of_day(seconds) == text


@pytest.mark.parametrize("text", ["", "9:00", "24:01", "25:00", "09:60", "09:00:00", "09-00", "٠٩:٠٠", "09:00\n"])
def test_anything_else_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        parse_time_of_day(text)


def windows(*hours: WeeklyHours) -> list[Window]:
    problems = Problems()
    found = windows_of(hours, problems.under("windows"))
    problems.refuse("refused")
    return found


def test_hours_that_close_before_they_open_close_on_the_next_day() -> None:
    assert windows(WeeklyHours(7, "22:00", "06:00")) == [Window(7, 79_200, 108_000)]


def test_hours_may_touch() -> None:
    assert len(windows(WeeklyHours(1, "08:00", "12:00"), WeeklyHours(1, "12:00", "24:00"))) == 2


@given(
    st.integers(1, 7),
    st.integers(0, 1439).map(lambda minutes: minutes * 60),
    st.integers(1, 1439).map(lambda minutes: minutes * 60),
)
def test_written_hours_read_back_as_the_same_window(weekday: int, opens: int, length: int) -> None:
    window = Window(weekday, opens, opens + length)
    written = WeeklyHours(weekday, format_time_of_day(window.opens), format_time_of_day(window.closes))
    assert windows(written) == [window]


@pytest.mark.parametrize(
    ("hours", "fields"),
    [
        ([], ["windows"]),
        ([WeeklyHours(0, "09:00", "17:00")], ["windows.0.weekday"]),
        ([WeeklyHours(8, "9", "17h")], ["windows.0.weekday", "windows.0.opens", "windows.0.closes"]),
        ([WeeklyHours(1, "24:00", "06:00")], ["windows.0.opens"]),
        ([WeeklyHours(1, "09:00", "09:00")], ["windows.0.closes"]),
        ([WeeklyHours(1, "09:00", "17:00"), WeeklyHours(1, "09:00", "17:00")], ["windows.1"]),
        ([WeeklyHours(1, "12:00", "13:00"), WeeklyHours(1, "09:00", "12:01")], ["windows.0"]),
        ([WeeklyHours(1, "00:00", "24:00"), WeeklyHours(1, "01:00", "02:00"), WeeklyHours(1, "03:00", "04:00")],
         ["windows.1", "windows.2"]),
        ([WeeklyHours(1, "22:00", "06:00"), WeeklyHours(2, "05:00", "17:00")], ["windows.1"]),
        ([WeeklyHours(1, "05:00", "17:00"), WeeklyHours(7, "22:00", "06:00")], ["windows.0"]),
        ([WeeklyHours(1, "09:00", "17:00")] * (MOST_WINDOWS + 1), ["windows"]),
    ],
)  # fmt: skip
def test_hours_are_refused_by_position(hours: list[WeeklyHours], fields: list[str]) -> None:
    with refused_fields(*fields):
        windows(*hours)


def refuse(definition: VersionDefinition) -> None:
    problems = Problems()
    check_definition(definition, problems)
    problems.refuse("refused")


def test_an_ordinary_definition_is_accepted() -> None:
    refuse(OFFICE_HOURS)


DAYS = [Holiday(date(1990, 1, 1) + timedelta(days), "Closed") for days in range(MOST_HOLIDAYS + 1)]
HOUR = timedelta(hours=1)
CLOSURE = Closure(NOW, NOW + HOUR, "Moving house")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"time_zone": "Mars"}, ["time_zone"]),
        ({"holidays": [DAYS[0], DAYS[0]]}, ["holidays.1.date"]),
        ({"holidays": [Holiday(date(2026, 1, 1), "")]}, ["holidays.0.name"]),
        ({"holidays": DAYS}, ["holidays"]),
        ({"closures": [replace(CLOSURE, reason="", ends_at=NOW)]}, ["closures.0.reason", "closures.0.ends_at"]),
        ({"closures": [CLOSURE, CLOSURE]}, ["closures.1.starts_at"]),
        ({"closures": [replace(CLOSURE, starts_at=NOW.replace(tzinfo=None))]}, ["closures.0.starts_at"]),
        ({"closures": [CLOSURE] * (MOST_CLOSURES + 1)}, ["closures"]),
        ({"public_holidays": PublicHolidays("DE", None, [])}, ["public_holidays.years"]),
        ({"public_holidays": PublicHolidays("DE", None, [1969, 2101])},
         ["public_holidays.years.0", "public_holidays.years.1"]),
        ({"public_holidays": PublicHolidays("DE", None, [2026] * (MOST_YEARS + 1))}, ["public_holidays.years"]),
        ({"time_zone": "", "windows": []}, ["time_zone", "windows"]),
    ],
)  # fmt: skip
def test_every_problem_of_a_definition_names_its_field(changes: dict[str, object], fields: list[str]) -> None:
    with refused_fields(*fields):
        refuse(replace(OFFICE_HOURS, **changes))  # type: ignore[arg-type]
