"""Stored models, forecasts and scores, for tests of reading them."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.models import TargetVersion
from services.db import Base, new_id
from services.domain.vocabulary import Outcome, PeriodKind
from services.forecasting.models import Forecast, ForecastModel, ForecastScore
from services.forecasting.rules import ForecastMoment, ForecastSubject, ModelFamily, ScoreBasis
from services.organisations.rules import Actor
from services.tickets.models import Ticket
from tests.factories.stored import START

BIN = {
    "forecasts": 10, "happened": 3, "lowest": "0.1", "highest": "0.4", "mean_probability": "0.25", "share": "0.3",
    "share_low": "0.107789", "share_high": "0.603223",
}  # fmt: skip
DISTURBANCE = {"start": "2026-02-01T00:00:00Z", "end": "2026-02-15T00:00:00Z", "reason": "closing stalled"}


def forecasting(actor: Actor, ticket: Ticket, service_id: UUID, definition: TargetVersion) -> Iterator[Base]:
    """One of everything: a model with a line of the score board, a forecast of a ticket and one of a period."""
    model = forecast_model(actor)
    yield model
    yield forecast_score(actor, model)
    yield forecast(
        actor, model, subject=ForecastSubject.TICKET, ticket_id=ticket.id, service_id=service_id, team="desk"
    )
    yield forecast(
        actor, model, subject=ForecastSubject.PERIOD, target_id=definition.target_id, target_version_id=definition.id,
        period=PeriodKind.MONTH, period_start=START, period_end=START + timedelta(days=30), service_id=service_id,
    )  # fmt: skip


def forecast_model(actor: Actor, **different: Any) -> ForecastModel:
    """A lookup for tickets at opening."""
    usual: dict[str, Any] = {
        "subject": ForecastSubject.TICKET, "moment": ForecastMoment.OPENING, "version": 1, "family": ModelFamily.LOOKUP,
        "trained_as_of": START, "columns": ["priority"], "parameters": {"settings": {}}, "disturbances": [DISTURBANCE],
        "cases": 100, "cases_left_out": 7, "base_rate": Decimal("0.3"), "inputs_digest": "0",
    }  # fmt: skip
    return ForecastModel(id=new_id(), **actor.stamps(START), **usual | different)


def forecast(actor: Actor, model: ForecastModel, **different: Any) -> Forecast:
    """A pending forecast of 0.7."""
    usual: dict[str, Any] = {
        "moment": model.moment, "model_id": model.id, "as_of": START, "probability": Decimal("0.7"),
        "low": Decimal("0.6"), "high": Decimal("0.8"), "abstention": None, "decided": False, "inputs": {"events": 1},
        "reasons": [{"code": "team", "sentence": "team desk: about 70%", "log_odds": "0.9"}], "computed_at": START,
        "superseded_at": None, "outcome": Outcome.PENDING, "outcome_at": None, "squared_error": None,
    }  # fmt: skip
    return Forecast(organisation_id=actor.organisation_id, id=new_id(), **usual | different)


def forecast_score(actor: Actor, model: ForecastModel, **different: Any) -> ForecastScore:
    """A line of a backtest."""
    usual: dict[str, Any] = {
        "model_id": model.id, "basis": ScoreBasis.BACKTEST, "moment": model.moment, "family": model.family,
        "published": True, "age_seconds": 0, "as_of": START, "forecasts": 10, "happened": 3,
        "mean_probability": Decimal("0.25"), "brier": Decimal("0.2"), "log_loss": Decimal("0.6"),
        "auc": Decimal("0.7"), "calibration_error": Decimal("0.05"), "reliability": [BIN], "computed_at": START,
    }  # fmt: skip
    return ForecastScore(organisation_id=actor.organisation_id, id=new_id(), **usual | different)
