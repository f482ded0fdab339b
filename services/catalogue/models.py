"""The services an organisation agrees upon, who owns them, the events of their lives, and what they are built of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.catalogue.rules import (
    ComponentKind,
    Criticality,
    Gate,
    GateOutcome,
    GateParticipationKind,
    GateRole,
    LifecycleEventKind,
    OwnershipKind,
)
from services.db import DERIVED, Base, Recorded, Tenant, Versioned, Writes, table_info
from services.organisations.rules import Tenure

SERVICE_KEY = ["service.organisation_id", "service.id"]
COMPONENT_KEY = ["component.organisation_id", "component.id"]


class Service(Base, Tenant, Recorded, Versioned):
    """An ITIL service: what customers receive and agreements are about.

    `design_gate_count`: how many design gates were ever recorded; it only grows, so that one that is missing shows.
    """

    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "department_id"], ["department.organisation_id", "department.id"]),
        Index("ix_service_organisation_id_department_id", "organisation_id", "department_id", "key", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    criticality: Mapped[Criticality]
    department_id: Mapped[UUID | None]
    design_gate_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class ServiceOwnership(Base, Tenant, Recorded):
    """A person begins (`held`) or stops (`ended`) to own a service in one capacity at `valid_from`."""

    __tablename__ = "service_ownership"
    __table_args__ = (
        UniqueConstraint("organisation_id", "service_id", "kind", "person_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "service_id"], SERVICE_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["person.organisation_id", "person.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    service_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[OwnershipKind]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class LifecycleEvent(Base, Tenant, Recorded):
    """Something that happened to a service: its design was approved, it went live, it was retired."""

    __tablename__ = "lifecycle_event"
    __table_args__ = (
        UniqueConstraint("organisation_id", "service_id", "kind", "occurred_at"),
        ForeignKeyConstraint(["organisation_id", "service_id"], SERVICE_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    service_id: Mapped[UUID]
    kind: Mapped[LifecycleEventKind]
    occurred_at: Mapped[datetime]
    note: Mapped[str]


class DesignGate(Base, Tenant, Recorded):
    """A gate that the design of a service had to pass, and what came of it."""

    __tablename__ = "design_gate"
    __table_args__ = (
        UniqueConstraint("organisation_id", "service_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], SERVICE_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    service_id: Mapped[UUID]
    key: Mapped[str]
    name: Mapped[str]
    held_at: Mapped[datetime]
    outcome: Mapped[GateOutcome]
    note: Mapped[str]


class DesignGateParticipation(Base, Tenant, Recorded):
    """A person attended or signed a design gate at `occurred_at`, in a role as stated at the gate."""

    __tablename__ = "design_gate_participation"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "design_gate_id", "person_id", "role", "kind", name="uq_design_gate_participation_kind"
        ),
        ForeignKeyConstraint(["organisation_id", "design_gate_id"], ["design_gate.organisation_id", "design_gate.id"]),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["person.organisation_id", "person.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    design_gate_id: Mapped[UUID]
    person_id: Mapped[UUID]
    role: Mapped[GateRole]
    kind: Mapped[GateParticipationKind]
    occurred_at: Mapped[datetime]


class Component(Base, Tenant, Recorded, Versioned):
    """Something a service is built of: a system, a team's work, a supplier's service, or a group of such.

    `support_count`: how many entries about what supports it were ever recorded; it only grows, so that one that is
    missing shows.
    """

    __tablename__ = "component"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], SERVICE_KEY),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[ComponentKind]
    service_id: Mapped[UUID | None]
    support_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class ComponentVersion(Base, Tenant, Recorded):
    """Who provides a component and how many of those it needs must work, until the start of its next version."""

    __tablename__ = "component_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "component_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "component_id"], COMPONENT_KEY),
        ForeignKeyConstraint(["organisation_id", "provider_id"], ["party.organisation_id", "party.id"]),
        CheckConstraint("(at_least IS NULL) = (gate IS DISTINCT FROM 'at_least')", name="at_least"),
        Index("ix_component_version_organisation_id_provider_id", "organisation_id", "provider_id"),
        {"info": table_info(Writes.APPEND)},
    )
    component_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    provider_id: Mapped[UUID | None]
    gate: Mapped[Gate | None]
    at_least: Mapped[int | None]
    need_count: Mapped[int] = mapped_column(server_default="0")
    """How many it needs, so that one that is missing shows."""
    reason: Mapped[str]


class ComponentNeed(Base, Tenant, Recorded):
    """One of the components that a version of a component needs: always the same one, however often it is needed."""

    __tablename__ = "component_need"
    __table_args__ = (
        UniqueConstraint("organisation_id", "component_version_id", "needed_id"),
        ForeignKeyConstraint(
            ["organisation_id", "component_version_id"], ["component_version.organisation_id", "component_version.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "needed_id"], COMPONENT_KEY),
        Index("ix_component_need_organisation_id_needed_id", "organisation_id", "needed_id"),
        {"info": table_info(Writes.APPEND)},
    )
    component_version_id: Mapped[UUID]
    needed_id: Mapped[UUID]


class ServiceStructure(Base, Tenant, Recorded):
    """A service works exactly when a component does, from `valid_from` until its next structure."""

    __tablename__ = "service_structure"
    __table_args__ = (
        UniqueConstraint("organisation_id", "service_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "service_id"], SERVICE_KEY),
        ForeignKeyConstraint(["organisation_id", "component_id"], COMPONENT_KEY),
        Index("ix_service_structure_organisation_id_component_id", "organisation_id", "component_id"),
        {"info": table_info(Writes.APPEND)},
    )
    service_id: Mapped[UUID]
    component_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    reason: Mapped[str]


class ResponseChain(Base, Tenant, Recorded, Versioned):
    """The order in which teams and suppliers work on tickets of a service; what it is, is in its versions."""

    __tablename__ = "response_chain"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], SERVICE_KEY),
        Index("ix_response_chain_organisation_id_service_id", "organisation_id", "service_id", "key", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    service_id: Mapped[UUID]


class ResponseChainVersion(Base, Tenant, Recorded):
    """Which hops a response chain has from `valid_from` until the start of its next version."""

    __tablename__ = "response_chain_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "response_chain_id", "valid_from", name="uq_response_chain_version_start"),
        ForeignKeyConstraint(
            ["organisation_id", "response_chain_id"], ["response_chain.organisation_id", "response_chain.id"]
        ),
        {"info": table_info(Writes.APPEND)},
    )
    response_chain_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    stop_states: Mapped[list[str]] = mapped_column(ARRAY(Text(collation="C")))
    hop_count: Mapped[int] = mapped_column(server_default="0")
    """How many components all its hops have, so that one that is missing shows."""
    reason: Mapped[str]


class ResponseHop(Base, Tenant, Recorded):
    """A component whose team works on tickets at one place of a chain; those at the same place work in parallel."""

    __tablename__ = "response_hop"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "response_chain_version_id", "position", "component_id", name="uq_response_hop_component"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "response_chain_version_id"],
            ["response_chain_version.organisation_id", "response_chain_version.id"],
        ),
        ForeignKeyConstraint(["organisation_id", "component_id"], COMPONENT_KEY),
        CheckConstraint("position >= 0", name="position"),
        Index("ix_response_hop_organisation_id_component_id", "organisation_id", "component_id"),
        {"info": table_info(Writes.APPEND)},
    )
    response_chain_version_id: Mapped[UUID]
    position: Mapped[int]
    component_id: Mapped[UUID]
