from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessment.levels import (
    NextLevel,
    StateCounts,
    census_level,
    confirmed_level,
    level_probability,
    next_level,
)

EXAMPLE = StateCounts((2, 8, 5, 7, 2))
"""Twenty-four live services."""

UNITS = st.lists(st.integers(1, 5), min_size=1, max_size=60)


def lasting(counts: StateCounts) -> tuple[StateCounts, StateCounts]:
    return counts, counts


def clean(units: int, state: int = 5) -> StateCounts:
    return StateCounts.of([state] * units)


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        ((1, 0, 0, 0, 0), 1),
        ((2, 1, 0, 0, 0), 1),
        ((1, 1, 0, 0, 0), 2),
        ((0, 10, 9, 0, 0), 2),
        ((3, 7, 10, 0, 0), 3),
        ((4, 6, 10, 0, 0), 2),
        ((0, 3, 7, 10, 0), 4),
        ((0, 4, 6, 10, 0), 3),
        ((0, 0, 3, 7, 10), 5),
        ((0, 0, 4, 6, 10), 4),
        ((0, 0, 3, 8, 9), 4),
    ],
)
def test_a_level_needs_half_at_it_and_seventeen_twentieths_at_each_below(
    counts: tuple[int, int, int, int, int], level: int
) -> None:
    assert census_level(StateCounts(counts), lasting(StateCounts(counts))) == level


def test_twenty_four_services_of_the_worked_example_show_three_and_confirm_two() -> None:
    assert census_level(EXAMPLE) == 3
    assert level_probability(EXAMPLE, 3) == pytest.approx(0.73, abs=0.005)
    assert confirmed_level(EXAMPLE) == 2


def test_to_reach_four_the_worked_example_lacks_seven_units_at_three_and_three_at_four() -> None:
    assert next_level(EXAMPLE) == NextLevel(4, ((3, 7), (4, 3)), waits_for_quarter_ends=False)


@pytest.mark.parametrize(("level", "units"), [(2, 1), (3, 2), (4, 4), (5, 6)])
def test_the_smallest_clean_population_that_confirms_a_level(level: int, units: int) -> None:
    confirming = [n for n in range(1, 12) if confirmed_level(clean(n), lasting(clean(n))) >= level]
    assert confirming == list(range(units, 12))


def test_level_five_waits_until_its_gates_held_at_two_quarter_ends() -> None:
    now, before = clean(20), StateCounts((0, 0, 4, 6, 10))
    assert census_level(now) == 4
    assert census_level(now, (now, before)) == 4
    assert census_level(now, (before, now)) == 4
    assert census_level(now, (now, now)) == 5
    assert [confirmed_level(now), confirmed_level(now, (now, before)), confirmed_level(now, (now, now))] == [4, 4, 5]


def test_a_quarter_end_without_units_does_not_hold_level_five() -> None:
    ends = (clean(20), StateCounts((0, 0, 0, 0, 0)))
    assert census_level(clean(20), ends) == 4
    assert level_probability(clean(20), 5, ends) == 0


def test_units_at_the_top_lack_only_the_quarter_ends() -> None:
    assert next_level(clean(20)) == NextLevel(5, (), waits_for_quarter_ends=True)
    assert next_level(clean(20), lasting(clean(20))) is None


def test_no_units_have_no_level() -> None:
    nothing = StateCounts((0, 0, 0, 0, 0))
    for ask in (census_level, confirmed_level, next_level):
        with pytest.raises(ValueError, match="at least one unit"):
            ask(nothing)


@pytest.mark.parametrize("states", [[0], [6], [2, -1]])
def test_a_state_outside_one_to_five_is_refused(states: list[int]) -> None:
    with pytest.raises(ValueError, match="a state is 1 to 5"):
        StateCounts.of(states)


@pytest.mark.parametrize(
    "counts", [(2, 8, 5, 7, 2), (0, 1, 1, 6, 3), (0, 0, 0, 2, 5), (1, 0, 0, 0, 0), (0, 4, 60, 200, 36)]
)
def test_the_probability_is_that_of_drawing_from_the_posterior(counts: tuple[int, int, int, int, int]) -> None:
    draws = np.random.default_rng(7).dirichlet(np.array(counts) + 0.2, 100_000)
    shares = np.cumsum(draws[:, ::-1], axis=1)[:, ::-1]
    for level in range(2, 6):
        holds = (shares[:, level - 1] >= 0.5) & (shares[:, 1 : level - 1] >= 0.85).all(axis=1)
        computed = level_probability(StateCounts(counts), level, lasting(StateCounts(counts)))
        assert computed == pytest.approx(holds.mean(), abs=0.008)


@given(UNITS, st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(units: list[int], random: Random) -> None:
    shuffled = list(units)
    random.shuffle(shuffled)
    assert StateCounts.of(shuffled) == StateCounts.of(units)


@settings(deadline=None)
@given(UNITS, st.data())
def test_a_unit_that_loses_predicates_never_raises_a_level(units: list[int], data: st.DataObject) -> None:
    loser = data.draw(st.integers(0, len(units) - 1))
    assume(units[loser] > 1)
    lower = [*units]
    lower[loser] = data.draw(st.integers(1, units[loser] - 1))
    before, after = StateCounts.of(units), StateCounts.of(lower)
    for level in range(1, 6):
        assert (
            level_probability(after, level, lasting(after)) <= level_probability(before, level, lasting(before)) + 1e-9
        )
    assert census_level(after, lasting(after)) <= census_level(before, lasting(before))
    assert confirmed_level(after, lasting(after)) <= confirmed_level(before, lasting(before))


@settings(deadline=None)
@given(UNITS)
def test_a_higher_level_is_never_more_probable(units: list[int]) -> None:
    counts = StateCounts.of(units)
    probabilities = [level_probability(counts, level, lasting(counts)) for level in range(1, 6)]
    assert probabilities[0] == 1
    assert all(after <= before + 1e-9 for before, after in pairwise(probabilities))


@settings(deadline=None)
@given(UNITS)
def test_lifting_the_units_that_are_missing_reaches_the_next_level_and_fewer_do_not(units: list[int]) -> None:
    counts = StateCounts.of(units)
    wanted = next_level(counts, lasting(counts))
    assume(wanted is not None and wanted.level < 5)
    assert wanted is not None
    assert census_level(lifted(units, wanted.units)) == wanted.level
    for position, (state, missing) in enumerate(wanted.units):
        fewer = [*wanted.units]
        fewer[position] = (state, missing - 1)
        assert census_level(lifted(units, tuple(fewer))) < wanted.level


def lifted(units: list[int], missing: tuple[tuple[int, int], ...]) -> StateCounts:
    """The units after so many of the best below each state were lifted to it."""
    states = sorted(units, reverse=True)
    for state, more in missing:
        below = [index for index, value in enumerate(states) if value < state]
        for index in below[:more]:
            states[index] = state
    return StateCounts.of(states)
