from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.rules import DailyFlow, closing_stalls

MONDAY = date(2026, 6, 1)
RESOLVED = [300, 310, 290, 305, 300, 30, 20] * 8
"""Eight weeks with quiet weekends."""


def flow(closed: list[int], resolved: list[int] = RESOLVED) -> DailyFlow:
    counts = np.array(resolved[: len(closed)])
    return DailyFlow(MONDAY, opened=counts, resolved=counts, closed=np.array(closed))


def with_stall(first: int, days: int, caught_up: int = 3_000) -> list[int]:
    closed = list(RESOLVED)
    closed[first : first + days] = [5] * days
    if first + days < len(closed):
        closed[first + days] = caught_up
    return closed


def test_a_fortnight_without_closings_is_a_stall_from_its_first_to_its_last_day() -> None:
    (stall,) = closing_stalls(flow(with_stall(17, 14)))
    assert (stall.first_day, stall.last_day, stall.days) == (date(2026, 6, 18), date(2026, 7, 1), 14)
    assert (stall.closed, stall.closed_on_day_after) == (14 * 5, 3_000)
    assert stall.resolved == sum(RESOLVED[17:31])


@pytest.mark.parametrize(
    ("closed", "resolved", "why"),
    [
        (list(RESOLVED), RESOLVED, "closing keeps up with resolving"),
        (with_stall(17, 6), RESOLVED, "six days are less than a week"),
        ([300, 300, 300, 5, 5, 600, 500] * 8, RESOLVED, "closing rests on the same weekdays every week"),
        (
            with_stall(14, 14),
            RESOLVED[:14] + [10] * 14 + RESOLVED[28:],
            "nothing was resolved either: a quiet fortnight",
        ),
        ([n // 100 for n in with_stall(17, 14)], [n // 100 for n in RESOLVED], "too few tickets to tell"),
        ([], [], "no days at all"),
    ],
)
def test_no_stall_is_found_when(closed: list[int], resolved: list[int], why: str) -> None:
    assert closing_stalls(flow(closed, resolved)) == [], why


def test_a_stall_that_still_lasts_is_found_from_the_days_known_so_far() -> None:
    (stall,) = closing_stalls(flow(with_stall(17, 14)[:29]))
    assert (stall.first_day, stall.days, stall.closed_on_day_after) == (date(2026, 6, 18), 12, 0)


@given(first=st.integers(10, 30), days=st.integers(7, 20), scale=st.integers(1, 50))
def test_a_planted_stall_is_found_at_every_place_length_and_volume(first: int, days: int, scale: int) -> None:
    closed = [count * scale for count in with_stall(first, days)]
    (stall,) = closing_stalls(flow(closed, [count * scale for count in RESOLVED]))
    assert stall.first_day.toordinal() - MONDAY.toordinal() <= first
    assert stall.last_day.toordinal() - MONDAY.toordinal() == first + days - 1
