"""Words as numbers: how often tickets with a word broke their promise, and how often the word was seen. Pure.

A case that is learned from is encoded by the cases of other tickets only, or a rare word would carry its own answer.
"""

from dataclasses import dataclass

import numpy as np

from services.forecasting.facts import FOLDS
from services.forecasting.features import Cases, Floats
from services.tickets.history import Integers

PRIOR_CASES = 20.0
"""A word counts as if it had been seen this many times more, with the average outcome."""
COMBINATIONS = (
    ("team", "category"), ("team", "subcategory"), ("team", "assignee"), ("category", "subcategory"),
    ("subcategory", "u_symptom"), ("location", "category"), ("caller_id", "category"), ("opened_by", "category"),
    ("opened_by", "team"), ("assignee", "category"),
)  # fmt: skip
"""Words that mean more together than apart: who handles or reports what. One team is quick with some matters only."""

Name = tuple[str, ...]
"""The column of an encoding, or the columns of a combination."""


def log_odds(probability: Floats | float) -> Floats:
    """The natural logarithm of the odds; probabilities are kept a millionth away from 0 and 1."""
    within = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(within / (1 - within)), dtype=np.float64)


def probability(odds: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Seen:
    """The words of a column that were seen, as sorted codes: how often, and the shrunk share of broken promises."""

    codes: Integers
    counts: Floats
    shares: Floats


@dataclass(frozen=True, eq=False)
class Encoder:
    """What was seen in some cases, by column and combination; words that were not have the average share."""

    average: float
    seen: dict[Name, Seen]

    def encode(self, cases: Cases) -> "Encoded":
        """The cases' words as numbers."""
        found = {name: self.look_up(name, cases) for name in self.seen}
        return Encoded(
            np.column_stack([log_odds(share) for _, share in found.values()]),
            np.column_stack([np.log1p(count) for name, (count, _) in found.items() if len(name) == 1]),
        )

    def look_up(self, name: Name, cases: Cases) -> tuple[Floats, Floats]:
        """How often each case's word was seen, and its share."""
        seen, codes = self.seen[name], _codes(name, cases)
        place = np.minimum(np.searchsorted(seen.codes, codes), len(seen.codes) - 1)
        known = seen.codes[place] == codes
        return np.where(known, seen.counts[place], 0.0), np.where(known, seen.shares[place], self.average)


@dataclass(frozen=True, eq=False)
class Encoded:
    """The log-odds of words by column and combination, and by column the logarithm of one more than they were seen."""

    shares: Floats
    familiarity: Floats


def learn_encoder(cases: Cases, missed: Floats) -> Encoder:
    """The encoder of these cases, all of them; there must be one at least."""
    average = float(missed.mean())
    return Encoder(average, {name: _seen(_codes(name, cases), missed, average) for name in _names(cases)})


def encode_apart(cases: Cases, missed: Floats) -> Encoded:
    """The cases encoded, each by an encoder that saw none of the tickets of its fold."""
    apart = Encoded(np.zeros((len(cases), len(_names(cases)))), np.zeros((len(cases), len(cases.codes))))
    for fold in range(FOLDS):
        inside = cases.fold == fold
        if inside.any() and not inside.all():
            encoded = learn_encoder(cases[~inside], missed[~inside]).encode(cases[inside])
            apart.shares[inside], apart.familiarity[inside] = encoded.shares, encoded.familiarity
    return apart


def _names(cases: Cases) -> list[Name]:
    return [(name,) for name in cases.codes] + list(COMBINATIONS)


def _codes(name: Name, cases: Cases) -> Integers:
    if len(name) == 1:
        return cases.codes[name[0]]
    first, second = name
    return cases.codes[first] * len(cases.words[second]) + cases.codes[second]


def _seen(codes: Integers, missed: Floats, average: float) -> Seen:
    found, place, count = np.unique(codes, return_inverse=True, return_counts=True)
    broken = np.bincount(place, weights=missed, minlength=len(found))
    return Seen(found, count.astype(np.float64), (broken + PRIOR_CASES * average) / (count + PRIOR_CASES))
