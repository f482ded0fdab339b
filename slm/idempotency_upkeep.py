"""What the worker does by itself about keys of repeated changes: what came of a change does not outlast its key."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.db import Database
from services.errors import Unavailable
from services.idempotency.commands import empty_old_outcomes
from services.organisations.queries import organisations

log = structlog.get_logger(__name__)

EMPTY_EVERY = timedelta(hours=1)
ORGANISATIONS_AT_ONCE = 100


class OutcomesEmptied:
    """Empties the outcomes of forgotten keys every hour, 10,000 of each organisation at most."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    async def __call__(self, database: Database, *, now: datetime) -> bool:
        """The same, if the last time is an hour ago. One organisation's failure does not keep the others waiting."""
        if self._last is not None and now - self._last < EMPTY_EVERY:
            return True
        self._last, well, after = now, True, UUID(int=0)
        while True:
            async with database.reading(None) as session:
                found = await organisations(session, after=after, limit=ORGANISATIONS_AT_ONCE)
            if not found:
                return well
            after = found[-1]
            for organisation_id in found:
                try:
                    async with database.writing(organisation_id) as session:
                        await empty_old_outcomes(session, organisation_id=organisation_id, now=now)
                except Unavailable:
                    raise
                except Exception:
                    log.exception("idempotency.organisation_failed", organisation=str(organisation_id))
                    well = False
