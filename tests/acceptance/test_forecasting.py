"""Breach forecasts on real input: the incident log of one company, trained on what was known on 18 April 2016."""

from datetime import UTC, datetime

import pytest

from services.db import Database, fetch
from services.forecasting.rules import LEAK_SUSPECTED_AUC, ForecastMoment, ModelFamily, ScoreBasis
from services.forecasting.training import Backtest
from services.organisations.queries import find_organisation, system_actor
from services.organisations.rules import Actor
from slm.forecasting import backtest, forecast, score
from slm.importing import import_tickets
from tests.acceptance.test_incident_log import LOG, NOW
from tests.factories.organisations import unique_key

CUT_OFF = datetime(2016, 4, 18, tzinfo=UTC)
UNTIL = datetime(2016, 12, 31, tzinfo=UTC)
TESTED = 5_049

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the real incident log is not in ../shared/data")


@pytest.fixture(scope="module")
async def importer(database: Database) -> Actor:
    key = unique_key("forecast")
    await import_tickets(database, path=LOG, organisation_key=key)
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
        assert organisation_id is not None
        return await system_actor(session, organisation_id=organisation_id)


@pytest.fixture(scope="module")
async def tests(database: Database, importer: Actor) -> dict[ForecastMoment, Backtest]:
    made = await backtest(database, actor=importer, cut_off=CUT_OFF, until=UNTIL, now=NOW)
    return {test.moment: test for test in made}


def test_at_opening_the_published_model_ranks_and_is_calibrated(tests: dict[ForecastMoment, Backtest]) -> None:
    (published,) = (line for line in tests[ForecastMoment.OPENING].scores if line.published)
    assert published.basis is ScoreBasis.BACKTEST
    assert published.scores.forecasts == TESTED
    assert published.scores.auc is not None
    assert 0.82 <= published.scores.auc <= LEAK_SUSPECTED_AUC
    assert published.scores.brier <= 0.140
    assert published.scores.calibration_error <= 0.04
    assert len(published.scores.reliability) == 10


def test_the_published_model_is_shown_beside_the_base_rate_the_lookup_and_every_challenger(
    tests: dict[ForecastMoment, Backtest],
) -> None:
    lines = {line.family: line.scores for line in tests[ForecastMoment.OPENING].scores}
    assert lines.keys() == set(ModelFamily) - {ModelFamily.STRUCTURAL}
    (published,) = (line.scores for line in tests[ForecastMoment.OPENING].scores if line.published)
    assert published.brier < lines[ModelFamily.LOOKUP].brier < lines[ModelFamily.BASE_RATE].brier


def test_tickets_still_open_after_a_day_are_told_apart(tests: dict[ForecastMoment, Backtest]) -> None:
    (published,) = (line for line in tests[ForecastMoment.OPEN].scores if line.published and line.age_seconds == 86_400)
    assert published.scores.auc is not None
    assert published.scores.auc >= 0.69
    assert 1_600 <= published.scores.forecasts <= 1_800


def test_the_stalled_fortnight_is_left_out_with_the_reason_on_record(tests: dict[ForecastMoment, Backtest]) -> None:
    (disturbance,) = tests[ForecastMoment.OPENING].trained.model.disturbances
    assert disturbance.reason.startswith("closing stalled from 2016-03-10 to 2016-03-23: 78 closed in 14 days")
    assert tests[ForecastMoment.OPENING].trained.model.cases_left_out > 5_000


async def test_forecasts_of_a_past_instant_are_kept_with_reasons_and_scored_by_what_happened(
    database: Database, importer: Actor, tests: dict[ForecastMoment, Backtest]
) -> None:
    made = await forecast(database, actor=importer, as_of=CUT_OFF, now=NOW)
    settled = await score(database, actor=importer, now=NOW)
    assert settled.forecasts >= 0.9 * len(made) > 500
    async with database.reading(importer.organisation_id) as session:
        sql = """SELECT count(*), count(*) FILTER (WHERE reasons <> '[]'), count(*) FILTER (WHERE outcome <> 'pending'),
                        count(*) FILTER (WHERE squared_error = round((probability - (outcome = 'missed')::int) ^ 2, 6))
                 FROM forecast WHERE organisation_id = $1"""
        ((kept, with_reasons, scored, right),) = await fetch(session, sql, importer.organisation_id)
    assert (kept, scored, right) == (len(made), settled.forecasts, settled.forecasts)
    assert with_reasons >= 0.9 * kept
