"""Period forecasts from first principles: will a target miss its objective over the period that runs? Pure numpy.

A target keeps its promise with a probability that differs between targets (empirical Bayes, a beta prior) and from
period to period (a beta-binomial with precision `steadiness`). What is left of the period is simulated: how many cases
are still to come, and how many of them may break the promise. Casella 1985 (Am. Stat. 39) on empirical Bayes.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from services.forecasting.features import Floats
from services.forecasting.gamma import held_gamma, log_beta

Counts = npt.NDArray[np.int64]

HALF_LIFE_PERIODS = 5.0
DRAWS = 400
ROUNDS = 2
SEED = 20260302
NORMAL_90 = 1.2815515655446004
"""90 % quantile of the standard normal distribution: bounds of 80 % intervals."""
MICRO = 1_000_000


@dataclass(frozen=True, eq=False)
class Histories:
    """Closed periods of targets, most recent last: (targets, periods) counts; zero decided where a target has none."""

    met: Counts
    decided: Counts


@dataclass(frozen=True)
class Population:
    """What all targets have in common: mean and weight (in cases) of the prior, and how steady a target's periods are.

    `volume` is the usual number of cases in a period, for targets without a history; `volume_shape` how regular the
    volume of a target is, as the shape of a gamma distribution: large is regular.
    """

    mean: float
    weight: float
    steadiness: float
    volume: float
    volume_shape: float


@dataclass(frozen=True, eq=False)
class Periods:
    """The current period of each target: cases met and missed so far, the share of the period gone, the objective in
    millionths of a percent, and whether the period has ended with nothing pending."""

    met: Counts
    missed: Counts
    elapsed: Floats
    objective: Counts
    finished: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PeriodForecasts:
    """Per target: the probability of missing the objective with its 80 % interval, the 80 % interval of the share kept
    at the end, cases still expected, and the cases behind the estimate. `decided` probabilities are 0 or 1."""

    probability: Floats
    low: Floats
    high: Floats
    attainment_low: Floats
    attainment_high: Floats
    expected_rest: Floats
    effective_cases: Floats
    decided: npt.NDArray[np.bool_]


def fit_population(histories: Histories) -> Population:
    """The population by maximum likelihood on grids, prior and steadiness in turn. A flat prior without any history."""
    met, decided = histories.met, histories.decided
    some = decided > 0
    if not some.any():
        return Population(mean=0.9, weight=2.0, steadiness=20.0, volume=10.0, volume_shape=4.0)
    steadiness = 50.0
    mean, weight = float(met.sum() + 1) / float(decided.sum() + 2), 10.0
    for _ in range(ROUNDS):
        kept, seen = _evidence(histories, steadiness)
        mean, weight = _fit_prior(kept.sum(axis=1), seen.sum(axis=1), mean, weight)
        centre = (kept.sum(axis=1) + mean * weight) / (seen.sum(axis=1) + weight)
        steadiness = _fit_steadiness(met, decided, np.broadcast_to(centre[:, None], met.shape), some)
    volumes = np.where(some, decided, 0).astype(np.float64)
    return Population(mean, weight, steadiness, float(decided[some].mean()), _volume_shape(volumes, some))


def forecast_periods(
    population: Population, histories: Histories, periods: Periods, *, seed: int = SEED
) -> PeriodForecasts:
    """Forecast the current period of every target; the same seed gives the same answer.

    A period that has ended, or in which the objective can no longer be reached, is decided before anything is
    simulated. With population and seed held, risk never falls when a miss is added.
    """
    kept, seen = (evidence.sum(axis=1) for evidence in _evidence(histories, population.steadiness))
    alpha = kept + population.mean * population.weight
    beta = seen - kept + (1 - population.mean) * population.weight
    centre = alpha / (alpha + beta)
    spread = np.sqrt(centre * (1 - centre) / (alpha + beta + 1))
    held = _Held(seed)
    rest = held.rest(_expected_volume(population, histories) * (1 - periods.elapsed), population.volume_shape)
    bounds = [np.clip(centre + side * NORMAL_90 * spread, 1e-4, 1 - 1e-4) for side in (1, 0, -1)]
    low, likely, high = (_risk(population, bound, periods, rest, held) for bound in bounds)
    missed, decided = _decided(periods)
    attained_low, attained_high = _attainment(population, centre, periods, rest, held)
    return PeriodForecasts(
        probability=np.where(decided, missed, likely),
        low=np.where(decided, missed, low),
        high=np.where(decided, missed, high),
        attainment_low=attained_low,
        attainment_high=attained_high,
        expected_rest=rest.mean(axis=1),
        effective_cases=seen + periods.met + periods.missed,
        decided=decided,
    )


def allowed_misses(decided: Counts, objective: Counts) -> Counts:
    """How many of so many cases may break the promise while the objective (millionths of a percent) is reached."""
    whole = 100 * MICRO
    return np.asarray(decided * (whole - objective) // whole, dtype=np.int64)


class _Held:
    """Random numbers drawn once and shared by all targets: two forecasts that differ in a count differ in nothing else,
    and no target's forecast depends on which others there are.

    Each stream takes every part of its distribution once, in random order (a Latin hypercube), so that few draws do.
    """

    KEPT, BROKEN, BELOW, ABOVE, REST, LATER = range(6)

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        even = (np.arange(DRAWS) + 0.5) / DRAWS
        normal = NormalDist()
        quantiles = np.array([normal.inv_cdf(share) for share in even.tolist()])
        self.normals = np.array([random.permutation(quantiles) for _ in range(6)])
        self.uniforms = np.array([random.permutation(even) for _ in range(6)])

    def gamma(self, stream: int, shape: Floats) -> Floats:
        """The draws of a stream for these shapes."""
        return held_gamma(shape, self.normals[stream], self.uniforms[stream])

    def rest(self, mean: Floats, regularity: float) -> Counts:
        """Cases still to come: whole numbers with the mean and the variance of a negative binomial."""
        mean = np.maximum(mean, 1e-6)[:, None]
        shape = mean * regularity / (mean + regularity)
        return np.rint(self.gamma(self.REST, shape) * mean / shape).astype(np.int64)


def _risk(population: Population, centre: Floats, periods: Periods, rest: Counts, held: _Held) -> Floats:
    """The smoothed share of draws in which the period ends below its objective.

    Of `rest` cases more than `spare` break the promise exactly if the (spare + 1)th smallest of as many uniform numbers
    lies below the chance of breaking it. Both are ratios of gammas, so the comparison needs no division.
    """
    kept = held.gamma(_Held.KEPT, (centre * population.steadiness + periods.met)[:, None])
    broken = held.gamma(_Held.BROKEN, ((1 - centre) * population.steadiness + periods.missed)[:, None])
    total = (periods.met + periods.missed)[:, None] + rest
    spare = allowed_misses(total, periods.objective[:, None]) - periods.missed[:, None]
    possible = (spare >= 0) & (spare < rest)
    below = held.gamma(_Held.BELOW, np.where(possible, spare + 1, 1).astype(np.float64))
    above = held.gamma(_Held.ABOVE, np.where(possible, rest - spare, 1).astype(np.float64))
    exceeded = (spare < 0) | (possible & (below * kept <= broken * above))
    return np.asarray((exceeded.sum(axis=1) + 0.5) / (DRAWS + 1), dtype=np.float64)


def _decided(periods: Periods) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """1 or 0 where the outcome can no longer change: the period has ended, or no miss was allowed and one happened."""
    decided = periods.met + periods.missed
    over = periods.missed > allowed_misses(decided, periods.objective)
    hopeless = (periods.objective >= 100 * MICRO) & (periods.missed > 0)
    ended = periods.finished & (decided > 0)
    return np.where(ended, over, hopeless).astype(np.float64), ended | hopeless


def _attainment(
    population: Population, centre: Floats, periods: Periods, rest: Counts, held: _Held
) -> tuple[Floats, Floats]:
    """The 80 % interval of the share kept at the end; misses still to come are spread like a binomial's."""
    kept = held.gamma(_Held.KEPT, (centre * population.steadiness + periods.met)[:, None])
    broken = held.gamma(_Held.BROKEN, ((1 - centre) * population.steadiness + periods.missed)[:, None])
    chance = np.clip(broken / (kept + broken), 1e-9, 1 - 1e-9)
    drawn = (1 - chance) * held.gamma(_Held.LATER, np.maximum(rest, 1e-3) * chance / (1 - chance))
    missed = periods.missed[:, None] + np.minimum(np.rint(drawn), rest)
    total = (periods.met + periods.missed)[:, None] + rest
    share = np.where(total > 0, 1 - missed / np.maximum(total, 1), 1 - chance)
    low, high = np.quantile(share, (0.1, 0.9), axis=1)
    return low, high


def _evidence(histories: Histories, steadiness: float) -> tuple[Floats, Floats]:
    """Cases kept and seen, weighted down with age (half-life of five periods) and for varying together in a period."""
    ages = np.arange(histories.decided.shape[1] - 1, -1, -1, dtype=np.float64)
    overlap = 1 / (steadiness + 1)
    weight = 0.5 ** (ages / HALF_LIFE_PERIODS) / (1 + np.maximum(histories.decided - 1, 0) * overlap)
    return weight * histories.met, weight * histories.decided


def _expected_volume(population: Population, histories: Histories) -> Floats:
    """Cases a period usually has: the mean of the target's periods, recent ones first in weight."""
    ages = np.arange(histories.decided.shape[1] - 1, -1, -1, dtype=np.float64)
    weight = 0.5 ** (ages / HALF_LIFE_PERIODS) * (histories.decided > 0)
    total = weight.sum(axis=1)
    usual = (weight * histories.decided).sum(axis=1) / np.maximum(total, 1e-9)
    return np.asarray(np.where(total > 0, usual, population.volume), dtype=np.float64)


def _fit_prior(kept: Floats, seen: Floats, mean: float, weight: float) -> tuple[float, float]:
    means = 1 - np.geomspace(0.002, 0.7, 40)
    weights = np.geomspace(0.5, 2000, 40)
    for _ in range(3):
        mean = float(max(means, key=lambda tried: _beta_binomial(kept, seen, tried, weight)))
        weight = float(max(weights, key=lambda tried: _beta_binomial(kept, seen, mean, tried)))
    return mean, weight


def _beta_binomial(kept: Floats, seen: Floats, mean: float, weight: float) -> float:
    a, b = np.array([mean * weight]), np.array([(1 - mean) * weight])
    return float((log_beta(kept + a, seen - kept + b) - log_beta(a, b)).sum())


def _fit_steadiness(met: Counts, decided: Counts, centre: Floats, some: npt.NDArray[np.bool_]) -> float:
    kept, seen, mean = met[some], decided[some], centre[some]

    def likelihood(steadiness: float) -> float:
        a, b = mean * steadiness, (1 - mean) * steadiness
        return float((log_beta(kept + a, seen - kept + b) - log_beta(a, b)).sum())

    return float(max(np.geomspace(3, 3000, 24), key=likelihood))


def _volume_shape(volumes: Floats, some: npt.NDArray[np.bool_]) -> float:
    """By moments: how much the volumes of a target vary beyond what chance makes of a constant rate."""
    count = some.sum(axis=1)
    enough = count >= 3
    if not enough.any():
        return 4.0
    mean = volumes[enough].sum(axis=1) / count[enough]
    variance = (np.where(some[enough], volumes[enough] - mean[:, None], 0.0) ** 2).sum(axis=1) / (count[enough] - 1)
    excess = float(np.maximum(variance - mean, 0).sum() / np.maximum((mean**2).sum(), 1e-9))
    return float(np.clip(1 / max(excess, 1e-3), 0.5, 1000))
