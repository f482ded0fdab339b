"""The terms of an agreement, the credits they grant, who took part in it, and what procurement did about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from services.domain.inputs import AMOUNT_PLACES, LONGEST_NOTE, Problems
from services.domain.vocabulary import PeriodKind

MOST_BANDS = 200
MOST_EXCLUSIONS = 100
MOST_DAYS = 3_660
MOST_MONTHS = 120
MOST_MAINTENANCE = 31 * 86_400
PERCENT_PLACES = 6
RECORDING_GRACE = timedelta(days=14)
"""Who took part and what was ready counts only if it was on record this soon after the instant it matters for."""


class Renewal(StrEnum):
    """What happens when the term of an agreement ends."""

    NONE = "none"
    AUTOMATIC = "automatic"
    """It goes on unless somebody gives notice."""
    OUR_OPTION = "our_option"
    THEIR_OPTION = "their_option"


class Part(StrEnum):
    """What somebody does for an agreement."""

    OWNER = "owner"
    NEGOTIATOR = "negotiator"
    SIGNER = "signer"


class ProcurementEventKind(StrEnum):
    """What happened to a contract on its way from sourcing to its end."""

    STARTED = "started"
    REQUIREMENTS_ATTACHED = "requirements_attached"
    EVIDENCE_PACK_READY = "evidence_pack_ready"
    AWARDED = "awarded"
    SIGNED = "signed"
    RENEWED = "renewed"
    AMENDED = "amended"
    TERMINATED = "terminated"


class AwardCriterion(StrEnum):
    """What decided who got a contract."""

    PRICE_ONLY = "price_only"
    QUALITY_WEIGHTED = "quality_weighted"
    OTHER = "other"


class RecommendationAnswer(StrEnum):
    """What became of a recommendation."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class CreditBand:
    """What a target owes for a period whose attainment lies in [lower, upper): per cent of the fee, or an amount."""

    target_key: str
    lower_percent: Decimal
    upper_percent: Decimal
    credit_percent: Decimal | None = None
    credit_amount: Decimal | None = None


@dataclass(frozen=True)
class Terms:
    """What a version of an agreement says beside its targets. None and empty mean that it does not say."""

    term_ends_at: datetime | None = None
    notice_days: int | None = None
    renewal: Renewal | None = None
    renewal_months: int | None = None
    coverage_calendar_id: UUID | None = None
    population: str = ""
    population_share_percent: Decimal | None = None
    exclusions: Sequence[str] = ()
    monthly_maintenance_seconds: int | None = None
    force_majeure: bool | None = None
    currency: str | None = None
    fee_amount: Decimal | None = None
    fee_period: PeriodKind | None = None
    at_risk_percent: Decimal | None = None
    at_risk_amount: Decimal | None = None
    claim_deadline_days: int | None = None
    signed_at: datetime | None = None
    credit_bands: Sequence[CreditBand] = ()


def decision_due_at(term_ends_at: datetime | None, notice_days: int | None) -> datetime | None:
    """Until when to decide whether to go on (semantics D.5); None where the terms do not say."""
    if term_ends_at is None or notice_days is None:
        return None
    return term_ends_at - timedelta(days=notice_days)


def check_terms(terms: Terms, objectives: Mapping[str, Decimal], problems: Problems) -> None:
    """Every problem of terms. `objectives` are those of the version's targets, by key."""
    for field in ("term_ends_at", "signed_at"):
        if (instant := getattr(terms, field)) is not None:
            problems.instant(field, instant)
    _check_whole("notice_days", terms.notice_days, 0, MOST_DAYS, problems)
    _check_whole("renewal_months", terms.renewal_months, 1, MOST_MONTHS, problems)
    _check_whole("claim_deadline_days", terms.claim_deadline_days, 0, MOST_DAYS, problems)
    _check_whole("monthly_maintenance_seconds", terms.monthly_maintenance_seconds, 0, MOST_MAINTENANCE, problems)
    if terms.renewal_months is not None and terms.renewal in {None, Renewal.NONE}:
        problems.add("renewal_months", "expected none, because the agreement is not renewed")
    problems.text("population", terms.population, longest=LONGEST_NOTE, required=False)
    if problems.at_most("exclusions", terms.exclusions, MOST_EXCLUSIONS):
        problems.distinct("exclusions", terms.exclusions)
        for position, exclusion in enumerate(terms.exclusions):
            problems.text(f"exclusions.{position}", exclusion)
    check_percent("population_share_percent", terms.population_share_percent, problems)
    check_percent("at_risk_percent", terms.at_risk_percent, problems)
    problems.amount("fee_amount", terms.fee_amount)
    problems.amount("at_risk_amount", terms.at_risk_amount)
    problems.currency("currency", terms.currency)
    _check_money(terms, problems)
    check_bands(terms.credit_bands, objectives, problems)


def _check_money(terms: Terms, problems: Problems) -> None:
    if (terms.fee_amount is None) is not (terms.fee_period is None):
        problems.add("fee_period", "expected a period exactly where a fee is stated")
    if terms.at_risk_percent is not None and terms.at_risk_amount is not None:
        problems.add("at_risk_amount", "expected a percentage of the fee or an amount, not both")
    amounts = (terms.fee_amount, terms.at_risk_amount, *(band.credit_amount for band in terms.credit_bands))
    if terms.currency is None and any(amount is not None for amount in amounts):
        problems.add("currency", "expected the currency of the amounts")
    of_fee = (terms.at_risk_percent, *(band.credit_percent for band in terms.credit_bands))
    if terms.fee_amount is None and any(percent is not None for percent in of_fee):
        problems.add("fee_amount", "expected the fee that percentages are of")


def check_bands(bands: Sequence[CreditBand], objectives: Mapping[str, Decimal], problems: Problems) -> None:
    """The bands of a target lie one above the other, from 0 to its objective, without a gap or an overlap."""
    if not problems.at_most("credit_bands", bands, MOST_BANDS):
        return
    by_target: dict[str, list[CreditBand]] = {}
    for position, band in enumerate(bands):
        here = problems.under("credit_bands", position)
        if band.target_key not in objectives:
            here.add("target_key", f"expected a target of the version, got {band.target_key[:63]!r}")
        if (band.credit_percent is None) is (band.credit_amount is None):
            here.add("credit_percent", "expected either a percentage of the fee or an amount")
        check_percent("credit_percent", band.credit_percent, here)
        here.amount("credit_amount", band.credit_amount)
        if not 0 <= band.lower_percent < band.upper_percent <= 100:
            here.add("upper_percent", "expected 0 or more below, and more than that but at most 100 above")
        elif any(side != round(side, PERCENT_PLACES) for side in (band.lower_percent, band.upper_percent)):
            here.add("upper_percent", f"expected at most {PERCENT_PLACES} decimal places")
        by_target.setdefault(band.target_key, []).append(band)
    for key, of_target in by_target.items():
        if key in objectives:
            for message in _faults(of_target, objectives[key]):
                problems.add("credit_bands", f"target {key!r}: {message}")


def _faults(bands: Sequence[CreditBand], objective: Decimal) -> list[str]:
    ordered = sorted(bands, key=lambda band: (band.lower_percent, band.upper_percent))
    sides = [(Decimal(0), Decimal(0)), *((band.lower_percent, band.upper_percent) for band in ordered)]
    faults = []
    for (_, below), (above, upper) in pairwise(sides):
        if above > below:
            faults.append(f"a gap from {_said(below)} to {_said(above)} %")
        elif above < below:
            faults.append(f"an overlap from {_said(above)} to {_said(min(below, upper))} %")
    highest = max(upper for _, upper in sides)
    if highest < objective:
        faults.append(f"a gap from {_said(highest)} % to the objective, {_said(objective)} %")
    elif highest > objective:
        faults.append(f"a credit above the objective, {_said(objective)} %")
    return faults


def band_of(bands: Sequence[CreditBand], met: int, counted: int) -> CreditBand | None:
    """The band in which `met` of `counted` lies, decided exactly; None above the objective. At least one is counted."""
    attained = Fraction(100 * met, counted)
    return next(
        (band for band in bands if Fraction(band.lower_percent) <= attained < Fraction(band.upper_percent)), None
    )


def credit_of(band: CreditBand, fee_amount: Decimal | None) -> Decimal | None:
    """What a band grants; None where it is a share of a fee that is not known."""
    if band.credit_amount is not None:
        return band.credit_amount
    if fee_amount is None or band.credit_percent is None:
        return None
    return _share(fee_amount, band.credit_percent)


def cap_of(
    fee_amount: Decimal | None, at_risk_percent: Decimal | None, at_risk_amount: Decimal | None
) -> Decimal | None:
    """The most that all credits of a period come to together; None where none is stated."""
    if at_risk_amount is not None:
        return at_risk_amount
    if at_risk_percent is None or fee_amount is None:
        return None
    return _share(fee_amount, at_risk_percent)


def _share(amount: Decimal, percent: Decimal) -> Decimal:
    return (amount * percent / 100).quantize(Decimal(1).scaleb(-AMOUNT_PLACES))


def check_percent(field: str, percent: Decimal | None, problems: Problems) -> None:
    """A percentage, if one is given."""
    if percent is None:
        return
    if not percent.is_finite() or not 0 < percent <= 100:
        problems.add(field, "expected a percentage above 0 and at most 100")
    elif percent != round(percent, PERCENT_PLACES):
        problems.add(field, f"expected at most {PERCENT_PLACES} decimal places")


def _check_whole(field: str, value: int | None, least: int, most: int, problems: Problems) -> None:
    if value is not None and not least <= value <= most:
        problems.add(field, f"expected {least} to {most:,}, got {value}")


def _said(percent: Decimal) -> str:
    return f"{percent.normalize():f}"
