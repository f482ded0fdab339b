"""Shares of kept promises: decided by integers, shown with the interval their count allows."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from math import sqrt

from services.domain.vocabulary import Outcome

MICRO = 1_000_000
PERCENT_QUANTUM = Decimal("0.000001")
Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Rate:
    """How many of how many, with the Wilson interval of the share; percentages are None when nothing was counted."""

    count: int
    total: int
    percent: Decimal | None
    low_percent: Decimal | None
    high_percent: Decimal | None


def rate(count: int, total: int) -> Rate:
    """The share `count / total` in percent with its 95 % interval (Wilson 1927, J. Am. Stat. Assoc. 22).

    The interval is a statement about the process behind the count, not about the count itself, which is exact.
    """
    if not 0 <= count <= total:
        raise ValueError(f"a share needs 0 <= count <= total, got {count} of {total}")
    if total == 0:
        return Rate(count=0, total=0, percent=None, low_percent=None, high_percent=None)
    share = count / total
    z2 = Z_95 * Z_95
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    exact = (Decimal(count) * 100 / Decimal(total)).quantize(PERCENT_QUANTUM, ROUND_HALF_EVEN)
    return Rate(
        count=count,
        total=total,
        percent=exact,
        low_percent=Decimal(100 * max(0.0, centre - half)).quantize(PERCENT_QUANTUM) if count else Decimal(0),
        high_percent=Decimal(100 * min(1.0, centre + half)).quantize(PERCENT_QUANTUM)
        if count < total
        else Decimal(100),
    )


def shown_percent(percent: Decimal | None) -> str:
    """A percentage for people, with one decimal, cut and not rounded: 99.96 must not read as 100.0."""
    return "no data" if percent is None else f"{percent.quantize(Decimal('0.1'), ROUND_DOWN)} %"


def meets_objective(count: int, total: int, objective_percent: Decimal) -> bool:
    """Whether `count / total` reaches the objective, by cross-multiplied integers: nothing is rounded before comparing.

    The objective is exact to six decimals of a percent; more decimals raise ValueError.
    """
    scaled = objective_percent * MICRO
    if scaled != int(scaled):
        raise ValueError(f"an objective has at most six decimals, got {objective_percent}")
    return count * 100 * MICRO >= int(scaled) * total


def judge(*, met: int, missed: int, pending: int, objective_percent: Decimal, finished: bool) -> Outcome:
    """Whether a period keeps its objective.

    Nothing decided and nothing pending is `no_data`. A period that still runs is `pending`; a finished one with pending
    clocks is judged only when none of their outcomes could change the answer.
    """
    decided = met + missed
    if decided + pending == 0:
        return Outcome.NO_DATA if finished else Outcome.PENDING
    if finished and pending == 0:
        return Outcome.MET if meets_objective(met, decided, objective_percent) else Outcome.MISSED
    if finished:
        total = decided + pending
        if meets_objective(met, total, objective_percent):
            return Outcome.MET
        if not meets_objective(met + pending, total, objective_percent):
            return Outcome.MISSED
    return Outcome.PENDING
