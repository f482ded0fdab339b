"""G1, Q1 and B8: what was settled in design, what became of it, and who sat in when it was decided.

Services, targets in force and launches are the frame. Of everything else something has to be there: a requirement that
a customer agreed to in time, a monitor that delivers, a tile, a person at the gate (docs/decisions/0011).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, CheckedUnit, Findings, Graded, GradedUnit, Shortfall
from assessment.probes.ladder import Rung, climb
from services.agreements.queries import PromisedTarget
from services.agreements.rules import AgreementKind
from services.alignment.trace import TracedRequirement
from services.alignment.trace_rules import (
    Edge,
    EdgeState,
    LinkedTarget,
    Recorded,
    broken_hop,
    monitored_by,
    promised_in,
    way_to_dashboards,
)
from services.catalogue.queries import GateAsOf
from services.compliance.records import RecordCount
from services.requirements.queries import RequirementAsOf, ServiceRequirements
from services.requirements.rules import ApprovalTiming, standing_approvals

AGREED = {ApprovalTiming.IN_DESIGN, ApprovalTiming.BEFORE_GO_LIVE}
TWO_YEARS = timedelta(days=730)
NO_LINKS = RecordCount(0, 0)
RECORDED = Recorded(target_links=True, clause_links=True, indicator_links=True)
"""What is missing is missing, whatever else is kept."""


def requirements_carried_through(evidence: Evidence) -> Findings:
    """G1. Promises to customers count, as in B1."""
    if not evidence.services:
        return CannotTell(("service level requirements and their approvals", "targets in force", "go-live dates"))
    found = _Found(evidence)
    return Graded(tuple(_carried_through(found, each) for each in evidence.services))


def traceable_today(evidence: Evidence) -> Findings:
    """Q1. How well it can be answered, service by service."""
    if not evidence.services:
        return CannotTell(("service level requirements and their approvals", "go-live dates"))
    found = _Found(evidence)
    return Graded(tuple(_traceable(found, each) for each in evidence.services))


def absent_from_design(evidence: Evidence) -> Findings:
    """B8. Launches of the last two years by every gate before them, and every gate since: a major change."""
    since = evidence.as_of - TWO_YEARS
    gates: dict[UUID, list[GateAsOf]] = defaultdict(list)
    for gate in evidence.gates:
        gates[gate.service_id].append(gate)
    units: list[CheckedUnit] = []
    for each in evidence.services:
        service, held = each.service, gates[each.service.service_id]
        if service.went_live_at > since:
            before = [gate for gate in held if gate.held_at <= service.went_live_at]
            units.append(_launch(service.name, service.service_id, before))
        units += [_change(service.name, gate) for gate in held if gate.held_at > max(since, service.went_live_at)]
    if not units:
        return CannotTell(("launches and major changes of the last two years", "design sign-offs and who took part"))
    return Checked(tuple(units))


class _Found:
    """The evidence by what it is about."""

    def __init__(self, evidence: Evidence) -> None:
        self.as_of = evidence.as_of
        self.links: Mapping[UUID, RecordCount] = {each.target_id: each.requirement_links for each in evidence.records}
        self.traces: Mapping[UUID, TracedRequirement] = {each.requirement_id: each for each in evidence.traces}
        self.promised: dict[UUID, list[PromisedTarget]] = defaultdict(list)
        for target in evidence.targets:
            if target.agreement_kind in {AgreementKind.SLA, AgreementKind.XLA}:
                self.promised[target.service_id].append(target)

    def linked(self, target: PromisedTarget, requirements: Iterable[RequirementAsOf]) -> list[RequirementAsOf]:
        """The requirements a target promises; none where a link about it is missing, which may have been the end."""
        if not self.links.get(target.target_id, NO_LINKS).is_complete:
            return []
        return [each for each in requirements if each.requirement_id in target.requirement_ids]

    def path(self, target: PromisedTarget, required: RequirementAsOf) -> tuple[TracedRequirement, LinkedTarget] | None:
        """The trace of a requirement by way of one target; None where anything about either is missing."""
        traced = self.traces.get(required.requirement_id)
        if traced is None or traced.records_missing:
            return None
        by_id = {each.target_id: each for each in traced.targets}
        linked = by_id.get(str(target.target_id))
        return None if linked is None else (traced, linked)


def _carried_through(found: _Found, service: ServiceRequirements) -> GradedUnit:
    targets = found.promised[service.service.service_id]
    linked = {target.target_id: found.linked(target, service.requirements) for target in targets}
    unlinked = [target.target_key for target in targets if not linked[target.target_id]]
    late = [
        f"target {target.target_key}: {_late(linked[target.target_id])}"
        for target in targets
        if not any(_agreed_by_customer(each, service) for each in linked[target.target_id])
    ]
    return climb(
        service.service.name,
        [
            Rung(bool(targets) and not unlinked, _unlinked(unlinked) if targets else "no target is in force"),
            Rung(not late, late[0] if late else "", contradicted=_contradicted(service)),
            _each_shown(found, service, targets, linked),
        ],
        beyond="confirmations of the requirements by customers within the last year",
        record_id=service.service.service_id,
    )


def _each_shown(
    found: _Found,
    service: ServiceRequirements,
    targets: Iterable[PromisedTarget],
    linked: Mapping[UUID, list[RequirementAsOf]],
) -> Rung:
    for target in targets:
        agreed = [each for each in linked[target.target_id] if _agreed_by_customer(each, service)]
        faults = [_fault(found, target, each) for each in agreed]
        if "" not in faults:
            return Rung(False, f"target {target.target_key}: {next(iter(faults), 'no requirement is linked to it')}")
    return Rung(True, "")


def _fault(found: _Found, target: PromisedTarget, required: RequirementAsOf) -> str:
    """What keeps a requirement from reaching a dashboard by way of a target that is strict enough; empty: nothing."""
    path = found.path(target, required)
    if path is None:
        return f"records about requirement {required.key} are missing"
    traced, linked = path
    waiver = "waived" if traced.waived_until is not None else ""
    promised = promised_in(traced.required, [linked], RECORDED, waiver)
    watched = monitored_by(traced.required, [linked], RECORDED, found.as_of)
    broken = broken_hop(way_to_dashboards([linked]))
    if not _holds(promised):
        return promised.because
    if not _holds(watched):
        return watched.because
    return "" if broken is None else broken.because


def _holds(edge: Edge) -> bool:
    return edge.state in (EdgeState.IN_FORCE, EdgeState.WAIVED)


def _traceable(found: _Found, service: ServiceRequirements) -> GradedUnit:
    agreed = [each for each in service.requirements if _agreed(each)]
    targets = found.promised[service.service.service_id]
    return climb(
        service.service.name,
        [
            Rung(bool(service.requirements), "no requirement of it is on record"),
            Rung(bool(agreed), _late(service.requirements), contradicted=_contradicted(service)),
            _each_leads(found, targets, agreed),
        ],
        beyond="verifications of the links within the last ninety days",
        record_id=service.service.service_id,
    )


def _each_leads(found: _Found, targets: Iterable[PromisedTarget], agreed: list[RequirementAsOf]) -> Rung:
    """Whether every target is linked to an agreed requirement and leads to a dashboard."""
    any_target = False
    for target in targets:
        any_target = True
        paths = [found.path(target, each) for each in found.linked(target, agreed)]
        broken = [broken_hop(way_to_dashboards([path[1]])) for path in paths if path is not None]
        if None not in broken:
            said = next((step.because for step in broken if step is not None), "no agreed requirement is linked to it")
            return Rung(False, f"target {target.target_key}: {said}")
    return Rung(any_target, "no target is in force")


def _agreed(required: RequirementAsOf) -> bool:
    return required.timing in AGREED and not required.approvals_missing


def _agreed_by_customer(required: RequirementAsOf, service: ServiceRequirements) -> bool:
    """Whether somebody of a customer approved it before go-live, and every decision about it is there."""
    live = service.service.went_live_at
    by_customers = (each for each in standing_approvals(required.approvals) if each.by_customer)
    return _agreed(required) and any(each.decided_at <= live for each in by_customers)


def _contradicted(service: ServiceRequirements) -> bool:
    return any(each.timing is ApprovalTiming.AFTER_GO_LIVE for each in service.requirements)


def _late(requirements: Iterable[RequirementAsOf]) -> str:
    for each in requirements:
        if each.approvals_missing:
            return f"a decision about requirement {each.key} that was recorded is missing"
        if each.timing is ApprovalTiming.AFTER_GO_LIVE:
            return f"requirement {each.key} was approved, or put on record, after go-live"
    return "no approval by a customer before go-live is on record"


def _unlinked(keys: list[str]) -> str:
    return f"target {keys[0]} is linked to no requirement, or a link about it is missing" if keys else ""


def _launch(name: str, service_id: UUID, before: list[GateAsOf]) -> CheckedUnit:
    if any(gate.present for gate in before):
        return CheckedUnit(f"launch of {name}", False, record_id=service_id)
    if before:
        said = f"service level management took part in none of {len(before)} design gates"
        return CheckedUnit(f"launch of {name}", True, Shortfall.CONTRADICTED, said, service_id)
    return CheckedUnit(f"launch of {name}", True, Shortfall.NOT_RECORDED, "no design gate is on record", service_id)


def _change(name: str, gate: GateAsOf) -> CheckedUnit:
    unit = f"{gate.key} of {name}"
    if gate.present:
        return CheckedUnit(unit, False, record_id=gate.design_gate_id)
    said = "service level management took no part in it"
    return CheckedUnit(unit, True, Shortfall.CONTRADICTED, said, gate.design_gate_id)
