"""Losing rows for a while: as the owner of the tables, who alone may delete, in a transaction that is rolled back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from services import models
from services.db import Base, ReadSession, execute, fetch

assert models


@asynccontextmanager
async def as_owner(owner: AsyncEngine) -> AsyncIterator[ReadSession]:
    """A transaction of the owner that leaves no trace."""
    async with owner.connect() as connection, AsyncSession(bind=connection) as session:
        try:
            yield ReadSession(session)
        finally:
            await session.rollback()


async def lose(session: ReadSession, organisation_id: UUID, table: str, ids: Sequence[UUID]) -> None:
    """Delete rows, and before them every row that refers to one of them."""
    if not ids:
        return
    for child, column in _referring(table):
        found = await fetch(
            session,
            f"SELECT id FROM {child} WHERE organisation_id = $1::uuid AND {column} = ANY($2::uuid[])",
            organisation_id,
            list(ids),
        )
        await lose(session, organisation_id, child, [row[0] for row in found])
    await execute(
        session, f"DELETE FROM {table} WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])", organisation_id,
        list(ids),
    )  # fmt: skip


def _referring(table: str) -> list[tuple[str, str]]:
    """The tables that refer to this one by its id, each with the column that does."""
    return [
        (child.name, key.parent.name)
        for child in Base.metadata.tables.values()
        for constraint in child.constraints
        if isinstance(constraint, ForeignKeyConstraint)
        for key in constraint.elements
        if key.target_fullname == f"{table}.id"
    ]
