"""Forecasts made by a child process: current ones are kept, failures are words, and no child outlives the wait."""

import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.db import Database, fetch
from services.organisations.rules import Actor
from slm.forecasting_apart import ForecastsApart, ForecastsNotMade, forecast_apart
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import unique_key
from tests.factories.tickets import happened, hours
from tests.project.files import ROOT
from tests.slm.test_forecasting import NOW, past

MADE = "SELECT count(DISTINCT as_of) FROM forecast WHERE organisation_id = $1"


def test_the_process_that_serves_the_demo_has_not_loaded_the_learning_library() -> None:
    program = """
import sys
import slm.commands.demo
import slm.forecasting_apart
import slm.reference.load_wexcombe
print(sorted({name.partition(".")[0] for name in sys.modules} & {"sklearn", "scipy", "joblib"}))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_forecasts_are_made_once_within_the_hour(database: Database, database_url: str, actor: Actor) -> None:
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    await happened(database, actor, service_id, past(40), NOW)
    keeper, now = ForecastsApart(database_url), datetime.now(UTC)
    await keeper.keep_current(database, actor.organisation_id, now=now)
    await keeper.keep_current(database, actor.organisation_id, now=now + hours(0.5))
    async with database.reading(actor.organisation_id) as session:
        assert (await fetch(session, MADE, actor.organisation_id))[0][0] == 1


async def test_what_the_child_refuses_is_passed_on_in_its_words(database_url: str) -> None:
    with pytest.raises(ForecastsNotMade, match=r"^there is no organisation with the key 'nobody'$"):
        await forecast_apart(database_url, "nobody")


def running_commands() -> list[bytes]:
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            commands.append(path.read_bytes())
    return commands


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process in /proc")
async def test_a_child_that_takes_too_long_is_ended(database_url: str) -> None:
    unheard_of = unique_key("slow")
    with pytest.raises(ForecastsNotMade, match="took longer than"):
        await forecast_apart(database_url, unheard_of, longest=timedelta(milliseconds=50))
    assert not any(unheard_of.encode() in command for command in running_commands())
