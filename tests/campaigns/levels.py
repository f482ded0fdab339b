"""How often levels flatter near a gate: the census level and the confirmed one, simulated and exactly.

Organisations whose true shares of units at or above a level are known are drawn, `DRAWS` of each size. Every unit is at
state 2 at least (s2 = 1). The exact rates add up the multinomial probabilities of all outcomes there are. Level 5 is
given every chance to be called too early: its gates are taken to have held at both quarter-ends with the same counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import exp, inf, lgamma, log, sqrt

import numpy as np

from assessment.levels import StateCounts, census_level, confirmed_level
from benchmarks.harness import Measurement

DRAWS = 20_000
SEED = 20_250_627
SIZES = (8, 20, 60)
LARGEST_SHARE_TOO_HIGH = 0.15
LARGEST_DEVIATION = 4.0


@dataclass(frozen=True)
class Truth:
    """The probabilities of states 1 to 5, and the level whose gates they pass."""

    name: str
    states: tuple[float, float, float, float, float]
    level: int


TRUTHS = (
    Truth("just below 3 (s3 = .45, s4 = 0)", (0, 0.55, 0.45, 0, 0), 2),
    Truth("just below 4 (s3 = .80, s4 = .60, s5 = 0)", (0, 0.20, 0.20, 0.60, 0), 3),
    Truth("well inside 4 (s3 = .93, s4 = .70, s5 = .20)", (0, 0.07, 0.23, 0.50, 0.20), 4),
)


@dataclass(frozen=True)
class Rates:
    """How often the census level is too high, the confirmed level too high, and the confirmed level too low."""

    census_too_high: float
    confirmed_too_high: float
    confirmed_too_low: float

    def named(self) -> tuple[tuple[str, float], ...]:
        return (
            ("census level too high", self.census_too_high),
            ("confirmed level too high", self.confirmed_too_high),
            ("confirmed level too low", self.confirmed_too_low),
        )


def run() -> list[Measurement]:
    generator = np.random.default_rng(SEED)
    measurements, worst = [], 0.0
    for truth in TRUTHS:
        for size in SIZES:
            pairs = zip(simulated(truth, size, generator).named(), exact(truth, size).named(), strict=True)
            for (name, rate), (_, expected) in pairs:
                worst = max(worst, standard_errors(rate, expected))
                measurements.append(
                    Measurement(
                        f"{truth.name}, {size} units: {name}",
                        rate,
                        "share",
                        against=f"exact {expected:.4f}",
                        floor=LARGEST_SHARE_TOO_HIGH if name == "confirmed level too high" else None,
                        smaller_is_better=True,
                    )
                )
    distance = Measurement(
        f"farthest of these from exact, {DRAWS:,} draws each",
        worst,
        "standard errors",
        floor=LARGEST_DEVIATION,
        smaller_is_better=True,
    )
    return [*measurements, distance]


def simulated(truth: Truth, size: int, generator: np.random.Generator) -> Rates:
    """The rates in random organisations of `size` units."""
    outcomes, times = np.unique(generator.multinomial(size, truth.states, DRAWS), axis=0, return_counts=True)
    return _rates(truth, ((tuple(map(int, counts)), float(times[row]) / DRAWS) for row, counts in enumerate(outcomes)))


def exact(truth: Truth, size: int) -> Rates:
    """The rates over every outcome there is, each with its multinomial probability."""
    return _rates(truth, ((counts, _probability(truth, counts)) for counts in _outcomes(truth, size)))


def standard_errors(rate: float, expected: float) -> float:
    """How far a simulated rate is from the exact one; infinite where a certainty did not come true."""
    error = sqrt(max(0.0, expected * (1 - expected)) / DRAWS)
    if error < 1e-9:
        return 0.0 if abs(rate - expected) < 1e-9 else inf
    return abs(rate - expected) / error


def _rates(truth: Truth, outcomes: Iterator[tuple[tuple[int, ...], float]]) -> Rates:
    census_above = confirmed_above = confirmed_below = 0.0
    for counts, probability in outcomes:
        census, confirmed = _levels(counts)
        census_above += probability * (census > truth.level)
        confirmed_above += probability * (confirmed > truth.level)
        confirmed_below += probability * (confirmed < truth.level)
    return Rates(census_above, confirmed_above, confirmed_below)


@cache
def _levels(counts: tuple[int, ...]) -> tuple[int, int]:
    first, second, third, fourth, fifth = counts
    units = StateCounts((first, second, third, fourth, fifth))
    return census_level(units, (units, units)), confirmed_level(units, (units, units))


def _outcomes(truth: Truth, size: int) -> Iterator[tuple[int, ...]]:
    """Every way to spread `size` units over the states that can occur."""

    def spread(state: int, left: int) -> Iterator[tuple[int, ...]]:
        if state == len(truth.states):
            yield from [()] if left == 0 else []
            return
        for here in range(left + 1 if truth.states[state] else 1):
            yield from ((here, *rest) for rest in spread(state + 1, left - here))

    return spread(0, size)


def _probability(truth: Truth, counts: tuple[int, ...]) -> float:
    terms = (
        count * log(probability) - lgamma(count + 1)
        for count, probability in zip(counts, truth.states, strict=True)
        if probability
    )
    return exp(lgamma(sum(counts) + 1) + sum(terms))
