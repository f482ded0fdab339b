"""What can be said of a service."""

from enum import StrEnum


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
