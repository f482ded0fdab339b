"""What forecasts say at a glance, of forecasts stored as they are."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.db import Database, new_id
from services.domain.vocabulary import PeriodKind
from services.forecasting.models import ForecastModel, ForecastScore
from services.forecasting.overview import score_board, targets_at_risk
from services.forecasting.rules import Abstention, ForecastMoment, ForecastSubject, ModelFamily, ScoreBasis
from services.organisations.rules import Actor
from tests.factories.forecasts import BIN, forecast, forecast_model
from tests.factories.stored import START, Rows, store
from tests.statements import Statements

FORECASTS: dict[str, dict[str, Any]] = {
    "open": {"probability": Decimal("0.4")},
    "likely": {"probability": Decimal("0.9")},
    "lost": {"probability": Decimal(1), "decided": True},
    "kept": {"probability": Decimal(0), "decided": True},
    "hopeless": {"probability": Decimal("0.997")},
    "unsure": {"probability": Decimal("0.95"), "abstention": Abstention.NO_MODEL},
    "replaced": {"probability": Decimal("0.95"), "superseded_at": START},
}


@pytest.fixture
async def model(database: Database, actor: Actor) -> ForecastModel:
    """A model with one forecast of a running period for each entry of FORECASTS."""
    rows, made = Rows(actor), forecast_model(actor)
    service, calendar = rows.service("web"), rows.calendar()
    agreement = rows.agreement(service.id)
    version = rows.agreement_version(agreement.id)
    await store(database, made, service, calendar, agreement, version)
    for key, differs in FORECASTS.items():
        target = rows.target(agreement.id, key)
        definition = rows.target_version(target.id, version.id, calendar.id)
        said = forecast(
            actor, made, subject=ForecastSubject.PERIOD, target_id=target.id, target_version_id=definition.id,
            period=PeriodKind.MONTH, period_start=START, period_end=START + timedelta(days=30), service_id=service.id,
            **differs,
        )  # fmt: skip
        await store(database, target, definition, said)
    return made


async def test_what_can_still_be_turned_is_ranked_and_the_rest_is_counted(
    database: Database, actor: Actor, model: ForecastModel, statements: Statements
) -> None:
    async with database.reading(actor.organisation_id) as session:
        statements.clear()
        found = await targets_at_risk(session, actor.organisation_id, limit=10)
        assert len(statements.texts) == 1
    assert [(each.target, each.service) for each in found.ranked] == [("likely", "web"), ("open", "web")]
    assert (found.targets, found.missed_already, found.all_but_missed, found.as_of) == (5, 1, 1, START)


async def test_an_organisation_without_forecasts_has_no_instant_they_were_made_at(
    database: Database, actor: Actor
) -> None:
    async with database.reading(actor.organisation_id) as session:
        found = await targets_at_risk(session, actor.organisation_id, limit=10)
        assert (found.targets, found.as_of, found.ranked) == (0, None, [])
        assert await score_board(session, actor.organisation_id) == []


def line(actor: Actor, model: ForecastModel, family: ModelFamily, brier: str, **different: Any) -> ForecastScore:
    usual: dict[str, Any] = {
        "basis": ScoreBasis.ROLLING_ORIGIN, "moment": ForecastMoment.OPENING, "published": False, "age_seconds": 0,
        "as_of": START, "forecasts": 10, "happened": 3, "mean_probability": Decimal("0.25"), "log_loss": Decimal("0.6"),
        "auc": Decimal("0.7"), "calibration_error": Decimal("0.05"), "reliability": [BIN], "computed_at": START,
    }  # fmt: skip
    return ForecastScore(
        organisation_id=actor.organisation_id, id=new_id(), model_id=model.id, family=family, brier=Decimal(brier),
        **usual | different,
    )  # fmt: skip


async def test_the_score_board_shows_the_latest_published_line_beside_the_base_rate(
    database: Database, actor: Actor, model: ForecastModel
) -> None:
    later = START + timedelta(days=7)
    lines = [
        line(actor, model, ModelFamily.LOOKUP, "0.3", published=True),
        line(actor, model, ModelFamily.LOGISTIC, "0.2", published=True, as_of=later),
        line(actor, model, ModelFamily.LOOKUP, "0.25", as_of=later),
        line(actor, model, ModelFamily.BASE_RATE, "0.28", as_of=later),
    ]
    await store(database, lines)
    async with database.reading(actor.organisation_id) as session:
        (found,) = await score_board(session, actor.organisation_id)
    assert (found.family, found.brier, found.base_rate_brier) == (ModelFamily.LOGISTIC, 0.2, 0.28)


async def test_what_came_true_stands_before_what_was_tried_in_training(
    database: Database, actor: Actor, model: ForecastModel
) -> None:
    live = line(actor, model, ModelFamily.LOOKUP, "0.1", published=True, basis=ScoreBasis.LIVE)
    await store(database, line(actor, model, ModelFamily.LOOKUP, "0.3", published=True), live)
    async with database.reading(actor.organisation_id) as session:
        assert [each.basis for each in await score_board(session, actor.organisation_id)] == [ScoreBasis.LIVE]
