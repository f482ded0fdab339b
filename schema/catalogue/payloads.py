"""What mutations of the service catalogue answer."""

from typing import Annotated

import strawberry

from schema.catalogue.types import LifecycleEvent, Service, ServiceOwnership
from schema.errors import ConflictProblem, InvalidProblem, NotFoundProblem, NotPermittedProblem
from schema.planner.declarations import stored


@strawberry.type(description="A service was written.")
class ServicePayload:
    """See createService and updateService."""

    service: Service = stored("The service as it stands.")


@strawberry.type(description="An entry was added to the history of who owns a service.")
class ServiceOwnershipPayload:
    """See assignOwnership and endOwnership."""

    ownership: ServiceOwnership = stored("The entry.")


@strawberry.type(description="Something that happened to a service was recorded.")
class LifecycleEventPayload:
    """See recordLifecycleEvent."""

    lifecycle_event: LifecycleEvent = stored("What happened.")


CreateServiceResult = Annotated[
    ServicePayload | InvalidProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("CreateServiceResult", description="What came of creating a service."),
]
UpdateServiceResult = Annotated[
    ServicePayload | InvalidProblem | NotFoundProblem | NotPermittedProblem,
    strawberry.union("UpdateServiceResult", description="What came of changing a service."),
]
AssignOwnershipResult = Annotated[
    ServiceOwnershipPayload | InvalidProblem | NotFoundProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("AssignOwnershipResult", description="What came of assigning an owner."),
]
EndOwnershipResult = Annotated[
    ServiceOwnershipPayload | InvalidProblem | NotFoundProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("EndOwnershipResult", description="What came of ending an ownership."),
]
RecordLifecycleEventResult = Annotated[
    LifecycleEventPayload | InvalidProblem | NotFoundProblem | ConflictProblem | NotPermittedProblem,
    strawberry.union("RecordLifecycleEventResult", description="What came of recording a milestone."),
]
