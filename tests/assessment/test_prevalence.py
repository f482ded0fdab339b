import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.definitions import Caps
from assessment.prevalence import (
    Band,
    band,
    cap,
    prevalence_census_level,
    prevalence_confirmed_level,
    prevalence_level_probability,
    units_to_repair,
)

ORDER = [Band.CLEARED, Band.RARE, Band.UNCERTAIN, Band.COMMON, Band.ENDEMIC]


@pytest.mark.parametrize(
    ("bad", "total", "level"),
    [(11, 20, 1), (10, 20, 2), (4, 20, 2), (3, 20, 3), (2, 20, 3), (1, 20, 4), (0, 20, 4)],
)
def test_the_level_falls_with_the_share_of_bad_units(bad: int, total: int, level: int) -> None:
    assert prevalence_census_level(bad, total, guarded=False) == level


def test_level_five_needs_the_guard_as_well() -> None:
    assert prevalence_census_level(1, 20, guarded=True) == 5
    assert prevalence_census_level(2, 20, guarded=True) == 3
    assert prevalence_confirmed_level(0, 200, guarded=False) == 4
    assert prevalence_confirmed_level(0, 200, guarded=True) == 5


def test_five_clean_units_do_not_prove_that_a_bad_pattern_is_absent() -> None:
    assert prevalence_census_level(0, 5, guarded=False) == 4
    assert prevalence_confirmed_level(0, 5, guarded=False) == 3
    assert band(0, 5) is Band.UNCERTAIN


@pytest.mark.parametrize(
    ("bad", "total", "expected"),
    [
        (0, 100, Band.CLEARED),
        (0, 10, Band.RARE),
        (1, 10, Band.UNCERTAIN),
        (6, 20, Band.COMMON),
        (10, 20, Band.COMMON),
        (15, 20, Band.ENDEMIC),
        (1, 1, Band.COMMON),
    ],
)
def test_a_band_is_decided_by_the_bounds(bad: int, total: int, expected: Band) -> None:
    assert band(bad, total) is expected


@pytest.mark.parametrize(
    ("caps", "frequency", "highest"),
    [
        (Caps(common=2, endemic=1), Band.ENDEMIC, 1),
        (Caps(common=2, endemic=1), Band.COMMON, 2),
        (Caps(common=2, endemic=1), Band.UNCERTAIN, None),
        (Caps(common=3), Band.ENDEMIC, 3),
        (Caps(confirmed_on_critical_service=3), Band.ENDEMIC, None),
    ],
)
def test_a_frequent_bad_pattern_caps_the_limiting_level(caps: Caps, frequency: Band, highest: int | None) -> None:
    assert cap(caps, frequency) == highest


def test_a_rare_pattern_confirmed_on_a_critical_service_caps_too() -> None:
    assert cap(Caps(confirmed_on_critical_service=3), Band.RARE, confirmed_on_critical_service=True) == 3


@pytest.mark.parametrize(
    ("bad", "guarded", "repairs"), [(15, False, 5), (10, False, 7), (3, False, 2), (1, False, 0), (0, True, None)]
)
def test_it_is_said_how_many_units_have_to_be_repaired(bad: int, guarded: bool, repairs: int | None) -> None:
    assert units_to_repair(bad, 20, guarded=guarded) == repairs


@settings(deadline=None)
@given(st.integers(1, 300).flatmap(lambda total: st.tuples(st.integers(0, total - 1), st.just(total))), st.booleans())
def test_one_more_bad_unit_never_helps(counts: tuple[int, int], guarded: bool) -> None:
    bad, total = counts
    worse = bad + 1
    assert prevalence_census_level(worse, total, guarded=guarded) <= prevalence_census_level(
        bad, total, guarded=guarded
    )
    assert prevalence_confirmed_level(worse, total, guarded=guarded) <= prevalence_confirmed_level(
        bad, total, guarded=guarded
    )
    assert ORDER.index(band(worse, total)) >= ORDER.index(band(bad, total))
    for level in range(1, 6):
        assert (
            prevalence_level_probability(worse, total, level, guarded=guarded)
            <= prevalence_level_probability(bad, total, level, guarded=guarded) + 1e-9
        )
