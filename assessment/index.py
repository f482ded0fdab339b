"""One figure from 0 to 100 for trends and plans: the weighted geometric mean, which strong patterns cannot rescue."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assessment.levels import HIGHEST, PRIOR_PER_STATE, StateCounts

FLOOR = 0.02
"""The least a pattern counts, so that one at nothing does not wipe out the rest."""
DRAWS = 20_000
SEED = 33020
TAIL = 0.10

Weights = Mapping[str, float]
"""What an organisation declares a pattern to weigh, positive; one it does not name weighs 1."""


@dataclass(frozen=True)
class Index:
    """The index from 0 to 100, None when one of its patterns cannot be told.

    `low` and `high` are the 80 % interval of the process behind the units, which with few of them need not contain the
    value: that one is exact about today's records. `lowest` and `highest` take what cannot be told at its worst and at
    its best.
    """

    value: float | None
    low: float | None
    high: float | None
    lowest: float
    highest: float
    unknown: tuple[str, ...]


def achievement(counts: StateCounts) -> float:
    """The mean of the shares at or above levels 2 to 5, from 0 to 1. No units raise ValueError."""
    if counts.total == 0:
        raise ValueError("an achievement needs at least one unit: without any it cannot be told")
    return sum(counts.at_least(level) for level in range(2, HIGHEST + 1)) / (4 * counts.total)


def geometric_index(achievements: Mapping[str, float], weights: Weights | None = None) -> float:
    """100 times the weighted geometric mean of the achievements, each at least 0.02. None at all raise ValueError."""
    names = sorted(achievements)
    logarithms = np.log(np.maximum([achievements[name] for name in names], FLOOR))
    return float(100 * np.exp(np.average(logarithms, weights=_weights(names, weights))))


def maturity_index(counts: Mapping[str, StateCounts | None], weights: Weights | None = None) -> Index:
    """The index over these patterns; None where one cannot be told.

    The interval is drawn from the posterior of each pattern's states with random numbers fixed by the pattern's id.
    """
    known = {name: found for name, found in counts.items() if found is not None}
    unknown = tuple(sorted(counts.keys() - known.keys()))
    achieved = {name: achievement(found) for name, found in known.items()}
    lowest = geometric_index({**achieved, **dict.fromkeys(unknown, 0.0)}, weights)
    highest = geometric_index({**achieved, **dict.fromkeys(unknown, 1.0)}, weights)
    if unknown:
        return Index(None, None, None, lowest, highest, unknown)
    low, high = _interval(known, weights)
    return Index(lowest, low, high, lowest, highest, unknown)


def _interval(counts: Mapping[str, StateCounts], weights: Weights | None) -> tuple[float, float]:
    names = sorted(counts)
    worth = np.arange(HIGHEST) / (HIGHEST - 1)
    logarithms = np.empty((DRAWS, len(names)))
    for column, name in enumerate(names):
        generator = np.random.default_rng([SEED, *name.encode()])
        shares = generator.dirichlet(np.array(counts[name].counts) + PRIOR_PER_STATE, DRAWS)
        logarithms[:, column] = np.log(np.maximum(shares @ worth, FLOOR))
    drawn = 100 * np.exp(np.average(logarithms, axis=1, weights=_weights(names, weights)))
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
    return float(low), float(high)


def _weights(names: list[str], weights: Weights | None) -> list[float]:
    if not names:
        raise ValueError("an index needs at least one pattern")
    declared = [(weights or {}).get(name, 1.0) for name in names]
    if min(declared) <= 0:
        raise ValueError(f"weights are positive, got {min(declared)}")
    return declared
