"""What came of a repeated change is kept as long as its key is known, and no longer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.db import Database
from services.idempotency.commands import RETENTION, claim, keep_outcome
from services.idempotency.models import IdempotencyKey
from services.organisations.rules import Actor
from slm.idempotency_upkeep import OutcomesEmptied

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


async def change(database: Database, actor: Actor, key: str, outcome: Any, *, now: datetime = NOW) -> None:
    """Make a change under a key, of which this came."""
    async with database.writing(actor.organisation_id) as session:
        taken = await claim(session, actor=actor, key=key, operation="createPeople", input_sha256="0", now=now)
        await keep_outcome(session, actor=actor, claimed=taken, outcome=outcome)


async def outcomes(database: Database, actor: Actor) -> dict[str, Any]:
    """What is kept, by key."""
    own = select(IdempotencyKey).where(IdempotencyKey.organisation_id == actor.organisation_id)
    async with database.reading(actor.organisation_id) as session:
        return {row.key: row.outcome for row in await session.scalars(own)}


async def test_the_outcome_of_a_forgotten_key_is_emptied_and_that_of_a_known_one_stays(
    database: Database, actor: Actor
) -> None:
    said = {"message": "a person with the key 'zac-q' exists already"}
    await change(database, actor, "known", said, now=NOW - RETENTION)
    await change(database, actor, "forgotten", said, now=NOW - RETENTION - timedelta(seconds=1))
    assert await OutcomesEmptied()(database, now=NOW)
    assert await outcomes(database, actor) == {"known": said, "forgotten": None}


async def test_it_is_done_once_an_hour(database: Database, actor: Actor) -> None:
    upkeep = OutcomesEmptied()
    await upkeep(database, now=NOW)
    await change(database, actor, "forgotten", {"id": "1"}, now=NOW - 2 * RETENTION)
    await upkeep(database, now=NOW + timedelta(minutes=59))
    assert await outcomes(database, actor) == {"forgotten": {"id": "1"}}
    await upkeep(database, now=NOW + timedelta(hours=1))
    assert await outcomes(database, actor) == {"forgotten": None}
