"""What promises are worth: credits owed for periods that were missed, what can still be owed, and what failing costs.

Credits come from what a period was signed off as, or what its last adjustment says (semantics D.12); of a period that
ended and was not signed off they are provisional. Amounts are never converted between currencies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.contract_rules import CreditBand, band_of, cap_of, credit_of
from services.agreements.rules import AgreementKind, TargetKind
from services.compliance.worth import FailureCost, LargestWorth, failure_worth
from services.db import ReadSession, fetch, fetch_whole
from services.domain.vocabulary import PeriodKind
from services.requirements.rules import CostBasis, RequirementPriority

STATEMENTS, STATEMENTS_OF_WORTH = 3, 2
SINCE = timedelta(days=731)
"""How far back periods are looked at."""
MOST_TARGETS, MOST_PERIODS = 20_000, 100_000
"""Targets: counted once for each requirement they promise."""
ONE_SERVICE = "; expected one service to be asked for"

TARGETS = """
WITH latest AS (
    SELECT DISTINCT ON (v.agreement_id) v.agreement_id, v.id, v.status FROM agreement_version v
    WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $2::timestamptz
    ORDER BY v.agreement_id, v.valid_from DESC
), definition AS (
    SELECT c.agreement_version_id, c.target_id, c.objective_percent, c.period, NULL::bigint AS rolling_days,
           c.duration_seconds
    FROM target_version c WHERE c.organisation_id = $1::uuid
    UNION ALL
    SELECT v.agreement_version_id, v.target_id, v.objective_percent, v.period, v.rolling_days, NULL
    FROM availability_target_version v WHERE v.organisation_id = $1::uuid
), link AS (
    SELECT DISTINCT ON (l.target_id, l.requirement_id) l.target_id, l.requirement_id, l.tenure
    FROM target_requirement l
    WHERE l.organisation_id = $1::uuid AND l.valid_from <= $2::timestamptz AND l.recorded_at <= $2::timestamptz
    ORDER BY l.target_id, l.requirement_id, l.valid_from DESC
), said AS (
    SELECT DISTINCT ON (w.requirement_id) w.requirement_id, r.key, w.cost_amount, w.cost_currency, w.cost_basis,
           w.priority
    FROM requirement_version w
    JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = w.requirement_id
    WHERE w.organisation_id = $1::uuid AND w.valid_from <= $2::timestamptz AND w.recorded_at <= $2::timestamptz
    ORDER BY w.requirement_id, w.valid_from DESC
)
SELECT s.id, s.key, s.name, a.id, a.key, a.name, a.kind, latest.id, t.id, t.key, t.name, t.kind, d.objective_percent,
       d.period, d.rolling_days, d.duration_seconds, q.key, q.cost_amount, q.cost_currency, q.cost_basis, q.priority
FROM latest
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = latest.agreement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
JOIN definition d ON d.agreement_version_id = latest.id
JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
LEFT JOIN link ON link.target_id = t.id AND link.tenure = 'held'
LEFT JOIN said q ON q.requirement_id = link.requirement_id
WHERE latest.status = 'in_force' AND ($3::text IS NULL OR s.key = $3::text)
ORDER BY s.key, a.key, t.key, q.key
LIMIT $4
"""

TERMS = """
SELECT v.id, m.currency, m.fee_amount, m.fee_period, m.at_risk_percent, m.at_risk_amount, m.claim_deadline_days,
       b.target_id, g.key, b.lower_percent, b.upper_percent, b.credit_percent, b.credit_amount
FROM agreement_terms m
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = m.agreement_version_id
LEFT JOIN credit_band b ON b.organisation_id = $1::uuid AND b.terms_id = m.id
LEFT JOIN target g ON g.organisation_id = $1::uuid AND g.id = b.target_id
WHERE m.organisation_id = $1::uuid AND m.recorded_at <= $2::timestamptz AND v.agreement_id = ANY($3::uuid[])
ORDER BY v.id, b.target_id, b.lower_percent
"""

PERIODS = """
SELECT r.target_id, d.agreement_version_id, r.period_start, r.period_end, f.id IS NOT NULL,
       coalesce(j.met, r.met), coalesce(j.missed, r.missed), r.pending
FROM period_result r
JOIN target_version d ON d.organisation_id = $1::uuid AND d.id = r.target_version_id
LEFT JOIN period_freeze f ON f.organisation_id = $1::uuid AND f.period_result_id = r.id
     AND f.recorded_at <= $2::timestamptz
LEFT JOIN LATERAL (
    SELECT j.met, j.missed FROM period_adjustment j
    WHERE j.organisation_id = $1::uuid AND j.period_result_id = r.id AND j.recorded_at <= $2::timestamptz
    ORDER BY j.number DESC LIMIT 1
) AS j ON TRUE
WHERE r.organisation_id = $1::uuid AND r.target_id = ANY($3::uuid[])
  AND r.period_end <= $2::timestamptz AND r.period_end > $4::timestamptz
ORDER BY r.target_id, r.period_start
LIMIT $5
"""


@dataclass(frozen=True)
class VersionTerms:
    """The terms of a version as far as credits need them, with the credits of each target."""

    currency: str | None
    fee_amount: Decimal | None
    fee_period: PeriodKind | None
    cap: Decimal | None
    claim_deadline_days: int | None
    bands: Mapping[UUID, Sequence[CreditBand]]


@dataclass(frozen=True)
class TargetExposure:
    """A target in force: what failing it costs by its requirements, and the highest credit of a period."""

    target_id: UUID
    key: str
    name: str
    kind: TargetKind
    agreement_id: UUID
    agreement_key: str
    agreement_kind: AgreementKind
    objective_percent: Decimal
    costs: tuple[FailureCost, ...]
    value_at_risk: Decimal | None
    value_currency: str | None
    highest_credit: Decimal | None
    credit_missing: tuple[str, ...]
    """What the highest credit cannot be told without; part of `missing`."""
    missing: tuple[str, ...]


@dataclass(frozen=True)
class PeriodCredit:
    """What an agreement owes for a period: the credits of its targets, at most its cap."""

    period_start: datetime
    period_end: datetime
    is_signed_off: bool
    amount: Decimal
    is_capped: bool
    claimable_until: datetime | None
    targets: tuple[str, ...]


@dataclass(frozen=True)
class AgreementExposure:
    """The credits of an agreement: owed, provisional, and the most that its running period can still cost."""

    agreement_id: UUID
    key: str
    name: str
    kind: AgreementKind
    currency: str | None
    owed: Decimal | None
    provisional: Decimal | None
    cap: Decimal | None
    still_at_risk: Decimal | None
    periods: tuple[PeriodCredit, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ServiceExposure:
    """A service with promises in force; targets by what failing them costs, the highest first."""

    service_id: UUID
    key: str
    name: str
    targets: tuple[TargetExposure, ...]
    agreements: tuple[AgreementExposure, ...]


@dataclass(frozen=True)
class _Target:
    head: tuple[Any, ...]
    version_id: UUID
    id: UUID
    key: str
    name: str
    kind: TargetKind
    objective_percent: Decimal
    period: PeriodKind | None
    rolling_days: int | None
    duration_seconds: int | None
    costs: tuple[FailureCost, ...]
    without_cost: tuple[str, ...]


async def exposure(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime, service_key: str | None = None
) -> list[ServiceExposure]:
    """Every service with promises in force at `as_of`, or the one of this key. Three statements.

    Raises AnswerTooLarge for more than 20,000 targets and requirements they promise, or 100,000 finished periods.
    """
    advice = ONE_SERVICE if service_key is None else ""
    targets, terms = await _in_force(session, organisation_id, as_of, service_key, advice)
    periods = await fetch_whole(
        session, PERIODS, organisation_id, as_of, [target.id for target in targets], as_of - SINCE,
        most=MOST_PERIODS, told=f"finished periods are to be looked at{advice}",
    )  # fmt: skip
    of_target: defaultdict[UUID, list[Sequence[Any]]] = defaultdict(list)
    for row in periods:
        of_target[row[0]].append(row)
    services: defaultdict[tuple[Any, ...], list[_Target]] = defaultdict(list)
    for target in targets:
        services[target.head[:3]].append(target)
    return [
        ServiceExposure(id_, key, name, _ranked(found, terms), tuple(_agreements(found, terms, of_target)))
        for (id_, key, name), found in services.items()
    ]


async def worth_in_force(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> tuple[dict[UUID, TargetExposure], dict[str, VersionTerms]]:
    """What each target in force at `as_of` is worth, and the terms of the agreements by key. Two statements.

    Raises AnswerTooLarge for more than 20,000 targets and requirements they promise.
    """
    targets, terms = await _in_force(session, organisation_id, as_of, None)
    exposed = {target.id: _target(target, terms.get(target.version_id)) for target in targets}
    agreements = {target.head[4]: terms[target.version_id] for target in targets if target.version_id in terms}
    return exposed, agreements


async def _in_force(
    session: ReadSession, organisation_id: UUID, as_of: datetime, service_key: str | None, advice: str = ""
) -> tuple[list[_Target], dict[UUID, VersionTerms]]:
    """The targets, and the terms of every version of their agreements."""
    told = f"targets and requirements they promise are in force{advice}"
    rows = await fetch_whole(session, TARGETS, organisation_id, as_of, service_key, most=MOST_TARGETS, told=told)
    targets = _targets(rows)
    agreement_ids = list({target.head[3] for target in targets})
    return targets, _terms(await fetch(session, TERMS, organisation_id, as_of, agreement_ids))


def _targets(rows: Iterable[Sequence[Any]]) -> list[_Target]:
    grouped: dict[UUID, list[Sequence[Any]]] = {}
    for row in rows:
        grouped.setdefault(row[8], []).append(row)
    found = []
    for id_, of_one in grouped.items():
        row = of_one[0]
        said = [each[16:] for each in of_one if each[16] is not None]
        costs = tuple(
            FailureCost(key, amount, currency, CostBasis(basis), RequirementPriority(priority) if priority else None)
            for key, amount, currency, basis, priority in said
            if amount is not None
        )
        without = tuple(key for key, amount, *_ in said if amount is None)
        period = None if row[13] is None else PeriodKind(row[13])
        found.append(
            _Target(
                tuple(row[:7]), row[7], id_, row[9], row[10], TargetKind(row[11]), row[12], period, row[14], row[15],
                costs, without,
            )
        )  # fmt: skip
    return found


def _terms(rows: Iterable[Sequence[Any]]) -> dict[UUID, VersionTerms]:
    bands: defaultdict[UUID, defaultdict[UUID, list[CreditBand]]] = defaultdict(lambda: defaultdict(list))
    found: dict[UUID, VersionTerms] = {}
    for version_id, currency, fee, fee_period, at_risk_percent, at_risk_amount, days, target_id, *band in rows:
        period = None if fee_period is None else PeriodKind(fee_period)
        cap = cap_of(fee, at_risk_percent, at_risk_amount)
        if target_id is not None:
            bands[version_id][target_id].append(CreditBand(*band))
        found[version_id] = VersionTerms(currency, fee, period, cap, days, bands[version_id])
    return found


def _ranked(targets: Sequence[_Target], terms: Mapping[UUID, VersionTerms]) -> tuple[TargetExposure, ...]:
    exposed = [_target(target, terms.get(target.version_id)) for target in targets]
    return tuple(
        sorted(
            exposed,
            key=lambda each: (
                each.value_at_risk is None,
                each.value_currency or "",
                -(each.value_at_risk or 0),
                each.agreement_key,
                each.key,
            ),
        )
    )


def _target(target: _Target, terms: VersionTerms | None) -> TargetExposure:
    worth = _worth(target)
    missing = list(worth.missing)
    missing += [f"what failing requirement {key} costs" for key in target.without_cost]
    highest, unsaid = _highest_credit(target, terms)
    *_, agreement_id, agreement_key, _name, kind = target.head
    return TargetExposure(
        target.id, target.key, target.name, target.kind, agreement_id, agreement_key, AgreementKind(kind),
        target.objective_percent, target.costs, worth.amount, worth.currency, highest, tuple(unsaid),
        (*missing, *unsaid),
    )  # fmt: skip


def _worth(target: _Target) -> LargestWorth:
    return failure_worth(
        target.costs,
        objective_percent=target.objective_percent,
        duration_seconds=target.duration_seconds,
        period=target.period,
        rolling_days=target.rolling_days,
    )


def _highest_credit(target: _Target, terms: VersionTerms | None) -> tuple[Decimal | None, list[str]]:
    if terms is None:
        return None, ["the terms of the agreement"]
    if not (bands := terms.bands.get(target.id)):
        return Decimal(0), []
    granted = [_credit(band, target.period, terms) for band in bands]
    if any(credit is None for credit in granted):
        return None, ["a fee for the period that the target is judged over"]
    return max(credit for credit in granted if credit is not None), []


def _credit(band: CreditBand, period: PeriodKind | None, terms: VersionTerms) -> Decimal | None:
    """A share of the fee only where the fee is of the period that is judged."""
    return credit_of(band, terms.fee_amount if period is terms.fee_period else None)


def _agreements(
    targets: Sequence[_Target], terms: Mapping[UUID, VersionTerms], periods: Mapping[UUID, Sequence[Sequence[Any]]]
) -> Iterable[AgreementExposure]:
    grouped: defaultdict[tuple[Any, ...], list[_Target]] = defaultdict(list)
    for target in targets:
        grouped[target.head[3:]].append(target)
    for (agreement_id, key, name, kind), found in grouped.items():
        current = terms.get(found[0].version_id)
        granted, missing = _credits(found, terms, periods)
        risk, unsaid = _still_at_risk(found, current)
        signed = [each.amount for each in granted if each.is_signed_off]
        others = [each.amount for each in granted if not each.is_signed_off]
        known = current is not None and not missing
        yield AgreementExposure(
            agreement_id=agreement_id,
            key=key,
            name=name,
            kind=AgreementKind(kind),
            currency=None if current is None else current.currency,
            owed=sum(signed, Decimal(0)) if known else None,
            provisional=sum(others, Decimal(0)) if known else None,
            cap=None if current is None else current.cap,
            still_at_risk=risk,
            periods=tuple(granted),
            missing=tuple(dict.fromkeys([*missing, *unsaid])),
        )


def _still_at_risk(targets: Sequence[_Target], terms: VersionTerms | None) -> tuple[Decimal | None, list[str]]:
    """The most that one period can cost: the highest credits of all targets together, at most the cap."""
    total = Decimal(0)
    for target in targets:
        highest, unsaid = _highest_credit(target, terms)
        if highest is None:
            return None, unsaid
        total += highest
    cap = None if terms is None else terms.cap
    return (total if cap is None else min(total, cap)), []


def _credits(
    targets: Sequence[_Target], terms: Mapping[UUID, VersionTerms], periods: Mapping[UUID, Sequence[Sequence[Any]]]
) -> tuple[list[PeriodCredit], list[str]]:
    """The credits of each period that was missed, by what the version said that it was judged by."""
    found: defaultdict[tuple[datetime, datetime, UUID], list[tuple[str, bool, Decimal]]] = defaultdict(list)
    missing: list[str] = []
    for target in targets:
        now_in_force = terms.get(target.version_id)
        if not periods.get(target.id) and (now_in_force is None or now_in_force.bands.get(target.id)):
            missing.append(f"a finished period of target {target.key}")
        for _, version_id, start, end, is_signed, met, missed, pending in periods.get(target.id, ()):
            if (said := terms.get(version_id)) is None:
                missing.append("the terms of the agreement")
            elif (
                met + missed
                and (is_signed or not pending)
                and (band := band_of(said.bands.get(target.id, ()), met, met + missed))
            ):
                credit = _credit(band, target.period, said)
                if credit is None:
                    missing.append("a fee for the period that the target is judged over")
                else:
                    found[start, end, version_id].append((target.key, is_signed, credit))
    return [_period(terms[key[2]], *key[:2], of_period) for key, of_period in sorted(found.items())], missing


def _period(
    terms: VersionTerms, start: datetime, end: datetime, granted: Sequence[tuple[str, bool, Decimal]]
) -> PeriodCredit:
    total = sum((credit for *_, credit in granted), Decimal(0))
    days = terms.claim_deadline_days
    return PeriodCredit(
        period_start=start,
        period_end=end,
        is_signed_off=all(is_signed for _, is_signed, _ in granted),
        amount=total if terms.cap is None else min(total, terms.cap),
        is_capped=terms.cap is not None and total > terms.cap,
        claimable_until=None if days is None else end + timedelta(days=days),
        targets=tuple(key for key, *_ in granted),
    )
