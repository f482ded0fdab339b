"""How forecasts, models and the score board are filtered and ordered."""

from enum import Enum

import strawberry

from schema.filters import InstantRange
from schema.planner.declarations import any_id_of, any_of, holds, is_set, within
from schema.planner.ordering import ascending, descending
from schema.vocabulary import ForecastMoment, ForecastSubject, ModelFamily, Outcome, ScoreBasis
from services.forecasting.overview import forecast_is_decided
from services.forecasting.queries import forecast_is_current


@strawberry.enum(description="Orders of forecasts.")
class ForecastOrder(Enum):
    """By risk, or by when they were made."""

    PROBABILITY_DESC = descending(
        "probability_millionths", description="The highest risk first: with `isCurrent`, what to act on."
    )
    PROBABILITY_ASC = ascending("probability_millionths", description="The lowest risk first.")
    AS_OF_DESC = descending("as_of", description="The latest first.")
    AS_OF_ASC = ascending("as_of", description="The earliest first.")


@strawberry.input(description="Conditions on forecasts; all that are given must hold.")
class ForecastFilter:
    """Which forecasts."""

    is_current: bool | None = holds(
        forecast_is_current,
        "Whether no later forecast replaced it and its outcome is still open. Accounts of a party are not told"
        " outcomes: they ask for `isSuperseded: false`.",
        reads=("outcome",),
    )
    is_superseded: bool | None = is_set("superseded_at", "Whether a later run replaced it.")
    is_decided: bool | None = holds(
        forecast_is_decided, "Whether the outcome could no longer change when it was made, whatever would come."
    )
    is_abstained: bool | None = is_set("abstention", "Whether it abstains, so that its number is only a prior.")
    subject: list[ForecastSubject] | None = any_of("subject", "About one of these kinds of subjects.")
    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "About one of these services.")
    team: list[str] | None = any_of("team", "Tickets that were with one of these teams, spelled as their source does.")
    target: list[strawberry.ID] | None = any_id_of("Target", "target_id", "Periods of one of these targets.")
    ticket: list[strawberry.ID] | None = any_id_of("Ticket", "ticket_id", "About one of these tickets.")
    outcome: list[Outcome] | None = any_of("outcome", "With one of these outcomes.")
    as_of: InstantRange | None = within("as_of", "Made as of an instant within this range.")


@strawberry.enum(description="Orders of the versions of models.")
class ForecastModelOrder(Enum):
    """By when they were trained."""

    RECORDED_AT_DESC = descending("recorded_at", description="The newest version first.")
    RECORDED_AT_ASC = ascending("recorded_at", description="The oldest version first.")


@strawberry.input(description="Conditions on versions of models; all that are given must hold.")
class ForecastModelFilter:
    """Which versions."""

    moment: list[ForecastMoment] | None = any_of("moment", "Forecasting at one of these moments.")
    family: list[ModelFamily] | None = any_of("family", "Publishing one of these families.")


@strawberry.enum(description="Orders of the score board.")
class ForecastScoreOrder(Enum):
    """By when the forecasts were judged."""

    AS_OF_DESC = descending("as_of", description="The latest first.")
    AS_OF_ASC = ascending("as_of", description="The earliest first.")


@strawberry.input(description="Conditions on lines of the score board; all that are given must hold.")
class ForecastScoreFilter:
    """Which lines."""

    basis: list[ScoreBasis] | None = any_of("basis", "Made in one of these ways.")
    moment: list[ForecastMoment] | None = any_of("moment", "Of forecasts at one of these moments.")
    family: list[ModelFamily] | None = any_of("family", "Of one of these families.")
    model: list[strawberry.ID] | None = any_id_of("ForecastModel", "model_id", "That came with one of these versions.")
