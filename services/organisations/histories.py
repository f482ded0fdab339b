"""Entries of histories: what holds from an instant on until the next entry says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.audit.commands import table_of
from services.db import Base, WriteSession
from services.domain.inputs import Problems
from services.errors import Conflict
from services.organisations.rules import Actor, Permission, Tenure
from services.rows import add_row, count_record, lock_row


@dataclass(frozen=True)
class Holder:
    """The row a history belongs to, and the column of it that counts the history's entries."""

    table: type[Base]
    id: UUID
    counted: str
    noun: str


async def record_tenure(
    session: WriteSession,
    actor: Actor,
    history: type[Base],
    holder: Holder,
    identity: Mapping[str, UUID | StrEnum],
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
    *,
    said: Mapping[str, Any] | None = None,
) -> UUID:
    """Add an entry to the history of `identity`; those who do so about one holder wait for each other.

    Entries follow one another and alternate: Conflict when one starts at `valid_from` or later, or says the same.
    `said` is what an entry says beyond that.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    problems.refuse("the entry cannot be recorded")
    await lock_row(session, holder.table, actor.organisation_id, holder.id, noun=holder.noun)
    columns = table_of(history).columns
    latest = (
        select(columns["tenure"], columns["valid_from"])
        .where(
            columns["organisation_id"] == actor.organisation_id,
            *(columns[name] == value for name, value in identity.items()),
        )
        .order_by(columns["valid_from"].desc())
        .limit(1)
    )
    last = (await session.execute(latest)).one_or_none()
    if last is not None and last.valid_from >= valid_from:
        raise Conflict(f"there is an entry from {last.valid_from.isoformat()} already; a new one comes after")
    held = last is not None and last.tenure is Tenure.HELD
    if held is (tenure is Tenure.HELD):
        raise Conflict(f"that {'holds' if held else 'does not hold'} already")
    values: dict[str, Any] = {
        **identity,
        **(said or {}),
        "tenure": tenure,
        "valid_from": valid_from,
        **actor.stamps(now),
    }
    entry = await add_row(
        session,
        history,
        values | actor.stamps(now),
        taken=f"there is an entry from {valid_from.isoformat()} already",
    )
    await count_record(session, holder.table, actor.organisation_id, holder.id, holder.counted)
    return entry
