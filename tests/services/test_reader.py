"""Reading finished text: for one organisation at a time, on connections that may be lost, busy, slow or told no."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from services.db import Database
from services.errors import TookTooLong, Unavailable
from services.organisations.rules import Actor
from services.reader import HEAVY, HEAVY_AT_ONCE, Answer, Ended, Statement, crowded
from services.server import OrganisationSetting
from tests.factories.organisations import new_actor
from tests.opening import database_on

WHO = "SELECT string_agg(key, ',') FROM organisation WHERE $1::uuid IS NOT NULL"
KEY = "SELECT key FROM organisation WHERE organisation_id = $1::uuid"
PROCESS = "SELECT pg_backend_pid()::text WHERE $1::uuid IS NOT NULL"
SLEEP = "SELECT pg_sleep(20)::text WHERE $1::uuid IS NOT NULL"


@pytest.fixture(params=list(OrganisationSetting))
async def pool(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Database]:
    """One connection, told the organisation in each of the two forms."""
    opened = database_on(database_url, pool_size=1, organisation_setting=request.param)
    yield opened
    await opened.close()


async def read(pool: Database, actor: Actor, sql: str, *more: Any) -> Answer:
    statement = Statement(sql, (actor.organisation_id, *more), "Query.test")
    (answer,) = await pool.reader.read(actor.organisation_id, [statement])
    return answer


async def text_of(pool: Database, actor: Actor, sql: str) -> str:
    answer = await read(pool, actor, sql)
    assert answer is not None
    assert answer[0] is not None
    return answer[0].decode()


async def test_each_organisation_sees_itself_alone_on_one_connection(
    pool: Database, database: Database, actor: Actor
) -> None:
    other = await new_actor(database)
    seen = [await text_of(pool, each, WHO) for each in (actor, other, other, actor)]
    assert "," not in "".join(seen)
    assert seen[0] == seen[3] != seen[1] == seen[2]


async def test_no_row_a_null_and_a_text_are_told_apart(pool: Database, actor: Actor) -> None:
    assert await read(pool, actor, "SELECT 'x'::text WHERE $1::uuid IS NULL") is None
    null = await read(pool, actor, "SELECT NULL::text WHERE $1::uuid IS NOT NULL")
    assert null is not None
    assert null[0] is None
    given = await read(
        pool, actor, "SELECT $2::text || ($3::text[])[2] WHERE $1::uuid IS NOT NULL", "Zürich ", ["a", "☂"]
    )
    assert given is not None
    assert given[0] == "Zürich ☂".encode()


async def test_nothing_can_be_written(pool: Database, actor: Actor) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await read(pool, actor, "INSERT INTO organisation (key) SELECT 'x' WHERE $1::uuid IS NULL RETURNING key")
    assert await text_of(pool, actor, "SELECT current_user::text WHERE $1::uuid IS NOT NULL") == "slm_runtime"


async def test_after_an_error_the_organisation_is_still_the_callers(
    pool: Database, database: Database, actor: Actor
) -> None:
    other = await new_actor(database)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await read(pool, actor, "SELECT (1 / 0)::text WHERE $1::uuid IS NOT NULL")
    assert await text_of(pool, other, WHO) == await text_of(pool, other, KEY)


async def test_a_connection_lost_while_idle_is_replaced_unnoticed(
    pool: Database, database_url: str, actor: Actor
) -> None:
    process = int(await text_of(pool, actor, PROCESS))
    await end(database_url, process)
    assert int(await text_of(pool, actor, PROCESS)) != process
    assert pool.reader.in_use == 0


async def test_a_connection_lost_while_reading_is_read_again_on_another(
    pool: Database, database_url: str, actor: Actor
) -> None:
    process = int(await text_of(pool, actor, PROCESS))
    waits = f"pg_sleep(CASE pg_backend_pid() WHEN {process} THEN 20 ELSE 0 END)"
    sql = f"SELECT pg_backend_pid()::text FROM {waits} WHERE $1::uuid IS NOT NULL"
    reading = asyncio.create_task(text_of(pool, actor, sql))
    await asyncio.sleep(0.3)
    await end(database_url, process)
    assert int(await reading) != process


async def test_a_server_that_cannot_be_reached_is_unavailable(actor: Actor) -> None:
    nowhere = database_on("postgresql+asyncpg://slm@127.0.0.1:1/slm")
    with pytest.raises(Unavailable, match="cannot be reached"):
        await read(nowhere, actor, KEY)
    assert nowhere.reader.in_use == 0


async def test_connections_that_stay_busy_are_unavailable_and_are_lent_again_afterwards(
    pool: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reader.BUSY_SECONDS", 0.2)
    busy = asyncio.create_task(read(pool, actor, "SELECT pg_sleep(1)::text WHERE $1::uuid IS NOT NULL"))
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable, match="busy"):
        await read(pool, actor, KEY)
    await busy
    assert pool.reader.waited_for == 0
    assert await read(pool, actor, KEY)


async def test_readers_are_served_in_the_order_they_came(pool: Database, actor: Actor) -> None:
    ended: list[int] = []

    async def numbered(number: int) -> None:
        await read(pool, actor, KEY)
        ended.append(number)

    await asyncio.gather(*map(numbered, range(50)))
    assert ended == list(range(50))


async def test_a_reader_that_goes_away_leaves_the_connection_to_others(pool: Database, actor: Actor) -> None:
    first = asyncio.create_task(read(pool, actor, SLEEP))
    second = asyncio.create_task(read(pool, actor, KEY))
    await asyncio.sleep(0.2)
    assert (pool.reader.in_use, pool.reader.waited_for) == (1, 1)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await read(pool, actor, KEY)
    assert (pool.reader.in_use, pool.reader.waited_for) == (0, 0)


@pytest.mark.parametrize("setting", list(OrganisationSetting))
async def test_a_statement_that_runs_out_of_its_time_takes_too_long(
    database_url: str, actor: Actor, setting: OrganisationSetting
) -> None:
    limit = timedelta(seconds=0.3)
    hurried = database_on(database_url, pool_size=1, organisation_setting=setting, statement_timeout=limit)
    try:
        with pytest.raises(TookTooLong):
            await read(hurried, actor, SLEEP)
        assert await read(hurried, actor, KEY)
    finally:
        await hurried.close()


async def test_observers_are_told_of_each_statement_and_its_failure(pool: Database, actor: Actor) -> None:
    seen: list[tuple[str, BaseException | None]] = []

    class Observer:
        def begun(self, statement: Statement) -> Ended:
            return lambda failure: seen.append((statement.field, failure))

    pool.reader.observers.append(Observer())
    await read(pool, actor, KEY)
    with pytest.raises(asyncpg.PostgresError):
        await read(pool, actor, "SELECT nothing WHERE $1::uuid IS NULL")
    assert [(field, type(failure)) for field, failure in seen] == [
        ("Query.test", type(None)),
        ("Query.test", asyncpg.UndefinedColumnError),
    ]


async def test_closing_gives_all_connections_back(database_url: str, actor: Actor) -> None:
    opened = database_on(database_url, pool_size=3)
    await asyncio.gather(*(read(opened, actor, KEY) for _ in range(6)))
    await opened.close()
    assert opened.reader.in_use == 0


async def end(database_url: str, process: int) -> None:
    connection = await asyncpg.connect(database_url.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute("SELECT pg_terminate_backend($1, 10000)", process)
    finally:
        await connection.close()


async def test_statements_of_many_objects_leave_connections_to_short_ones(database_url: str, actor: Actor) -> None:
    opened = database_on(database_url, pool_size=HEAVY_AT_ONCE + 1)
    slow = "SELECT pg_sleep(0.5)::text WHERE $1::uuid IS NOT NULL"
    heavy = [Statement(slow, (actor.organisation_id,), "Query.test", HEAVY)]
    reading = [
        asyncio.create_task(opened.reader.read(actor.organisation_id, heavy, caller=number))
        for number in range(HEAVY_AT_ONCE + 2)
    ]
    await asyncio.sleep(0.2)
    assert opened.reader.in_use == HEAVY_AT_ONCE
    assert await text_of(opened, actor, WHO)
    assert not any(one.done() for one in reading)
    await asyncio.gather(*reading)
    await opened.close()


async def test_one_caller_reads_many_objects_once_at_a_time_and_leaves_others_their_turn(
    database_url: str, actor: Actor
) -> None:
    opened = database_on(database_url, pool_size=HEAVY_AT_ONCE + 1)
    slow = "SELECT pg_sleep(0.3)::text WHERE $1::uuid IS NOT NULL"
    heavy = [Statement(slow, (actor.organisation_id,), "Query.test", HEAVY)]
    ended: list[str] = []

    async def read(caller: str) -> None:
        await opened.reader.read(actor.organisation_id, heavy, caller=caller)
        ended.append(caller)

    reading = [asyncio.create_task(read(caller)) for caller in ("one", "one", "one", "other")]
    await asyncio.sleep(0.1)
    assert opened.reader.in_use == 2
    await asyncio.gather(*reading)
    assert set(ended[:2]) == {"one", "other"}
    assert not opened.reader._heavy_of_caller
    await opened.close()


@pytest.mark.parametrize("waiting", [True, False])
async def test_while_a_crowd_of_a_caller_waits_it_takes_half_of_a_processor(
    database_url: str, actor: Actor, waiting: bool
) -> None:
    opened = database_on(database_url, pool_size=HEAVY_AT_ONCE + 1)
    slow = "SELECT pg_sleep(0.2)::text WHERE $1::uuid IS NOT NULL"
    heavy = [Statement(slow, (actor.organisation_id,), "Query.test", HEAVY)]
    clock, told = asyncio.get_running_loop().time, list[tuple[str, float]]()

    class Watching:
        def begun(self, _statement: Statement) -> Ended:
            told.append(("begun", clock()))
            return lambda _failure: told.append(("ended", clock()))

    opened.reader.observers.append(Watching())
    crowded.set(lambda: waiting)
    await asyncio.gather(*(opened.reader.read(actor.organisation_id, heavy, caller="one") for _ in range(3)))
    assert [what for what, _ in told] == ["begun", "ended"] * 3
    pauses = [later - earlier for (_, earlier), (_, later) in pairwise(told[1:-1])][::2]
    assert bool(opened.reader._heavy_of_caller) is waiting, "the last one is followed by a pause, too, or none is"
    assert not waiting or min(pauses) >= 0.19, pauses
    await opened.close()
