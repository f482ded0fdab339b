"""Survival by age: of the tickets still open at an age, how many broke their promise in the end. Pure."""

from dataclasses import dataclass

import numpy as np

from services.forecasting.features import LANDMARKS, Cases, Floats
from services.tickets.history import Integers

PRIOR_CASES = 20.0


@dataclass(frozen=True, eq=False)
class Survival:
    """Per band of age, from one landmark until before the next, the share that broke its promise."""

    shares: Floats

    def forecast(self, cases: Cases) -> Floats:
        """The probability of a breach given that the ticket is still open at its age."""
        return np.asarray(self.shares[_band(cases.moments.age)], dtype=np.float64)


def learn_survival(cases: Cases, missed: Floats) -> Survival:
    """The shares of these cases, shrunk towards their average."""
    band = _band(cases.moments.age)
    seen = np.bincount(band, minlength=len(LANDMARKS) + 1)
    broken = np.bincount(band, weights=missed, minlength=len(LANDMARKS) + 1)
    average = float(missed.mean())
    return Survival(np.asarray((broken + PRIOR_CASES * average) / (seen + PRIOR_CASES), dtype=np.float64))


def _band(age: Integers) -> Integers:
    return np.asarray(np.searchsorted(LANDMARKS, age, side="right"), dtype=np.int64)
