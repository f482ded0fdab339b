"""Whether several people who judge the same statements mean the same: Krippendorff's alpha for ordinal values.

Source: K. Krippendorff, Content Analysis, chapter on reliability; the interval is a jackknife over the statements.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from assessment.beta import student_quantile

Ratings = npt.NDArray[np.float64]
"""Statements by respondents, levels 1 to 5; not a number where there is no answer."""

PUBLISHED_FROM = 0.80
TENTATIVE_FROM = 0.667
OUTSIDE = 0.05


class Agreement(StrEnum):
    """What respondents' agreement allows: levels, levels under reserve, ranges only. Unmeasured: nothing to compare."""

    SUFFICIENT = "sufficient"
    TENTATIVE = "tentative"
    CONTESTED = "contested"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True)
class Alpha:
    """1 is perfect agreement, 0 what chance would give, below it systematic disagreement.

    The 95 % interval is None where too few statements remain to find it.
    """

    value: float
    low: float | None
    high: float | None

    @property
    def agreement(self) -> Agreement:
        """By Krippendorff's customary limits, 0.80 and 0.667."""
        if self.value >= PUBLISHED_FROM:
            return Agreement.SUFFICIENT
        return Agreement.TENTATIVE if self.value >= TENTATIVE_FROM else Agreement.CONTESTED


def ordinal_alpha(ratings: Ratings) -> Alpha | None:
    """Alpha of a matrix of shape (statements, respondents) with its interval.

    None when it is not defined: no statement has two answers, or all answers are equal.
    """
    comparable = ratings[np.count_nonzero(~np.isnan(ratings), axis=1) >= 2]
    value = _alpha(comparable)
    return None if value is None else Alpha(value, *_jackknife(comparable, value))


def _alpha(ratings: Ratings) -> float | None:
    """1 - observed / expected disagreement, from the coincidences of values within statements."""
    values = np.unique(ratings[~np.isnan(ratings)])
    if values.size < 2:
        return None
    answers = (ratings[:, :, None] == values).sum(axis=1).astype(float)
    pairable = answers.sum(axis=1, keepdims=True) - 1
    weighted = answers / pairable
    coincidences = weighted.T @ answers - np.diag(weighted.sum(axis=0))
    totals = coincidences.sum(axis=1)
    disagreement = _ordinal_distances(totals)
    observed = (coincidences * disagreement).sum()
    expected = (np.outer(totals, totals) * disagreement).sum() / (totals.sum() - 1)
    return float(1 - observed / expected)


def _ordinal_distances(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Squared distances of values by how many answers lie from the one to the other, half of both ends left out."""
    middles = np.cumsum(totals) - totals / 2
    distances: npt.NDArray[np.float64] = (middles[:, None] - middles[None, :]) ** 2
    return distances


def _jackknife(ratings: Ratings, value: float) -> tuple[float | None, float | None]:
    statements = len(ratings)
    without_one = [_alpha(np.delete(ratings, left_out, axis=0)) for left_out in range(statements)]
    defined = [alpha for alpha in without_one if alpha is not None]
    if statements < 2 or len(defined) < statements:
        return None, None
    error = np.sqrt((statements - 1) * np.var(defined))
    half = float(student_quantile(statements - 1, OUTSIDE) * error)
    return max(-1.0, value - half), min(1.0, value + half)
