"""What can be said of a service."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Criticality(StrEnum):
    """How much the business depends on a service."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    STANDARD = "standard"


class OwnershipKind(StrEnum):
    """The capacities in which a service has an owner (capability S0)."""

    SERVICE_LEVEL_OWNER = "service_level_owner"
    BUSINESS_OWNER = "business_owner"
    EXECUTIVE_SPONSOR = "executive_sponsor"


class LifecycleEventKind(StrEnum):
    """Milestones of a service's life."""

    DESIGN_STARTED = "design_started"
    DESIGN_APPROVED = "design_approved"
    GO_LIVE = "go_live"
    RETIRED = "retired"


@dataclass(frozen=True)
class ServiceEntry:
    """A service to create, perhaps provided by a department."""

    key: str
    name: str
    description: str = ""
    criticality: Criticality = Criticality.STANDARD
    department_id: UUID | None = None
