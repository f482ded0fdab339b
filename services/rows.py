"""The statements every context needs for rows of its own: add one unless its key is taken, find which of some exist."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.db import ReadSession, Tenant, WriteSession, new_id
from services.domain.inputs import Problems
from services.errors import Conflict


async def add_row(session: WriteSession, table: type[Tenant], values: Mapping[str, Any], *, taken: str) -> UUID:
    """Insert a row under a new id; raise Conflict saying `taken` when a unique key of it is taken.

    The key decides, not a look-up before it: of two editors at the same moment one gets the row, one the Conflict.
    """
    statement = insert(table).values(id=new_id(), **values).on_conflict_do_nothing().returning(table.id)
    created = (await session.execute(statement)).scalar_one_or_none()
    if created is None:
        raise Conflict(taken)
    return created


async def existing_ids(
    session: ReadSession, table: type[Tenant], organisation_id: UUID, ids: Iterable[UUID]
) -> frozenset[UUID]:
    """Which of these ids are rows of the organisation."""
    wanted = set(ids)
    if not wanted:
        return frozenset()
    statement = select(table.id).where(table.organisation_id == organisation_id, table.id.in_(wanted))
    return frozenset((await session.execute(statement)).scalars())


async def check_reference(
    session: ReadSession,
    problems: Problems,
    field: str,
    table: type[Tenant],
    organisation_id: UUID,
    id: UUID | None,  # noqa: A002  the column's name
) -> None:
    """Add a problem when the field names a row this organisation does not have."""
    if id is not None and not await existing_ids(session, table, organisation_id, [id]):
        problems.add(field, f"expected a known {table.__name__.lower()}, got an id of none")
