"""The improvement register: what is to become better, why, what was changed for it, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from services.db import Base, Recorded, Tenant, Writes, table_info
from services.improvement.rules import ChangedObjectKind, Consequence, ImprovementStatus

IMPROVEMENT_KEY = ["improvement.organisation_id", "improvement.id"]
BREACH_KEY = ["breach.organisation_id", "breach.id"]
PERSON_KEY = ["person.organisation_id", "person.id"]


class Improvement(Base, Tenant, Recorded):
    """An entry of the register. How far it has come is in its statuses."""

    __tablename__ = "improvement"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "owner_id"], PERSON_KEY),
        CheckConstraint("consequence <> 'none'", name="intended"),
        Index("ix_improvement_organisation_id_service_id", "organisation_id", "service_id", "key", "id"),
        Index("ix_improvement_organisation_id_owner_id", "organisation_id", "owner_id", "key", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    key: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    cause: Mapped[str]
    consequence: Mapped[Consequence]
    service_id: Mapped[UUID | None]
    owner_id: Mapped[UUID | None]


class ImprovementBreach(Base, Tenant, Recorded):
    """An improvement answers a breach."""

    __tablename__ = "improvement_breach"
    __table_args__ = (
        UniqueConstraint("organisation_id", "improvement_id", "breach_id"),
        ForeignKeyConstraint(["organisation_id", "improvement_id"], IMPROVEMENT_KEY),
        ForeignKeyConstraint(["organisation_id", "breach_id"], BREACH_KEY),
        Index("ix_improvement_breach_organisation_id_breach_id", "organisation_id", "breach_id"),
        {"info": table_info(Writes.APPEND)},
    )
    improvement_id: Mapped[UUID]
    breach_id: Mapped[UUID]


class ImprovementStatusChange(Base, Tenant, Recorded):
    """An improvement reached a status. It is implemented or stopped, verified or ineffective, never both."""

    __tablename__ = "improvement_status_change"
    __table_args__ = (
        UniqueConstraint("organisation_id", "improvement_id", "status", name="uq_improvement_status_change_status"),
        ForeignKeyConstraint(["organisation_id", "improvement_id"], IMPROVEMENT_KEY),
        Index(
            "uq_improvement_status_change_ending",
            "organisation_id",
            "improvement_id",
            unique=True,
            postgresql_where=text("status IN ('implemented', 'stopped')"),
        ),
        Index(
            "uq_improvement_status_change_effect",
            "organisation_id",
            "improvement_id",
            unique=True,
            postgresql_where=text("status IN ('verified', 'ineffective')"),
        ),
        {"info": table_info(Writes.APPEND)},
    )
    improvement_id: Mapped[UUID]
    status: Mapped[ImprovementStatus]
    occurred_at: Mapped[datetime]
    note: Mapped[str]


class ChangedObject(Base, Tenant, Recorded):
    """Something an improvement changed, with the reference of the change where there is one."""

    __tablename__ = "changed_object"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "improvement_id", "kind", "name", "change_reference", name="uq_changed_object_change"
        ),
        ForeignKeyConstraint(["organisation_id", "improvement_id"], IMPROVEMENT_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    improvement_id: Mapped[UUID]
    kind: Mapped[ChangedObjectKind]
    name: Mapped[str]
    change_reference: Mapped[str]


class BreachAcceptance(Base, Tenant, Recorded):
    """A person accepts that nothing will be improved because of a breach, and says why."""

    __tablename__ = "breach_acceptance"
    __table_args__ = (
        UniqueConstraint("organisation_id", "breach_id"),
        ForeignKeyConstraint(["organisation_id", "breach_id"], BREACH_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        Index("ix_breach_acceptance_organisation_id_accepted_at_id", "organisation_id", "accepted_at", "id"),
        Index("ix_breach_acceptance_organisation_id_person_id", "organisation_id", "person_id", "accepted_at", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    breach_id: Mapped[UUID]
    person_id: Mapped[UUID]
    accepted_at: Mapped[datetime]
    reason: Mapped[str]
