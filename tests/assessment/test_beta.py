from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.beta import beta_cdf, beta_quantile, student_quantile

PARAMETERS = st.floats(0.2, 3000)
SHARES = st.floats(0, 1)


@given(PARAMETERS, SHARES)
def test_a_beta_with_one_as_second_parameter_is_a_power(a: float, x: float) -> None:
    assert float(beta_cdf(a, 1, x)) == pytest.approx(x**a, abs=1e-11)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))), SHARES)
def test_the_distribution_adds_up_binomial_probabilities(counts: tuple[int, int], x: float) -> None:
    n, k = counts
    at_least = sum(comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(k, n + 1))
    assert float(beta_cdf(k, n - k + 1, x)) == pytest.approx(at_least, abs=1e-10)


@given(PARAMETERS, PARAMETERS, st.integers(0, 1024).map(lambda part: part / 1024))
def test_exchanging_the_parameters_mirrors_the_distribution(a: float, b: float, x: float) -> None:
    assert float(beta_cdf(a, b, x)) == pytest.approx(1 - float(beta_cdf(b, a, 1 - x)), abs=1e-9)


@settings(deadline=None)
@given(PARAMETERS, PARAMETERS, st.floats(0.001, 0.999))
def test_a_quantile_leaves_its_probability_below(a: float, b: float, probability: float) -> None:
    x = float(beta_quantile(a, b, probability))
    assert float(beta_cdf(a, b, x * (1 - 1e-9))) <= probability + 1e-9
    assert float(beta_cdf(a, b, x * (1 + 1e-9))) >= probability - 1e-9


@pytest.mark.parametrize(
    ("degrees", "published"), [(1, 12.7062), (4, 2.7764), (11, 2.2010), (30, 2.0423), (120, 1.9799)]
)
def test_quantiles_of_student_are_the_published_ones(degrees: int, published: float) -> None:
    assert student_quantile(degrees, 0.05) == pytest.approx(published, abs=5e-5)
