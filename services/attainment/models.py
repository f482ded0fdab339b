"""Period results: how often a target held, what that was made of, what it was before, and what was signed of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.db import Base, Recorded, Tenant, Writes, table_info
from services.domain.vocabulary import Outcome, PeriodKind

PERCENT = Numeric(9, 6)
RESULT_KEY = ["period_result.organisation_id", "period_result.id"]
PERSON_KEY = ["person.organisation_id", "person.id"]
RECOMPUTATION_KEY = ["recomputation.organisation_id", "recomputation.id"]
VERSION_KEYS = (
    (["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]),
    (["organisation_id", "calendar_version_id"], ["calendar_version.organisation_id", "calendar_version.id"]),
)
COUNTS = "met >= 0 AND missed >= 0 AND pending >= 0 AND cancelled >= 0"


class PeriodFigures:
    """Mixin: the figures of a target over a period, and the definition and calendar they come from."""

    target_version_id: Mapped[UUID]
    calendar_version_id: Mapped[UUID]
    met: Mapped[int]
    missed: Mapped[int]
    pending: Mapped[int]
    cancelled: Mapped[int]
    objective_percent: Mapped[Decimal] = mapped_column(PERCENT)
    attainment_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    interval_low_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    interval_high_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    outcome: Mapped[Outcome]
    inputs_digest: Mapped[str]
    computed_at: Mapped[datetime]


class PeriodResult(Base, Tenant, PeriodFigures):
    """A target over one period, half-open, in the time zone of its calendar. Once frozen it is not replaced."""

    __tablename__ = "period_result"
    __table_args__ = (
        UniqueConstraint("organisation_id", "target_id", "period", "period_start"),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        *(ForeignKeyConstraint(*key) for key in VERSION_KEYS),
        CheckConstraint("period_end > period_start", name="period"),
        CheckConstraint(COUNTS, name="counts"),
        Index("ix_period_result_organisation_id_period_start_id", "organisation_id", "period_start", "id"),
        Index(
            "ix_period_result_organisation_id_target_id_period_start_id",
            "organisation_id", "target_id", "period_start", "id",
        ),
        {"info": table_info(Writes.REPLACE)},
    )  # fmt: skip
    target_id: Mapped[UUID]
    period: Mapped[PeriodKind]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]


class Recomputation(Base, Tenant, Recorded):
    """A changed definition or calendar was applied to what was recorded: by which version, and what became of it."""

    __tablename__ = "recomputation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "agreement_version_id"], ["agreement_version.organisation_id", "agreement_version.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "calendar_version_id"], ["calendar_version.organisation_id", "calendar_version.id"]
        ),
        CheckConstraint("(agreement_version_id IS NULL) <> (calendar_version_id IS NULL)", name="version"),
        Index("ix_recomputation_organisation_id_recorded_at_id", "organisation_id", "recorded_at", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    agreement_version_id: Mapped[UUID | None]
    calendar_version_id: Mapped[UUID | None]
    tickets: Mapped[int]
    clocks_changed: Mapped[int]
    periods_changed: Mapped[int]
    frozen_periods: Mapped[int]
    breaches_added: Mapped[int]
    breaches_removed: Mapped[int]


class SupersededPeriodResult(Base, Tenant, PeriodFigures):
    """What a period result said until a change, or a fact that came after the period was judged, made it say else."""

    __tablename__ = "superseded_period_result"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "period_result_id"], RESULT_KEY),
        *(ForeignKeyConstraint(*key) for key in VERSION_KEYS),
        ForeignKeyConstraint(["organisation_id", "recomputation_id"], RECOMPUTATION_KEY),
        CheckConstraint(COUNTS, name="counts"),
        Index(
            "ix_superseded_period_result_organisation_id_period_result_id",
            "organisation_id", "period_result_id", "superseded_at",
        ),
        Index(
            "ix_superseded_period_result_superseded_at",
            "organisation_id", "recomputation_id", "superseded_at", "id",
        ),
        Index(
            "ix_superseded_period_result_computed_at",
            "organisation_id", "recomputation_id", "computed_at", "id",
        ),
        {"info": table_info(Writes.APPEND)},
    )  # fmt: skip
    period_result_id: Mapped[UUID]
    recomputation_id: Mapped[UUID | None]
    superseded_at: Mapped[datetime]


class PeriodFreeze(Base, Tenant, Recorded):
    """A person signed a period result off: from then on it changes only by adjustments."""

    __tablename__ = "period_freeze"
    __table_args__ = (
        UniqueConstraint("organisation_id", "period_result_id"),
        ForeignKeyConstraint(["organisation_id", "period_result_id"], RESULT_KEY),
        ForeignKeyConstraint(["organisation_id", "signed_by_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    period_result_id: Mapped[UUID]
    signed_by_id: Mapped[UUID]
    note: Mapped[str]


class RecomputedPeriodResult(Base, Tenant, PeriodFigures):
    """What a frozen period comes to as it is computed today; what was signed stands beside it."""

    __tablename__ = "recomputed_period_result"
    __table_args__ = (
        UniqueConstraint("organisation_id", "period_result_id"),
        ForeignKeyConstraint(["organisation_id", "period_result_id"], RESULT_KEY),
        *(ForeignKeyConstraint(*key) for key in VERSION_KEYS),
        CheckConstraint(COUNTS, name="counts"),
        {"info": table_info(Writes.REPLACE)},
    )
    period_result_id: Mapped[UUID]


class PeriodAdjustment(Base, Tenant, Recorded):
    """New figures of a frozen period, signed and with a reason; the frozen ones stay. The last one is in force."""

    __tablename__ = "period_adjustment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "period_result_id", "number"),
        ForeignKeyConstraint(["organisation_id", "period_result_id"], RESULT_KEY),
        ForeignKeyConstraint(["organisation_id", "signed_by_id"], PERSON_KEY),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("met >= 0 AND missed >= 0 AND cancelled >= 0", name="counts"),
        CheckConstraint("objective_percent > 0 AND objective_percent <= 100", name="objective"),
        {"info": table_info(Writes.APPEND)},
    )
    period_result_id: Mapped[UUID]
    number: Mapped[int]
    signed_by_id: Mapped[UUID]
    reason: Mapped[str]
    met: Mapped[int]
    missed: Mapped[int]
    cancelled: Mapped[int]
    objective_percent: Mapped[Decimal] = mapped_column(PERCENT)
    attainment_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    outcome: Mapped[Outcome]
