"""What a service level requirement says, and when it was approved compared with the service's life."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from services.catalogue.rules import RECORDING_GRACE
from services.domain.inputs import LONGEST_NOTE, Problems

VALUE_PLACES = 6
LARGEST_VALUE = Decimal(10) ** 12


class Comparison(StrEnum):
    """Which side of the stated value is acceptable."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class CostBasis(StrEnum):
    """What the cost of failing is counted by."""

    MINUTE = "minute"
    EVENT = "event"


class RequirementPriority(StrEnum):
    """How much it matters that a requirement is met, compared with others."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ApprovalDecision(StrEnum):
    """What an approver says about one version of a requirement."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    """The approver no longer stands by it."""


class ApprovalTiming(StrEnum):
    """When a requirement was approved, seen from its service (capability S1)."""

    IN_DESIGN = "in_design"
    BEFORE_GO_LIVE = "before_go_live"
    AFTER_GO_LIVE = "after_go_live"
    NEVER = "never"


@dataclass(frozen=True)
class RequirementDefinition:
    """What a customer needs of a service: in words, and as a value where one is stated.

    A value comes with the metric it is about, its unit and its comparison, or not at all; so does what failing costs,
    with its currency and what it is counted by: the value that the requirement protects.
    """

    statement: str
    metric: str = ""
    comparison: Comparison | None = None
    target_value: Decimal | None = None
    unit: str = ""
    business_outcome: str = ""
    cost_of_failure: str = ""
    cost_amount: Decimal | None = None
    cost_currency: str | None = None
    cost_basis: CostBasis | None = None
    priority: RequirementPriority | None = None


@dataclass(frozen=True)
class Approval:
    """One decision of one person about one version, with the instant it claims and the stamps that check it."""

    requirement_version_id: UUID
    person_id: UUID
    decision: ApprovalDecision
    decided_at: datetime
    recorded_at: datetime
    received_at: datetime
    by_customer: bool
    """Whether the approver works for a customer."""


def check_definition(definition: RequirementDefinition, problems: Problems) -> None:
    """Add what is wrong with a definition."""
    problems.text("statement", definition.statement, longest=LONGEST_NOTE)
    problems.text("metric", definition.metric, required=definition.target_value is not None)
    problems.text("unit", definition.unit, required=definition.target_value is not None)
    problems.text("business_outcome", definition.business_outcome, longest=LONGEST_NOTE, required=False)
    problems.text("cost_of_failure", definition.cost_of_failure, longest=LONGEST_NOTE, required=False)
    problems.amount("cost_amount", definition.cost_amount)
    problems.currency("cost_currency", definition.cost_currency)
    for field, said in (("cost_currency", definition.cost_currency), ("cost_basis", definition.cost_basis)):
        if (said is None) is not (definition.cost_amount is None):
            problems.add(field, "expected it exactly where an amount is stated")
    if (definition.target_value is None) != (definition.comparison is None):
        problems.add("comparison", "expected a comparison exactly where a value is stated")
    if definition.target_value is not None:
        check_value("target_value", definition.target_value, problems)


def check_value(field: str, value: Decimal, problems: Problems) -> None:
    """Add what is wrong with a stated value."""
    if not value.is_finite() or abs(value) >= LARGEST_VALUE:
        problems.add(field, f"expected a number below {LARGEST_VALUE:,} in size")
    elif value != round(value, VALUE_PLACES):
        problems.add(field, f"expected at most {VALUE_PLACES} decimal places")


def standing_approvals(decisions: Iterable[Approval]) -> list[Approval]:
    """The approvals nobody has withdrawn, earliest first: of each version and person, the first since a withdrawal."""
    ordered = sorted(decisions, key=lambda each: (each.requirement_version_id, each.person_id, each.decided_at))
    standing: list[Approval] = []
    for _, history in groupby(ordered, key=lambda each: (each.requirement_version_id, each.person_id)):
        approved: Approval | None = None
        for each in history:
            approved = (approved or each) if each.decision is ApprovalDecision.APPROVED else None
        if approved is not None:
            standing.append(approved)
    return sorted(standing, key=lambda each: each.decided_at)


def approval_timing(
    decisions: Iterable[Approval], *, design_approved_at: datetime | None, went_live_at: datetime
) -> ApprovalTiming:
    """When the earliest standing approval was given.

    An approval put on record more than `RECORDING_GRACE` after go-live counts as given after it, whatever instant it
    claims. "In design" means by the instant the design was approved; without that milestone nothing is in design.
    """
    timings = {_timing(each, design_approved_at, went_live_at) for each in standing_approvals(decisions)}
    return next((timing for timing in ApprovalTiming if timing in timings), ApprovalTiming.NEVER)


def is_back_dated(approval: Approval, *, went_live_at: datetime) -> bool:
    """Whether an approval claims an instant before go-live that its recording does not support."""
    return approval.decided_at <= went_live_at and approval.recorded_at > went_live_at + RECORDING_GRACE


def _timing(approval: Approval, design_approved_at: datetime | None, went_live_at: datetime) -> ApprovalTiming:
    if approval.decided_at > went_live_at or is_back_dated(approval, went_live_at=went_live_at):
        return ApprovalTiming.AFTER_GO_LIVE
    if design_approved_at is not None and approval.decided_at <= design_approved_at:
        return ApprovalTiming.IN_DESIGN
    return ApprovalTiming.BEFORE_GO_LIVE


@dataclass(frozen=True)
class RequirementEntry:
    """A requirement of a service to create, with its first version, which holds from `valid_from`."""

    key: str
    service_id: UUID
    valid_from: datetime
    definition: RequirementDefinition
    reason: str = ""
