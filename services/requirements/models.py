"""Service level requirements, what they say, who approved them, and when one may be left unmet."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.db import DERIVED, Base, Recorded, Tenant, Versioned, Writes, table_info
from services.requirements.rules import ApprovalDecision, Comparison, CostBasis, RequirementPriority

REQUIREMENT_KEY = ["service_level_requirement.organisation_id", "service_level_requirement.id"]
PERSON_KEY = ["person.organisation_id", "person.id"]


class ServiceLevelRequirement(Base, Tenant, Recorded, Versioned):
    """What a customer needs of a service, the same through all versions of its wording.

    `approval_count`: how many decisions about approving any version were ever recorded; it only grows, so that one that
    is missing shows.
    """

    __tablename__ = "service_level_requirement"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        Index("ix_service_level_requirement_organisation_id_service_id", "organisation_id", "service_id", "key", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    service_id: Mapped[UUID]
    approval_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class RequirementVersion(Base, Tenant, Recorded):
    """What the requirement says from `valid_from` until the start of its next version."""

    __tablename__ = "requirement_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "requirement_id", "valid_from", name="uq_requirement_version_start"),
        ForeignKeyConstraint(["organisation_id", "requirement_id"], REQUIREMENT_KEY),
        CheckConstraint("(target_value IS NULL) = (comparison IS NULL)", name="value"),
        CheckConstraint(
            "(cost_amount IS NULL) = (cost_currency IS NULL) AND (cost_amount IS NULL) = (cost_basis IS NULL)",
            name="cost",
        ),
        {"info": table_info(Writes.APPEND)},
    )
    requirement_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    statement: Mapped[str]
    metric: Mapped[str]
    comparison: Mapped[Comparison | None]
    target_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    unit: Mapped[str]
    business_outcome: Mapped[str]
    cost_of_failure: Mapped[str]
    cost_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    cost_currency: Mapped[str | None]
    cost_basis: Mapped[CostBasis | None]
    priority: Mapped[RequirementPriority | None]
    reason: Mapped[str]


class RequirementApproval(Base, Tenant, Recorded):
    """A person approves one version of a requirement, or withdraws that, at `decided_at`."""

    __tablename__ = "requirement_approval"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id",
            "requirement_version_id",
            "person_id",
            "decided_at",
            name="uq_requirement_approval_instant",
        ),
        ForeignKeyConstraint(
            ["organisation_id", "requirement_version_id"],
            ["requirement_version.organisation_id", "requirement_version.id"],
        ),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    requirement_version_id: Mapped[UUID]
    person_id: Mapped[UUID]
    decision: Mapped[ApprovalDecision]
    decided_at: Mapped[datetime]
    note: Mapped[str]


class RequirementWaiver(Base, Tenant, Recorded):
    """A person accepts that a requirement is not met from `valid_from` until before `valid_until`, and says why."""

    __tablename__ = "requirement_waiver"
    __table_args__ = (
        UniqueConstraint("organisation_id", "requirement_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "requirement_id"], REQUIREMENT_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        CheckConstraint("valid_until > valid_from", name="span"),
        {"info": table_info(Writes.APPEND)},
    )
    requirement_id: Mapped[UUID]
    person_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    reason: Mapped[str]
