"""Breaches: facts that survive reopening, recomputation and closing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from services.compliance.rules import BreachKind
from services.db import Base, Recorded, Tenant, Writes, table_info
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import GovernanceRole


class Breach(Base, Tenant, Recorded):
    """A broken promise, recorded once per clock or per target and period, with the definition it was judged by."""

    __tablename__ = "breach"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ticket_id", "target_id", "cycle"),
        UniqueConstraint("organisation_id", "target_id", "period", "period_start"),
        ForeignKeyConstraint(["organisation_id", "ticket_id"], ["ticket.organisation_id", "ticket.id"]),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "calendar_version_id"], ["calendar_version.organisation_id", "calendar_version.id"]
        ),
        CheckConstraint(
            "CASE kind WHEN 'clock' THEN ticket_id IS NOT NULL AND cycle IS NOT NULL AND period_start IS NULL"
            " ELSE ticket_id IS NULL AND period IS NOT NULL AND period_start IS NOT NULL END",
            name="subject",
        ),
        Index("ix_breach_organisation_id_breached_at_id", "organisation_id", "breached_at", "id"),
        Index(
            "ix_breach_organisation_id_target_id_breached_at_id", "organisation_id", "target_id", "breached_at", "id"
        ),
        {"info": table_info(Writes.APPEND)},
    )
    kind: Mapped[BreachKind]
    target_id: Mapped[UUID]
    target_version_id: Mapped[UUID]
    calendar_version_id: Mapped[UUID]
    ticket_id: Mapped[UUID | None]
    cycle: Mapped[int | None]
    period: Mapped[PeriodKind | None]
    period_start: Mapped[datetime | None]
    breached_at: Mapped[datetime]


class BreachAccountability(Base, Tenant, Recorded):
    """Somebody decides who answers for a breach, by role and perhaps by name, and says why. The last one holds."""

    __tablename__ = "breach_accountability"
    __table_args__ = (
        UniqueConstraint("organisation_id", "breach_id", "decided_at"),
        ForeignKeyConstraint(["organisation_id", "breach_id"], ["breach.organisation_id", "breach.id"]),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["person.organisation_id", "person.id"]),
        ForeignKeyConstraint(["organisation_id", "decided_by_id"], ["person.organisation_id", "person.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    breach_id: Mapped[UUID]
    role: Mapped[GovernanceRole]
    person_id: Mapped[UUID | None]
    decided_by_id: Mapped[UUID]
    decided_at: Mapped[datetime]
    reason: Mapped[str]


class BreachRetraction(Base, Tenant, Recorded):
    """A reasoned statement that a recorded breach was none; the breach itself stays.

    One that comes from a recomputation counts only while what is computed says so, too: a further change may make the
    promise broken again.
    """

    __tablename__ = "breach_retraction"
    __table_args__ = (
        UniqueConstraint("organisation_id", "breach_id"),
        ForeignKeyConstraint(["organisation_id", "breach_id"], ["breach.organisation_id", "breach.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "recomputation_id"], ["recomputation.organisation_id", "recomputation.id"]
        ),
        {"info": table_info(Writes.APPEND)},
    )
    breach_id: Mapped[UUID]
    reason: Mapped[str]
    recomputation_id: Mapped[UUID | None]
