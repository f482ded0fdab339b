"""What mutations of the improvement register answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.improvement.types import BreachAcceptance, Improvement, ImprovementBreach
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="The improvement register was written.")
class ImprovementPayload:
    """See registerImprovement and recordImprovementStatus."""

    improvement: Improvement = stored("The improvement as it stands.")


@strawberry.type(description="A breach was linked to an improvement.")
class ImprovementBreachPayload:
    """See linkBreach."""

    link: ImprovementBreach = stored("The link.")


@strawberry.type(description="A breach was accepted without improvement.")
class BreachAcceptancePayload:
    """See acceptBreach."""

    acceptance: BreachAcceptance = stored("The acceptance.")


RegisterImprovementResult = Annotated[
    ImprovementPayload | Refusal,
    strawberry.union("RegisterImprovementResult", description="What came of registering an improvement."),
]
LinkBreachResult = Annotated[
    ImprovementBreachPayload | Refusal,
    strawberry.union("LinkBreachResult", description="What came of linking a breach."),
]
RecordImprovementStatusResult = Annotated[
    ImprovementPayload | Refusal,
    strawberry.union("RecordImprovementStatusResult", description="What came of recording a status."),
]
AcceptBreachResult = Annotated[
    BreachAcceptancePayload | Refusal,
    strawberry.union("AcceptBreachResult", description="What came of accepting a breach."),
]
RegisterImprovementsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("RegisterImprovementsResult", description="What came of registering improvements."),
]
