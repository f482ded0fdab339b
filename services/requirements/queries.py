"""Which requirements a service had at an instant, as far as was on record then, and who had approved them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.catalogue.queries import ServiceInUse, live_services
from services.db import ReadSession, fetch
from services.organisations.rules import PartyKind
from services.requirements.rules import (
    Approval,
    ApprovalDecision,
    ApprovalTiming,
    Comparison,
    approval_timing,
)

REQUIREMENTS = """
SELECT DISTINCT ON (r.id) r.service_id, r.id, r.key, v.id, v.metric, v.comparison, v.target_value, v.unit,
       v.business_outcome <> '',
       r.approval_count - (SELECT count(*) FROM requirement_approval a
                           JOIN requirement_version w ON w.organisation_id = $1::uuid
                                AND w.id = a.requirement_version_id
                           WHERE a.organisation_id = $1::uuid AND w.requirement_id = r.id)
FROM service_level_requirement r
JOIN requirement_version v ON v.organisation_id = $1::uuid AND v.requirement_id = r.id
WHERE r.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $2::timestamptz
ORDER BY r.id, v.valid_from DESC
"""

APPROVALS = """
SELECT v.requirement_id, a.requirement_version_id, a.person_id, a.decision, a.decided_at, a.recorded_at, a.received_at,
       coalesce(party.kind = $3::text, FALSE)
FROM requirement_approval a
JOIN requirement_version v ON v.organisation_id = $1::uuid AND v.id = a.requirement_version_id
JOIN person ON person.organisation_id = $1::uuid AND person.id = a.person_id
LEFT JOIN party ON party.organisation_id = $1::uuid AND party.id = person.party_id
WHERE a.organisation_id = $1::uuid AND a.decided_at <= $2::timestamptz AND a.recorded_at <= $2::timestamptz
ORDER BY a.decided_at, a.id
"""

WAIVED = """
SELECT DISTINCT w.requirement_id FROM requirement_waiver w
WHERE w.organisation_id = $1::uuid AND w.recorded_at <= $2::timestamptz
  AND w.valid_from <= $2::timestamptz AND w.valid_until > $2::timestamptz
"""


@dataclass(frozen=True)
class RequirementAsOf:
    """A requirement with every decision about any of its versions; `approvals` are oldest first.

    `approvals_missing`: how many fewer decisions are there than were ever recorded, whenever that was.
    """

    requirement_id: UUID
    key: str
    requirement_version_id: UUID
    metric: str
    comparison: Comparison | None
    target_value: Decimal | None
    unit: str
    states_business_outcome: bool
    approvals: tuple[Approval, ...]
    is_waived: bool
    timing: ApprovalTiming
    approvals_missing: int


@dataclass(frozen=True)
class ServiceRequirements:
    """A live service and its requirements; none is an answer, too."""

    service: ServiceInUse
    requirements: tuple[RequirementAsOf, ...]


async def requirements_of_live_services(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> list[ServiceRequirements]:
    """The services live at `as_of` with their requirements, from facts recorded by then. Four statements.

    The version shown is the one in force; the timing looks at the approvals of all versions.
    """
    approvals: dict[UUID, list[Approval]] = defaultdict(list)
    for requirement_id, version_id, person_id, decision, *stamps_and_side in await fetch(
        session, APPROVALS, organisation_id, as_of, PartyKind.CUSTOMER.value
    ):
        made = Approval(version_id, person_id, ApprovalDecision(decision), *stamps_and_side)
        approvals[requirement_id].append(made)
    waived = {row[0] for row in await fetch(session, WAIVED, organisation_id, as_of)}
    services = {each.service_id: each for each in await live_services(session, organisation_id, as_of=as_of)}
    found: dict[UUID, list[RequirementAsOf]] = defaultdict(list)
    for service_id, requirement_id, key, version_id, metric, comparison, *rest in await fetch(
        session, REQUIREMENTS, organisation_id, as_of
    ):
        if (service := services.get(service_id)) is None:
            continue
        target_value, unit, states_business_outcome, missing = rest
        decisions = tuple(approvals[requirement_id])
        found[service_id].append(
            RequirementAsOf(
                requirement_id=requirement_id,
                key=key,
                requirement_version_id=version_id,
                metric=metric,
                comparison=None if comparison is None else Comparison(comparison),
                target_value=target_value,
                unit=unit,
                states_business_outcome=states_business_outcome,
                approvals=decisions,
                is_waived=requirement_id in waived,
                timing=approval_timing(
                    decisions, design_approved_at=service.design_approved_at, went_live_at=service.went_live_at
                ),
                approvals_missing=max(0, missing),
            )
        )
    return [
        ServiceRequirements(service, tuple(sorted(found[id_], key=lambda each: each.key)))
        for id_, service in services.items()
    ]


def requirement_version_until(version: str) -> str:
    """SQL text: the start of the requirement's next version, NULL for its last. `$1` is the organisation."""
    return (
        "(SELECT min(following.valid_from) FROM requirement_version AS following"  # noqa: S608 - an alias, no input
        f" WHERE following.organisation_id = $1::uuid AND following.requirement_id = {version}.requirement_id"
        f" AND following.valid_from > {version}.valid_from)"
    )
