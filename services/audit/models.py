"""The audit trail: who changed what, when, and what it was before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from services.audit.rules import AuditKind
from services.db import Base, Recorded, Tenant, Writes, table_info


class AuditEntry(Base, Tenant, Recorded):
    """One change of one thing, written in the transaction of the change and never again.

    `changes` lists attributes with their values before and after, as JSON; those that tell about a person stand apart
    as `AuditPersonalValue`. `subject_id` is null for the organisation itself; `subject_version` is the version the
    change led to, where the subject counts versions.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_organisation_id_recorded_at_id", "organisation_id", "recorded_at", "id"),
        Index(
            "ix_audit_entry_organisation_id_subject_id_recorded_at_id",
            "organisation_id", "subject_id", "recorded_at", "id",
        ),
        Index(
            "ix_audit_entry_organisation_id_recorded_by_recorded_at_id",
            "organisation_id", "recorded_by", "recorded_at", "id",
        ),
        {"info": table_info(Writes.APPEND)},
    )  # fmt: skip
    kind: Mapped[AuditKind]
    operation: Mapped[str]
    trace_id: Mapped[str | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    subject_version: Mapped[int | None]
    changes: Mapped[list[dict[str, Any]]]


class AuditPersonalValue(Base, Tenant):
    """What an attribute that tells about a person was and became; empty once the person's data were erased."""

    __tablename__ = "audit_personal_value"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "entry_id"], ["audit_entry.organisation_id", "audit_entry.id"]),
        CheckConstraint("erased_at IS NULL OR (before IS NULL AND after IS NULL)", name="erased"),
        Index("ix_audit_personal_value_organisation_id_entry_id", "organisation_id", "entry_id"),
        Index("ix_audit_personal_value_organisation_id_person_id", "organisation_id", "person_id"),
        {"info": table_info(Writes.REPLACE)},
    )
    entry_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    attribute: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    erased_at: Mapped[datetime | None]
