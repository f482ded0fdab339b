"""Deleting an organisation takes all of it and nothing else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.db import Database
from services.errors import NotFound
from services.models import metadata
from services.organisations.queries import find_organisation
from slm.deletion import count_rows, delete_organisation, find_doomed
from slm.running import Unusable
from tests.factories.organisations import new_actor, unique_key
from tests.factories.world import new_world
from tests.opening import database_on

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
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


async def test_a_key_that_nobody_has_deletes_nothing(owner: Database) -> None:
    with pytest.raises(NotFound):
        await find_doomed(owner, key=unique_key("nobody"))


async def test_the_role_of_the_program_may_not_delete(database: Database) -> None:
    with pytest.raises(Unusable, match="only the owner"):
        await find_doomed(database, key="anybody")
