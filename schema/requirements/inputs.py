"""What mutations of requirements are given."""

from datetime import datetime
from decimal import Decimal

import strawberry

from schema.bulk import ITEMS, MODE
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY
from schema.vocabulary import BulkMode, Comparison, CostBasis, RequirementPriority
from services.requirements.rules import RequirementDefinition

REASON = "Why, at most 4000 characters."


@strawberry.input(description="What a version of a requirement says. A value comes with comparison, metric and unit.")
class RequirementDefinitionInput:
    """The wording of a requirement."""

    statement: str = strawberry.field(description="What the customer needs, in words, at most 4000 characters.")
    metric: str = strawberry.field(default="", description="What is measured, at most 200 characters.")
    comparison: Comparison | None = strawberry.field(
        default=None, description="Which side of the value is acceptable; null where no value is stated."
    )
    target_value: Decimal | None = strawberry.field(
        default=None, description="The value, with at most 6 decimal places; null to state none."
    )
    unit: str = strawberry.field(default="", description="The unit of the value, at most 200 characters.")
    business_outcome: str = strawberry.field(
        default="", description="What the business gets out of it, at most 4000 characters."
    )
    cost_of_failure: str = strawberry.field(
        default="", description="What it costs not to meet it, at most 4000 characters."
    )
    cost_amount: Decimal | None = strawberry.field(
        default=None, description="What failing costs, with its currency and what it is counted by; null to state none."
    )
    cost_currency: str | None = strawberry.field(default=None, description="The currency of that, such as EUR.")
    cost_basis: CostBasis | None = strawberry.field(default=None, description="What that is counted by.")
    priority: RequirementPriority | None = strawberry.field(
        default=None, description="How much it matters compared with others; null to say nothing."
    )

    def defined(self) -> RequirementDefinition:
        """The definition in the terms of the domain."""
        return RequirementDefinition(
            statement=self.statement,
            metric=self.metric,
            comparison=self.comparison,
            target_value=self.target_value,
            unit=self.unit,
            business_outcome=self.business_outcome,
            cost_of_failure=self.cost_of_failure,
            cost_amount=self.cost_amount,
            cost_currency=self.cost_currency,
            cost_basis=self.cost_basis,
            priority=self.priority,
        )


@strawberry.input(description="A service level requirement to create, with its first version.")
class CreateRequirementInput:
    """A requirement."""

    key: str = strawberry.field(description=KEY)
    service_id: strawberry.ID = strawberry.field(description="The service.")
    definition: RequirementDefinitionInput = strawberry.field(description="What it says.")
    valid_from: datetime | None = strawberry.field(default=None, description="Since when it says this; null: now.")
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Several requirements at once.")
class CreateRequirementsInput:
    """Up to a thousand."""

    items: list[CreateRequirementInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A version of a requirement to publish. It needs approvals of its own.")
class PublishRequirementVersionInput:
    """A version."""

    requirement_id: strawberry.ID = strawberry.field(description="The requirement.")
    definition: RequirementDefinitionInput = strawberry.field(description="What it says from then on.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="Since when; after the start of its latest version. Null: now."
    )
    reason: str = strawberry.field(default="", description=REASON)
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="An approval of a version of a requirement.")
class ApproveRequirementInput:
    """An approval."""

    requirement_version_id: strawberry.ID = strawberry.field(description="The version.")
    person_id: strawberry.ID = strawberry.field(description="Who approved it.")
    approved_at: datetime | None = strawberry.field(
        default=None, description="When they approved it, not in the future; null: now. When we were told is kept, too."
    )
    note: str = strawberry.field(default="", description="What there is to say about it, at most 4000 characters.")


@strawberry.input(description="The withdrawal of an approval.")
class WithdrawApprovalInput:
    """A withdrawal."""

    requirement_version_id: strawberry.ID = strawberry.field(description="The version that was approved.")
    person_id: strawberry.ID = strawberry.field(description="Who no longer stands by it.")
    withdrawn_at: datetime | None = strawberry.field(
        default=None, description="When they withdrew it, not in the future; null: now."
    )
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="A reasoned acceptance that a requirement is not met for a while.")
class WaiveRequirementInput:
    """A waiver."""

    requirement_id: strawberry.ID = strawberry.field(description="The requirement.")
    person_id: strawberry.ID = strawberry.field(description="Who accepts it.")
    valid_from: datetime | None = strawberry.field(default=None, description="Since when; null: now.")
    valid_until: datetime = strawberry.field(description="The first instant at which it no longer holds.")
    reason: str = strawberry.field(description=REASON)
