"""The services an organisation agrees upon, who owns them, and the events of their lives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind
from services.db import Base, Recorded, Tenant, Versioned, Writes, table_info
from services.organisations.rules import Tenure

SERVICE_KEY = ["service.organisation_id", "service.id"]


class Service(Base, Tenant, Recorded, Versioned):
    """An ITIL service: what customers receive and agreements are about."""

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
