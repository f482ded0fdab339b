"""What can be said of a service."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

RECORDING_GRACE = timedelta(days=14)
"""What claims to be from before go-live counts as such only if it was on record this soon after (methods A.10, G1)."""


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


class GateOutcome(StrEnum):
    """What came of a design gate."""

    PASSED = "passed"
    PASSED_WITH_CONDITIONS = "passed_with_conditions"
    REFUSED = "refused"


class GateRole(StrEnum):
    """What somebody stands for at a design gate: a governance role, or one of the others who belong there."""

    CIO = "cio"
    SERVICE_LEVEL_MANAGER = "service_level_manager"
    SERVICE_DESIGN_LEAD = "service_design_lead"
    VENDOR_MANAGER = "vendor_manager"
    PROCUREMENT_LEAD = "procurement_lead"
    CUSTOMER_EXPERIENCE_MANAGER = "customer_experience_manager"
    CONTINUAL_IMPROVEMENT_LEAD = "continual_improvement_lead"
    CUSTOMER = "customer"
    OPERATIONS = "operations"


class GateParticipationKind(StrEnum):
    """How somebody took part in a design gate."""

    ATTENDED = "attended"
    SIGNED = "signed"


@dataclass(frozen=True)
class DesignGateEntry:
    """A gate that the design of a service had to pass, held at an instant."""

    service_id: UUID
    key: str
    name: str
    held_at: datetime
    outcome: GateOutcome
    note: str = ""


@dataclass(frozen=True)
class GateParticipationEntry:
    """A person who attended or signed a design gate in a role; `occurred_at` None: when the gate was held."""

    design_gate_id: UUID
    person_id: UUID
    role: GateRole
    kind: GateParticipationKind
    occurred_at: datetime | None = None
