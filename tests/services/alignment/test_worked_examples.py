"""The worked examples about hours, windows and shares: methods E.2, E.4 and semantics D.4, D.5, exact.

The design counts with a month that is a twelfth of a year. Judgements count with real months, the worst of which is
February, so each figure stands beside what it comes to on the calendar.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from services.agreements.rules import AgreementKind
from services.alignment.facts import CalendarFact
from services.alignment.hours import Hours
from services.alignment.judging import judge
from services.domain.business_time import CalendarDefinition, Window
from services.domain.instants import to_epoch
from services.domain.vocabulary import PeriodKind
from tests.services.alignment.landscapes import EIGHT_TO_SIX, OFFICE, available, component, judged, landscape, timed

SLA = AgreementKind.SLA
HOUR = 3600
WEEKDAYS = UUID(int=60)
NINE_TO_FIVE = CalendarDefinition(
    "UTC", tuple(Window(day, 9 * HOUR, 17 * HOUR) for day in range(1, 6)), frozenset()
)  # fmt: skip
CALENDARS = {WEEKDAYS: CalendarFact(UUID(int=61), NINE_TO_FIVE), OFFICE: CalendarFact(UUID(int=62), EIGHT_TO_SIX)}
PART = [component("a")]


@pytest.mark.parametrize(
    ("promised", "theirs", "ours", "by_the_design", "windows", "longest_days", "shortest_days"),
    [
        ("99.9", PeriodKind.YEAR, PeriodKind.MONTH, "0.988", 12, 365, 28),
        ("99.9", PeriodKind.QUARTER, PeriodKind.MONTH, "0.997", 3, 90, 28),
        ("99.95", PeriodKind.YEAR, PeriodKind.MONTH, "0.994", 12, 365, 28),
    ],
)
def test_a_long_window_guarantees_little_in_a_short_one(
    promised: str, theirs: PeriodKind, ours: PeriodKind, by_the_design: str, windows: int, longest_days: int,
    shortest_days: int,
) -> None:  # fmt: skip
    lost = 1 - Fraction(promised) / 100
    assert 1 - windows * lost == Fraction(by_the_design)
    found = judged(available("sla", "90", SLA, period=ours), PART, {"a": available("a", promised, period=theirs)})
    assert found.guaranteed == 1 - lost * Fraction(longest_days, shortest_days)


def test_a_window_that_lies_across_two_of_theirs_meets_the_allowances_of_both() -> None:
    ours = available("sla", "90", SLA, period=None, rolling_days=28)
    found = judged(ours, PART, {"a": available("a", "99.9")})
    assert found.guaranteed == 1 - Fraction(31 + 31, 28) / 1000


@pytest.mark.parametrize(("share", "guaranteed"), [("1", 95), ("1/10", 50), ("1/20", 0), ("1/40", 0)])
def test_misses_among_all_customers_may_all_be_ours(share: str, guaranteed: int) -> None:
    theirs = timed("a", (95, HOUR), agreement={"population_share": Fraction(share)})
    found = judged(timed("sla", (99, HOUR), kind=SLA), PART, {"a": theirs}, [["a"]])
    assert found.guaranteed == Fraction(guaranteed, 100)


def test_maintenance_that_they_leave_out_and_we_count_is_lost_to_us() -> None:
    by_the_design = Fraction("0.999") - Fraction(8, 730)
    assert round(100 * by_the_design, 1) == Fraction("98.8")
    theirs = available("a", "99.9", maintenance_excluded=True, maintenance_seconds=8 * HOUR)
    found = judged(available("sla", "90", SLA), PART, {"a": theirs})
    assert found.guaranteed == Fraction("0.999") - Fraction(8, 28 * 24)


def test_eight_hours_on_five_days_guarantee_less_than_a_quarter_of_the_clock() -> None:
    promise = available("sla", "90", SLA, period=PeriodKind.WEEK)
    theirs = available("a", "99.9", period=PeriodKind.WEEK, calendar_id=WEEKDAYS)
    found = replace(landscape(promise, PART, {"a": theirs}), calendars=CALENDARS)
    guaranteed = judge(promise, found, Hours(2026, CALENDARS)).guaranteed
    assert guaranteed == Fraction(40, 168) * Fraction("0.999")
    assert round(100 * guaranteed, 1) == Fraction("23.8")


def test_a_week_of_office_hours_leaves_one_hundred_and_eighteen_hours_uncovered() -> None:
    shares = Hours(2026, CALENDARS).shares((None, PeriodKind.WEEK, None), (OFFICE, PeriodKind.WEEK, None))
    usual = min(each.uncovered for each in shares)
    assert usual == Fraction(118, 168)
    assert round(100 * usual, 2) == Fraction("70.24")
    # In the week of Christmas Day ten hours more.
    assert max(each.uncovered for each in shares) == Fraction(128, 168)


@pytest.mark.parametrize(
    ("opened", "hops", "done"),
    [
        # Four business hours, opened on a Friday: methods E.4.
        ("2026-06-05T13:01", [[(WEEKDAYS, 4 * HOUR)]], "2026-06-08T09:01"),
        ("2026-06-05T20:00", [[(WEEKDAYS, 4 * HOUR)]], "2026-06-08T13:00"),
        # Triage around the clock, then a vendor in office hours: semantics D.4.
        ("2026-06-05T18:00", [[(None, HOUR // 2)], [(OFFICE, 4 * HOUR)]], "2026-06-08T12:00"),
        # In parallel the later one counts.
        ("2026-06-05T18:00", [[(None, HOUR // 2), (OFFICE, 4 * HOUR)]], "2026-06-08T12:00"),
    ],
)
def test_hops_are_done_each_by_its_own_calendar(opened: str, hops: Any, done: str) -> None:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opened, done))
    taken = Hours(2026, CALENDARS).replay(None, hops, to_epoch(start))
    assert timedelta(seconds=taken) == end - start


def test_four_business_hours_are_at_most_sixty_eight_of_the_clock() -> None:
    longest, _ = Hours(2026, CALENDARS).longest(None, [[(WEEKDAYS, 4 * HOUR)]])
    assert longest == 68 * HOUR
