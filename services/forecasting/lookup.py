"""The lookup: how often tickets of the same priority, team and category broke their promise. Pure.

Each level is shrunk towards the one above it, and the first towards the average (empirical Bayes with a fixed weight).
"""

from dataclasses import dataclass

import numpy as np

from services.forecasting.features import Cases, Floats

LEVELS = ("priority", "team", "category")
PRIOR_CASES = 20.0

Combination = tuple[int, ...]


@dataclass(frozen=True)
class Lookup:
    """The shrunk share for every combination of codes seen, by the codes of the first one, two or three levels."""

    average: float
    shares: dict[Combination, float]

    def forecast(self, cases: Cases) -> Floats:
        """The probability of a breach by the longest combination that was seen."""
        codes = zip(*(cases.codes[level].tolist() for level in LEVELS), strict=True)
        return np.array([self._share(combination) for combination in codes], dtype=np.float64)

    def _share(self, combination: Combination) -> float:
        for length in range(len(LEVELS), 0, -1):
            found = self.shares.get(combination[:length])
            if found is not None:
                return found
        return self.average


def learn_lookup(cases: Cases, missed: Floats) -> Lookup:
    """The lookup of these cases."""
    average = float(missed.mean())
    counts: dict[Combination, list[float]] = {}
    codes = zip(*(cases.codes[level].tolist() for level in LEVELS), strict=True)
    for combination, broken in zip(codes, missed.tolist(), strict=True):
        for length in range(1, len(LEVELS) + 1):
            count = counts.setdefault(combination[:length], [0.0, 0.0])
            count[0] += broken
            count[1] += 1
    shares: dict[Combination, float] = {}
    for combination in sorted(counts, key=len):
        broken, seen = counts[combination]
        above = shares.get(combination[:-1], average)
        shares[combination] = (broken + PRIOR_CASES * above) / (seen + PRIOR_CASES)
    return Lookup(average, shares)
