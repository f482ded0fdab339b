"""The services an organisation agrees upon, who owns them, and the events of their lives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.catalogue.rules import (
    Criticality,
    GateOutcome,
    GateParticipationKind,
    GateRole,
    LifecycleEventKind,
    OwnershipKind,
)
from services.db import DERIVED, Base, Recorded, Tenant, Versioned, Writes, table_info
from services.organisations.rules import Tenure

SERVICE_KEY = ["service.organisation_id", "service.id"]


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
