"""Which occurrences a rhythm asks for, and when a reported figure contradicts the records."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.vocabulary import Outcome
from services.governance.rules import (
    USUAL_TOLERANCE_DAYS,
    Occurrence,
    Rhythm,
    expected_occurrences,
    figure_contradicts,
    occurrence_day,
)

SINCE, AS_OF = datetime(2025, 7, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def expected(
    rhythm: Rhythm,
    *,
    starts_on: date = date(2020, 1, 1),
    ends_on: date | None = None,
    tolerance_days: int = 0,
    holidays: frozenset[date] = frozenset(),
    since: datetime = SINCE,
    as_of: datetime = AS_OF,
    time_zone: str = "UTC",
) -> list[Occurrence]:
    return expected_occurrences(
        rhythm, starts_on=starts_on, ends_on=ends_on, time_zone=time_zone, tolerance_days=tolerance_days,
        holidays=holidays, since=since, as_of=as_of,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rhythm", "count", "first", "last"),
    [
        (Rhythm.DAILY, 261, date(2025, 7, 1), date(2026, 6, 30)),
        (Rhythm.WEEKLY, 51, date(2025, 7, 7), date(2026, 6, 22)),
        (Rhythm.MONTHLY, 12, date(2025, 7, 1), date(2026, 6, 1)),
        (Rhythm.QUARTERLY, 4, date(2025, 7, 1), date(2026, 4, 1)),
    ],
)
def test_a_year_asks_for_every_whole_period_in_it(rhythm: Rhythm, count: int, first: date, last: date) -> None:
    found = expected(rhythm)
    assert (len(found), found[0].first_day, found[-1].first_day) == (count, first, last)


def test_weekends_and_holidays_are_no_working_days() -> None:
    week = {"since": datetime(2026, 6, 1, tzinfo=UTC), "as_of": datetime(2026, 6, 8, tzinfo=UTC)}
    days = expected(Rhythm.DAILY, holidays=frozenset({date(2026, 6, 3)}), **week)  # type: ignore[arg-type]
    assert [each.first_day.day for each in days] == [1, 2, 4, 5]


def test_an_occurrence_is_asked_for_only_once_its_tolerance_has_passed() -> None:
    late = datetime(2026, 7, 6, tzinfo=UTC)
    before = expected(Rhythm.MONTHLY, tolerance_days=5, as_of=late - timedelta(seconds=1))
    after = expected(Rhythm.MONTHLY, tolerance_days=5, as_of=late)
    assert (len(before), len(after)) == (11, 12)
    assert after[-1] == Occurrence(date(2026, 6, 1), date(2026, 7, 1), late)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "months"),
    [
        (date(2026, 1, 1), None, [1, 2, 3, 4, 5, 6]),
        (date(2026, 1, 2), None, [2, 3, 4, 5, 6]),
        (date(2026, 1, 1), date(2026, 4, 1), [1, 2, 3]),
        (date(2026, 1, 1), date(2026, 3, 31), [1, 2]),
        (date(2026, 8, 1), None, []),
    ],
)
def test_only_whole_periods_between_start_and_end_are_asked_for(
    starts_on: date, ends_on: date | None, months: list[int]
) -> None:
    found = expected(Rhythm.MONTHLY, starts_on=starts_on, ends_on=ends_on)
    assert [each.first_day.month for each in found] == months


def test_a_day_ends_at_the_local_midnight_of_its_zone() -> None:
    day = {"since": datetime(2026, 6, 1, 4, tzinfo=UTC), "as_of": datetime(2026, 6, 2, 4, tzinfo=UTC)}
    (found,) = expected(Rhythm.DAILY, time_zone="America/New_York", **day)  # type: ignore[arg-type]
    assert (found.first_day, found.late_from) == (date(2026, 6, 1), datetime(2026, 6, 2, 4, tzinfo=UTC))


@given(
    st.sampled_from(Rhythm),
    st.dates(date(2024, 1, 1), date(2026, 6, 1)),
    st.integers(0, 40),
    st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"]),
)
def test_occurrences_follow_each_other_without_overlap_and_are_found_from_any_of_their_days(
    rhythm: Rhythm, starts_on: date, tolerance_days: int, time_zone: str
) -> None:
    found = expected(rhythm, starts_on=starts_on, tolerance_days=tolerance_days, time_zone=time_zone)
    for earlier, later in pairwise(found):
        assert earlier.until <= later.first_day
    for each in found:
        days = [each.first_day + timedelta(days=n) for n in range((each.until - each.first_day).days)]
        assert {occurrence_day(rhythm, day) for day in days} == {each.first_day}
        assert each.first_day >= starts_on
        assert each.late_from <= AS_OF
        local = each.late_from.astimezone(ZoneInfo(time_zone))
        assert local.date() == each.until + timedelta(days=tolerance_days)


def test_every_rhythm_has_a_usual_tolerance() -> None:
    assert set(USUAL_TOLERANCE_DAYS) == set(Rhythm)


@pytest.mark.capability("B5", partly=True)
@pytest.mark.parametrize(
    ("reported", "percent", "recomputed", "recomputed_percent", "adjusted", "contradicts"),
    [
        (Outcome.MET, "97", Outcome.MET, "97", False, False),
        (Outcome.MET, "97.1", Outcome.MET, "97", False, False),
        (Outcome.MET, "97.100001", Outcome.MET, "97", False, True),
        (Outcome.MET, "96.9", Outcome.MET, "97", False, False),
        (Outcome.MET, "96.899999", Outcome.MET, "97", False, True),
        (Outcome.MET, None, Outcome.MET, "97", False, None),
        (Outcome.MET, "97", Outcome.MET, None, False, None),
        (Outcome.MET, "97", Outcome.MISSED, "92", False, True),
        (Outcome.MET, None, Outcome.MISSED, "92", False, True),
        (Outcome.MET, "97", Outcome.MISSED, "92", True, False),
        (Outcome.MET, "97", Outcome.NO_DATA, None, False, True),
        (Outcome.NO_DATA, None, Outcome.NO_DATA, None, False, False),
        (Outcome.MET, "97", Outcome.CANNOT_TELL, None, False, None),
        (Outcome.MET, "97", Outcome.PENDING, "97", False, None),
        (Outcome.MET, "97", None, None, False, None),
    ],
)
def test_a_report_contradicts_the_records_by_outcome_or_by_more_than_a_tenth_of_a_point(
    reported: Outcome,
    percent: str | None,
    recomputed: Outcome | None,
    recomputed_percent: str | None,
    adjusted: bool,
    contradicts: bool | None,
) -> None:
    found = figure_contradicts(
        reported=reported,
        reported_percent=None if percent is None else Decimal(percent),
        recomputed=recomputed,
        recomputed_percent=None if recomputed_percent is None else Decimal(recomputed_percent),
        is_adjusted=adjusted,
    )
    assert found is contradicts
