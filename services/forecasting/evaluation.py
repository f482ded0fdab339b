"""How good probabilities were: proper scores, ranking, and whether 70 % happened seven times in ten. Pure."""

from dataclasses import dataclass

import numpy as np

from services.domain.rates import Rate, rate
from services.forecasting.features import Floats

BINS = 10
SMALLEST_PROBABILITY = 0.003
"""Log-loss is computed with probabilities kept this far from 0 and 1: one certain error must not be infinite."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Forecasts of similar size: how many, what they said on average, and how often it happened (Wilson interval)."""

    forecasts: int
    lowest: float
    highest: float
    mean_probability: float
    happened: Rate


@dataclass(frozen=True)
class Scores:
    """Scores of a set of forecasts. `auc` is None when only one outcome occurred."""

    forecasts: int
    happened: int
    mean_probability: float
    brier: float
    log_loss: float
    auc: float | None
    calibration_error: float
    reliability: tuple[ReliabilityBin, ...]


def evaluate(probabilities: Floats, happened: Floats) -> Scores:
    """All scores. Raises ValueError for no forecasts, for unequal lengths and for what is no probability."""
    if len(probabilities) != len(happened) or not len(probabilities):
        raise ValueError(f"expected as many outcomes as forecasts and at least one, got {len(happened)}")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("expected probabilities between 0 and 1")
    table = reliability(probabilities, happened)
    return Scores(
        forecasts=len(happened),
        happened=int(happened.sum()),
        mean_probability=float(probabilities.mean()),
        brier=brier(probabilities, happened),
        log_loss=log_loss(probabilities, happened),
        auc=auc(probabilities, happened),
        calibration_error=sum(
            found.forecasts * abs(float(found.happened.count) / found.forecasts - found.mean_probability)
            for found in table
        )
        / len(happened),
        reliability=table,
    )


def brier(probabilities: Floats, happened: Floats) -> float:
    """The mean squared difference between forecast and outcome (Brier 1950): 0 is perfect."""
    return float(np.mean((probabilities - happened) ** 2))


def log_loss(probabilities: Floats, happened: Floats) -> float:
    """The mean negative logarithm of the probability given to what happened."""
    within = np.clip(probabilities, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return float(-np.mean(happened * np.log(within) + (1 - happened) * np.log(1 - within)))


def auc(probabilities: Floats, happened: Floats) -> float | None:
    """The chance that what happened was forecast higher than what did not; equals count half (Mann-Whitney)."""
    positive = happened > 0.5
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    mean_rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((mean_rank[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def reliability(probabilities: Floats, happened: Floats, bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """Forecasts in order of size, cut into bins of equal count. Expected calibration error is taken over these."""
    order = np.argsort(probabilities, kind="stable")
    return tuple(
        ReliabilityBin(
            forecasts=len(part),
            lowest=float(probabilities[part[0]]),
            highest=float(probabilities[part[-1]]),
            mean_probability=float(probabilities[part].mean()),
            happened=rate(int(happened[part].sum()), len(part)),
        )
        for part in np.array_split(order, bins)
        if len(part)
    )
