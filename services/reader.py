"""Reads finished JSON text: statements put together elsewhere, run on connections that do nothing else.

Everything else goes through SQLAlchemy (`services.db`). Here a statement is one message to the driver and its answer
the server's bytes, undecoded: an API's answer is made by PostgreSQL and only handed on.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg

from services.errors import TookTooLong, Unavailable
from services.server import (
    CONNECT_SECONDS,
    GIVEN_UP,
    RUNTIME_ROLE,
    TOOK_TOO_LONG,
    UNREACHABLE,
    OrganisationSetting,
    server_lost,
)

BUSY_SECONDS = 30
"""How long a reader waits for a connection."""
PREPARED_STATEMENTS = 200
"""How many statements each connection keeps prepared."""


HEAVY = 2_000
"""Objects from which on a statement keeps a processor of the server busy for long enough to be felt by others.

Fewer are read within a few milliseconds, and waiting for each other would cost them more than it spares others.
"""
HEAVY_AT_ONCE = 3
"""How many of those a process has under way, so that it takes no more than its share of the server from short ones.

One caller has one of them: on a server of two processors, nobody takes both.
"""


LONGEST_PAUSE_SECONDS = 1.0
"""Between those of a caller of whom many more wait: what waits for its turn in the meantime shall not give up."""

crowded: ContextVar[Callable[[], bool]] = ContextVar("crowded", default=lambda: False)
"""Whether many more requests of the caller wait to be served; set by who lets them in."""


class Statement(NamedTuple):
    """SQL whose one row is one text, its parameters, the field of the schema it answers, and its objects at most.

    With `around`, SQL whose rows are the elements of an array, and the text before and after them: a large text that
    the server puts together itself is copied over and over before it is sent.
    """

    sql: str
    parameters: Sequence[Any]
    field: str
    objects: int = 1
    around: tuple[bytes, bytes] | None = None


Answer = tuple[bytes | None, ...] | None
"""The text, UTF-8, in parts to be joined, with None for a row that has none; None: there is no row."""

Ended = Callable[[BaseException | None], None]
"""Told when a statement has ended, with what it failed with, if it did."""


class Observer(Protocol):
    """Watches statements as they run."""

    def begun(self, statement: Statement) -> Ended | None:
        """A statement is sent now."""


@dataclass(eq=False, slots=True)
class _Lent:
    """A connection and the organisation it was told, if it remembers one."""

    driver: Any
    organisation: str | None = None
    fresh: bool = True
    prepared: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    """Statements prepared on it, those used last at the end."""

    async def run_once(self, statement: Statement) -> Answer:
        """The answer to a statement, of which nothing stays on the connection."""
        return await _answered(
            statement, partial(self.driver.fetchrow, statement.sql), partial(self.driver.fetch, statement.sql)
        )

    async def run(self, statement: Statement) -> Answer:
        """The answer to a statement, which stays prepared."""
        prepared = self.prepared.get(statement.sql)
        if prepared is None:
            prepared = self.prepared[statement.sql] = await self.driver.prepare(statement.sql)
            if len(self.prepared) > PREPARED_STATEMENTS:
                self.prepared.popitem(last=False)
        else:
            self.prepared.move_to_end(statement.sql)
        return await _answered(statement, prepared.fetchrow, prepared.fetch)


async def _answered(
    statement: Statement,
    first: Callable[..., Awaitable[Sequence[bytes | None] | None]],
    every: Callable[..., Awaitable[Sequence[Sequence[bytes | None]]]],
) -> Answer:
    """The answer to a statement, by what fetches its first row or every row."""
    if statement.around is None:
        row = await first(*statement.parameters)
        return None if row is None else (row[0],)
    before, after = statement.around
    parts: list[bytes | None] = []
    for row in await every(*statement.parameters):
        parts += (b"," if parts else before, row[0])
    return (*parts, after) if parts else (before, after)


class _HeavyTurns:
    """Turns of one caller, one at a time; while a crowd of the caller's waits, each is followed by a pause.

    The pause is as long as the reading took, up to a second: so a crowd has half of one processor of the server.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._started: float | None = None

    async def __aenter__(self) -> None:
        await self._turn.acquire()
        self._started = None

    def start(self) -> None:
        """Reading begins: until now there were others to wait for."""
        self._started = asyncio.get_running_loop().time()

    async def __aexit__(self, *_: object) -> None:
        if self._started is None or not crowded.get()():
            self._turn.release()
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(min(loop.time() - self._started, LONGEST_PAUSE_SECONDS), self._end_pause)

    def _end_pause(self) -> None:
        self._turn.release()


class StatementReader:
    """A few connections, read-only, as the runtime role; opened when needed, lent first come first served.

    A connection that already knows the organisation is preferred. Nothing is sent for nothing: one that was lost while
    idle is noticed by the statement that fails, which is then read again on a new one.
    """

    def __init__(
        self,
        connect: Mapping[str, Any],
        *,
        size: int,
        statement_timeout: timedelta | None,
        organisation_setting: OrganisationSetting,
        as_owner: bool,
    ) -> None:
        """`connect` are the driver's arguments for the server; the rest is as `services.db.Database` says."""
        self.size = size
        self.observers: list[Observer] = []
        self._remembers = organisation_setting is OrganisationSetting.SESSION
        self._idle: list[_Lent] = []
        self._waiting: deque[asyncio.Future[_Lent | None]] = deque()
        self._heavy = asyncio.Semaphore(HEAVY_AT_ONCE)
        self._heavy_of_caller: WeakValueDictionary[Hashable, _HeavyTurns] = WeakValueDictionary()
        self._open = 0
        milliseconds = None if statement_timeout is None else str(round(statement_timeout.total_seconds() * 1000))
        settings = {"timezone": "UTC", "datestyle": "ISO", "application_name": "slm"}
        self._when_opened: list[str] = []
        self._in_each_transaction: list[str] = []
        if self._remembers:
            # Pages are short and found by indexes: compiling a statement never pays off, and neither does reading a
            # table for fear of reading it in pieces: even at 1.1, whole organisations are sorted for one page.
            settings |= {"default_transaction_read_only": "on", "jit": "off", "random_page_cost": "1"}
            if milliseconds is not None:
                settings["statement_timeout"] = milliseconds
            if not as_owner:
                self._when_opened.append(f"SET ROLE {RUNTIME_ROLE}")
        else:
            if not as_owner:
                self._in_each_transaction.append(f"SET LOCAL ROLE {RUNTIME_ROLE}")
            if milliseconds is not None:
                self._in_each_transaction.append(f"SET LOCAL statement_timeout = {milliseconds}")
        self._connect = {
            **connect,
            "server_settings": settings,
            "timeout": CONNECT_SECONDS,
            "statement_cache_size": 10 if self._remembers else 0,  # what is read is prepared by ourselves
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,
        }

    @property
    def in_use(self) -> int:
        """How many connections are lent at the moment."""
        return self._open - len(self._idle)

    @property
    def waited_for(self) -> int:
        """How many readers wait for one."""
        return len(self._waiting)

    async def read(
        self, organisation_id: UUID | None, statements: Sequence[Statement], *, caller: Hashable = None
    ) -> list[Answer]:
        """The answers to statements of one organisation, one after the other on one connection.

        None: of what is read before an organisation is known.

        Raises Unavailable when the server cannot be reached or all connections stay busy, and TookTooLong when a
        statement runs out of its time. Statements of many objects wait for each other before they take a connection,
        and for others of the same caller first; see `crowded` for when those pause.
        """
        if sum(statement.objects for statement in statements) < HEAVY:
            return await self._read_soon(organisation_id, statements)
        of_caller = self._heavy_of_caller.setdefault(caller, _HeavyTurns())
        async with AsyncExitStack() as turns:
            try:
                async with asyncio.timeout(BUSY_SECONDS):
                    await turns.enter_async_context(of_caller)
                    await turns.enter_async_context(self._heavy)
            except TimeoutError as failure:
                raise Unavailable("others read much at the moment; try again later") from failure
            of_caller.start()
            return await self._read_soon(organisation_id, statements)

    async def close(self) -> None:
        """Give every idle connection back to the server; what is lent is closed when it comes back."""
        self.size = 0
        while self._idle:
            self._open -= 1
            await self._idle.pop().driver.close(timeout=CONNECT_SECONDS)

    async def _read_soon(self, organisation_id: UUID | None, statements: Sequence[Statement]) -> list[Answer]:
        organisation = _setting(organisation_id)
        lent = await self._borrow(organisation)
        used = not lent.fresh
        try:
            try:
                return await self._read(lent, organisation, statements)
            except Exception as failure:
                if not (used and _lost(lent, failure)):
                    raise
                self._give_back(lent)
                lent = await self._borrow_fresh()
                return await self._read(lent, organisation, statements)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as failure:
            if getattr(failure, "sqlstate", None) == GIVEN_UP:
                raise TookTooLong(TOOK_TOO_LONG) from failure
            if _lost(lent, failure):
                raise Unavailable(UNREACHABLE) from failure
            raise
        finally:
            self._give_back(lent)

    async def _read(self, lent: _Lent, organisation: str, statements: Sequence[Statement]) -> list[Answer]:
        driver = lent.driver
        if self._remembers:
            if lent.organisation != organisation:
                lent.organisation = None
                await driver.fetchval("SELECT set_config('app.organisation', $1, false)", organisation)
                lent.organisation = organisation
            return [await self._ask(lent.run, statement) for statement in statements]
        async with driver.transaction(readonly=True):
            # Each a message of its own: a distributed server hands on the whole message to its nodes.
            for said in (*self._in_each_transaction, f"SET LOCAL app.organisation = '{organisation}'"):
                await driver.execute(said)
            return [await self._ask(lent.run_once, statement) for statement in statements]

    async def _ask(self, run: Callable[[Statement], Awaitable[Answer]], statement: Statement) -> Answer:
        if not self.observers:
            return await run(statement)
        told = [ended for observer in self.observers if (ended := observer.begun(statement)) is not None]
        failure: BaseException | None = None
        try:
            answered = await run(statement)
        except BaseException as raised:
            failure = raised
            raise
        finally:
            for ended in told:
                ended(failure)
        return answered

    async def _borrow(self, organisation: str) -> _Lent:
        while True:
            if self._idle:
                known = (at for at, lent in enumerate(self._idle) if lent.organisation == organisation)
                return self._idle.pop(next(known, -1))
            if self._open < self.size:
                return await self._borrow_fresh()
            if (lent := await self._wait()) is not None:
                return lent

    async def _borrow_fresh(self) -> _Lent:
        self._open += 1
        try:
            driver = await asyncpg.connect(**self._connect)
            try:
                for said in self._when_opened:
                    await driver.execute(said)
                await driver.set_type_codec(
                    "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
                )
            except BaseException:
                driver.terminate()
                raise
        except BaseException as failure:
            self._open -= 1
            self._pass_on(None)
            if isinstance(failure, OSError | asyncpg.PostgresError) and (
                isinstance(failure, OSError) or server_lost(failure)
            ):
                raise Unavailable(UNREACHABLE) from failure
            raise
        return _Lent(driver)

    async def _wait(self) -> _Lent | None:
        """A connection somebody gave back; None: look again."""
        waiter: asyncio.Future[_Lent | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                return await waiter
        except BaseException as failure:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif waiter.done() and not waiter.cancelled() and (lent := waiter.result()) is not None:
                self._give_back(lent)
            if isinstance(failure, TimeoutError):
                raise Unavailable("all connections to the database are busy; try again later") from failure
            raise

    def _give_back(self, lent: _Lent) -> None:
        lent.fresh = False
        if lent.driver.is_closed() or self._open > self.size:
            self._open -= 1
            lent.driver.terminate()
            self._pass_on(None)
        elif not self._pass_on(lent):
            self._idle.append(lent)

    def _pass_on(self, lent: _Lent | None) -> bool:
        """Give a connection, or the right to look again, to who has waited longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(lent)
                return True
        return False


def _setting(organisation_id: UUID | None) -> str:
    """Which organisation a connection is told to read, as it is told; only a UUID has this: safe as a literal."""
    return "" if organisation_id is None else organisation_id.hex


def _lost(lent: _Lent, failure: Exception) -> bool:
    return server_lost(failure) or (isinstance(failure, asyncpg.InterfaceError) and lent.driver.is_closed())
