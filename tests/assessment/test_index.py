import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.index import achievement, geometric_index, maturity_index
from assessment.levels import StateCounts

EXAMPLE = {"G1": 0.49, "G2": 0.36, "G3": 0.22, "G4": 0.30, "G5": 0.61, "G6": 0.18}
COUNTS = st.lists(st.integers(1, 5), min_size=1, max_size=30)


def test_the_worked_example_gives_thirty_three_where_an_average_gives_thirty_six() -> None:
    assert round(100 * sum(EXAMPLE.values()) / 6) == 36
    assert round(geometric_index(EXAMPLE)) == 33


@pytest.mark.parametrize(("pattern", "points"), [("G6", 2.5), ("G5", 0.8)])
def test_the_same_step_pays_more_where_little_is_achieved(pattern: str, points: float) -> None:
    gained = geometric_index({**EXAMPLE, pattern: EXAMPLE[pattern] + 0.10}) - geometric_index(EXAMPLE)
    assert gained == pytest.approx(points, abs=0.05)


def test_a_pattern_at_nothing_counts_a_fiftieth() -> None:
    assert geometric_index({"G1": 0.0}) == pytest.approx(2.0)


def test_declared_weights_count() -> None:
    assert geometric_index({"G1": 1.0, "G2": 0.25}, {"G2": 3.0}) == pytest.approx(100 * 0.25**0.75)


def test_weights_that_are_not_positive_are_refused() -> None:
    with pytest.raises(ValueError, match="weights are positive"):
        geometric_index(EXAMPLE, {"G1": 0.0})


def test_achievement_is_the_mean_share_at_or_above_the_levels() -> None:
    assert achievement(StateCounts((2, 8, 5, 7, 2))) == pytest.approx((22 + 14 + 9 + 2) / 96)


def test_one_pattern_that_cannot_be_told_leaves_a_range_and_no_index() -> None:
    known = StateCounts((0, 0, 10, 0, 0))
    found = maturity_index({"G1": known, "G2": None})
    assert (found.value, found.low, found.high, found.unknown) == (None, None, None, ("G2",))
    assert found.lowest == pytest.approx(100 * (0.5 * 0.02) ** 0.5)
    assert found.highest == pytest.approx(100 * 0.5**0.5)


def test_nothing_at_all_told_reaches_from_the_floor_to_the_top() -> None:
    found = maturity_index({"G1": None, "G2": None})
    assert (round(found.lowest, 9), found.highest, found.value) == (2.0, 100.0, None)


def test_the_interval_is_the_same_every_time_and_in_any_order() -> None:
    first, second = StateCounts((2, 8, 5, 7, 2)), StateCounts((0, 4, 4, 4, 0))
    found = maturity_index({"G1": first, "G2": second})
    assert maturity_index({"G2": second, "G1": first}) == found
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_more_units_narrow_the_interval() -> None:
    few, many = (maturity_index({"G1": StateCounts((n, n, n, n, n))}) for n in (2, 200))
    assert few.high is not None
    assert few.low is not None
    assert many.high is not None
    assert many.low is not None
    assert many.high - many.low < (few.high - few.low) / 4


@given(COUNTS, COUNTS, st.data())
def test_a_unit_that_loses_predicates_never_raises_the_index(
    units: list[int], others: list[int], data: st.DataObject
) -> None:
    lower = [data.draw(st.integers(1, state)) for state in units]
    before, after = (
        geometric_index({"G1": achievement(StateCounts.of(states)), "G2": achievement(StateCounts.of(others))})
        for states in (units, lower)
    )
    assert after <= before + 1e-9
