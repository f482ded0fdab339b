"""Each of the two fences between organisations holds without the other one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.planner.identity import decode_global_id
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.factories.world import World, new_world
from tests.fences import Fences, database_behind
from tests.schema.selections import Selections, ids_in

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
async def neighbour(database: Database) -> World:
    """Another organisation with the same keys as `world`."""
    return await new_world(database, await new_actor(database))


@pytest.fixture
async def behind(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Database]:
    """A database behind the fences that are the test's parameter."""
    opened = database_behind(database_url, request.param)
    yield opened
    await opened.close()


async def answer(schema: strawberry.Schema, database: Database, actor: Actor, document: str) -> dict[str, Any]:
    context = Context(database=database, actor=actor, now=NOW, trace_id="trace-1")
    result = await schema.execute(document, context_value=context)
    assert isinstance(result, ExecutionResult)
    assert not result.errors, result.errors
    assert result.data is not None
    return result.data


def rows_of(value: Any) -> set[Any]:
    """Ids of rows. What their global ids say of the organisation is not asked: it is that of the caller."""
    return {decode_global_id(id_).id for id_ in ids_in(value)}


@pytest.mark.parametrize("behind", [Fences.BOTH, Fences.PLANNER, Fences.ROW_SECURITY], indirect=True)
async def test_one_fence_is_enough_for_every_list_and_every_relation(
    schema: strawberry.Schema, database: Database, world: World, neighbour: World, behind: Database
) -> None:
    mine, theirs = Selections(schema, world.actor), Selections(schema, neighbour.actor)
    for name in mine.lists:
        foreign = rows_of(await answer(schema, database, neighbour.actor, theirs.list_of(name, first=20, depth=2)))
        found = (await answer(schema, behind, world.actor, mine.list_of(name, first=20, depth=2)))[name]
        assert found["nodes"], name
        assert found["totalCount"] == len(found["nodes"]), name
        assert not rows_of(found) & foreign, name


@pytest.mark.parametrize("behind", [Fences.NONE], indirect=True)
async def test_without_any_fence_every_list_would_show_rows_of_others(
    schema: strawberry.Schema, database: Database, world: World, neighbour: World, behind: Database
) -> None:
    mine = Selections(schema, world.actor)
    for name in mine.lists:
        document = mine.list_of(name, first=1, depth=0)
        found = (await answer(schema, behind, world.actor, document))[name]
        own = (await answer(schema, database, world.actor, document))[name]
        assert found["totalCount"] > own["totalCount"] > 0, name
