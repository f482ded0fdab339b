"""B1: services that went live although nobody had agreed what level they are to reach."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from assessment.evidence import Evidence
from assessment.findings import Checked, CheckedUnit, Findings, Shortfall
from services.agreements.queries import PromisedTarget
from services.agreements.rules import AgreementKind
from services.compliance.records import RecordCount
from services.requirements.queries import RequirementAsOf, ServiceRequirements
from services.requirements.rules import ApprovalTiming

NO_LINKS = RecordCount(0, 0)
AGREED = {ApprovalTiming.IN_DESIGN, ApprovalTiming.BEFORE_GO_LIVE}


def launched_without_requirements(evidence: Evidence) -> Findings:
    """B1. Promises to customers count: what teams and suppliers owe us is another pattern's matter."""
    promised: dict[UUID, list[PromisedTarget]] = defaultdict(list)
    for target in evidence.targets:
        if target.agreement_kind in {AgreementKind.SLA, AgreementKind.XLA}:
            promised[target.service_id].append(target)
    links = {each.target_id: each.requirement_links for each in evidence.records}
    return Checked(tuple(_service(each, promised[each.service.service_id], links) for each in evidence.services))


def _service(
    found: ServiceRequirements, targets: list[PromisedTarget], links: Mapping[UUID, RecordCount]
) -> CheckedUnit:
    name, service_id = found.service.name, found.service.service_id
    if not targets:
        return CheckedUnit(name, True, Shortfall.NOT_RECORDED, "no target is in force", service_id)
    by_id = {each.requirement_id: each for each in found.requirements}
    for target in targets:
        linked = [by_id[id_] for id_ in target.requirement_ids if id_ in by_id]
        if (fault := _fault(linked, links.get(target.target_id, NO_LINKS))) is not None:
            shortfall, said = fault
            return CheckedUnit(name, True, shortfall, f"target {target.target_key}: {said}", service_id)
    return CheckedUnit(name, False, record_id=service_id)


def _fault(linked: list[RequirementAsOf], links: RecordCount) -> tuple[Shortfall, str] | None:
    """What keeps a target from resting on an agreed requirement.

    A link that is missing may have been its end, and a decision that is missing an approval's withdrawal.
    """
    if not links.is_complete:
        said = f"{links.written} links to requirements were recorded, and {links.found} are there"
        return Shortfall.NOT_RECORDED, said
    agreed = [each for each in linked if each.timing in AGREED]
    if any(not each.approvals_missing for each in agreed):
        return None
    if agreed:
        return Shortfall.NOT_RECORDED, f"a decision about requirement {agreed[0].key} that was recorded is missing"
    if late := [each for each in linked if each.timing is ApprovalTiming.AFTER_GO_LIVE]:
        return Shortfall.CONTRADICTED, f"requirement {late[0].key} was approved, or put on record, after go-live"
    if linked:
        return Shortfall.NOT_RECORDED, f"no approval of requirement {linked[0].key} is on record"
    return Shortfall.NOT_RECORDED, "it is linked to no requirement"
