"""What it is worth to keep a promise."""

from decimal import Decimal
from typing import Any

import pytest

from services.compliance.worth import FailureCost, LargestWorth, failure_worth
from services.domain.vocabulary import PeriodKind
from services.requirements.rules import CostBasis

MINUTE, EVENT = CostBasis.MINUTE, CostBasis.EVENT


def cost(amount: str, basis: CostBasis, currency: str = "EUR") -> FailureCost:
    return FailureCost("restore", Decimal(amount), currency, basis, None)


@pytest.mark.parametrize(
    ("costs", "target", "amount"),
    [
        ([cost("500", EVENT)], {"duration_seconds": 28_800}, "500.00"),
        ([cost("10", MINUTE)], {"duration_seconds": 28_800}, "4800.00"),
        ([cost("10", MINUTE), cost("5000", EVENT)], {"duration_seconds": 28_800}, "5000.00"),
        ([cost("10", MINUTE)], {"period": PeriodKind.MONTH}, "446.40"),
        ([cost("10", MINUTE)], {"period": PeriodKind.YEAR}, "5270.40"),
        ([cost("10", MINUTE)], {"rolling_days": 30}, "432.00"),
        ([cost("0.01", MINUTE)], {"duration_seconds": 1}, "0.00"),
    ],
)
def test_a_failure_that_goes_just_as_far_as_the_promise_allows_costs(
    costs: list[FailureCost], target: dict[str, Any], amount: str
) -> None:
    usual: dict[str, Any] = {"duration_seconds": None, "period": None, "rolling_days": None}
    assert failure_worth(costs, objective_percent=Decimal("99.9"), **usual | target) == LargestWorth(
        Decimal(amount), "EUR"
    )


def test_currencies_are_not_converted_and_what_is_not_stated_is_not_guessed() -> None:
    about: dict[str, Any] = {"duration_seconds": 60, "period": PeriodKind.MONTH, "rolling_days": None}
    nothing = failure_worth([], objective_percent=Decimal(95), **about)
    assert nothing == LargestWorth(None, None, ("what failing costs",))
    both = failure_worth([cost("1", EVENT), cost("1", EVENT, "USD")], objective_percent=Decimal(95), **about)
    assert both == LargestWorth(None, None, ("one currency for EUR, USD",))
