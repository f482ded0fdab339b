"""Whether this process can serve: the database answers, is migrated to this program's schema, and binds our role."""

import time
from asyncio import Lock

import structlog
from alembic.script import ScriptDirectory
from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.db import Database
from services.errors import TookTooLong, Unavailable
from slm.migrate import alembic_config

KEPT_SECONDS = 2.0
"""An answer is given again for this long, so that probes cannot load the database."""

log = structlog.get_logger("slm.readiness")


class Readiness:
    """Asks the database, one probe at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._head = ScriptDirectory.from_config(alembic_config("")).get_current_head()
        self._asking = Lock()
        self._asked_at = float("-inf")
        self._reasons: list[str] = []

    async def reasons_against(self) -> list[str]:
        """Why requests should not be sent here, for people; empty when all is well."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= KEPT_SECONDS:
                before, self._reasons = self._reasons, await self._ask()
                if self._reasons != before:
                    log.warning("readiness changed", reasons=self._reasons)
                self._asked_at = time.monotonic()
            return self._reasons

    async def _ask(self) -> list[str]:
        try:
            await self._database.refuse_unsafe_role()
            async with self._database.reading(None) as session:
                found = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
        except RuntimeError as refusal:
            return [str(refusal)]
        except Unavailable:
            return ["the database cannot be reached"]
        except TookTooLong:
            return ["the database takes too long to answer"]
        except (DBAPIError, PostgresError) as failure:
            return [_plainly(failure)]
        if found != self._head:
            return [f"the database is at migration {found}, this program needs {self._head}: run `slm migrate`"]
        return []


def _plainly(failure: DBAPIError | PostgresError) -> str:
    """What is wrong, decided by SQLSTATE; the driver's own text may name hosts and users."""
    state = getattr(failure.orig if isinstance(failure, DBAPIError) else failure, "sqlstate", None)
    if state in {"42P01", "42501", "22023"}:  # the table or the role is not there, or not for us
        return "the database is not migrated: run `slm migrate`"
    return f"the database refuses to answer (SQLSTATE {state or 'unknown'})"
