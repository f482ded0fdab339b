import pytest

from assessment.ranges import LevelRange, Limit, least_level, limits_of_levels


def test_the_least_level_limits_and_is_named() -> None:
    found = least_level(limits_of_levels({"G1": 4, "G2": 2, "G3": 3, "G4": 2}))
    assert found == LevelRange(2, 2, limited_by=("G2", "G4"), unknown=())
    assert found.level == 2


def test_what_cannot_be_told_makes_a_range_and_no_level() -> None:
    found = least_level(limits_of_levels({"R1": 4, "R2": None, "R3": 3}))
    assert (found.lowest, found.highest, found.level) == (1, 3, None)
    assert (found.limited_by, found.unknown) == (("R3",), ("R2",))


def test_nothing_known_is_neither_level_one_nor_five() -> None:
    found = least_level(limits_of_levels({"R1": None, "R2": None}))
    assert (found.lowest, found.highest, found.level) == (1, 5, None)
    assert found.limited_by == ()


def test_a_level_is_told_in_spite_of_gaps_when_they_cannot_matter() -> None:
    assert least_level([*limits_of_levels({"G1": None}), Limit("B1", 1, 1)]).level == 1


def test_a_cap_comes_before_better_levels() -> None:
    found = least_level([*limits_of_levels({"G1": 4, "G2": 5}), Limit("B5", 2, 2)])
    assert (found.level, found.limited_by) == (2, ("B5",))


def test_nothing_limits_where_everything_is_at_the_top() -> None:
    assert least_level(limits_of_levels({"R1": 5, "R2": 5})) == LevelRange(5, 5, limited_by=(), unknown=())


def test_the_least_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not defined"):
        least_level([])
