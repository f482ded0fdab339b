"""What will likely breach, why, by which model, and how good such forecasts were."""

from datetime import datetime
from decimal import Decimal

import strawberry

from schema.agreements.types import Target, TargetVersion
from schema.catalogue.types import Service
from schema.nodes import Node, Recorded
from schema.planner.declarations import column, embedded, expression, member, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.requirements.meaning import DESIGN_GATES, MEANINGFUL, MEANINGLESS_BECAUSE
from schema.scalars import Json
from schema.tickets.types import Ticket
from schema.vocabulary import (
    Abstention,
    ForecastMoment,
    ForecastSubject,
    GateStanding,
    Meaninglessness,
    ModelFamily,
    Outcome,
    PeriodKind,
    ReasonCode,
    ScoreBasis,
)
from services.forecasting import models
from services.forecasting.meaning import forecast_meaningless_because, gates_of_forecast, is_forecast_meaningful


@strawberry.type(description="A span of openings left out of training because its outcomes say nothing about tickets.")
class ForecastDisturbance:
    """A disturbance."""

    start: datetime = member("Tickets opened from this instant on are left out.", "start")
    end: datetime = member("The first instant whose tickets are not.", "end")
    reason: str = member("What happened, with the counts that show it.", "reason")


@strawberry.type(description="Forecasts of similar size, and how often what they spoke of happened.")
class ReliabilityBin:
    """One of ten bins of equal count."""

    forecasts: int = member("How many forecasts.", "forecasts")
    happened: int = member("How many of them came true.", "happened")
    lowest: Decimal = member("The smallest probability among them, 0 to 1.", "lowest")
    highest: Decimal = member("The largest probability among them.", "highest")
    mean_probability: Decimal = member("What they said on average.", "mean_probability")
    share: Decimal = member("The share that came true, 0 to 1.", "share")
    share_low: Decimal = member("Lower end of the 95 % interval of that share (Wilson).", "share_low")
    share_high: Decimal = member("Upper end of that interval.", "share_high")


@planned(models.ForecastScore, description="A line of the score board: how good one family's forecasts were.")
class ForecastScore(Node):
    """Compare a line with those of the base rate and the lookup of the same model and basis."""

    model: "ForecastModel" = to_one("The version of a model it came with.", "model_id")
    basis: ScoreBasis = column("How the forecasts were made.")
    moment: ForecastMoment = column("When in the life of its subject each was made.")
    family: ModelFamily = column("By what they were made.")
    published: bool = column("Whether this is the family the version publishes.")
    age_seconds: int = column("The age of the tickets in seconds; 0 at opening, and where ages are mixed.")
    as_of: datetime = column("What was known by this instant judged them.")
    forecasts: int = column("How many forecasts were judged.")
    happened: int = column("How many of the subjects breached.")
    mean_probability: Decimal = column("What the forecasts said on average, 0 to 1.")
    brier: Decimal = column("The mean squared error, 0 to 1: smaller is better.")
    log_loss: Decimal = column("The mean surprise in nats: smaller is better.")
    auc: Decimal | None = column(
        "The chance that a subject that breached was ranked above one that did not; null if all fared alike."
    )
    calibration_error: Decimal = column("The mean distance between what was said and what happened, over ten bins.")
    reliability: list[ReliabilityBin] = embedded("What was said beside what happened, smallest first.", "reliability")
    computed_at: datetime = column("When it was computed.")


@planned(models.ForecastModel, description="A version of a model: what it was learned from, with which settings.")
class ForecastModel(Node, Recorded):
    """A version; never changed."""

    subject: ForecastSubject = column("What it forecasts.")
    moment: ForecastMoment = column("When in the life of its subject it forecasts.")
    version: int = column("Counts the versions of its moment, from 1.")
    family: ModelFamily = column("The family it publishes, chosen week by week within the training data.")
    trained_as_of: datetime = column("It was learned from what was known by this instant, and nothing else.")
    columns: list[str] = column("What it looks at.")
    parameters: Json = column("Its settings and what it learned, as far as that is numbers.")
    disturbances: list[ForecastDisturbance] = embedded("What was left out of training, and why.", "disturbances")
    cases: int = column("Cases it was learned from.")
    cases_left_out: int = column("Tickets with a known outcome that were left out as disturbed.")
    base_rate: Decimal = column("The share of breaches among its cases, 0 to 1.")
    inputs_digest: str = column("A digest of what went in: the same inputs give the same model.")
    scores: list[ForecastScore] = to_many("How it and its challengers did.", "model_id", order=Order(("as_of",)))


@strawberry.type(description="Something a forecast is associated with. It is not said to be the cause.")
class ForecastReason:
    """A reason."""

    code: ReasonCode = member("The kind of reason.", "code")
    sentence: str = member("The reason in words, with its figures.", "sentence")
    log_odds: Decimal = member(
        "How far it lies from the average in log-odds, positive towards a breach; 0 for counts.", "log_odds"
    )


@planned(models.Forecast, description="The probability of a breach, as it was said at an instant, and what came of it.")
class Forecast(Node):
    """A forecast; only its outcome is added later."""

    subject: ForecastSubject = column("What it is about.")
    moment: ForecastMoment = column("When in the life of its subject it was made.")
    model: ForecastModel = to_one("The version of the model that made it.", "model_id")
    as_of: datetime = column("It was made from what was known by this instant.")
    ticket: Ticket | None = to_one("The ticket; null for periods.", "ticket_id")
    service: Service | None = to_one("The service it is about; null if not known.", "service_id")
    team: str | None = column("The team that had the ticket then; null for periods, and if not known.")
    target: Target | None = to_one("The target whose period it is; null for tickets.", "target_id")
    target_version: TargetVersion | None = to_one(
        "The definition the objective was taken from; null for tickets.", "target_version_id"
    )
    period: PeriodKind | None = column("The kind of period; null for tickets.")
    period_start: datetime | None = column("The first instant of the period; null for tickets.")
    period_end: datetime | None = column("The first instant after the period; null for tickets.")
    probability: Decimal = column("The probability of a breach, 0 to 1; only the prior where it abstains.")
    meaningful: bool | None = expression(is_forecast_meaningful, MEANINGFUL)
    meaningless_because: Meaninglessness | None = expression(forecast_meaningless_because, MEANINGLESS_BECAUSE)
    design_gates: GateStanding = expression(gates_of_forecast, DESIGN_GATES)
    low: Decimal | None = column(
        "Lower bound: for periods of the 80 % interval of the probability; for tickets of how often forecasts of this"
        " size came true (95 %). Null if such forecasts were never checked."
    )
    high: Decimal | None = column("Upper bound; null if there is no lower one.")
    abstention: Abstention | None = column("Why its number is no forecast; null if it is one.")
    decided: bool = column("Whether the outcome could no longer change, so that the probability is 0 or 1.")
    reasons: list[ForecastReason] = embedded("Why, the strongest first.", "reasons")
    inputs: Json = column("The counts and the latest event it was made from.")
    computed_at: datetime = column("When it was computed.")
    superseded_at: datetime | None = column("As of when a later run replaced it; null for forecasts of the last run.")
    outcome: Outcome = column("What happened: MISSED is a breach, PENDING is not known yet.")
    outcome_at: datetime | None = column("When that became known; null while pending.")
    squared_error: Decimal | None = column("The squared difference to what happened; null while pending.")
