"""What mutations of the service catalogue answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.catalogue.types import LifecycleEvent, Service, ServiceOwnership
from schema.mutation import Refusal
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
    ServicePayload | Refusal,
    strawberry.union("CreateServiceResult", description="What came of creating a service."),
]
UpdateServiceResult = Annotated[
    ServicePayload | Refusal,
    strawberry.union("UpdateServiceResult", description="What came of changing a service."),
]
AssignOwnershipResult = Annotated[
    ServiceOwnershipPayload | Refusal,
    strawberry.union("AssignOwnershipResult", description="What came of assigning an owner."),
]
EndOwnershipResult = Annotated[
    ServiceOwnershipPayload | Refusal,
    strawberry.union("EndOwnershipResult", description="What came of ending an ownership."),
]
RecordLifecycleEventResult = Annotated[
    LifecycleEventPayload | Refusal,
    strawberry.union("RecordLifecycleEventResult", description="What came of recording a milestone."),
]
CreateServicesResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateServicesResult", description="What came of creating services."),
]
