"""Services, who owns them, and the events of their lives."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.nodes import Node, Recorded, Versioned
from schema.organisations.types import BY_START, Department, Person
from schema.pagination import Connection
from schema.planner.declarations import (
    any_id_of,
    any_of,
    column,
    connection,
    expression,
    planned,
    to_many,
    to_one,
)
from schema.planner.ordering import Order
from schema.requirements.meaning import MEANINGFUL, MEANINGLESS_BECAUSE
from schema.tickets.inputs import TicketFilter, TicketOrder
from schema.vocabulary import (
    Criticality,
    GateOutcome,
    GateParticipationKind,
    GateRole,
    GateStanding,
    LifecycleEventKind,
    Meaninglessness,
    OwnershipKind,
    Tenure,
)
from services.catalogue import models
from services.catalogue.queries import gate_role_held, service_level_management_present, standing_of_service
from services.requirements.meaning import service_is_meaningful, service_meaningless_because

if TYPE_CHECKING:
    from schema.agreements.types import Agreement
    from schema.alignment.chain_types import TargetAlignment
    from schema.catalogue.dependency_types import ResponseChain, ServiceStructure
    from schema.requirements.types import ServiceLevelRequirement
    from schema.tickets.types import Ticket


@planned(models.ServiceOwnership, description="An entry in the history of who owns a service.")
class ServiceOwnership(Node, Recorded):
    """The beginning or the end of owning a service in one capacity."""

    service: "Service" = to_one("The service.", "service_id")
    person: Person = to_one("Who owns it.", "person_id")
    kind: OwnershipKind = column("In which capacity.")
    tenure: Tenure = column("Whether the person owns it from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this person and kind.")


@planned(models.LifecycleEvent, description="Something that happened to a service.")
class LifecycleEvent(Node, Recorded):
    """A milestone."""

    service: "Service" = to_one("The service.", "service_id")
    kind: LifecycleEventKind = column("What happened.")
    occurred_at: datetime = column("When it happened.")
    note: str = column("What there is to say about it; may be empty.")


@planned(models.DesignGateParticipation, description="Somebody attended or signed a design gate.")
class DesignGateParticipation(Node, Recorded):
    """A participation."""

    design_gate: "DesignGate" = to_one("The gate.", "design_gate_id")
    person: Person = to_one("Who took part.", "person_id")
    role: GateRole = column("What they stood for, as stated there.")
    role_held: bool | None = expression(
        gate_role_held,
        "Whether they held that role at that instant: by the assignments of roles, or as somebody of a customer; null"
        " for roles that are not assigned.",
    )
    kind: GateParticipationKind = column("Whether they attended or signed.")
    occurred_at: datetime = column("When. Compare it with when it was recorded and received.")


@planned(models.DesignGate, description="A gate that the design of a service had to pass.")
class DesignGate(Node, Recorded):
    """A gate."""

    service: "Service" = to_one("The service.", "service_id")
    key: str = column("Its short name, unique for the service.")
    name: str = column("Its name for people.")
    held_at: datetime = column("When it was held.")
    outcome: GateOutcome = column("What came of it.")
    note: str = column("What there is to say about it; may be empty.")
    participations: list[DesignGateParticipation] = to_many(
        "Who attended or signed, earliest first.", "design_gate_id", order=Order(("occurred_at",))
    )
    service_level_management_present: bool = expression(
        service_level_management_present,
        "Whether somebody attended or signed as service level manager who held that role then. What happened, or was"
        " recorded, only after the service had gone live does not count.",
    )


@planned(models.Service, description="A service in the sense of ITIL: what customers receive and agreements are about.")
class Service(Node, Recorded, Versioned):
    """A service."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    description: str = column("What it does for its customers; may be empty.")
    criticality: Criticality = column("How much the business depends on it.")
    department: Department | None = to_one("The department it belongs to; null if none.", "department_id")
    meaningful: bool | None = expression(service_is_meaningful, MEANINGFUL)
    meaningless_because: Meaninglessness | None = expression(service_meaningless_because, MEANINGLESS_BECAUSE)
    gate_standing: GateStanding = expression(
        standing_of_service,
        "Where service level management was when it was designed. Absent from a gate: its numbers are compromised.",
    )
    ownerships: list[ServiceOwnership] = to_many(
        "Every entry about its owners, oldest first.", "service_id", order=BY_START
    )
    lifecycle_events: list[LifecycleEvent] = to_many(
        "What happened to it, oldest first.", "service_id", order=Order(("occurred_at",))
    )
    design_gates: list[DesignGate] = to_many(
        "The gates its design had to pass, oldest first.", "service_id", order=Order(("held_at",))
    )
    requirements: list[Annotated["ServiceLevelRequirement", strawberry.lazy("schema.requirements.types")]] = to_many(
        "What customers need of it, by key.", "service_id", order=Order(("key",))
    )
    agreements: list[Annotated["Agreement", strawberry.lazy("schema.agreements.types")]] = to_many(
        "The agreements about it, by key, ended ones included.", "service_id", order=Order(("key",))
    )
    structures: list[Annotated["ServiceStructure", strawberry.lazy("schema.catalogue.dependency_types")]] = to_many(
        "On which components it has stood, oldest first.", "service_id", order=BY_START
    )
    alignments: list[Annotated["TargetAlignment", strawberry.lazy("schema.alignment.chain_types")]] = to_many(
        "Whether its promises to customers are backed: what cannot be kept first.",
        "service_id",
        order=Order(("severity",), descending=True),
    )
    response_chains: list[Annotated["ResponseChain", strawberry.lazy("schema.catalogue.dependency_types")]] = to_many(
        "In which order its tickets are worked on, by key.", "service_id", order=Order(("key",))
    )
    tickets: Connection[Annotated["Ticket", strawberry.lazy("schema.tickets.types")]] = connection(
        "Its tickets.", "service_id", order=TicketOrder.OPENED_AT_DESC, filter_by=TicketFilter
    )


@strawberry.input(description="Conditions on services; all that are given must hold.")
class ServiceFilter:
    """Which services."""

    criticality: list[Criticality] | None = any_of("criticality", "Of one of these criticalities.")
    department: list[strawberry.ID] | None = any_id_of("Department", "department_id", "Of one of these departments.")
