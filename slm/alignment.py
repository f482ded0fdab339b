"""Keeping verdicts current: by the worker every minute where something changed, or when somebody asks for it."""

from datetime import datetime
from uuid import UUID

import structlog

from services.alignment.commands import AT_ONCE, Aligned, align
from services.alignment.queries import Facts, facts
from services.db import Database
from services.errors import Unavailable
from services.organisations.queries import organisations, system_actor
from services.organisations.rules import Actor
from slm.logs import job

log = structlog.get_logger(__name__)

ORGANISATIONS_AT_ONCE = 100


async def align_organisation(database: Database, *, actor: Actor, now: datetime, everything: bool = False) -> Aligned:
    """Judge all that changed, a bounded piece in each transaction; or everything again, in one."""
    judged = 0
    while True:
        async with database.writing(actor.organisation_id) as session:
            done = await align(session, actor=actor, now=now, limit=AT_ONCE, everything=everything)
        judged += done.judged
        if everything or not done.waiting or not done.judged:
            return Aligned(done.promises, judged, done.waiting)


class AlignmentKept:
    """Judges what changed in every organisation. It remembers what there was, so that where nothing came it looks once.

    What comes into force by the passing of time is seen by its start; a new year is a change, too.
    """

    def __init__(self) -> None:
        self._seen: dict[UUID, Facts] = {}

    async def __call__(self, database: Database, *, now: datetime) -> bool:
        """One organisation's failure is logged and does not keep the others waiting."""
        well, after = True, UUID(int=0)
        while True:
            async with database.reading(None) as session:
                found = await organisations(session, after=after, limit=ORGANISATIONS_AT_ONCE)
            if not found:
                return well
            after = found[-1]
            for organisation_id in found:
                try:
                    await self._keep(database, organisation_id, now)
                except Unavailable:
                    raise
                except Exception:
                    log.exception("alignment.organisation_failed", organisation=str(organisation_id))
                    well = False

    async def _keep(self, database: Database, organisation_id: UUID, now: datetime) -> None:
        async with database.reading(organisation_id) as session:
            there = await facts(session, organisation_id, now=now)
        if self._seen.get(organisation_id) == there:
            return
        async with database.reading(None) as session:
            actor = await system_actor(session, organisation_id=organisation_id)
        with job("align", organisation_id=organisation_id, actor_id=actor.account_id, trace_id=None):
            done = await align_organisation(database, actor=actor, now=now)
            if done.judged:
                log.info("alignment.judged", promises=done.promises, judged=done.judged)
        if not done.waiting:
            self._seen[organisation_id] = there
