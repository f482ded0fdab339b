"""Service level requirements, what they say, who approved them, and when one may be left unmet."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.catalogue.types import Service
from schema.nodes import Node, Recorded, Versioned
from schema.organisations.types import Person
from schema.planner.declarations import any_id_of, column, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.vocabulary import ApprovalDecision, Comparison, CostBasis, RequirementPriority
from services.requirements import models
from services.requirements.queries import requirement_version_until

if TYPE_CHECKING:
    from schema.agreements.types import ClauseRequirement, TargetRequirement


@planned(
    models.RequirementApproval,
    description="A person approved a version of a requirement, or withdrew that. Compare when it was decided with when"
    " it was recorded and received: an approval written down late shows.",
)
class RequirementApproval(Node, Recorded):
    """A decision about a version; never changed."""

    requirement_version: "RequirementVersion" = to_one("The version it is about.", "requirement_version_id")
    person: Person = to_one("Who decided.", "person_id")
    decision: ApprovalDecision = column("What they decided.")
    decided_at: datetime = column("When they decided, by what we were told.")
    note: str = column("What there is to say about it; may be empty.")


@planned(models.RequirementVersion, description="What a requirement says from an instant on, until its next version.")
class RequirementVersion(Node, Recorded):
    """A version of a requirement."""

    requirement: "ServiceLevelRequirement" = to_one("The requirement.", "requirement_id")
    valid_from: datetime = column("Since when it says this.")
    valid_until: datetime | None = expression(
        requirement_version_until, "The first instant at which it no longer does; null while no version follows."
    )
    statement: str = column("What the customer needs, in words.")
    metric: str = column("What is measured; may be empty where no value is stated.")
    comparison: Comparison | None = column("Which side of the value is acceptable; null where no value is stated.")
    target_value: Decimal | None = column("The value; null where none is stated.")
    unit: str = column("The unit of the value; may be empty where none is stated.")
    business_outcome: str = column("What the business gets out of it; may be empty.")
    cost_of_failure: str = column("What it costs not to meet it; may be empty.")
    cost_amount: Decimal | None = column("What failing costs: the value it protects; null where none is stated.")
    cost_currency: str | None = column("The currency of that, such as EUR; null where none is stated.")
    cost_basis: CostBasis | None = column("What that is counted by; null where none is stated.")
    priority: RequirementPriority | None = column("How much it matters compared with others; null where not stated.")
    reason: str = column("Why this version was made; may be empty.")
    approvals: list[RequirementApproval] = to_many(
        "Everything decided about it, oldest first.", "requirement_version_id", order=Order(("decided_at",))
    )


@planned(models.RequirementWaiver, description="Somebody's reasoned acceptance that a requirement is not met for now.")
class RequirementWaiver(Node, Recorded):
    """A waiver."""

    requirement: "ServiceLevelRequirement" = to_one("The requirement.", "requirement_id")
    person: Person = to_one("Who accepts it.", "person_id")
    valid_from: datetime = column("Since when.")
    valid_until: datetime = column("The first instant at which it no longer holds.")
    reason: str = column("Why.")


@planned(
    models.ServiceLevelRequirement,
    description="What a customer needs of a service (SLR). What it says is in its versions.",
)
class ServiceLevelRequirement(Node, Recorded, Versioned):
    """A requirement."""

    key: str = column("Its short name, unique in the organisation.")
    service: Service = to_one("The service.", "service_id")
    versions: list[RequirementVersion] = to_many(
        "Everything it has ever said, oldest first.", "requirement_id", order=Order(("valid_from",))
    )
    waivers: list[RequirementWaiver] = to_many(
        "When it could be left unmet, oldest first.", "requirement_id", order=Order(("valid_from",))
    )
    target_links: list[Annotated["TargetRequirement", strawberry.lazy("schema.agreements.types")]] = to_many(
        "Every entry about the targets that promise it, oldest first.", "requirement_id", order=Order(("valid_from",))
    )
    clause_links: list[Annotated["ClauseRequirement", strawberry.lazy("schema.agreements.types")]] = to_many(
        "Every entry about the contract clauses that carry it, oldest first.",
        "requirement_id",
        order=Order(("valid_from",)),
    )


@strawberry.input(description="Conditions on requirements; all that are given must hold.")
class RequirementFilter:
    """Which requirements."""

    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "Of one of these services.")
