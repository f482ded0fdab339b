"""The beta distribution in plain numpy: no process that answers requests is to load a library of statistics for it."""

from math import lgamma

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRECISION = 1e-15
TINY = 1e-300
MOST_TERMS = 100_000
MOST_STEPS = 100
SMALLEST_STEP = 1e-12


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def beta_cdf(a: float, b: float, x: npt.ArrayLike) -> Floats:
    """P(Beta(a, b) <= x) for a, b > 0 and x within 0 and 1, to about 1e-11: the regularised incomplete beta function.

    By its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22), on the side of the mean where
    it converges within about the square root of the larger parameter.
    """
    at = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
    upper = at > (a + 1) / (a + b + 2)
    first, second = np.where(upper, b, a), np.where(upper, a, b)
    distance, rest = np.where(upper, 1 - at, at), np.where(upper, at, 1 - at)
    with np.errstate(divide="ignore"):
        factor = np.exp(first * np.log(distance) + second * np.log(rest) - log_beta(a, b)) / first
    tail = factor / _continued_fraction(first, second, distance)
    return np.asarray(np.where(upper, 1 - tail, tail), dtype=np.float64)


def beta_quantile(a: float, b: float, probability: npt.ArrayLike) -> Floats:
    """The x with P(Beta(a, b) <= x) = probability, by Newton's steps, halving the bracket where one leaves it."""
    wanted = np.asarray(probability, dtype=np.float64)
    low, high = np.zeros_like(wanted), np.ones_like(wanted)
    x = np.full_like(wanted, a / (a + b))
    for _ in range(MOST_STEPS):
        excess = beta_cdf(a, b, x) - wanted
        low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
        with np.errstate(all="ignore"):
            density = np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - log_beta(a, b))
            step = x - excess / density
        following = np.where((step > low) & (step < high), step, (low + high) / 2)
        if np.all(np.abs(following - x) <= SMALLEST_STEP * x):
            break
        x = following
    return x


def student_quantile(degrees: int, two_sided: float) -> float:
    """The t that a Student variable exceeds in size with probability `two_sided`, through the beta distribution."""
    ratio = float(beta_quantile(degrees / 2, 0.5, two_sided))
    return float(np.sqrt(degrees * (1 - ratio) / ratio))


def _continued_fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """1 + d1 / (1 + d2 / (1 + ...)), forwards by Lentz's method as Thompson and Barnett modified it."""
    value, numerator, denominator = np.ones_like(x), np.ones_like(x), np.zeros_like(x)
    for term in range(1, MOST_TERMS):
        half = term // 2
        if term % 2:
            step = -(a + half) * (a + b + half) * x / ((a + term - 1) * (a + term))
        else:
            step = half * (b - half) * x / ((a + term - 1) * (a + term))
        denominator = 1 / _away_from_zero(1 + step * denominator)
        numerator = _away_from_zero(1 + step / numerator)
        change = numerator * denominator
        value = value * change
        if np.all(np.abs(change - 1) < PRECISION):
            return value
    raise ArithmeticError(f"the incomplete beta function did not converge within {MOST_TERMS} terms")


def _away_from_zero(value: Floats) -> Floats:
    return np.where(np.abs(value) < TINY, TINY, value)
