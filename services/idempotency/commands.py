"""Letting a change be repeated without happening twice: a key is claimed before it and keeps its outcome after it.

Both happen in the transaction of the change, so a key is known exactly when what was done under it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Text, cast, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.db import WriteSession, new_id
from services.domain.inputs import Problems
from services.errors import Conflict, NotPermitted
from services.idempotency.models import IdempotencyKey
from services.organisations.rules import Actor

RETENTION = timedelta(days=7)
"""How long a key is known. Later it may be used for something else; the row of a forgotten key is used again."""
LONGEST_KEY = 200
OUTCOMES_AT_ONCE = 10_000


@dataclass(frozen=True)
class Claim:
    """A key that is the caller's: of a change that is to happen now, or of one that has, with its outcome."""

    id: UUID
    repeated: bool
    outcome: dict[str, Any] | None = None


async def claim(
    session: WriteSession, *, actor: Actor, key: str, operation: str, input_sha256: str, now: datetime
) -> Claim:
    """Take a key for a change, or find what came of the change it was taken for.

    A key belongs to the account that gave it. Of two that give one at the same moment the second waits here until the
    first has committed or given up. Raises Invalid for a malformed key, Conflict for one taken for something else,
    NotPermitted for a caller without an account.
    """
    if actor.anonymous:
        raise NotPermitted("an idempotency key belongs to an account: send a token")
    problems = Problems()
    problems.text("idempotency_key", key, longest=LONGEST_KEY)
    problems.refuse("the key cannot be used")
    table = IdempotencyKey
    taken = insert(table).values(
        id=new_id(), key=key, operation=operation, input_sha256=input_sha256, outcome=None, **actor.stamps(now)
    )
    renewed = taken.on_conflict_do_update(
        index_elements=[table.organisation_id, table.recorded_by, table.key],
        set_={name: taken.excluded[name] for name in ("operation", "input_sha256", "outcome", "recorded_at")},
        where=table.recorded_at < now - RETENTION,
    ).returning(table.id)
    claimed = (await session.execute(renewed)).scalar_one_or_none()
    if claimed is not None:
        return Claim(claimed, repeated=False)
    known = select(table.id, table.operation, table.input_sha256, table.outcome).where(
        table.organisation_id == actor.organisation_id, table.recorded_by == actor.account_id, table.key == key
    )
    found = (await session.execute(known)).one()
    if (found.operation, found.input_sha256) != (operation, input_sha256):
        raise Conflict(f"the idempotency key {key!r} was used for another input of {found.operation}; take a new one")
    return Claim(found.id, repeated=True, outcome=found.outcome)


async def keep_outcome(session: WriteSession, *, actor: Actor, claimed: Claim, outcome: dict[str, Any] | None) -> None:
    """Remember what came of the change."""
    table = IdempotencyKey
    await session.execute(
        update(table)
        .where(table.organisation_id == actor.organisation_id, table.id == claimed.id)
        .values(outcome=outcome)
        .execution_options(synchronize_session=False)
    )


async def empty_old_outcomes(session: WriteSession, *, organisation_id: UUID, now: datetime) -> int:
    """Empty what came of changes whose keys are forgotten, 10,000 at most. Returns how many there were."""
    return await _empty(session, organisation_id, IdempotencyKey.recorded_at < now - RETENTION)


async def empty_outcomes_naming(session: WriteSession, *, organisation_id: UUID, texts: Collection[str]) -> int:
    """Empty what came of changes where it has one of these texts in it. Returns how many there were.

    A key stays taken: who repeats a change under it is told that its answer is not kept.
    """
    spelt = (orjson.dumps(text).decode()[1:-1] for text in texts)
    outcome = cast(IdempotencyKey.outcome, Text)
    named = or_(*(outcome.contains(text, autoescape=True) for text in spelt))
    emptied = 0
    while found := await _empty(session, organisation_id, named):
        emptied += found
    return emptied


async def _empty(session: WriteSession, organisation_id: UUID, where: ColumnElement[bool]) -> int:
    table = IdempotencyKey
    own = (table.organisation_id == organisation_id, table.outcome.is_not(None), where)
    some = select(table.id).where(*own).limit(OUTCOMES_AT_ONCE).with_for_update()
    emptied = await session.execute(
        update(table)
        .where(table.organisation_id == organisation_id, table.id.in_(some))
        .values(outcome=None)
        .execution_options(synchronize_session=False)
    )
    return int(emptied.rowcount)  # type: ignore[attr-defined]
