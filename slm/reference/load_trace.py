"""Write what a reference organisation did in design, what it watches and shows, and what its contracts say.

Good has all of it from design on. Bad has each kind of record, and none of them where it would count: nobody from
service level management at a gate, monitors that nobody installed for long, tiles of figures nobody required, clauses
that do not bind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.agreements.clauses import link_clause, record_clause
from services.agreements.rules import ClauseEntry
from services.catalogue.design_gates import record_design_gate, record_gate_participation
from services.catalogue.rules import (
    DesignGateEntry,
    GateOutcome,
    GateParticipationEntry,
    GateParticipationKind,
    GateRole,
)
from services.compliance.commands import hold_accountable
from services.db import WriteSession, fetch
from services.measurement.commands import (
    create_dashboard_tile,
    create_indicator,
    create_monitor,
    record_monitor_reports,
)
from services.measurement.links import record_indicator_link, record_installation, record_tile_monitor
from services.measurement.rules import IndicatorEntry, MonitorEntry, MonitorReportEntry, TileEntry
from services.organisations.rules import Actor, GovernanceRole, Tenure
from services.requirements.rules import Comparison, RequirementDefinition
from slm.reference.governed import CUSTOMER, DESIGNED, MANAGER, OWNER, Governed

METRIC = "time to resolve"
A_YEAR = timedelta(days=365)
REQUIRED = RequirementDefinition(
    "Whatever breaks works again within a working day", METRIC, Comparison.AT_MOST, Decimal(8), "service hours",
    "Work goes on", "A day of work for everybody",
)  # fmt: skip
SERVICES = """
SELECT s.id, s.key, a.id, t.id,
       (SELECT min(r.id::text)::uuid FROM service_level_requirement r
        WHERE r.organisation_id = $1::uuid AND r.service_id = s.id)
FROM service s
JOIN agreement a ON a.organisation_id = $1::uuid AND a.service_id = s.id AND a.key = s.key || '-sla'
JOIN target t ON t.organisation_id = $1::uuid AND t.agreement_id = a.id AND t.key = 'resolution'
WHERE s.organisation_id = $1::uuid ORDER BY s.key
"""


@dataclass(frozen=True)
class _Traced:
    """A service with its agreement, its target, and its requirement, if it has one."""

    session: WriteSession
    actor: Actor
    governed: Governed
    service_id: UUID
    key: str
    agreement_id: UUID
    target_id: UUID
    requirement_id: UUID | None

    @property
    def designed_at(self) -> datetime:
        """When its design was approved."""
        return self.governed.blueprint.founded_at + DESIGNED


async def load_trace(session: WriteSession, actor: Actor, governed: Governed, people: Mapping[str, UUID]) -> None:
    """Write it for every service."""
    watched = []
    for row in await fetch(session, SERVICES, actor.organisation_id):
        traced = _Traced(session, actor, governed, *row)
        await _design(traced, people)
        watched.append(await _watch(traced))
        await _contract(traced)
    if governed.habits.designs_together:
        await _deliver(session, actor, governed, watched)


async def _deliver(session: WriteSession, actor: Actor, governed: Governed, monitors: Sequence[UUID]) -> None:
    """Data of every monitor at the beginning of each month, and shortly before the end."""
    instants = [datetime.combine(month, datetime.min.time(), UTC) for month in governed.months]
    for instant in [each for each in instants if each > governed.went_live_at] + [governed.until]:
        entries = [MonitorReportEntry(monitor_id, instant) for monitor_id in monitors]
        await record_monitor_reports(session, actor=actor, entries=entries, now=instant)


async def _design(traced: _Traced, people: Mapping[str, UUID]) -> None:
    """Two days before the design is approved, and of a major change a year ago."""
    await _gate(traced, people, "design-review", "Design review", traced.designed_at - timedelta(days=2))
    await _gate(traced, people, "change-review", "Review of a major change", traced.governed.until - A_YEAR)


async def _gate(traced: _Traced, people: Mapping[str, UUID], key: str, name: str, held_at: datetime) -> None:
    """With or without service level management."""
    session, actor = traced.session, traced.actor
    gate = DesignGateEntry(traced.service_id, key, name, held_at, GateOutcome.PASSED)
    gate_id = await record_design_gate(session, actor=actor, entry=gate, now=held_at)
    attended, signed = GateParticipationKind.ATTENDED, GateParticipationKind.SIGNED
    took_part = [(OWNER, GateRole.OPERATIONS, attended), (CUSTOMER, GateRole.CUSTOMER, signed)]
    if traced.governed.habits.designs_together:
        took_part += [(MANAGER, GateRole.SERVICE_LEVEL_MANAGER, attended),
                      (MANAGER, GateRole.SERVICE_LEVEL_MANAGER, signed)]  # fmt: skip
    for person, role, kind in took_part:
        entry = GateParticipationEntry(gate_id, people[person], role, kind)
        await record_gate_participation(session, actor=actor, entry=entry, now=held_at)


async def _watch(traced: _Traced) -> UUID:
    """The monitor of what is required. Bad removed it, and shows how many tickets there were."""
    session, actor = traced.session, traced.actor
    live = traced.governed.went_live_at
    watched = await _monitored(traced, "resolution", METRIC, "hours", linked=True)
    if traced.governed.habits.designs_together:
        await _show(traced, watched)
        return watched
    removed = live + timedelta(days=30)
    await record_installation(
        session, actor=actor, monitor_id=watched, tenure=Tenure.ENDED, valid_from=removed, now=removed
    )
    await _show(traced, await _monitored(traced, "volume", "number of tickets", "tickets", linked=False))
    return watched


async def _monitored(traced: _Traced, name: str, metric: str, unit: str, *, linked: bool) -> UUID:
    """The monitor of a new indicator."""
    session, actor, live, key = traced.session, traced.actor, traced.governed.went_live_at, f"{traced.key}-{name}"
    indicator = IndicatorEntry(key, f"{metric} of {traced.key}".capitalize(), traced.service_id, metric, unit)
    indicator_id = await create_indicator(session, actor=actor, entry=indicator, now=traced.designed_at)
    if linked:
        await record_indicator_link(
            session, actor=actor, target_id=traced.target_id, indicator_id=indicator_id, tenure=Tenure.HELD,
            valid_from=live, now=live,
        )  # fmt: skip
    monitor = MonitorEntry(key, f"Monitor of {key}", indicator_id, "ticket system", live)
    return await create_monitor(session, actor=actor, entry=monitor, now=live)


async def _show(traced: _Traced, monitor_id: UUID) -> None:
    session, actor, live = traced.session, traced.actor, traced.governed.went_live_at
    tile = TileEntry(traced.key, f"{traced.key} at a glance", "Service desk wall", live)
    tile_id = await create_dashboard_tile(session, actor=actor, entry=tile, now=live)
    await record_tile_monitor(
        session, actor=actor, tile_id=tile_id, monitor_id=monitor_id, tenure=Tenure.HELD, valid_from=live, now=live
    )


async def _contract(traced: _Traced) -> None:
    """A clause that binds and grants what is required; or one that grants less and cannot be enforced."""
    if traced.requirement_id is None:
        return
    session, actor, together = traced.session, traced.actor, traced.governed.habits.designs_together
    known_at = traced.governed.went_live_at if together else traced.governed.until - timedelta(days=300)
    clause = ClauseEntry(
        traced.agreement_id, "4.2", "What breaks is restored within the time stated", METRIC, Comparison.AT_MOST,
        Decimal(8 if together else 24), "hours",
    )  # fmt: skip
    clause_id = await record_clause(session, actor=actor, entry=clause, now=known_at)
    await link_clause(
        session, actor=actor, clause_id=clause_id, requirement_id=traced.requirement_id, binding=together,
        valid_from=known_at, now=known_at,
    )  # fmt: skip


BREACHED = """
SELECT DISTINCT ON (a.service_id) b.id, b.breached_at FROM breach b
JOIN target t ON t.organisation_id = $1::uuid AND t.id = b.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE b.organisation_id = $1::uuid ORDER BY a.service_id, b.breached_at, b.id
"""


async def load_blame(session: WriteSession, actor: Actor, governed: Governed, people: Mapping[str, UUID]) -> None:
    """Somebody says who answers for the first breach of each service: at Good who designs, at Bad who was not there."""
    together = governed.habits.designs_together
    role = GovernanceRole.SERVICE_DESIGN_LEAD if together else GovernanceRole.SERVICE_LEVEL_MANAGER
    for breach_id, breached_at in await fetch(session, BREACHED, actor.organisation_id):
        decided_at = min(breached_at + timedelta(days=1), governed.until)
        await hold_accountable(
            session, actor=actor, breach_id=breach_id, role=role, decided_by_id=people[CUSTOMER], reason="It was late",
            decided_at=decided_at, now=governed.until,
        )  # fmt: skip
