"""A share of units with the interval that their number allows."""

from dataclasses import dataclass
from functools import lru_cache

from assessment.beta import beta_cdf, beta_quantile

TAIL = 0.10
"""Posterior probability left beyond each bound: the interval has 80 %, either bound alone 90 %."""


@dataclass(frozen=True)
class Share:
    """`count` of `total`, with the 10 % and 90 % quantiles of the share behind them."""

    count: int
    total: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share itself, 0 to 1."""
        return self.count / self.total


@lru_cache(maxsize=1 << 12)
def estimate_share(count: int, total: int) -> Share:
    """The share under Jeffreys' prior, Beta(1/2, 1/2). Raises ValueError unless 0 <= count <= total and total > 0."""
    _require(count, total)
    low, high = beta_quantile(count + 0.5, total - count + 0.5, [TAIL, 1 - TAIL])
    return Share(count, total, float(low), float(high))


def probability_at_most(count: int, total: int, limit: float) -> float:
    """The posterior probability, under the same prior, that the share is at most `limit`."""
    _require(count, total)
    return float(beta_cdf(count + 0.5, total - count + 0.5, limit))


def _require(count: int, total: int) -> None:
    if not 0 <= count <= total or total == 0:
        raise ValueError(f"a share needs 0 <= count <= total and something counted, got {count} of {total}")
