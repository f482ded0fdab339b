"""What mutations of the service catalogue answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.catalogue.types import DesignGate, DesignGateParticipation, LifecycleEvent, Service, ServiceOwnership
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


@strawberry.type(description="A design gate was recorded.")
class DesignGatePayload:
    """See recordDesignGate."""

    design_gate: DesignGate = stored("The gate.")


@strawberry.type(description="Somebody's part in a design gate was recorded.")
class GateParticipationPayload:
    """See recordGateParticipation."""

    participation: DesignGateParticipation = stored("The participation.")


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
RecordDesignGateResult = Annotated[
    DesignGatePayload | Refusal,
    strawberry.union("RecordDesignGateResult", description="What came of recording a design gate."),
]
RecordDesignGatesResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("RecordDesignGatesResult", description="What came of recording design gates."),
]
RecordGateParticipationResult = Annotated[
    GateParticipationPayload | Refusal,
    strawberry.union("RecordGateParticipationResult", description="What came of recording a participation."),
]
RecordGateParticipationsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("RecordGateParticipationsResult", description="What came of recording participations."),
]
