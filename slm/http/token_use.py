"""When tokens were last used: noted in memory at each request, written outside of them once a minute."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.db import Database
from services.errors import Unavailable
from services.organisations.rules import Actor
from services.organisations.tokens import record_token_use

WRITTEN_EVERY = timedelta(minutes=1)

log = structlog.get_logger("slm.token_use")


class TokenUse:
    """Holds the latest use of each token since the last writing: at most one entry for each valid token."""

    def __init__(self) -> None:
        self._used: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)

    def note(self, actor: Actor, now: datetime) -> None:
        """A token was used."""
        if actor.token_id is not None:
            self._used[actor.organisation_id][actor.token_id] = now

    async def write(self, database: Database) -> None:
        """Keep what was noted: one statement for each organisation. What cannot be written is noted again."""
        used, self._used = self._used, defaultdict(dict)
        for organisation_id, tokens in used.items():
            try:
                async with database.writing(organisation_id) as session:
                    await record_token_use(session, organisation_id=organisation_id, used=tokens)
            except Unavailable as failure:
                self._used[organisation_id] = tokens | self._used[organisation_id]
                log.warning("the use of tokens is not written yet", reason=failure.message)
            except Exception:
                log.exception("the use of tokens was not written")


@asynccontextmanager
async def token_use_written(database: Database) -> AsyncIterator[TokenUse]:
    """Write what is noted once a minute, and what is left at the end."""
    use = TokenUse()
    writing = asyncio.create_task(_keep_writing(use, database))
    try:
        yield use
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await use.write(database)


async def _keep_writing(use: TokenUse, database: Database) -> None:
    while True:
        await asyncio.sleep(WRITTEN_EVERY.total_seconds())
        await use.write(database)
