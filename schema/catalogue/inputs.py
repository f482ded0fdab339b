"""What mutations of the service catalogue are given."""

from datetime import datetime

import strawberry

from schema.bulk import ITEMS, MODE
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY, NAME
from schema.references import referenced
from schema.vocabulary import (
    BulkMode,
    Criticality,
    GateOutcome,
    GateParticipationKind,
    GateRole,
    LifecycleEventKind,
    OwnershipKind,
)
from services.catalogue.rules import DesignGateEntry, GateParticipationEntry
from services.organisations.rules import Actor

DESCRIPTION = "What it does for its customers, at most 4000 characters."


@strawberry.input(description="A service to create.")
class CreateServiceInput:
    """A service."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    description: str = strawberry.field(default="", description=DESCRIPTION)
    criticality: Criticality = strawberry.field(
        default=Criticality.STANDARD, description="How much the business depends on it."
    )
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="The department it belongs to; null if none."
    )


@strawberry.input(description="Several services at once.")
class CreateServicesInput:
    """Up to a thousand."""

    items: list[CreateServiceInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="What is to be said anew of a service; what is null or left out stays as it is.")
class UpdateServiceInput:
    """A service."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    name: str | None = strawberry.field(default=None, description=NAME)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    criticality: Criticality | None = strawberry.field(default=None, description="How much the business depends on it.")
    department_id: strawberry.ID | None = strawberry.field(default=None, description="The department it belongs to.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="A change in who owns a service.")
class OwnershipInput:
    """The beginning or the end of owning a service in one capacity."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    person_id: strawberry.ID = strawberry.field(description="The person.")
    kind: OwnershipKind = strawberry.field(description="In which capacity.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="Something that happened to a service.")
class RecordLifecycleEventInput:
    """A milestone."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    kind: LifecycleEventKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When it happened; not in the future.")
    note: str = strawberry.field(default="", description="What there is to say about it, at most 4000 characters.")


@strawberry.input(description="A gate that the design of a service had to pass.")
class RecordDesignGateInput:
    """A gate."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    key: str = strawberry.field(description="Its short name, unique for the service; written as other keys are.")
    name: str = strawberry.field(description=NAME)
    held_at: datetime = strawberry.field(description="When it was held; not in the future.")
    outcome: GateOutcome = strawberry.field(description="What came of it.")
    note: str = strawberry.field(default="", description="What there is to say about it, at most 4000 characters.")

    def entry(self, actor: Actor) -> DesignGateEntry:
        """The gate in the terms of the domain."""
        service_id = referenced(actor, "Service", self.service_id)
        return DesignGateEntry(service_id, self.key, self.name, self.held_at, self.outcome, self.note)


@strawberry.input(description="Several design gates at once.")
class RecordDesignGatesInput:
    """Up to a thousand."""

    items: list[RecordDesignGateInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="Somebody who attended or signed a design gate.")
class RecordGateParticipationInput:
    """A participation."""

    design_gate_id: strawberry.ID = strawberry.field(description="The gate.")
    person_id: strawberry.ID = strawberry.field(description="Who took part.")
    role: GateRole = strawberry.field(description="What they stood for there.")
    kind: GateParticipationKind = strawberry.field(description="Whether they attended or signed.")
    occurred_at: datetime | None = strawberry.field(
        default=None, description="When, not in the future; null: when the gate was held."
    )

    def entry(self, actor: Actor) -> GateParticipationEntry:
        """The participation in the terms of the domain."""
        gate_id = referenced(actor, "DesignGate", self.design_gate_id)
        person_id = referenced(actor, "Person", self.person_id)
        return GateParticipationEntry(gate_id, person_id, self.role, self.kind, self.occurred_at)


@strawberry.input(description="Several participations in design gates at once.")
class RecordGateParticipationsInput:
    """Up to a thousand."""

    items: list[RecordGateParticipationInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)
