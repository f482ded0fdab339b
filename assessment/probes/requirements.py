"""B1: services that went live although nobody had agreed what level they are to reach."""

from collections import defaultdict
from uuid import UUID

from assessment.evidence import Evidence
from assessment.findings import Checked, CheckedUnit, Findings, Shortfall
from services.agreements.queries import PromisedTarget
from services.agreements.rules import AgreementKind
from services.requirements.queries import RequirementAsOf, ServiceRequirements
from services.requirements.rules import ApprovalTiming

AGREED = {ApprovalTiming.IN_DESIGN, ApprovalTiming.BEFORE_GO_LIVE}


def launched_without_requirements(evidence: Evidence) -> Findings:
    """B1. Promises to customers count: what teams and suppliers owe us is another pattern's matter."""
    promised: dict[UUID, list[PromisedTarget]] = defaultdict(list)
    for target in evidence.targets:
        if target.agreement_kind in {AgreementKind.SLA, AgreementKind.XLA}:
            promised[target.service_id].append(target)
    return Checked(tuple(_service(each, promised[each.service.service_id]) for each in evidence.services))


def _service(found: ServiceRequirements, targets: list[PromisedTarget]) -> CheckedUnit:
    name, service_id = found.service.name, found.service.service_id
    if not targets:
        return CheckedUnit(name, True, Shortfall.NOT_RECORDED, "no target is in force", service_id)
    by_id = {each.requirement_id: each for each in found.requirements}
    for target in targets:
        linked = [by_id[id_] for id_ in target.requirement_ids if id_ in by_id]
        if (fault := _fault(linked)) is not None:
            shortfall, said = fault
            return CheckedUnit(name, True, shortfall, f"target {target.target_key}: {said}", service_id)
    return CheckedUnit(name, False, record_id=service_id)


def _fault(linked: list[RequirementAsOf]) -> tuple[Shortfall, str] | None:
    if any(each.timing in AGREED for each in linked):
        return None
    if late := [each for each in linked if each.timing is ApprovalTiming.AFTER_GO_LIVE]:
        return Shortfall.CONTRADICTED, f"requirement {late[0].key} was approved, or put on record, after go-live"
    if linked:
        return Shortfall.NOT_RECORDED, f"no approval of requirement {linked[0].key} is on record"
    return Shortfall.NOT_RECORDED, "it is linked to no requirement"
