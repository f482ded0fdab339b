"""What was in force at an instant, as far as was on record by another: the same statements whatever there is."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any
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
from services.domain.business_time import CalendarDefinition
from services.domain.recourse import Schedule, Step
from services.domain.vocabulary import PeriodKind

STATEMENTS = 13
"""How many statements `histories` runs: eight of its own, one about calendars and four of what those say."""

AGREEMENTS = """
SELECT a.id, v.valid_from, v.recorded_at, v.id, a.key, a.kind, a.service_id, v.status, t.recorded_at,
       t.id, t.term_ends_at, t.notice_days, CASE WHEN t.renewal = 'our_option' THEN t.renewal_months END, t.exclusions,
       t.population_share_percent, t.coverage_calendar_id, t.monthly_maintenance_seconds, t.force_majeure
FROM agreement a
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.agreement_id = a.id
LEFT JOIN agreement_terms t ON t.organisation_id = $1::uuid AND t.agreement_version_id = v.id
WHERE a.organisation_id = $1::uuid AND a.kind IN ('sla', 'ola', 'uc') AND v.recorded_at <= $2::timestamptz
ORDER BY a.id, v.valid_from
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
WHERE v.organisation_id = $1::uuid
ORDER BY t.id
"""

AVAILABILITIES = """
SELECT v.agreement_version_id, t.id, v.id, t.key, v.objective_percent, v.calendar_id, v.period, v.rolling_days,
       v.maintenance_excluded, v.maintenance_seconds, v.population_share_percent
FROM availability_target_version v
JOIN target t ON t.organisation_id = $1::uuid AND t.id = v.target_id
WHERE v.organisation_id = $1::uuid
ORDER BY t.id
"""

COMPONENTS = """
SELECT c.id, v.valid_from, v.recorded_at, v.id, c.key, c.name, c.kind, v.provider_id, p.name, v.gate, v.at_least,
       (SELECT coalesce(array_agg(n.needed_id ORDER BY n.needed_id), '{}') FROM component_need n
        WHERE n.organisation_id = $1::uuid AND n.component_version_id = v.id),
       greatest(0, v.need_count - (SELECT count(*) FROM component_need n
                                   WHERE n.organisation_id = $1::uuid AND n.component_version_id = v.id))
       + greatest(0, c.version - (SELECT count(*) FROM component_version o
                                  WHERE o.organisation_id = $1::uuid AND o.component_id = c.id))
       + greatest(0, c.support_count - (SELECT count(*) FROM component_support s
                                        WHERE s.organisation_id = $1::uuid AND s.component_id = c.id))
FROM component c
JOIN component_version v ON v.organisation_id = $1::uuid AND v.component_id = c.id
LEFT JOIN party p ON p.organisation_id = $1::uuid AND p.id = v.provider_id
WHERE c.organisation_id = $1::uuid AND v.recorded_at <= $2::timestamptz
ORDER BY c.id, v.valid_from
"""

STRUCTURES = """
SELECT s.service_id, s.valid_from, s.recorded_at, s.id, s.component_id FROM service_structure s
WHERE s.organisation_id = $1::uuid AND s.recorded_at <= $2::timestamptz
ORDER BY s.service_id, s.valid_from
"""

CHAINS = """
SELECT r.id, v.valid_from, v.recorded_at, v.id, r.service_id, r.key, v.stop_states,
       (SELECT array_agg(h.position ORDER BY h.position, h.component_id) FROM response_hop h
        WHERE h.organisation_id = $1::uuid AND h.response_chain_version_id = v.id),
       (SELECT array_agg(h.component_id ORDER BY h.position, h.component_id) FROM response_hop h
        WHERE h.organisation_id = $1::uuid AND h.response_chain_version_id = v.id),
       greatest(0, v.hop_count - (SELECT count(*) FROM response_hop h
                                  WHERE h.organisation_id = $1::uuid AND h.response_chain_version_id = v.id))
       + greatest(0, r.version - (SELECT count(*) FROM response_chain_version o
                                  WHERE o.organisation_id = $1::uuid AND o.response_chain_id = r.id))
FROM response_chain r
JOIN response_chain_version v ON v.organisation_id = $1::uuid AND v.response_chain_id = r.id
WHERE r.organisation_id = $1::uuid AND v.recorded_at <= $2::timestamptz
ORDER BY r.id, v.valid_from
"""

SUPPORTS = """
SELECT s.component_id, s.valid_from, s.recorded_at, s.id, s.agreement_id, s.tenure
FROM component_support s
WHERE s.organisation_id = $1::uuid AND s.recorded_at <= $2::timestamptz
ORDER BY s.component_id, s.agreement_id, s.valid_from
"""

CREDITS = """
SELECT m.agreement_version_id, b.target_id, m.currency, m.fee_amount, m.at_risk_percent, m.at_risk_amount,
       b.lower_percent, b.upper_percent, b.credit_percent, b.credit_amount, m.recorded_at
FROM credit_band b
JOIN agreement_terms m ON m.organisation_id = $1::uuid AND m.id = b.terms_id
WHERE b.organisation_id = $1::uuid AND m.recorded_at <= $2::timestamptz
ORDER BY m.agreement_version_id, b.target_id, b.lower_percent
"""

CALENDARS = """
SELECT v.calendar_id, v.valid_from, v.recorded_at, v.id FROM calendar_version v
WHERE v.organisation_id = $1::uuid AND v.recorded_at <= $2::timestamptz
ORDER BY v.calendar_id, v.valid_from
"""


Row = tuple[Any, ...]
"""Of a history: whose it is, since when, when it was recorded, and what it says."""


@dataclass(frozen=True)
class Histories:
    """Everything that was recorded until an instant, so that what was in force and known can be told of any before."""

    agreements: Sequence[Row]
    clocks: Sequence[Row]
    availabilities: Sequence[Row]
    components: Sequence[Row]
    structures: Sequence[Row]
    chains: Sequence[Row]
    supports: Sequence[Row]
    calendars: Sequence[Row]
    credits: Sequence[Row]
    definitions: Mapping[UUID, CalendarDefinition]

    def at(self, valid_at: datetime, known_by: datetime) -> Landscape:
        """What was in force at `valid_at` by what was recorded until `known_by`."""
        agreements = self._agreements(valid_at, known_by)
        promises = self._promises(agreements)
        components = {row[0]: _component(row[0], *row[3:]) for row in _latest(self.components, valid_at, known_by)}
        structures = {row[0]: StructureFact(*row[3:]) for row in _latest(self.structures, valid_at, known_by)}
        chains: defaultdict[UUID, list[ResponseChainFact]] = defaultdict(list)
        for chain_id, _, _, version_id, service_id, key, states, positions, ids, missing in _latest(
            self.chains, valid_at, known_by
        ):
            chains[service_id].append(
                ResponseChainFact(
                    chain_id, version_id, key, frozenset(states), _hops(positions or (), ids or ()), missing
                )
            )
        supports: defaultdict[UUID, list[SupportFact]] = defaultdict(list)
        for component_id, _, _, id_, agreement_id, tenure in _latest(self.supports, valid_at, known_by, 4):
            if tenure == "held":
                supports[component_id].append(SupportFact(id_, agreement_id))
        calendars = {
            row[0]: CalendarFact(row[3], self.definitions[row[3]])
            for row in _latest(self.calendars, valid_at, known_by)
        }
        backing: defaultdict[UUID, list[PromiseFact]] = defaultdict(list)
        for each in promises:
            if each.agreement.kind is not AgreementKind.SLA:
                backing[each.agreement.agreement_id].append(each)
        ours = [each for each in promises if each.agreement.kind is AgreementKind.SLA]
        below = {each.agreement_id: each for each in agreements.values() if each.kind is not AgreementKind.SLA}
        return Landscape(valid_at, known_by, ours, backing, components, structures, chains, supports, below, calendars,
            self._schedules(agreements, known_by),
        )  # fmt: skip

    def _agreements(self, valid_at: datetime, known_by: datetime) -> dict[UUID, AgreementFact]:
        """Those in force, by their versions, with the first end after the instant that was known."""
        ending: dict[UUID, datetime] = {}
        for id_, since, recorded_at, _, _, _, _, status, *_ in reversed(self.agreements):
            if status == "ended" and since > valid_at and recorded_at <= known_by:
                ending[id_] = since
        found = {}
        for id_, since, _, version_id, key, kind, service_id, status, *terms in _latest(
            self.agreements, valid_at, known_by
        ):
            if status == "in_force":
                known = terms[0] is not None and terms[0] <= known_by
                said = terms[1:] if known else [None] * 9
                found[version_id] = _agreement(id_, version_id, key, kind, service_id, since, ending.get(id_), *said)
        return found

    def _schedules(
        self, agreements: Mapping[UUID, AgreementFact], known_by: datetime
    ) -> dict[tuple[UUID, UUID], ScheduleFact]:
        found: dict[tuple[UUID, UUID], ScheduleFact] = {}
        known = (row for row in self.credits if row[0] in agreements and row[-1] <= known_by)
        for (version_id, target_id), bands in groupby(known, key=itemgetter(0, 1)):
            steps: list[Step] = []
            for _, _, currency, fee, risk_percent, risk_amount, lower, upper, of_fee, amount, _ in bands:
                credit = credit_of(CreditBand("", lower, upper, of_fee, amount), fee)
                if credit is not None:
                    steps.append(Step(lower, upper, credit))
                found[version_id, target_id] = ScheduleFact(
                    currency, Schedule(steps, cap_of(fee, risk_percent, risk_amount))
                )
        return found

    def _promises(self, agreements: Mapping[UUID, AgreementFact]) -> list[PromiseFact]:
        clocks = [_clock(agreements[row[0]], *row[1:]) for row in self.clocks if row[0] in agreements]
        others = [_availability(agreements[row[0]], *row[1:]) for row in self.availabilities if row[0] in agreements]
        return clocks + others


def _latest(rows: Iterable[Row], valid_at: datetime, known_by: datetime, also: int = 0) -> Iterable[Row]:
    """Of each history the last row that had started and was known; `also`: the other column that tells them apart."""
    found = {}
    for row in rows:
        if row[1] <= valid_at and row[2] <= known_by:
            found[row[0], row[also]] = row
    return found.values()


async def histories(session: ReadSession, organisation_id: UUID, *, known_by: datetime) -> Histories:
    """All that promises to customers are compared with, and ever were, by what was recorded until `known_by`."""
    told = (organisation_id, known_by)
    calendars = await fetch(session, CALENDARS, *told)
    return Histories(
        await fetch(session, AGREEMENTS, *told),
        await fetch(session, CLOCKS, organisation_id),
        await fetch(session, AVAILABILITIES, organisation_id),
        await fetch(session, COMPONENTS, *told),
        await fetch(session, STRUCTURES, *told),
        await fetch(session, CHAINS, *told),
        await fetch(session, SUPPORTS, *told),
        calendars,
        await fetch(session, CREDITS, *told),
        await load_calendar_definitions(session, organisation_id, [row[3] for row in calendars]),
    )


async def gather(session: ReadSession, organisation_id: UUID, *, valid_at: datetime, known_by: datetime) -> Landscape:
    """Everything that promises to customers are compared with."""
    return (await histories(session, organisation_id, known_by=known_by)).at(valid_at, known_by)


def _clock(
    agreement: AgreementFact,
    target_id: UUID,
    version_id: UUID,
    key: str,
    objective: Decimal,
    calendar_id: UUID,
    period: str,
    duration: int,
    *others: list[Any],
) -> PromiseFact:
    *sets, chances, times = others
    stop, pause, priorities, categories = map(frozenset, sets)
    return PromiseFact(
        target_id, version_id, key, agreement, TargetKind.CLOCK, share(objective), calendar_id, PeriodKind(period),
        points=[(share(objective), duration), *zip(map(share, chances), times, strict=True)], stop_states=stop,
        pause_states=pause, priorities=priorities, categories=categories,
    )  # fmt: skip


def _availability(
    agreement: AgreementFact,
    target_id: UUID,
    version_id: UUID,
    key: str,
    objective: Decimal,
    calendar_id: UUID | None,
    period: str | None,
    days: int | None,
    excluded: bool,
    maintenance: int | None,
    part: Decimal | None,
) -> PromiseFact:
    return PromiseFact(
        target_id, version_id, key, agreement, TargetKind.AVAILABILITY, share(objective), calendar_id,
        None if period is None else PeriodKind(period), days, maintenance_excluded=excluded,
        maintenance_seconds=maintenance, population_share=None if part is None else share(part),
    )  # fmt: skip


def share(percent: object) -> Fraction:
    """A percentage as an exact share."""
    return Fraction(str(percent)) / 100


def _agreement(
    id_: UUID,
    version_id: UUID,
    key: str,
    kind: str,
    service_id: UUID,
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
) -> AgreementFact:
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
    missing: int,
) -> ComponentFact:
    return ComponentFact(
        id_, version_id, key, name, ComponentKind(kind), provider_id, provider, None if gate is None else Gate(gate),
        at_least, tuple(needs), missing,
    )  # fmt: skip


def _hops(positions: Iterable[int], ids: Iterable[UUID]) -> list[list[UUID]]:
    hops: defaultdict[int, list[UUID]] = defaultdict(list)
    for position, id_ in zip(positions, ids, strict=True):
        hops[position].append(id_)
    return [hops[position] for position in sorted(hops)]
