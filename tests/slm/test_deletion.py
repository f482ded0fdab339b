"""Deleting an organisation takes all of it and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from services.db import Database, ReadSession, fetch
from services.errors import Conflict, NotFound
from services.models import metadata
from services.organisations.commands import create_department
from services.organisations.queries import find_organisation
from slm.deletion import count_rows, delete_organisation, find_doomed
from slm.running import Unusable
from tests.factories.organisations import new_actor, unique_key
from tests.factories.world import new_world
from tests.opening import database_on

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
"""Not of `pg_stat_activity`, which shows a transaction the connections there were when it first looked."""
NOT_IN_WORLD = {"api_token_use", "bundle_import", "due_organisation"}


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    """Acting as the owner of the tables."""
    opened = database_on(database_url, pool_size=2, as_owner=True)
    yield opened
    await opened.close()


async def key_of(owner: Database, organisation_id: UUID) -> str:
    table = metadata.tables["organisation_key"]
    async with owner.reading(None) as session:
        found = await session.execute(table.select().where(table.c.organisation_id == organisation_id))
        return str(found.one().key)


async def test_every_row_of_it_goes_and_no_row_of_another(database: Database, owner: Database) -> None:
    doomed, other = (
        await new_world(database, await new_actor(database)),
        await new_world(database, await new_actor(database)),
    )
    key = await key_of(owner, doomed.actor.organisation_id)
    organisation_id = await find_doomed(owner, key=key)
    before = await count_rows(owner, organisation_id=organisation_id)
    others = await count_rows(owner, organisation_id=other.actor.organisation_id)
    assert set(metadata.tables) - set(before) == NOT_IN_WORLD, "the world has all the others"
    assert await delete_organisation(owner, organisation_id=organisation_id) == before
    assert await count_rows(owner, organisation_id=organisation_id) == {}
    assert await count_rows(owner, organisation_id=other.actor.organisation_id) == others
    async with database.reading(None) as session:
        assert await find_organisation(session, key=key) is None


async def somebody_waits_for(session: ReadSession) -> None:
    """Return when another connection waits for what this transaction holds."""
    while not await fetch(session, WAITING):  # noqa: ASYNC110  it waits in the server, which tells nobody
        await asyncio.sleep(0.01)


async def test_what_a_request_writes_meanwhile_goes_in_another_pass(database: Database, owner: Database) -> None:
    actor = await new_actor(database)
    organisation_id = actor.organisation_id
    async with database.writing(organisation_id) as session:
        parent_id = await create_department(session, actor=actor, key="retail", name="Retail", now=NOW)
    async with database.writing(organisation_id) as session:
        await create_department(session, actor=actor, key="stores", name="Stores", parent_id=parent_id, now=NOW)
        await session.flush()
        deletion = asyncio.create_task(delete_organisation(owner, organisation_id=organisation_id))
        async with asyncio.timeout(60):
            await somebody_waits_for(session)
    assert (await deletion)["department"] == 2
    assert await count_rows(owner, organisation_id=organisation_id) == {}


async def test_somebody_who_goes_on_writing_is_a_conflict(database: Database, owner: Database) -> None:
    organisation_id = (await new_actor(database)).organisation_id
    async with owner.writing(organisation_id) as session:
        await session.execute(text("CREATE TABLE going_on (organisation_id uuid REFERENCES organisation)"))
        await session.execute(text("INSERT INTO going_on VALUES (:id)"), {"id": organisation_id})
    try:
        with pytest.raises(Conflict, match="goes on writing"):
            await delete_organisation(owner, organisation_id=organisation_id)
    finally:
        async with owner.writing(organisation_id) as session:
            await session.execute(text("DROP TABLE going_on"))


async def test_a_key_that_nobody_has_deletes_nothing(owner: Database) -> None:
    with pytest.raises(NotFound):
        await find_doomed(owner, key=unique_key("nobody"))


async def test_the_role_of_the_program_may_not_delete(database: Database) -> None:
    with pytest.raises(Unusable, match="only the owner"):
        await find_doomed(database, key="anybody")
