"""Changed agreements and calendars, applied to what is recorded or only previewed."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from services.agreements.commands import publish_agreement_version
from services.agreements.queries import agreement_by_key
from services.agreements.rules import TargetDefinition
from services.calendars.commands import publish_calendar_version
from services.calendars.rules import VersionDefinition
from services.compliance.recomputing import Effect, Publication, Subject, apply_version
from services.compliance.rules import MOST_SHOWN
from services.db import Database, WriteSession, fetch
from services.organisations.rules import Actor
from tests.factories.definitions import target

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""09:00 in London, when the office opens."""
MAY = datetime(2026, 5, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 2, tzinfo=UTC)


async def change_agreement(
    database: Database,
    actor: Actor,
    *targets: TargetDefinition,
    valid_from: datetime,
    now: datetime,
    preview: bool = False,
    **different: Any,
) -> Effect:
    """A version of the agreement `mail-sla`."""
    async with (database.rehearsing if preview else database.writing)(actor.organisation_id) as session:
        agreement_id = await agreement_by_key(session, actor.organisation_id, key="mail-sla")
        assert agreement_id is not None
        publish = partial(
            publish_agreement_version,
            session,
            actor=actor,
            agreement_id=agreement_id,
            valid_from=valid_from,
            targets=targets,
            reason="agreed anew",
            now=now,
        )
        publication = Publication(Subject.AGREEMENT, agreement_id, valid_from, publish)
        return await _apply(session, actor, publication, now, **different)


async def change_calendar(
    database: Database,
    actor: Actor,
    calendar_id: UUID,
    definition: VersionDefinition,
    *,
    valid_from: datetime,
    now: datetime,
    preview: bool = False,
    **different: Any,
) -> Effect:
    """A version of a calendar."""
    async with (database.rehearsing if preview else database.writing)(actor.organisation_id) as session:
        publish = partial(
            publish_calendar_version,
            session,
            actor=actor,
            calendar_id=calendar_id,
            valid_from=valid_from,
            definition=definition,
            now=now,
        )
        publication = Publication(Subject.CALENDAR, calendar_id, valid_from, publish)
        return await _apply(session, actor, publication, now, **different)


async def _apply(
    session: WriteSession, actor: Actor, publication: Publication, now: datetime, **different: Any
) -> Effect:
    given = {"shown": MOST_SHOWN} | different
    return await apply_version(session, actor=actor, publication=publication, now=now, **given)


async def faster(database: Database, actor: Actor, calendar_id: UUID, **different: Any) -> Effect:
    """Four hours instead of eight since May, so that the slow ticket is late."""
    given = {"valid_from": MAY, "now": JULY} | different
    return await change_agreement(database, actor, target(calendar_id, duration_seconds=4 * 3600), **given)


async def rows(database: Database, actor: Actor, sql: str) -> list[Any]:
    """The rows of a statement about the actor's organisation, `$1`."""
    async with database.reading(actor.organisation_id) as session:
        return list(await fetch(session, sql, actor.organisation_id))
