"""Verdicts about promises, which one holds of each, and what is done about the gaps they show."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from services.alignment.rules import Axis, AxisState, ChainVerdict, GapEntryKind
from services.db import Base, Recorded, Tenant, Writes, table_info

PERCENT = Numeric(9, 6)
SHORTFALL = Numeric(18, 6)
TARGET_KEY = ["target.organisation_id", "target.id"]


def _state(axis: str) -> MappedColumn[AxisState]:
    """A column whose constraint is named after its axis, because four of them are of one type."""
    return mapped_column(
        Enum(
            AxisState, name=f"{axis}_state", native_enum=False, create_constraint=True, length=40,
            values_callable=lambda members: [member.value for member in members],
        )
    )  # fmt: skip


class ChainJudgement(Base, Tenant, Recorded):
    """What came of comparing a promise with what backs it as of an instant. `inputs_digest` is of all versions used."""

    __tablename__ = "chain_judgement"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "target_id"], TARGET_KEY),
        ForeignKeyConstraint(
            ["organisation_id", "agreement_version_id"], ["agreement_version.organisation_id", "agreement_version.id"]
        ),
        Index("ix_chain_judgement_organisation_id_target_id", "organisation_id", "target_id", "recorded_at"),
        {"info": table_info(Writes.APPEND)},
    )
    target_id: Mapped[UUID]
    agreement_version_id: Mapped[UUID]
    valid_at: Mapped[datetime]
    verdict: Mapped[ChainVerdict]
    value_state: Mapped[AxisState] = _state("value")
    value_shortfall: Mapped[Decimal | None] = mapped_column(SHORTFALL)
    value_reason: Mapped[str]
    coverage_state: Mapped[AxisState] = _state("coverage")
    coverage_shortfall: Mapped[Decimal | None] = mapped_column(SHORTFALL)
    coverage_reason: Mapped[str]
    term_state: Mapped[AxisState] = _state("term")
    term_shortfall: Mapped[Decimal | None] = mapped_column(SHORTFALL)
    term_reason: Mapped[str]
    scope_state: Mapped[AxisState] = _state("scope")
    scope_shortfall: Mapped[Decimal | None] = mapped_column(SHORTFALL)
    scope_reason: Mapped[str]
    guaranteed_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    best_case_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    estimated_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    redundant: Mapped[bool | None]
    shared_providers: Mapped[str]
    nodes: Mapped[list[dict[str, Any]]]
    edges: Mapped[list[dict[str, Any]]]
    witness: Mapped[list[dict[str, Any]]]
    credits: Mapped[list[dict[str, Any]]]
    credits_missing: Mapped[str]
    inputs: Mapped[list[dict[str, Any]]]
    inputs_digest: Mapped[str]


class TargetAlignment(Base, Tenant):
    """Which judgement of a target holds. A row that is being judged is locked."""

    __tablename__ = "target_alignment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "target_id"),
        ForeignKeyConstraint(["organisation_id", "target_id"], TARGET_KEY),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "judgement_id"], ["chain_judgement.organisation_id", "chain_judgement.id"]
        ),
        Index("ix_target_alignment_organisation_id_service_id", "organisation_id", "service_id", "severity", "id"),
        Index("ix_target_alignment_organisation_id_severity", "organisation_id", "severity", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    target_id: Mapped[UUID]
    service_id: Mapped[UUID]
    judgement_id: Mapped[UUID | None]
    verdict: Mapped[ChainVerdict | None]
    severity: Mapped[int]
    inputs_digest: Mapped[str]
    judged_at: Mapped[datetime]


class AlignmentGap(Base, Tenant):
    """An axis on which a promise is not backed, the same one however often it closes and opens again."""

    __tablename__ = "alignment_gap"
    __table_args__ = (
        UniqueConstraint("organisation_id", "target_id", "axis"),
        ForeignKeyConstraint(["organisation_id", "target_id"], TARGET_KEY),
        ForeignKeyConstraint(["organisation_id", "owner_id"], ["person.organisation_id", "person.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "judgement_id"], ["chain_judgement.organisation_id", "chain_judgement.id"]
        ),
        Index("ix_alignment_gap_organisation_id_has_owner", "organisation_id", "has_owner", "opened_at", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    target_id: Mapped[UUID]
    axis: Mapped[Axis]
    judgement_id: Mapped[UUID]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    is_open: Mapped[bool]
    has_owner: Mapped[bool]
    owner_id: Mapped[UUID | None]
    due_on: Mapped[date | None]
    accepted_until: Mapped[datetime | None]


class AlignmentGapEntry(Base, Tenant, Recorded):
    """Somebody is made the owner of a gap, accepts the risk of it for a while, or takes that back."""

    __tablename__ = "alignment_gap_entry"
    __table_args__ = (
        UniqueConstraint("organisation_id", "gap_id", "decided_at", name="uq_alignment_gap_entry_instant"),
        ForeignKeyConstraint(["organisation_id", "gap_id"], ["alignment_gap.organisation_id", "alignment_gap.id"]),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["person.organisation_id", "person.id"]),
        CheckConstraint("(kind = 'accepted') = (expires_at IS NOT NULL)", name="expires"),
        CheckConstraint("kind = 'assigned' OR due_on IS NULL", name="due"),
        {"info": table_info(Writes.APPEND)},
    )
    gap_id: Mapped[UUID]
    kind: Mapped[GapEntryKind]
    person_id: Mapped[UUID]
    due_on: Mapped[date | None]
    expires_at: Mapped[datetime | None]
    decided_at: Mapped[datetime]
    reason: Mapped[str]
