"""Reads what is in force at an instant, as far as was on record by another: the same statements whatever there is."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from services.agreements.contract_rules import CreditBand, cap_of, credit_of
from services.agreements.rules import AgreementKind, TargetKind
from services.alignment.facts import (
    AgreementFact,
    CalendarFact,
    Landscape,
    PromiseFact,
    ResponseChainFact,
    ScheduleFact,
    StructureFact,
    SupportFact,
)
from services.alignment.structure import ComponentFact
from services.calendars.queries import load_calendar_definitions
from services.catalogue.rules import ComponentKind, Gate
from services.db import ReadSession, fetch
from services.domain.recourse import Schedule, Step
from services.domain.vocabulary import PeriodKind

STATEMENTS = 13
"""How many statements `gather` runs: eight of its own, one about calendars and four of what those say."""

AGREEMENTS = """
SELECT DISTINCT ON (a.id) a.id, v.id, a.key, a.kind, a.service_id, v.status,
       (SELECT min(f.valid_from) FROM agreement_version f
        WHERE f.organisation_id = $1::uuid AND f.agreement_id = a.id),
       (SELECT min(f.valid_from) FROM agreement_version f
        WHERE f.organisation_id = $1::uuid AND f.agreement_id = a.id AND f.status = 'ended'
          AND f.valid_from > $2::timestamptz AND f.recorded_at <= $3::timestamptz),
       t.id, t.term_ends_at, t.notice_days, CASE WHEN t.renewal = 'our_option' THEN t.renewal_months END, t.exclusions,
       t.population_share_percent, t.coverage_calendar_id, t.monthly_maintenance_seconds, t.force_majeure
FROM agreement a
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.agreement_id = a.id
LEFT JOIN agreement_terms t ON t.organisation_id = $1::uuid AND t.agreement_version_id = v.id
     AND t.recorded_at <= $3::timestamptz
WHERE a.organisation_id = $1::uuid AND a.kind IN ('sla', 'ola', 'uc')
  AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $3::timestamptz
ORDER BY a.id, v.valid_from DESC
"""

CLOCKS = """
SELECT v.agreement_version_id, t.id, v.id, t.key, v.objective_percent, v.calendar_id, v.period, v.duration_seconds,
       v.stop_states, v.pause_states, v.priorities, v.categories,
       (SELECT coalesce(array_agg(p.probability_percent ORDER BY p.probability_percent), '{}') FROM contract_point p
        WHERE p.organisation_id = $1::uuid AND p.target_version_id = v.id),
       (SELECT coalesce(array_agg(p.duration_seconds ORDER BY p.probability_percent), '{}') FROM contract_point p
        WHERE p.organisation_id = $1::uuid AND p.target_version_id = v.id)
FROM target_version v
JOIN target t ON t.organisation_id = $1::uuid AND t.id = v.target_id
WHERE v.organisation_id = $1::uuid AND v.agreement_version_id = ANY($2::uuid[])
ORDER BY t.id
"""

AVAILABILITIES = """
SELECT v.agreement_version_id, t.id, v.id, t.key, v.objective_percent, v.calendar_id, v.period, v.rolling_days,
       v.maintenance_excluded, v.maintenance_seconds, v.population_share_percent
FROM availability_target_version v
JOIN target t ON t.organisation_id = $1::uuid AND t.id = v.target_id
WHERE v.organisation_id = $1::uuid AND v.agreement_version_id = ANY($2::uuid[])
ORDER BY t.id
"""

COMPONENTS = """
SELECT DISTINCT ON (c.id) c.id, v.id, c.key, c.name, c.kind, v.provider_id, p.name, v.gate, v.at_least,
       (SELECT coalesce(array_agg(n.needed_id ORDER BY n.needed_id), '{}') FROM component_need n
        WHERE n.organisation_id = $1::uuid AND n.component_version_id = v.id)
FROM component c
JOIN component_version v ON v.organisation_id = $1::uuid AND v.component_id = c.id
LEFT JOIN party p ON p.organisation_id = $1::uuid AND p.id = v.provider_id
WHERE c.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $3::timestamptz
ORDER BY c.id, v.valid_from DESC
"""

STRUCTURES = """
SELECT DISTINCT ON (s.service_id) s.service_id, s.id, s.component_id FROM service_structure s
WHERE s.organisation_id = $1::uuid AND s.valid_from <= $2::timestamptz AND s.recorded_at <= $3::timestamptz
ORDER BY s.service_id, s.valid_from DESC
"""

CHAINS = """
SELECT DISTINCT ON (r.id) r.service_id, r.id, v.id, r.key, v.stop_states,
       (SELECT array_agg(h.position ORDER BY h.position, h.component_id) FROM response_hop h
        WHERE h.organisation_id = $1::uuid AND h.response_chain_version_id = v.id),
       (SELECT array_agg(h.component_id ORDER BY h.position, h.component_id) FROM response_hop h
        WHERE h.organisation_id = $1::uuid AND h.response_chain_version_id = v.id)
FROM response_chain r
JOIN response_chain_version v ON v.organisation_id = $1::uuid AND v.response_chain_id = r.id
WHERE r.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $3::timestamptz
ORDER BY r.id, v.valid_from DESC
"""

SUPPORTS = """
SELECT DISTINCT ON (s.component_id, s.agreement_id) s.component_id, s.id, s.agreement_id, s.tenure
FROM component_support s
WHERE s.organisation_id = $1::uuid AND s.valid_from <= $2::timestamptz AND s.recorded_at <= $3::timestamptz
ORDER BY s.component_id, s.agreement_id, s.valid_from DESC
"""

CREDITS = """
SELECT m.agreement_version_id, b.target_id, m.currency, m.fee_amount, m.at_risk_percent, m.at_risk_amount,
       b.lower_percent, b.upper_percent, b.credit_percent, b.credit_amount
FROM credit_band b
JOIN agreement_terms m ON m.organisation_id = $1::uuid AND m.id = b.terms_id
WHERE b.organisation_id = $1::uuid AND m.recorded_at <= $2::timestamptz AND m.agreement_version_id = ANY($3::uuid[])
ORDER BY m.agreement_version_id, b.target_id, b.lower_percent
"""

CALENDARS = """
SELECT DISTINCT ON (v.calendar_id) v.calendar_id, v.id FROM calendar_version v
WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $3::timestamptz
ORDER BY v.calendar_id, v.valid_from DESC
"""


async def gather(session: ReadSession, organisation_id: UUID, *, valid_at: datetime, known_by: datetime) -> Landscape:
    """Everything that promises to customers are compared with."""
    at = (organisation_id, valid_at, known_by)
    agreements: dict[UUID, AgreementFact] = {}
    for row in await fetch(session, AGREEMENTS, *at):
        if (fact := _agreement(*row)) is not None:
            agreements[fact.version_id] = fact
    promises = await _promises(session, organisation_id, agreements)
    components = {row[0]: _component(*row) for row in await fetch(session, COMPONENTS, *at)}
    structures = {row[0]: StructureFact(row[1], row[2]) for row in await fetch(session, STRUCTURES, *at)}
    chains: defaultdict[UUID, list[ResponseChainFact]] = defaultdict(list)
    for service_id, chain_id, version_id, key, states, positions, ids in await fetch(session, CHAINS, *at):
        chains[service_id].append(
            ResponseChainFact(chain_id, version_id, key, frozenset(states), _hops(positions, ids))
        )
    supports: defaultdict[UUID, list[SupportFact]] = defaultdict(list)
    for component_id, support_id, agreement_id, tenure in await fetch(session, SUPPORTS, *at):
        if tenure == "held":
            supports[component_id].append(SupportFact(support_id, agreement_id))
    versions: dict[UUID, UUID] = {row[0]: row[1] for row in await fetch(session, CALENDARS, *at)}
    said = await load_calendar_definitions(session, organisation_id, versions.values())
    backing: defaultdict[UUID, list[PromiseFact]] = defaultdict(list)
    for each in promises:
        if each.agreement.kind is not AgreementKind.SLA:
            backing[each.agreement.agreement_id].append(each)
    return Landscape(
        valid_at,
        known_by,
        [each for each in promises if each.agreement.kind is AgreementKind.SLA],
        backing,
        components,
        structures,
        chains,
        supports,
        {each.agreement_id: each for each in agreements.values() if each.kind is not AgreementKind.SLA},
        {id_: CalendarFact(version_id, said[version_id]) for id_, version_id in versions.items()},
        await _schedules(session, organisation_id, known_by, agreements),
    )


async def _schedules(
    session: ReadSession, organisation_id: UUID, known_by: datetime, agreements: Collection[UUID]
) -> dict[tuple[UUID, UUID], ScheduleFact]:
    found: dict[tuple[UUID, UUID], ScheduleFact] = {}
    rows = await fetch(session, CREDITS, organisation_id, known_by, sorted(agreements))
    for (version_id, target_id), bands in groupby(rows, key=itemgetter(0, 1)):
        steps: list[Step] = []
        for _, _, currency, fee, risk_percent, risk_amount, lower, upper, of_fee, amount in bands:
            credit = credit_of(CreditBand("", lower, upper, of_fee, amount), fee)
            if credit is not None:
                steps.append(Step(lower, upper, credit))
            found[version_id, target_id] = ScheduleFact(
                currency, Schedule(steps, cap_of(fee, risk_percent, risk_amount))
            )
    return found


async def _promises(
    session: ReadSession, organisation_id: UUID, agreements: dict[UUID, AgreementFact]
) -> list[PromiseFact]:
    ids = sorted(agreements)
    found = []
    for version_id, target_id, id_, key, objective, calendar_id, period, duration, *sets, chances, times in await fetch(
        session, CLOCKS, organisation_id, ids
    ):
        points = [(share(objective), duration), *zip(map(share, chances), times, strict=True)]
        stop, pause, priorities, categories = map(frozenset, sets)
        found.append(
            PromiseFact(
                target_id, id_, key, agreements[version_id], TargetKind.CLOCK, share(objective), calendar_id,
                PeriodKind(period), points=points, stop_states=stop, pause_states=pause, priorities=priorities,
                categories=categories,
            )
        )  # fmt: skip
    for version_id, target_id, id_, key, objective, calendar_id, period, days, excluded, spent, part in await fetch(
        session, AVAILABILITIES, organisation_id, ids
    ):
        found.append(
            PromiseFact(
                target_id, id_, key, agreements[version_id], TargetKind.AVAILABILITY, share(objective), calendar_id,
                None if period is None else PeriodKind(period), days, maintenance_excluded=excluded,
                maintenance_seconds=spent, population_share=None if part is None else share(part),
            )
        )  # fmt: skip
    return found


def share(percent: object) -> Fraction:
    """A percentage as an exact share."""
    return Fraction(str(percent)) / 100


def _agreement(
    id_: UUID,
    version_id: UUID,
    key: str,
    kind: str,
    service_id: UUID,
    status: str,
    since: datetime,
    ended_at: datetime | None,
    terms_id: UUID | None,
    term_ends_at: datetime | None,
    notice_days: int | None,
    ours_to_prolong: int | None,
    exclusions: list[str] | None,
    population_share: Decimal | None,
    coverage_calendar_id: UUID | None,
    maintenance: int | None,
    force_majeure: bool | None,
) -> AgreementFact | None:
    if status != "in_force":
        return None
    ends = [at for at in (ended_at, term_ends_at) if at is not None]
    return AgreementFact(
        id_, version_id, key, AgreementKind(kind), service_id, since, min(ends, default=None),
        _months_later(term_ends_at, ours_to_prolong) if ended_at is None else None, terms_id, notice_days,
        tuple(exclusions or ()), None if population_share is None else share(population_share), coverage_calendar_id,
        maintenance or 0, bool(force_majeure),
    )  # fmt: skip


def _months_later(at: datetime | None, months: int | None) -> datetime | None:
    """As many months later, on the last day of a month that has no such day."""
    if at is None or months is None:
        return None
    years, month = divmod(at.month - 1 + months, 12)
    first = at.replace(year=at.year + years, month=month + 1, day=1)
    return first.replace(day=min(at.day, monthrange(first.year, first.month)[1]))


def _component(
    id_: UUID,
    version_id: UUID,
    key: str,
    name: str,
    kind: str,
    provider_id: UUID | None,
    provider: str | None,
    gate: str | None,
    at_least: int | None,
    needs: list[UUID],
) -> ComponentFact:
    return ComponentFact(
        id_, version_id, key, name, ComponentKind(kind), provider_id, provider, None if gate is None else Gate(gate),
        at_least, tuple(needs),
    )  # fmt: skip


def _hops(positions: list[int], ids: list[UUID]) -> list[list[UUID]]:
    hops: defaultdict[int, list[UUID]] = defaultdict(list)
    for position, id_ in zip(positions, ids, strict=True):
        hops[position].append(id_)
    return [hops[position] for position in sorted(hops)]
