"""The campaign's exact rates against sums of binomial probabilities, which need none of its code."""

from math import comb

import pytest

from tests.campaigns.levels import SIZES, TRUTHS, Truth, exact


def binomial_at_least(least: int, units: int, share: float) -> float:
    return sum(comb(units, k) * share**k * (1 - share) ** (units - k) for k in range(least, units + 1))


@pytest.mark.parametrize("units", SIZES)
def test_just_below_three_the_census_is_too_high_whenever_half_of_the_units_happen_to_be_there(units: int) -> None:
    assert exact(TRUTHS[0], units).census_too_high == pytest.approx(binomial_at_least(units // 2, units, 0.45))


@pytest.mark.parametrize("units", SIZES[:2])
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_the_confirmed_level_is_seldom_too_high(truth: Truth, units: int) -> None:
    found = exact(truth, units)
    assert found.confirmed_too_high <= 0.15
    assert found.confirmed_too_high <= found.census_too_high
