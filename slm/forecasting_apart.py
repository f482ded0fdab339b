"""Forecasts for a process that answers requests: a child process makes them, because this one must never learn.

The child is the program's own `slm forecast --if-due`, so it does what the worker would have done and no more.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.db import Database
from services.errors import ServiceError
from services.forecasting.queries import last_runs
from services.organisations.queries import organisation_key, organisations_with_tickets

log = structlog.get_logger(__name__)

FORECAST_EVERY = timedelta(hours=1)
LONGEST = timedelta(minutes=10)
"""A child that takes longer is ended."""
ORGANISATIONS_AT_ONCE = 100


class ForecastsNotMade(ServiceError):
    """A child process could not make the forecasts; the message is what it said."""

    code = "FORECASTS_NOT_MADE"


@dataclass(frozen=True)
class ForecastsApart:
    """Keeps the forecasts of a database current, for the worker of such a process."""

    database_url: str

    async def __call__(self, database: Database, *, now: datetime) -> bool:
        """Forecast in every organisation whose last run is an hour ago. One failure does not keep others waiting."""
        well, after = True, UUID(int=0)
        while True:
            async with database.reading(None) as session:
                found = await organisations_with_tickets(session, after=after, limit=ORGANISATIONS_AT_ONCE)
            if not found:
                return well
            after = found[-1]
            for organisation_id in found:
                try:
                    await self.keep_current(database, organisation_id, now=now)
                except ForecastsNotMade as failure:
                    log.warning("forecasting.failed", organisation=str(organisation_id), reason=failure.message)
                    well = False

    async def keep_current(self, database: Database, organisation_id: UUID, *, now: datetime) -> None:
        """Forecast in one organisation unless that was done within the hour. Raises ForecastsNotMade."""
        async with database.reading(organisation_id) as session:
            _, forecast = await last_runs(session, organisation_id)
            key = await organisation_key(session, organisation_id=organisation_id)
        if forecast is None or now - forecast >= FORECAST_EVERY:
            await forecast_apart(self.database_url, key)


async def forecast_apart(database_url: str, organisation: str, *, longest: timedelta = LONGEST) -> None:
    """Train and forecast, where due, in a child process and wait for its end; it does not outlive the wait.

    Raises ForecastsNotMade with the child's own words, or when it takes too long.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "slm", "forecast", "--organisation", organisation, "--if-due"),
        env={**os.environ, "DATABASE_URL": database_url},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(longest.total_seconds()):
            _, said = await child.communicate()
    except TimeoutError:
        raise ForecastsNotMade(f"training took longer than {longest.total_seconds():.0f} seconds") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        words = said.decode(errors="replace").strip().removeprefix("error: ")
        raise ForecastsNotMade(words or f"the process that makes them ended with {child.returncode}")
