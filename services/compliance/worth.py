"""What it is worth to keep a promise: what a failure costs that goes just as far as the promise allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.domain.vocabulary import PeriodKind
from services.requirements.rules import CostBasis, RequirementPriority

LONGEST_DAYS = {PeriodKind.WEEK: 7, PeriodKind.MONTH: 31, PeriodKind.QUARTER: 92, PeriodKind.YEAR: 366}


@dataclass(frozen=True)
class FailureCost:
    """What a requirement says failing it costs: the value it protects."""

    requirement_key: str
    amount: Decimal
    currency: str
    basis: CostBasis
    priority: RequirementPriority | None


@dataclass(frozen=True)
class LargestWorth:
    """The largest of what the requirements of a target are worth; None with what is missing where that is unknown."""

    amount: Decimal | None
    currency: str | None
    missing: tuple[str, ...] = ()


def failure_worth(
    costs: Sequence[FailureCost],
    *,
    objective_percent: Decimal,
    duration_seconds: int | None,
    period: PeriodKind | None,
    rolling_days: int | None,
) -> LargestWorth:
    """What one failure costs; where that is counted by the minute, one that lasts as long as the promise allows.

    For a target about tickets that is its time; for one of availability what its objective leaves of a window, taken
    around the clock and at its longest.
    """
    if not costs:
        return LargestWorth(None, None, ("what failing costs",))
    currencies = {cost.currency for cost in costs}
    if len(currencies) > 1:
        return LargestWorth(None, None, (f"one currency for {', '.join(sorted(currencies))}",))
    if duration_seconds is None:
        days = rolling_days or LONGEST_DAYS[period or PeriodKind.MONTH]
        minutes = Decimal(days * 1440) * (100 - objective_percent) / 100
    else:
        minutes = Decimal(duration_seconds) / 60
    worth = (cost.amount * (minutes if cost.basis is CostBasis.MINUTE else 1) for cost in costs)
    return LargestWorth(max(worth).quantize(Decimal("0.01")), currencies.pop())
