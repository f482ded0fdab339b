"""Root fields of forecasting."""

import strawberry

from schema.forecasting.inputs import (
    ForecastFilter,
    ForecastModelFilter,
    ForecastModelOrder,
    ForecastOrder,
    ForecastScoreFilter,
    ForecastScoreOrder,
)
from schema.forecasting.types import Forecast, ForecastModel, ForecastScore
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class Queries:
    """Forecasts, and what they are worth."""

    forecasts: Connection[Forecast] = connection(
        "What was forecast; with `isCurrent: true`, what is most at risk now, in that order.",
        order=ForecastOrder.PROBABILITY_DESC,
        filter_by=ForecastFilter,
    )
    forecast_models: Connection[ForecastModel] = connection(
        "All versions of forecasting models.", order=ForecastModelOrder.RECORDED_AT_DESC, filter_by=ForecastModelFilter
    )
    forecast_scores: Connection[ForecastScore] = connection(
        "The score board: how good forecasts were, by family, with their reliability.",
        order=ForecastScoreOrder.AS_OF_DESC,
        filter_by=ForecastScoreFilter,
    )
