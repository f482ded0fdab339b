"""Versions of forecasting models as rows, stored forecasts, and the score board."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.agreements.models import TEXT_ARRAY
from services.db import Base, Recorded, Tenant, Writes, table_info
from services.domain.vocabulary import Outcome, PeriodKind
from services.forecasting.rules import Abstention, ForecastMoment, ForecastSubject, ModelFamily, ScoreBasis

PROBABILITY = Numeric(9, 6)


class ForecastModel(Base, Tenant, Recorded):
    """One version of a model: what it was learned from and with which settings, as numbers.

    Boosted trees are not kept: the same facts, settings and seed give the same trees, and `inputs_digest` says whether
    the facts are the same.
    """

    __tablename__ = "forecast_model"
    __table_args__ = (
        UniqueConstraint("organisation_id", "moment", "version"),
        CheckConstraint("version > 0", name="version"),
        Index("ix_forecast_model_organisation_id_recorded_at_id", "organisation_id", "recorded_at", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    subject: Mapped[ForecastSubject]
    moment: Mapped[ForecastMoment]
    version: Mapped[int]
    family: Mapped[ModelFamily]
    trained_as_of: Mapped[datetime]
    columns: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    parameters: Mapped[dict[str, Any]]
    disturbances: Mapped[list[dict[str, Any]]]
    cases: Mapped[int]
    cases_left_out: Mapped[int]
    base_rate: Mapped[Decimal] = mapped_column(PROBABILITY)
    inputs_digest: Mapped[str]


class Forecast(Base, Tenant):
    """What was said about a ticket or a period at an instant; scored once, when the outcome is final.

    Where a forecast abstains, `probability` is the prior shown in its place.
    """

    __tablename__ = "forecast"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ticket_id", "as_of"),
        UniqueConstraint("organisation_id", "target_id", "period_start", "as_of"),
        ForeignKeyConstraint(
            ["organisation_id", "model_id"], ["forecast_model.organisation_id", "forecast_model.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "ticket_id"], ["ticket.organisation_id", "ticket.id"]),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]
        ),
        CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
        CheckConstraint(
            "CASE subject WHEN 'ticket' THEN ticket_id IS NOT NULL AND target_id IS NULL"
            " ELSE ticket_id IS NULL AND target_id IS NOT NULL AND target_version_id IS NOT NULL"
            " AND period IS NOT NULL AND period_start IS NOT NULL AND period_end IS NOT NULL END",
            name="about",
        ),
        Index(
            "ix_forecast_organisation_id_probability_millionths_id", "organisation_id", "probability_millionths", "id"
        ),
        Index("ix_forecast_organisation_id_as_of_id", "organisation_id", "as_of", "id"),
        Index(
            "ix_forecast_organisation_id_current_millionths",
            "organisation_id", "probability_millionths", "id",
            postgresql_where=text("superseded_at IS NULL AND outcome = 'pending'"),
        ),
        {"info": table_info(Writes.REPLACE)},
    )  # fmt: skip
    subject: Mapped[ForecastSubject]
    moment: Mapped[ForecastMoment]
    model_id: Mapped[UUID]
    as_of: Mapped[datetime]
    ticket_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    team: Mapped[str | None]
    target_id: Mapped[UUID | None]
    target_version_id: Mapped[UUID | None]
    period: Mapped[PeriodKind | None]
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    probability: Mapped[Decimal] = mapped_column(PROBABILITY)
    probability_millionths: Mapped[int] = mapped_column(Computed("(probability * 1000000)::bigint", persisted=True))
    """The same as a whole number to sort by: row-level security keeps decimals out of index scans."""
    low: Mapped[Decimal | None] = mapped_column(PROBABILITY)
    high: Mapped[Decimal | None] = mapped_column(PROBABILITY)
    abstention: Mapped[Abstention | None]
    decided: Mapped[bool]
    reasons: Mapped[list[dict[str, Any]]]
    inputs: Mapped[dict[str, Any]]
    computed_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    outcome: Mapped[Outcome]
    outcome_at: Mapped[datetime | None]
    squared_error: Mapped[Decimal | None] = mapped_column(PROBABILITY)


class ForecastScore(Base, Tenant):
    """One line of the score board: how good one family's forecasts were, on what, and how well they were calibrated."""

    __tablename__ = "forecast_score"
    __table_args__ = (
        UniqueConstraint("organisation_id", "model_id", "basis", "family", "age_seconds", "as_of"),
        ForeignKeyConstraint(["organisation_id", "model_id"], ["forecast_model.organisation_id", "forecast_model.id"]),
        CheckConstraint("forecasts > 0 AND happened >= 0 AND happened <= forecasts", name="counts"),
        Index("ix_forecast_score_organisation_id_as_of_id", "organisation_id", "as_of", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    model_id: Mapped[UUID]
    basis: Mapped[ScoreBasis]
    moment: Mapped[ForecastMoment]
    family: Mapped[ModelFamily]
    published: Mapped[bool]
    age_seconds: Mapped[int]
    as_of: Mapped[datetime]
    forecasts: Mapped[int]
    happened: Mapped[int]
    mean_probability: Mapped[Decimal] = mapped_column(PROBABILITY)
    brier: Mapped[Decimal] = mapped_column(PROBABILITY)
    log_loss: Mapped[Decimal] = mapped_column(PROBABILITY)
    auc: Mapped[Decimal | None] = mapped_column(PROBABILITY)
    calibration_error: Mapped[Decimal] = mapped_column(PROBABILITY)
    reliability: Mapped[list[dict[str, Any]]]
    computed_at: Mapped[datetime]
