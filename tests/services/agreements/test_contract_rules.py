"""Credits without gaps, and the instants that terms come to (semantics D.5, D.12)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.agreements.contract_rules import (
    CreditBand,
    Renewal,
    Terms,
    band_of,
    cap_of,
    check_terms,
    credit_of,
    decision_due_at,
)
from services.domain.inputs import Problems
from services.domain.vocabulary import PeriodKind
from services.errors import Invalid
from tests.factories.refusals import refused_fields

FEE = {"currency": "EUR", "fee_amount": Decimal(1000), "fee_period": PeriodKind.MONTH}


def band(lower: str, upper: str, percent: str | None = "5", amount: str | None = None) -> CreditBand:
    credit = (None if percent is None else Decimal(percent), None if amount is None else Decimal(amount))
    return CreditBand("resolve", Decimal(lower), Decimal(upper), *credit)


def check(*bands: CreditBand, **said: Any) -> None:
    problems = Problems()
    check_terms(Terms(**{**FEE, **said}, credit_bands=bands), {"resolve": Decimal(95)}, problems)
    problems.refuse("refused")


@pytest.mark.parametrize(
    "bands",
    [
        [],
        [("0", "95")],
        [("92", "95"), ("0", "92")],
        [("0", "80"), ("80", "94.999999"), ("94.999999", "95")],
    ],
)
def test_credits_from_nothing_to_the_objective_are_accepted(bands: list[tuple[str, str]]) -> None:
    check(*(band(*sides) for sides in bands))


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ([("92", "94.99"), ("0", "91.99")], ["a gap from 91.99 to 92 %", "a gap from 94.99 % to the objective, 95 %"]),
        ([("0", "93"), ("92", "95")], ["an overlap from 92 to 93 %"]),
        ([("50", "95")], ["a gap from 0 to 50 %"]),
        ([("0", "96")], ["a credit above the objective, 95 %"]),
        ([("0", "95"), ("0", "95")], ["an overlap from 0 to 95 %"]),
    ],
)
def test_gaps_and_overlaps_are_named(bands: list[tuple[str, str]], said: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        check(*(band(*sides) for sides in bands))
    assert [problem.message for problem in refusal.value.problems] == [f"target 'resolve': {each}" for each in said]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"notice_days": -1}, ["notice_days"]),
        ({"renewal_months": 12}, ["renewal_months"]),
        ({"renewal_months": 12, "renewal": Renewal.AUTOMATIC}, []),
        ({"currency": "eur"}, ["currency"]),
        ({"currency": None}, ["currency"]),
        ({"fee_amount": Decimal("0.001")}, ["fee_amount"]),
        ({"fee_period": None}, ["fee_period"]),
        ({"at_risk_percent": Decimal(15), "at_risk_amount": Decimal(100)}, ["at_risk_amount"]),
        ({"at_risk_percent": Decimal(101)}, ["at_risk_percent"]),
        ({"exclusions": ("strikes", "strikes")}, ["exclusions"]),
        ({"signed_at": datetime(2026, 1, 1)}, ["signed_at"]),  # noqa: DTZ001
    ],
)
def test_every_problem_of_terms_names_its_field(said: dict[str, Any], fields: list[str]) -> None:
    if fields:
        with refused_fields(*fields):
            check(**said)
    else:
        check(**said)


def test_a_credit_is_of_a_target_of_the_version_and_a_share_of_a_fee_or_an_amount() -> None:
    with refused_fields("credit_bands.0.target_key"):
        check(replace(band("0", "95"), target_key="other"))
    with refused_fields("credit_bands.0.credit_percent"):
        check(band("0", "95", "5", "5"))
    with refused_fields("fee_amount", "fee_period"):
        check(band("0", "95"), fee_amount=None)


BANDS = [band("0", "92", None, "3000"), band("92", "95", None, "1000")]


@pytest.mark.parametrize(
    ("met", "counted", "credit"),
    [(95, 100, None), (94, 100, 1000), (92, 100, 1000), (9199, 10000, 3000), (0, 1, 3000), (1, 1, None),
     (949_999_999, 1_000_000_000, 1000)],
)  # fmt: skip
def test_a_band_begins_where_it_says_and_ends_before_the_next(met: int, counted: int, credit: int | None) -> None:
    found = band_of(BANDS, met, counted)
    assert (None if found is None else found.credit_amount) == credit


def test_credits_are_shares_of_the_fee_to_the_cent_and_capped() -> None:
    assert credit_of(band("0", "95", "12.5"), Decimal("999.99")) == Decimal("125.00")
    assert credit_of(band("0", "95", "12.5"), None) is None
    assert cap_of(Decimal(1000), Decimal(15), None) == Decimal("150.00")
    assert cap_of(None, None, Decimal(99)) == Decimal(99)
    assert cap_of(Decimal(1000), None, None) is None


def test_the_decision_is_due_as_many_days_before_the_end_as_notice_takes() -> None:
    """Semantics D.5: to the 30th of September with 90 days of notice, so by the 2nd of July."""
    end = datetime(2026, 9, 30, tzinfo=UTC)
    assert decision_due_at(end, 90) == datetime(2026, 7, 2, tzinfo=UTC)
    assert decision_due_at(end, None) is None
    assert decision_due_at(None, 90) is None
