"""What the worker does for forecasts by itself: train every week, forecast and score every hour.

Kept apart from the worker proper, which the demo runs beside the API: this loads scikit-learn.
"""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from services.db import Database
from services.errors import Unavailable
from services.forecasting.queries import last_runs
from services.organisations.queries import organisations_with_tickets, system_actor
from slm import forecasting
from slm.forecasting_apart import FORECAST_EVERY
from slm.logs import job

if TYPE_CHECKING:
    from slm.spans import Spans

log = structlog.get_logger(__name__)

TRAIN_EVERY = timedelta(days=7)
ORGANISATIONS_AT_ONCE = 100


async def keep_forecasts_current(database: Database, *, now: datetime, spans: "Spans | None" = None) -> bool:
    """Train, forecast and score in every organisation whose last run is too long ago.

    One organisation's failure is logged and does not keep the others waiting. Returns whether all went well.
    """
    well, after = True, UUID(int=0)
    while True:
        async with database.reading(None) as session:
            found = await organisations_with_tickets(session, after=after, limit=ORGANISATIONS_AT_ONCE)
        if not found:
            return well
        after = found[-1]
        for organisation_id in found:
            try:
                await keep_organisation_current(database, organisation_id, now=now, spans=spans)
            except Unavailable:
                raise
            except Exception:
                log.exception("forecasting.organisation_failed", organisation=str(organisation_id))
                well = False


async def keep_organisation_current(
    database: Database, organisation_id: UUID, *, now: datetime, spans: "Spans | None" = None
) -> None:
    """The same for one organisation, if its last run is too long ago."""
    async with database.reading(organisation_id) as session:
        trained, forecast = await last_runs(session, organisation_id)
    if forecast is not None and now - forecast < FORECAST_EVERY:
        return
    async with database.reading(None) as session:
        actor = await system_actor(session, organisation_id=organisation_id)
    span = nullcontext() if spans is None else spans.job("forecast", organisation_id)
    with span as trace, job("forecast", organisation_id=organisation_id, actor_id=actor.account_id, trace_id=trace):
        if trained is None or now - trained >= TRAIN_EVERY:
            await forecasting.train(database, actor=actor, as_of=now, now=now)
        made = await forecasting.forecast(database, actor=actor, as_of=now, now=now)
        settled = await forecasting.score(database, actor=actor, now=now)
        log.info("forecasting.done", made=len(made), scored=settled.forecasts)
