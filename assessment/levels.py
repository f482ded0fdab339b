"""From the states of units to a level: the one today's records show, and the one they are enough to confirm.

A unit stands at state 1 to 5: one more than the nested predicates it meets. The gates are the rating arithmetic of
ISO/IEC 33020: a level needs at least half of the units at it ("largely") and 85 % at every level below ("fully").
Shares at or above a level can only fall as the level rises, so the level just below is the only one to look at.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, sqrt

import numpy as np

from assessment.beta import beta_cdf, log_beta

LARGELY = Fraction(1, 2)
FULLY = Fraction(17, 20)
CONFIDENCE = 0.80
"""Posterior probability from which on a level is confirmed."""
PRIOR_PER_STATE = 0.2
"""A Dirichlet prior over the five states that weighs as much as one unit."""
HIGHEST = 5

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(100)


@dataclass(frozen=True)
class StateCounts:
    """How many units stand at each state, state 1 first."""

    counts: tuple[int, int, int, int, int]

    def __post_init__(self) -> None:
        if len(self.counts) != HIGHEST or min(self.counts) < 0:
            raise ValueError(f"a count is needed for each of the states 1 to 5, none negative: got {self.counts}")

    @classmethod
    def of(cls, states: Iterable[int]) -> "StateCounts":
        """Count states; one outside 1 to 5 raises ValueError."""
        found = Counter(states)
        if outside := sorted(found.keys() - {1, 2, 3, 4, 5}):
            raise ValueError(f"a state is 1 to 5, got {outside[0]}")
        return cls((found[1], found[2], found[3], found[4], found[5]))

    @property
    def total(self) -> int:
        """All units."""
        return sum(self.counts)

    def at_least(self, level: int) -> int:
        """Units at this level or above."""
        return sum(self.counts[level - 1 :])


QuarterEnds = tuple[StateCounts, StateCounts]
"""The counts at the two latest quarter-ends up to the date asked about: level 5 has to have held at both."""


@dataclass(frozen=True)
class NextLevel:
    """What the next census level still takes.

    `units` has an entry (state, how many) for every gate that is not passed: so many more units have to stand at that
    state or above. `waits_for_quarter_ends`: level 5 is reached only once its gates held at two quarter-ends in a row.
    """

    level: int
    units: tuple[tuple[int, int], ...]
    waits_for_quarter_ends: bool


def census_level(counts: StateCounts, quarter_ends: QuarterEnds | None = None) -> int:
    """The level today's records show, 1 to 5, exact about them. No units at all raise ValueError."""
    _require_units(counts)
    level = 1
    while level < HIGHEST and not _units_short(counts, level + 1):
        level += 1
    return level - 1 if level == HIGHEST and not _lasted(quarter_ends) else level


def level_probability(counts: StateCounts, level: int, quarter_ends: QuarterEnds | None = None) -> float:
    """The posterior probability that the process behind the units stands at `level` or above.

    The states are multinomial under a Dirichlet prior; the probability that the gates hold is integrated and not
    simulated, so equal counts always give the equal figure, and a unit that loses a state never raises it. Level 5 has
    the least of the probabilities now and at both quarter-ends, 0 without them. No units raise ValueError.
    """
    _require_units(counts)
    if level <= 1:
        return 1.0
    now = _gates_probability(counts, level)
    if level < HIGHEST:
        return now
    if quarter_ends is None or not all(end.total for end in quarter_ends):
        return 0.0
    return min(now, *(_gates_probability(end, level) for end in quarter_ends))


def confirmed_level(counts: StateCounts, quarter_ends: QuarterEnds | None = None) -> int:
    """The highest level with a posterior probability of at least 0.80; level 1 needs no proof. No units: ValueError."""
    return max(level for level in range(1, HIGHEST + 1) if level_probability(counts, level, quarter_ends) >= CONFIDENCE)


def next_level(counts: StateCounts, quarter_ends: QuarterEnds | None = None) -> NextLevel | None:
    """What is missing to the census level above the present one; None at level 5. No units raise ValueError."""
    level = census_level(counts, quarter_ends) + 1
    if level > HIGHEST:
        return None
    return NextLevel(level, _units_short(counts, level), waits_for_quarter_ends=level == HIGHEST)


def _units_short(counts: StateCounts, level: int) -> tuple[tuple[int, int], ...]:
    """The gates of `level` that are not passed, each with the units it is short of."""
    gates = [(below, FULLY) for below in range(2, level)] + [(level, LARGELY)]
    short = [(state, ceil(share * counts.total) - counts.at_least(state)) for state, share in gates]
    return tuple((state, units) for state, units in short if units > 0)


def _lasted(quarter_ends: QuarterEnds | None) -> bool:
    return quarter_ends is not None and all(end.total and not _units_short(end, HIGHEST) for end in quarter_ends)


def _gates_probability(counts: StateCounts, level: int) -> float:
    below = sum(counts.counts[: level - 2])
    return _probability(level, below, counts.counts[level - 2], counts.at_least(level))


@lru_cache(maxsize=1 << 16)
def _probability(level: int, below: int, next_to: int, reached: int) -> float:
    """P(share at `level` >= 1/2 and share at `level` - 1 or above >= 17/20) for units below, at, and above that."""
    lower = below + PRIOR_PER_STATE * (level - 2)
    beside = next_to + PRIOR_PER_STATE
    upper = reached + PRIOR_PER_STATE * (HIGHEST + 1 - level)
    if level == 2:
        return 1 - float(beta_cdf(upper, beside, float(LARGELY)))
    return _integral(lower, beside, upper)


def _integral(lower: float, beside: float, upper: float) -> float:
    """P(A <= 3/20 and C >= 1/2) where (A, B, C) is Dirichlet with these three parameters.

    A is Beta(lower, beside + upper); given A, C is 1 - A times an independent Beta(upper, beside). Integrating over the
    fifth root of A removes the pole at 0: the parameters are multiples of 1/5, so what is left is a whole power.
    """
    others = beside + upper
    mean, spread = lower / (lower + others), sqrt(lower) / (lower + others)
    most = min(float(1 - FULLY), mean + 10 * spread + 40 / (lower + others))
    least = min(max(0.0, mean - 10 * spread), most)
    start, end = least**PRIOR_PER_STATE, most**PRIOR_PER_STATE
    root = start + (end - start) * (1 + _NODES) / 2
    below = root**5
    density = 5 * np.exp((5 * lower - 1) * np.log(root) + (others - 1) * np.log1p(-below) - log_beta(lower, others))
    reached = 1 - beta_cdf(upper, beside, float(LARGELY) / (1 - below))
    return float((end - start) / 2 * np.dot(_WEIGHTS, density * reached))


def _require_units(counts: StateCounts) -> None:
    if counts.total == 0:
        raise ValueError("a level needs at least one unit: without any it cannot be told")
