"""Words as numbers: how often tickets with a word broke their promise, shrunk towards the average. Pure.

A case that is learned from is encoded by the cases of other tickets only, or a rare word would carry its own answer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.forecasting.facts import FOLDS
from services.forecasting.features import Cases, Floats
from services.tickets.history import Integers

PRIOR_CASES = 20.0
"""A word counts as if it had been seen this many times more, with the average outcome."""


def log_odds(probability: Floats | float) -> Floats:
    """The natural logarithm of the odds; probabilities are kept a millionth away from 0 and 1."""
    within = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(within / (1 - within)), dtype=np.float64)


def probability(odds: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Encoder:
    """Per column the shrunk share of broken promises by code, learned from some cases; the average for unseen words."""

    average: float
    shares: dict[str, Floats]

    def encode(self, cases: Cases) -> Floats:
        """Log-odds of the cases' words, one column per column of `shares`."""
        return np.column_stack([log_odds(shares[cases.codes[name]]) for name, shares in self.shares.items()])


def learn_encoder(cases: Cases, missed: Floats) -> Encoder:
    """The encoder of these cases, all of them."""
    average = float(missed.mean())
    shares = {
        name: _shares(codes, missed, len(cases.words[name]), average)
        for name, codes in cases.codes.items()
    }  # fmt: skip
    return Encoder(average, shares)


def encode_apart(cases: Cases, missed: Floats) -> Floats:
    """The cases encoded, each by an encoder that saw none of the tickets of its fold."""
    encoded = np.zeros((len(cases), len(cases.codes)))
    for fold in range(FOLDS):
        inside = cases.fold == fold
        if inside.any() and not inside.all():
            encoded[inside] = learn_encoder(cases[~inside], missed[~inside]).encode(cases[inside])
    return encoded


def _shares(codes: Integers, missed: Floats, size: int, average: float) -> npt.NDArray[np.float64]:
    seen = np.bincount(codes, minlength=size)
    broken = np.bincount(codes, weights=missed, minlength=size)
    return np.asarray((broken + PRIOR_CASES * average) / (seen + PRIOR_CASES), dtype=np.float64)
