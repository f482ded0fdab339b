"""Both forms of setting the organisation: what one organisation may touch, whatever its connection did before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from services.catalogue.commands import create_service
from services.db import Database, WriteSession, execute, fetch
from services.errors import TookTooLong, TryAgainLater, Unavailable
from services.organisations.rules import Actor
from services.organisations.turns import wait_for_turn
from services.server import RUNTIME_ROLE, OrganisationSetting, server_lost
from tests.factories.definitions import new_service
from tests.factories.organisations import NOW, new_actor, unique_key
from tests.opening import database_on

SERVICES = "SELECT organisation_id FROM service"


@pytest.fixture(params=list(OrganisationSetting))
async def alone(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Database]:
    """A pool of one connection, so that everything a test does follows on the same one."""
    pool = database_on(database_url, pool_size=1, organisation_setting=request.param)
    yield pool
    await pool.close()


@asynccontextmanager
async def owner_of(database_url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction of the user who owns the tables."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
async def mine(database: Database) -> Actor:
    actor = await new_actor(database)
    await new_service(database, actor)
    return actor


@pytest.fixture
async def theirs(database: Database) -> Actor:
    actor = await new_actor(database)
    await new_service(database, actor)
    return actor


async def fail_after(pool: Database, actor: Actor, *statements: str) -> None:
    """Write a service, run statements, and divide by zero."""
    async with pool.writing(actor.organisation_id) as session:
        await add_service(session, actor)
        for statement in (*statements, "SELECT 1 / 0"):
            await execute(session, statement)


async def owners(pool: Database, organisation_id: UUID | None) -> set[UUID]:
    """The organisations whose services a query without any predicate sees."""
    async with pool.reading(organisation_id) as session:
        return {found for (found,) in await fetch(session, SERVICES)}


async def add_service(session: WriteSession, actor: Actor) -> None:
    await create_service(session, actor=actor, key=unique_key("service"), name="Another", now=NOW)


async def test_one_connection_sees_one_organisation_after_the_other(
    alone: Database, mine: Actor, theirs: Actor
) -> None:
    for actor in (mine, theirs, mine, mine, theirs):
        assert await owners(alone, actor.organisation_id) == {actor.organisation_id}


async def test_without_an_organisation_a_query_for_its_rows_is_an_error(alone: Database, mine: Actor) -> None:
    assert await owners(alone, mine.organisation_id) == {mine.organisation_id}
    with pytest.raises(DBAPIError, match="invalid input syntax for type uuid"):
        await owners(alone, None)


async def test_a_row_of_another_organisation_cannot_be_written(alone: Database, mine: Actor, theirs: Actor) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with alone.writing(mine.organisation_id) as session:
            await add_service(session, theirs)


async def test_after_an_error_a_connection_serves_whoever_comes_next(
    alone: Database, mine: Actor, theirs: Actor
) -> None:
    for actor in (theirs, mine):
        with pytest.raises(DBAPIError, match="division by zero"):
            await fail_after(alone, mine)
        assert await owners(alone, actor.organisation_id) == {actor.organisation_id}


async def test_after_an_error_a_connection_forgets_its_organisation(alone: Database, mine: Actor) -> None:
    with pytest.raises(DBAPIError, match="division by zero"):
        await fail_after(alone, mine)
    with pytest.raises(DBAPIError, match="invalid input syntax for type uuid"):
        await owners(alone, None)


async def test_what_a_block_wrote_before_its_error_is_gone(alone: Database, mine: Actor) -> None:
    with pytest.raises(DBAPIError, match="division by zero"):
        await fail_after(alone, mine)
    assert await count_of_services(alone, mine) == 1


async def write_what_fails_late(pool: Database, actor: Actor) -> None:
    async with pool.writing(actor.organisation_id) as session:
        await add_service(session, actor)
        await execute(session, "INSERT INTO failing_late VALUES ('one'), ('one')")


async def test_a_commit_that_fails_keeps_nothing_and_the_connection_goes_on(
    alone: Database, database_url: str, mine: Actor, theirs: Actor
) -> None:
    # No table of ours has a deferred constraint, so that a commit hardly fails; on a distributed server it may.
    async with owner_of(database_url) as owner:
        await owner.exec_driver_sql("CREATE TABLE failing_late (key text UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        await owner.exec_driver_sql(f"GRANT INSERT ON failing_late TO {RUNTIME_ROLE}")
    try:
        with pytest.raises(IntegrityError, match="failing_late"):
            await write_what_fails_late(alone, mine)
        assert await count_of_services(alone, mine) == 1
        assert await owners(alone, theirs.organisation_id) == {theirs.organisation_id}
    finally:
        async with owner_of(database_url) as owner:
            await owner.exec_driver_sql("DROP TABLE failing_late")


async def test_reading_cannot_write(alone: Database, mine: Actor) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with alone.reading(mine.organisation_id) as session:
            await add_service(WriteSession(session), mine)


async def test_statements_run_as_the_runtime_role(alone: Database, mine: Actor) -> None:
    async with alone.reading(mine.organisation_id) as session:
        assert await fetch(session, "SELECT current_user") == [("slm_runtime",)]
    await alone.refuse_unsafe_role()


async def test_a_savepoint_rolled_back_leaves_the_organisation_set(alone: Database, mine: Actor) -> None:
    async with alone.writing(mine.organisation_id) as session:
        with pytest.raises(DBAPIError, match="division by zero"):
            async with session.begin_nested():
                await execute(session, "SELECT 1 / 0")
        await add_service(session, mine)
    assert await count_of_services(alone, mine) == 2


async def test_between_transactions_the_form_for_poolers_leaves_nothing_on_the_connection(
    database_url: str, mine: Actor
) -> None:
    pool = database_on(database_url, pool_size=1, organisation_setting=OrganisationSetting.TRANSACTION)
    try:
        assert await owners(pool, mine.organisation_id) == {mine.organisation_id}
        async with pool.engine.connect() as connection:
            left = await connection.exec_driver_sql(
                "SELECT current_user = session_user, current_setting('app.organisation'),"
                " (SELECT count(*) FROM pg_prepared_statements)"
            )
            assert tuple(left.one()) == (True, "", 0)
    finally:
        await pool.close()


async def test_a_server_that_cannot_be_reached_is_said_to_be_unavailable() -> None:
    nowhere = database_on("postgresql+asyncpg://slm@127.0.0.1:1/slm")
    with pytest.raises(Unavailable, match="cannot be reached"):
        await owners(nowhere, None)


async def use_a_connection_that_is_ended(pool: Database, database_url: str, actor: Actor) -> None:
    async with pool.reading(actor.organisation_id) as session:
        ((process_id,),) = await fetch(session, "SELECT pg_backend_pid()")
        async with owner_of(database_url) as owner:
            await owner.exec_driver_sql("SELECT pg_terminate_backend($1, 10000)", (process_id,))
        await fetch(session, SERVICES)


async def test_a_connection_that_is_ended_is_said_to_be_unavailable_and_the_next_is_opened(
    alone: Database, database_url: str, mine: Actor
) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await use_a_connection_that_is_ended(alone, database_url, mine)
    assert await owners(alone, mine.organisation_id) == {mine.organisation_id}


async def use_two_connections(pool: Database) -> None:
    async with pool.reading(None), pool.reading(None):
        pass


async def test_connections_that_are_all_busy_are_said_to_be_unavailable(
    alone: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone.engine.pool, "_timeout", 0.05)
    with pytest.raises(Unavailable, match="busy"):
        await use_two_connections(alone)


@pytest.fixture(params=list(OrganisationSetting))
async def hurried(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Database]:
    """A pool whose statements may take half a second."""
    limit = timedelta(seconds=0.5)
    pool = database_on(database_url, pool_size=1, organisation_setting=request.param, statement_timeout=limit)
    yield pool
    await pool.close()


async def dawdle(pool: Database, actor: Actor) -> None:
    async with pool.reading(actor.organisation_id) as session:
        await fetch(session, "SELECT pg_sleep(20)")


async def test_a_statement_that_runs_out_of_its_time_is_said_to_take_too_long(hurried: Database, mine: Actor) -> None:
    with pytest.raises(TookTooLong, match="took too long"):
        await dawdle(hurried, mine)
    assert await owners(hurried, mine.organisation_id) == {mine.organisation_id}


async def write_in_turn(pool: Database, actor: Actor) -> None:
    async with pool.writing(actor.organisation_id) as session:
        await wait_for_turn(session, actor.organisation_id)
        await add_service(session, actor)


async def test_a_turn_that_does_not_come_in_time_is_to_be_tried_later(
    database: Database, hurried: Database, mine: Actor
) -> None:
    await write_in_turn(database, mine)
    async with database.writing(mine.organisation_id) as holding:
        await wait_for_turn(holding, mine.organisation_id)
        with pytest.raises(TryAgainLater, match="take long"):
            await write_in_turn(hurried, mine)
    await write_in_turn(hurried, mine)
    assert await count_of_services(hurried, mine) == 3


async def test_the_limit_on_waiting_ends_with_its_transaction(hurried: Database, mine: Actor) -> None:
    await write_in_turn(hurried, mine)
    async with hurried.reading(mine.organisation_id) as session:
        assert await fetch(session, "SHOW lock_timeout") == [("0",)]


def test_a_farewell_between_two_statements_is_a_lost_connection() -> None:
    translated = Exception("cannot switch to state 11; another operation (2) is in progress")
    translated.__cause__ = InternalClientError(str(translated))
    assert server_lost(InternalError("DISCARD PLANS", None, translated))
    assert not server_lost(InternalError("DISCARD PLANS", None, Exception("something else")))


async def count_of_services(pool: Database, actor: Actor) -> int:
    async with pool.reading(actor.organisation_id) as session:
        return len(await fetch(session, SERVICES))
