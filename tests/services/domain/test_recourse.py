"""Credits owed against credits that come back."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.domain.recourse import Outcomes, Recourse, Schedule, Step, recourse

D = Decimal


def schedule(*steps: tuple[str, str, int], cap: int | None = None) -> Schedule:
    return Schedule(
        [Step(D(lower), D(upper), D(amount)) for lower, upper, amount in steps], None if cap is None else D(cap)
    )


OURS = schedule(("0", "98", 25_000), ("98", "99", 10_000), ("99", "99.5", 5_000))
"""99.5 % with 5, 10 and 25 % of 100,000: methods E.6."""
THEIRS = schedule(("0", "99", 2_000))
"""99 % with 10 % of 20,000."""


def test_between_two_objectives_we_owe_and_nothing_comes_back() -> None:
    found = recourse(OURS, [THEIRS])
    assert found.dead_bands == (Outcomes(D(99), D("99.5"), D(5_000), D(0)),)
    assert found.worst == Outcomes(D(0), D(98), D(25_000), D(2_000))
    assert found.worst.gap == 23_000


def test_credits_that_follow_ours_leave_nothing_with_us() -> None:
    found = recourse(OURS, [OURS])
    assert found.dead_bands == ()
    assert found.worst is None


def test_a_cap_limits_what_comes_back_and_what_we_owe() -> None:
    capped = schedule(("0", "98", 25_000), ("98", "99", 10_000), ("99", "99.5", 5_000), cap=8_000)
    worst = recourse(OURS, [capped]).worst
    assert worst is not None
    assert worst.gap == 17_000
    assert recourse(capped, [OURS]).worst is None


def test_without_anybody_below_all_of_it_is_one_dead_band() -> None:
    assert recourse(OURS, []).dead_bands == (Outcomes(D(0), D("99.5"), D(25_000), D(0)),)


def test_who_owes_nothing_needs_no_recourse() -> None:
    assert recourse(schedule(), [THEIRS]) == Recourse(())


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    sides = sorted(draw(st.sets(st.integers(0, 100), min_size=2, max_size=5)))
    steps = [
        Step(D(lower), D(upper), D(draw(st.integers(0, 50))))
        for lower, upper in pairwise(sides)
    ]  # fmt: skip
    return Schedule(steps, draw(st.none() | st.integers(0, 40).map(Decimal)))


@given(schedules(), st.lists(schedules(), max_size=3), st.integers(0, 9999))
def test_every_attainment_lies_in_the_outcome_that_says_what_is_owed(
    ours: Schedule, below: list[Schedule], hundredths: int
) -> None:
    attained = D(hundredths) / 100
    there = [each for each in recourse(ours, below).outcomes if each.lower_percent <= attained < each.upper_percent]
    owed, back = ours.owed(attained), sum(each.owed(attained) for each in below)
    assert [(each.owed, each.recoverable) for each in there] == ([(owed, back)] if owed else [])
