"""What mutations of requirements answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.mutation import Refusal
from schema.planner.declarations import stored
from schema.requirements.types import (
    RequirementApproval,
    RequirementVersion,
    RequirementWaiver,
    ServiceLevelRequirement,
)


@strawberry.type(description="A requirement was created.")
class RequirementPayload:
    """See createRequirement."""

    requirement: ServiceLevelRequirement = stored("The requirement.")


@strawberry.type(description="A version of a requirement was published.")
class RequirementVersionPayload:
    """See publishRequirementVersion."""

    version: RequirementVersion = stored("The version.")


@strawberry.type(description="A decision about a version of a requirement was recorded.")
class RequirementApprovalPayload:
    """See approveRequirement and withdrawApproval."""

    approval: RequirementApproval = stored("The decision, with its stamps.")


@strawberry.type(description="A requirement was waived.")
class RequirementWaiverPayload:
    """See waiveRequirement."""

    waiver: RequirementWaiver = stored("The waiver.")


CreateRequirementResult = Annotated[
    RequirementPayload | Refusal,
    strawberry.union("CreateRequirementResult", description="What came of creating a requirement."),
]
PublishRequirementVersionResult = Annotated[
    RequirementVersionPayload | Refusal,
    strawberry.union("PublishRequirementVersionResult", description="What came of saying a requirement anew."),
]
ApproveRequirementResult = Annotated[
    RequirementApprovalPayload | Refusal,
    strawberry.union("ApproveRequirementResult", description="What came of recording an approval."),
]
WithdrawApprovalResult = Annotated[
    RequirementApprovalPayload | Refusal,
    strawberry.union("WithdrawApprovalResult", description="What came of withdrawing an approval."),
]
WaiveRequirementResult = Annotated[
    RequirementWaiverPayload | Refusal,
    strawberry.union("WaiveRequirementResult", description="What came of waiving a requirement."),
]
CreateRequirementsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateRequirementsResult", description="What came of creating requirements."),
]
