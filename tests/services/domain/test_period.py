from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.period import first_day, following_day, period_around, periods_between
from services.domain.vocabulary import PeriodKind

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("zone", "year", "month", "hours"),
    [
        ("Europe/London", 2026, 3, 743),
        ("America/New_York", 2026, 3, 743),
        ("UTC", 2026, 3, 744),
        ("Europe/London", 2026, 10, 745),
        ("America/New_York", 2026, 11, 721),
    ],
)
def test_a_month_has_the_hours_it_had_in_its_zone(zone: str, year: int, month: int, hours: int) -> None:
    period = period_around(PeriodKind.MONTH, datetime(year, month, 15, tzinfo=UTC), ZoneInfo(zone))
    assert (period.end - period.start).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("kind", "day", "first", "following"),
    [
        (PeriodKind.WEEK, date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 5)),
        (PeriodKind.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        (PeriodKind.QUARTER, date(2026, 5, 31), date(2026, 4, 1), date(2026, 7, 1)),
        (PeriodKind.QUARTER, date(2026, 12, 1), date(2026, 10, 1), date(2027, 1, 1)),
        (PeriodKind.YEAR, date(2026, 5, 31), date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_periods_begin_where_the_calendar_says(kind: PeriodKind, day: date, first: date, following: date) -> None:
    assert first_day(kind, day) == first
    assert following_day(kind, first) == following


@given(
    kind=st.sampled_from(PeriodKind),
    zone=st.sampled_from(["UTC", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]),
    start=st.integers(946_684_800, 2_524_608_000).map(lambda epoch: datetime.fromtimestamp(epoch, UTC)),
    days=st.integers(1, 800),
)
def test_periods_follow_each_other_without_gap_and_cover_the_span(
    kind: PeriodKind, zone: str, start: datetime, days: int
) -> None:
    end = datetime.fromtimestamp(start.timestamp() + days * 86_400, UTC)
    periods = list(periods_between(kind, start, end, ZoneInfo(zone)))
    assert periods[0].start <= start
    assert periods[-1].end >= end
    assert start in periods[0]
    for before, after in pairwise(periods):
        assert before.end == after.start


def test_an_instant_on_the_boundary_belongs_to_the_later_period() -> None:
    midnight = datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert period_around(PeriodKind.MONTH, midnight, LONDON).start == midnight
