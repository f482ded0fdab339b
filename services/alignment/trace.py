"""The joined trace from requirements to what promises, contracts, monitors and shows them, as of an instant.

What holds at the instant is taken from what was recorded by then: a link ended later, or only later on record, holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from services.agreements.rules import AgreementKind
from services.alignment.trace_rules import (
    Edge,
    IndicatorOfTarget,
    LinkedClause,
    LinkedTarget,
    MonitorOfIndicator,
    Recorded,
    Stated,
    Step,
    TileOfMonitor,
    broken_hop,
    contracted_in,
    monitored_by,
    promised_in,
    way_to_dashboards,
)
from services.alignment.trace_sql import MATRIX
from services.db import ReadSession, fetch
from services.organisations.rules import PartyKind
from services.requirements.rules import (
    Approval,
    ApprovalDecision,
    ApprovalTiming,
    Comparison,
    approval_timing,
    is_back_dated,
    standing_approvals,
)

PROMISING = frozenset({AgreementKind.SLA.value, AgreementKind.XLA.value})
"""Kinds of agreements that promise something to a customer."""
EVERYTHING = 1_000_000
"""More requirements than an organisation has."""


@dataclass(frozen=True)
class TracedRequirement:
    """A row of the matrix: what a requirement says, when it was approved, and where it leads."""

    requirement_id: UUID
    key: str
    service_id: UUID
    service_key: str
    service_name: str
    statement: str
    required: Stated
    went_live_at: datetime | None
    timing: ApprovalTiming | None
    approved_at: datetime | None
    approval_recorded_at: datetime | None
    is_back_dated: bool
    waived_until: datetime | None
    records_missing: bool
    targets: tuple[LinkedTarget, ...]
    clauses: tuple[LinkedClause, ...]
    monitored_by: Edge
    promised_in: Edge
    contracted_in: Edge
    steps: tuple[Step, ...]

    @property
    def hops_present(self) -> int:
        """How many hops there are before the first that leads nowhere."""
        broken = broken_hop(self.steps)
        return len(self.steps) if broken is None else self.steps.index(broken)


@dataclass(frozen=True)
class TracePage:
    """Some rows of the matrix in the order of their keys, and how many there are in all."""

    rows: tuple[TracedRequirement, ...]
    total: int
    has_more: bool


async def trace_matrix(
    session: ReadSession,
    organisation_id: UUID,
    *,
    as_of: datetime,
    service_id: UUID | None = None,
    after: str = "",
    first: int = EVERYTHING,
) -> TracePage:
    """The requirements of all services or one, by key, each with its trace at `as_of`. One statement."""
    found = await fetch(session, MATRIX, organisation_id, as_of, service_id, after, first + 1, PartyKind.CUSTOMER.value)
    rows = tuple(_traced(orjson.loads(row[0]), as_of) for row in found[:first])
    return TracePage(rows, found[0][1] if found else 0, len(found) > first)


def _traced(said: Mapping[str, Any], as_of: datetime) -> TracedRequirement:
    required = _stated(said)
    targets = tuple(_target(each) for each in said["targets"])
    clauses = tuple(_clause(each) for each in said["clauses"])
    recorded = Recorded(said["any_target_link"], said["any_clause_link"], said["any_indicator_link"])
    decisions = [_approval(each) for each in said["approvals"]]
    went_live_at, design_approved_at = _instant(said["went_live_at"]), _instant(said["design_approved_at"])
    standing = standing_approvals(decisions)
    timing = None
    if went_live_at is not None and not said["records_missing"]:
        timing = approval_timing(decisions, design_approved_at=design_approved_at, went_live_at=went_live_at)
    waived_until = _instant(said["waived_until"])
    waiver = f"waived until {waived_until.isoformat(timespec='seconds')}" if waived_until else ""
    return TracedRequirement(
        requirement_id=UUID(said["id"]),
        key=said["key"],
        service_id=UUID(said["service_id"]),
        service_key=said["service_key"],
        service_name=said["service_name"],
        statement=said["statement"],
        required=required,
        went_live_at=went_live_at,
        timing=timing,
        approved_at=standing[0].decided_at if standing else None,
        approval_recorded_at=standing[0].recorded_at if standing else None,
        is_back_dated=any(_is_back_dated(each, went_live_at) for each in standing),
        waived_until=waived_until,
        records_missing=said["records_missing"],
        targets=targets,
        clauses=clauses,
        monitored_by=monitored_by(required, targets, recorded, as_of),
        promised_in=promised_in(required, targets, recorded, waiver),
        contracted_in=contracted_in(required, clauses, targets, recorded, waiver),
        steps=way_to_dashboards(targets),
    )


def _is_back_dated(approval: Approval, went_live_at: datetime | None) -> bool:
    return went_live_at is not None and is_back_dated(approval, went_live_at=went_live_at)


def _approval(said: Sequence[Any]) -> Approval:
    version_id, person_id, decision, decided_at, recorded_at, received_at, by_customer = said
    decided, recorded, received = (
        datetime.fromisoformat(each).astimezone(UTC) for each in (decided_at, recorded_at, received_at)
    )
    decision = ApprovalDecision(decision)
    return Approval(UUID(version_id), UUID(person_id), decision, decided, recorded, received, by_customer)


def _target(said: Mapping[str, Any]) -> LinkedTarget:
    promises: tuple[Stated, ...] = ()
    if said["duration_seconds"] is not None:
        promises += (Stated("", Comparison.AT_MOST, Decimal(said["duration_seconds"]), "seconds"),)
    if said["objective_percent"] is not None:
        promises += (Stated("", Comparison.AT_LEAST, Decimal(said["objective_percent"]), "percent"),)
    if said["availability_percent"] is not None:
        promises += (Stated("availability", Comparison.AT_LEAST, Decimal(said["availability_percent"]), "percent"),)
    return LinkedTarget(
        said["id"], said["key"], said["name"], said["agreement"], said["held"] and said["defined"], promises,
        said["links_missing"], said["indicator_links_missing"],
        tuple(_indicator(each) for each in said["indicators"]), said["kind"] in PROMISING,
    )  # fmt: skip


def _indicator(said: Mapping[str, Any]) -> IndicatorOfTarget:
    monitors = tuple(_monitor(each) for each in said["monitors"])
    return IndicatorOfTarget(said["id"], said["key"], said["name"], said["metric"], said["unit"], monitors)


def _monitor(said: Mapping[str, Any]) -> MonitorOfIndicator:
    return MonitorOfIndicator(
        said["id"], said["key"], said["name"], said["tenure"] == "held", _instant(said["since"]),
        _instant(said["last_data_at"]), said["records_missing"], tuple(TileOfMonitor(**each) for each in said["tiles"]),
    )  # fmt: skip


def _clause(said: Mapping[str, Any]) -> LinkedClause:
    return LinkedClause(
        said["id"], said["agreement"], said["reference"], said["held"] and said["agreed"], said["binding"],
        _stated(said), said["links_missing"],
    )  # fmt: skip


def _stated(said: Mapping[str, Any]) -> Stated:
    comparison = Comparison(said["comparison"]) if said["comparison"] else None
    value = None if said["value"] is None else Decimal(said["value"])
    return Stated(said["metric"], comparison, value, said["unit"])


def _instant(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said).astimezone(UTC)
