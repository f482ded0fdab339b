"""Deleting an organisation: every row of it in every table, as the owner of the tables, and nothing of any other."""

from collections import Counter
from uuid import UUID

from sqlalchemy import Table, delete, func, select
from sqlalchemy.exc import IntegrityError

from services.db import Database, WriteSession, fetch
from services.errors import Conflict, NotFound
from services.models import metadata
from services.organisations.models import OrganisationKey
from slm.bundles.tables import organisation_tables
from slm.running import Unusable

DOORS = ("api_token", "due_organisation")
"""By these somebody comes to act for an organisation: a request, and the worker."""
PASSES = 5
"""A request that was under way when the tokens went may still write; what it wrote goes in the next pass."""

MAY_DELETE = "SELECT has_table_privilege(current_user, 'ticket', 'DELETE')"


async def find_doomed(owner: Database, *, key: str) -> UUID:
    """The id of the organisation to delete. NotFound for an unknown key, Unusable for a user who may delete nothing."""
    async with owner.reading(None) as session:
        if not (await fetch(session, MAY_DELETE))[0][0]:
            raise Unusable("only the owner of the tables deletes an organisation: name that user in DATABASE_URL")
        statement = select(OrganisationKey.organisation_id).where(OrganisationKey.key == key)
        organisation_id = (await session.execute(statement)).scalar_one_or_none()
    if organisation_id is None:
        raise NotFound(f"there is no organisation with the key {key!r}")
    return organisation_id


async def count_rows(owner: Database, *, organisation_id: UUID) -> dict[str, int]:
    """How many rows the organisation has, by table; tables without any are left out."""
    async with owner.reading(organisation_id) as session:
        counts = {}
        for table in organisation_tables():
            own = select(func.count()).select_from(table).where(table.c.organisation_id == organisation_id)
            counts[table.name] = (await session.execute(own)).scalar_one()
    return {name: count for name, count in counts.items() if count}


async def delete_organisation(owner: Database, *, organisation_id: UUID) -> dict[str, int]:
    """Delete every row of an organisation and say how many there were in each table.

    First its tokens and its place among what is due, so that nobody acts for it any more; then everything in one
    transaction, so that a deletion that was interrupted is simply begun again. Conflict when somebody goes on writing.
    """
    async with owner.writing(organisation_id) as session:
        deleted = await _delete(session, organisation_id, [metadata.tables[name] for name in DOORS])
    for _ in range(PASSES):
        try:
            async with owner.writing(organisation_id) as session:
                gone = await _delete(session, organisation_id, organisation_tables())
        except IntegrityError:  # a request wrote a row that refers to one of these, after its own table was through
            continue
        deleted += gone
        if not await count_rows(owner, organisation_id=organisation_id):
            return dict(deleted)
    raise Conflict("somebody goes on writing to the organisation: end them and delete it again")


async def _delete(session: WriteSession, organisation_id: UUID, tables: list[Table]) -> Counter[str]:
    deleted: Counter[str] = Counter()
    for table in tables:
        result = await session.execute(delete(table).where(table.c.organisation_id == organisation_id))
        deleted[table.name] += result.rowcount  # type: ignore[attr-defined]
    return +deleted
