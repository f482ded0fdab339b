"""Training, forecasting, backtesting and scoring: facts are read, models learn in a thread, and rows are kept.

Only the worker and the command line import this module: it loads scikit-learn.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.db import Database
from services.domain.instants import to_epoch
from services.errors import FieldProblem, Invalid
from services.forecasting.commands import Settled, keep_forecasts, keep_model, keep_score, settle_forecasts
from services.forecasting.facts import known_by
from services.forecasting.forecasts import forecast_all
from services.forecasting.queries import facts_known_by, models_in_use
from services.forecasting.records import NewForecast
from services.forecasting.rules import ForecastMoment
from services.forecasting.training import Backtest, Known, Trained, backtest_all, train_all
from services.organisations.queries import organisation_time_zone
from services.organisations.rules import Actor
from services.tickets.promises import promises
from slm.background import in_background


async def read_known(database: Database, actor: Actor, as_of: datetime, *, earliest: datetime | None = None) -> Known:
    """The facts known by an instant, and the promises that hold for them, as they were defined by then.

    `earliest` is the first instant at which something is to be learned from them.
    """
    async with database.reading(actor.organisation_id) as session:
        zone = ZoneInfo(await organisation_time_zone(session, organisation_id=actor.organisation_id))
        facts = await facts_known_by(session, actor.organisation_id, as_of, earliest=earliest or as_of)
        current = known_by(facts, to_epoch(as_of))
        held = await promises(session, actor.organisation_id, current.log, known_by=as_of) if len(current) else []
    return Known(as_of, zone, facts, current, held)


async def train(database: Database, *, actor: Actor, as_of: datetime, now: datetime) -> list[Trained]:
    """Train a model for each moment on what was known by `as_of`, and keep it as a new version."""
    known = await read_known(database, actor, as_of)
    trained = await in_background(train_all, known)
    async with database.writing(actor.organisation_id) as session:
        for made in trained:
            await keep_model(session, actor=actor, model=made.model, scores=made.scores, now=now)
    return trained


async def forecast(database: Database, *, actor: Actor, as_of: datetime, now: datetime) -> list[NewForecast]:
    """Forecast every open ticket and every running period as of an instant, and keep what was said.

    Trains first where no model had been trained by then, or where other facts are known today about the time it was
    trained on: a model is only as good as the facts that give it again.
    """
    for _ in range(2):
        async with database.reading(actor.organisation_id) as session:
            models = await models_in_use(session, actor.organisation_id, as_of=as_of)
        if models.keys() == set(ForecastMoment):
            earliest = min(used.trained_as_of for used in models.values())
            known = await read_known(database, actor, as_of, earliest=earliest)
            made = await in_background(forecast_all, known, models)
            if made is not None:
                async with database.writing(actor.organisation_id) as session:
                    await keep_forecasts(session, actor=actor, forecasts=made, as_of=as_of, now=now)
                return made
        await train(database, actor=actor, as_of=as_of, now=now)
    raise RuntimeError("a model that was just trained is not the one its facts give")


async def backtest(
    database: Database, *, actor: Actor, cut_off: datetime, until: datetime, now: datetime
) -> list[Backtest]:
    """Train as of a past cut-off, forecast the tickets opened after it, and compare with what is known by `until`.

    Raises Invalid when nothing can be learned by the cut-off or nothing was opened after it.
    """
    known = await read_known(database, actor, until, earliest=cut_off)
    tests = await in_background(backtest_all, known, cut_off)
    if not tests:
        problem = FieldProblem(
            "cut-off", "expected an instant with at least 200 finished tickets before it, some after"
        )
        raise Invalid("there is nothing to test", [problem])
    async with database.writing(actor.organisation_id) as session:
        for test in tests:
            model_id = await keep_model(
                session, actor=actor, model=test.trained.model, scores=test.trained.scores, now=now
            )
            for score in test.scores:
                await keep_score(
                    session, actor=actor, model_id=model_id, moment=test.moment, score=score, as_of=until, now=now
                )
    return tests


async def score(database: Database, *, actor: Actor, now: datetime) -> Settled:
    """Score forecasts whose outcomes have become final."""
    async with database.writing(actor.organisation_id) as session:
        return await settle_forecasts(session, actor=actor, now=now)
