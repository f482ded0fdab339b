"""What training and forecasting hand on to be kept: plain values, without ids or stamps. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.forecasting.evaluation import Scores
from services.forecasting.labels import Disturbance
from services.forecasting.rules import Abstention, ForecastMoment, ForecastSubject, ModelFamily, Reason, ScoreBasis


@dataclass(frozen=True)
class NewModel:
    """A version of a model to keep. `parameters` are plain values."""

    moment: ForecastMoment
    family: ModelFamily
    trained_as_of: datetime
    columns: tuple[str, ...]
    parameters: Mapping[str, Any]
    disturbances: tuple[Disturbance, ...]
    cases: int
    cases_left_out: int
    base_rate: float
    inputs_digest: str


@dataclass(frozen=True)
class NewScore:
    """A line for the score board."""

    basis: ScoreBasis
    family: ModelFamily
    published: bool
    scores: Scores
    age_seconds: int = 0


@dataclass(frozen=True)
class NewForecast:
    """A forecast to keep."""

    subject: ForecastSubject
    moment: ForecastMoment
    model_id: UUID
    probability: float
    low: float | None
    high: float | None
    abstention: Abstention | None
    decided: bool
    reasons: Sequence[Reason]
    inputs: Mapping[str, Any]
    ticket_id: UUID | None = None
    service_id: UUID | None = None
    team: str | None = None
    target_id: UUID | None = None
    target_version_id: UUID | None = None
    period: str | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
