"""What mutations of agreements answer."""

from typing import Annotated

import strawberry

from schema.agreements.types import Agreement, AgreementVersion, ClauseRequirement, ContractClause, TargetRequirement
from schema.attainment.recomputations import Recomputation
from schema.bulk import BulkPayload
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="An agreement was written.")
class AgreementPayload:
    """See createAgreement."""

    agreement: Agreement = stored("The agreement as it stands.")


@strawberry.type(description="A version of an agreement was published.")
class AgreementVersionPayload:
    """See publishAgreementVersion and endAgreement."""

    version: AgreementVersion = stored("The version.")
    recomputation: Recomputation = stored("What became of what was recorded before.")
    facts_arrived: bool | None = strawberry.field(
        description="Whether facts have arrived since the preview, so that more than it said may have changed; null if"
        " you did not name one."
    )


@strawberry.type(description="An entry was added to the history of which requirements a target promises.")
class TargetRequirementPayload:
    """See linkRequirement and unlinkRequirement."""

    link: TargetRequirement = stored("The entry.")


@strawberry.type(description="A clause of an agreement was recorded.")
class ContractClausePayload:
    """See recordContractClause."""

    clause: ContractClause = stored("The clause.")


@strawberry.type(description="An entry was added to the history of which requirements a clause carries.")
class ClauseRequirementPayload:
    """See linkClause and unlinkClause."""

    link: ClauseRequirement = stored("The entry.")


CreateAgreementResult = Annotated[
    AgreementPayload | Refusal,
    strawberry.union("CreateAgreementResult", description="What came of creating an agreement."),
]
PublishAgreementVersionResult = Annotated[
    AgreementVersionPayload | Refusal,
    strawberry.union("PublishAgreementVersionResult", description="What came of publishing a version."),
]
EndAgreementResult = Annotated[
    AgreementVersionPayload | Refusal,
    strawberry.union("EndAgreementResult", description="What came of ending an agreement."),
]
LinkRequirementResult = Annotated[
    TargetRequirementPayload | Refusal,
    strawberry.union("LinkRequirementResult", description="What came of linking a requirement."),
]
UnlinkRequirementResult = Annotated[
    TargetRequirementPayload | Refusal,
    strawberry.union("UnlinkRequirementResult", description="What came of unlinking a requirement."),
]
CreateAgreementsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateAgreementsResult", description="What came of creating agreements."),
]
RecordContractClauseResult = Annotated[
    ContractClausePayload | Refusal,
    strawberry.union("RecordContractClauseResult", description="What came of recording a clause."),
]
RecordContractClausesResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("RecordContractClausesResult", description="What came of recording clauses."),
]
LinkClauseResult = Annotated[
    ClauseRequirementPayload | Refusal,
    strawberry.union("LinkClauseResult", description="What came of linking a clause."),
]
UnlinkClauseResult = Annotated[
    ClauseRequirementPayload | Refusal,
    strawberry.union("UnlinkClauseResult", description="What came of unlinking a clause."),
]
