"""What a value is spelt as reads as the same value again."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendars.rules import Closure, Holiday, WeeklyHours
from slm.bundles.definitions import columns
from slm.bundles.definitions.calendars import KINDS, read_hours, spell_hours

LONDON = ZoneInfo("Europe/London")
(CALENDARS,) = KINDS
BLANKS = st.text(" \t\n\u00a0\u2003", max_size=3)
NAMES = st.builds("{}{}{}".format, BLANKS, st.text(min_size=1, max_size=12).filter(str.strip), BLANKS)
"""What the API takes for a name: anything that is not blank, with blanks at its ends."""
CLOCK = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))


@given(st.integers(0, 10**8))
def test_spans(seconds: int) -> None:
    assert columns.read_duration(columns.spell_duration(seconds)) == seconds


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(LONDON)))  # noqa: DTZ001  the bounds
def test_instants(instant: datetime) -> None:
    assert columns.read_instant(columns.spell_instant(instant), LONDON) == instant.astimezone(UTC)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_numbers(number: object) -> None:
    column = columns.decimal("value", "A value.")
    assert column.read(column.spell(number), LONDON) == number


@given(st.lists(st.builds(WeeklyHours, st.integers(1, 7), CLOCK, CLOCK), unique=True, max_size=12))
def test_service_hours(hours: list[WeeklyHours]) -> None:
    assert set(read_hours(spell_hours(hours), LONDON)) == set(hours)


@given(st.dictionaries(st.dates(date(1970, 1, 1), date(2200, 1, 1)), NAMES, min_size=1, max_size=5))
def test_holidays(names: dict[date, str]) -> None:
    column = CALENDARS.column("holidays")
    holidays = tuple(Holiday(day, name) for day, name in sorted(names.items()))
    assert column.read(column.spell(holidays), LONDON) == holidays


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)), NAMES)  # noqa: DTZ001  bounds
def test_closures(begin: datetime, reason: str) -> None:
    column = CALENDARS.column("closures")
    closures = (Closure(begin, begin + timedelta(hours=6), reason),)
    assert column.read(column.spell(closures), LONDON) == closures


def test_a_day_is_its_midnight_in_the_zone_of_the_organisation() -> None:
    assert columns.read_instant("2026-07-01", LONDON) == datetime(2026, 6, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2026-07-01T10:00", "2026-02-30", "01/07/2026", "now", "2026-07", ""])
def test_an_instant_that_leaves_something_open_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="expected a day"):
        columns.read_instant(cell, LONDON)


@pytest.mark.parametrize("cell", ["8", "1d", "8 hours", "h", "-1h", "1.5h"])
def test_a_span_in_other_units_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="expected a span"):
        columns.read_duration(cell)


def test_values_of_a_cell_are_divided_by_line_ends_where_there_are_any() -> None:
    assert columns.divided("a; b;") == ["a", "b"]
    assert columns.divided("a; b\nc") == ["a; b", "c"]
    assert columns.read_day("2026-04-01") == date(2026, 4, 1)
