"""Period results: how often a target held, and what that number was made of."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.db import Base, Tenant, Writes, table_info
from services.domain.vocabulary import Outcome, PeriodKind


class PeriodResult(Base, Tenant):
    """A target over one period, half-open, in the time zone of its calendar."""

    __tablename__ = "period_result"
    __table_args__ = (
        UniqueConstraint("organisation_id", "target_id", "period", "period_start"),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "calendar_version_id"], ["calendar_version.organisation_id", "calendar_version.id"]
        ),
        CheckConstraint("period_end > period_start", name="period"),
        CheckConstraint("met >= 0 AND missed >= 0 AND pending >= 0 AND cancelled >= 0", name="counts"),
        Index("ix_period_result_organisation_id_period_start_id", "organisation_id", "period_start", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    target_id: Mapped[UUID]
    target_version_id: Mapped[UUID]
    calendar_version_id: Mapped[UUID]
    period: Mapped[PeriodKind]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    met: Mapped[int]
    missed: Mapped[int]
    pending: Mapped[int]
    cancelled: Mapped[int]
    objective_percent: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    attainment_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    interval_low_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    interval_high_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    outcome: Mapped[Outcome]
    inputs_digest: Mapped[str]
    computed_at: Mapped[datetime]
