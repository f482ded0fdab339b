"""Asking what is at risk and what forecasts are worth: one statement each, by a process that never learned."""

import subprocess
import sys
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from schema.planner.identity import encode_global_id
from services.db import Database
from services.domain.vocabulary import Outcome
from services.forecasting.models import ForecastModel
from services.forecasting.rules import Abstention, ForecastSubject, ModelFamily
from services.organisations.rules import Actor
from tests.factories.forecasts import forecast, forecast_model, forecast_score
from tests.factories.stored import START, Rows, store
from tests.factories.world import World
from tests.project.files import ROOT
from tests.schema.conftest import Ask


@pytest.fixture
async def model(database: Database, actor: Actor) -> ForecastModel:
    """A model with no forecasts yet."""
    made = forecast_model(actor)
    await store(database, made)
    return made


async def tickets(database: Database, actor: Actor, model: ForecastModel) -> dict[str, UUID]:
    """Five tickets with one forecast each, of which two are current and speak."""
    rows = Rows(actor)
    mail, web = rows.service("mail"), rows.service("web")
    made = {key: rows.ticket(key, service_id=web.id) for key in ("LOW", "HIGH", "OLD", "OVER", "UNSURE")}
    different: dict[str, dict[str, Any]] = {
        "LOW": {"probability": Decimal("0.2"), "team": "desk"},
        "HIGH": {"probability": Decimal("0.9"), "team": "field"},
        "OLD": {"superseded_at": START},
        "OVER": {"outcome": Outcome.MISSED, "outcome_at": START, "squared_error": Decimal("0.09")},
        "UNSURE": {"probability": Decimal("0.5"), "abstention": Abstention.NO_MODEL},
    }
    said = [
        forecast(actor, model, subject=ForecastSubject.TICKET, ticket_id=made[key].id, service_id=web.id, **differs)
        for key, differs in different.items()
    ]
    await store(database, mail, web, list(made.values()), said)
    return {"mail": mail.id, "web": web.id}


@pytest.mark.capability("R1", partly=True)
async def test_what_is_most_at_risk_comes_first_with_its_reasons(
    database: Database, actor: Actor, model: ForecastModel, ask: Ask
) -> None:
    await tickets(database, actor, model)
    document = """{ forecasts(filter: {isCurrent: true, isAbstained: false}) {
        totalCount
        nodes { probability low high ticket { key } reasons { code sentence logOdds } model { family } } } }"""
    found = (await ask(actor, document))["forecasts"]
    assert found["totalCount"] == 2
    assert [(node["ticket"]["key"], node["probability"]) for node in found["nodes"]] == [
        ("HIGH", "0.9"),
        ("LOW", "0.2"),
    ]
    assert found["nodes"][0]["reasons"] == [{"code": "TEAM", "sentence": "team desk: about 70%", "logOdds": "0.9"}]
    assert found["nodes"][0]["model"] == {"family": "LOOKUP"}


async def test_forecasts_are_found_by_service_team_and_outcome(
    database: Database, actor: Actor, model: ForecastModel, ask: Ask
) -> None:
    services = await tickets(database, actor, model)
    document = "query($filter: ForecastFilter) { forecasts(filter: $filter) { nodes { ticket { key } } } }"

    async def keys(**filter_: object) -> list[str]:
        found = await ask(actor, document, filter=filter_)
        return [node["ticket"]["key"] for node in found["forecasts"]["nodes"]]

    ids = {key: encode_global_id("Service", actor.organisation_id, found) for key, found in services.items()}
    assert await keys(service=[ids["mail"]]) == []
    assert len(await keys(service=[ids["web"]])) == 5
    assert await keys(team=["field"]) == ["HIGH"]
    assert await keys(outcome=["MISSED"]) == ["OVER"]
    assert await keys(isAbstained=True) == ["UNSURE"]


async def test_the_score_board_shows_families_beside_each_other_with_their_reliability(
    database: Database, actor: Actor, model: ForecastModel, ask: Ask
) -> None:
    base = forecast_score(actor, model, family=ModelFamily.BASE_RATE, published=False, brier=Decimal("0.21"), auc=None)
    await store(database, forecast_score(actor, model), base)
    document = """{ forecastScores(filter: {basis: [BACKTEST]}) {
        nodes { family published brier auc model { version } reliability { meanProbability share shareLow } } } }"""
    found = (await ask(actor, document))["forecastScores"]["nodes"]
    lines = {(node["family"], node["published"], node["brier"], node["auc"]) for node in found}
    assert lines == {("LOOKUP", True, "0.2", "0.7"), ("BASE_RATE", False, "0.21", None)}
    assert found[0]["model"] == {"version": 1}
    assert found[0]["reliability"] == [{"meanProbability": "0.25", "share": "0.3", "shareLow": "0.107789"}]
    assert (await ask(actor, "{ forecastScores(filter: {basis: [LIVE]}) { nodes { id } } }"))["forecastScores"] == {
        "nodes": []
    }


async def test_another_organisation_sees_none_of_it(
    database: Database, actor: Actor, model: ForecastModel, world: World, ask: Ask
) -> None:
    await tickets(database, actor, model)
    found = await ask(world.actor, '{ forecasts(filter: {team: ["field"]}) { totalCount } }')
    assert found["forecasts"]["totalCount"] == 0


def test_the_process_that_answers_requests_has_not_loaded_the_learning_library() -> None:
    program = """
import sys
import schema.root
import slm.app
schema.root.build_schema()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"sklearn", "scipy", "joblib"}))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
