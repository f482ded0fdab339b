"""What mutations of agreements answer."""

from typing import Annotated

import strawberry

from schema.agreements.types import Agreement, AgreementVersion
from schema.errors import ConflictProblem, InvalidProblem, NotFoundProblem, NotPermittedProblem
from schema.planner.declarations import stored


@strawberry.type(description="An agreement was written.")
class AgreementPayload:
    """See createAgreement."""

    agreement: Agreement = stored("The agreement as it stands.")


@strawberry.type(description="A version of an agreement was published.")
class AgreementVersionPayload:
    """See publishAgreementVersion and endAgreement."""

    version: AgreementVersion = stored("The version.")


CreateAgreementResult = Annotated[
    AgreementPayload | InvalidProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("CreateAgreementResult", description="What came of creating an agreement."),
]
PublishAgreementVersionResult = Annotated[
    AgreementVersionPayload | InvalidProblem | NotFoundProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("PublishAgreementVersionResult", description="What came of publishing a version."),
]
EndAgreementResult = Annotated[
    AgreementVersionPayload | InvalidProblem | NotFoundProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("EndAgreementResult", description="What came of ending an agreement."),
]
