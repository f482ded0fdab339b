"""The database: tables' common shape, and the only place that opens, commits or rolls back a transaction.

`Database.reading()`, `writing()` and `rehearsing()` set the organisation that row-level security admits, in one of the
two forms of `OrganisationSetting`, and say Unavailable when the server cannot be reached.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, ClassVar, NewType, cast
from uuid import UUID

import orjson
import uuid_utils.compat
from asyncpg import PostgresError
from sqlalchemy import BigInteger, CursorResult, DateTime, MetaData, Text, event, func, text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from services.errors import AnswerTooLarge, TookTooLong, TryAgain, TryAgainLater, Unavailable
from services.reader import StatementReader
from services.server import (
    CONNECT_SECONDS,
    GIVEN_UP,
    NOTHING_PREPARED,
    RUNTIME_ROLE,
    TOOK_TOO_LONG,
    UNREACHABLE,
    OrganisationSetting,
    server_lost,
)

GIVEN_WAY = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock: the transaction is gone, and the same one may succeed now."""

LOCK_HELD = "55P03"
"""SQLSTATE of a lock that was waited for as long as may be."""

BEFORE_COMMIT = "before_commit"
"""Key in a session's `info`: what is still to be done, in order."""

LOCK_TIMEOUT = "lock_timeout"
"""Key in a session's `info`: how many milliseconds `limit_waiting` lets it wait for a lock."""

ReadSession = NewType("ReadSession", AsyncSession)
WriteSession = NewType("WriteSession", ReadSession)


def new_id() -> UUID:
    """A UUIDv7 made by the application: no sequence is shared between organisations or nodes."""
    return uuid_utils.compat.uuid7()


class TableKind(StrEnum):
    """Every table is one of these (distribution rules 6 and 7)."""

    TENANT = "tenant"
    """Belongs to an organisation: its id is the first column of every key, and row-level security guards it."""
    REFERENCE = "reference"
    """Found before the organisation is known; changes rarely."""


class Writes(StrEnum):
    """What the runtime role may do to a table beyond reading it. Nothing may be deleted."""

    APPEND = "append"
    """Facts: rows are inserted and stay."""
    REPLACE = "replace"
    """Definitions and conclusions: a row may be replaced by a newer one under its key."""


TRAIL = "trail"
"""Key of a `Trail` in a column's `info`."""


class Trail(StrEnum):
    """How the audit trail keeps the values of a column, where not simply as they are."""

    PERSONAL = "personal"
    """Apart from the entry, so that what tells about a person can be erased."""
    SECRET = "secret"  # noqa: S105
    """Not at all."""
    DERIVED = "derived"
    """Not at all: worked out from rows that are in the trail themselves."""


PERSONAL: dict[Any, Any] = {TRAIL: Trail.PERSONAL}
SECRET: dict[Any, Any] = {TRAIL: Trail.SECRET}
DERIVED: dict[Any, Any] = {TRAIL: Trail.DERIVED}
"""For the `info` of a column."""


def table_info(
    writes: Writes, *, kind: TableKind = TableKind.TENANT, row_security: bool | None = None, moves: bool = True
) -> dict[str, Any]:
    """The `info` of a table, read by the migration tests, the distribution script, and the export of organisations.

    `row_security`: whether PostgreSQL itself keeps organisations apart; unless said otherwise, in tenant tables.
    `moves`: an organisation takes these rows along to another installation. Reference tables are of an installation.
    """
    tenant = kind is TableKind.TENANT
    return {
        "kind": kind,
        "writes": writes,
        "row_security": tenant if row_security is None else row_security,
        "moves": moves and tenant,
    }


class Base(DeclarativeBase):
    """Text compares by code point everywhere, so that every server sorts alike; instants are aware."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        str: Text(collation="C"),
        datetime: DateTime(timezone=True),
        int: BigInteger(),
        UUID: SqlUuid(),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
        Enum: SqlEnum(
            Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


class Tenant:
    """Mixin: a row of an organisation. The key is (organisation_id, id)."""

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


class Versioned:
    """Mixin: how often a definition was said anew, from 1; whoever edits it may say which version they looked at."""

    version: Mapped[int] = mapped_column(default=1, server_default=text("1"), sort_order=1)


class Recorded:
    """Mixin: when the system of record knew a fact, when we received it, and from whom.

    `received_at` is written by the database alone; the runtime role has no privilege to set it, so back-dating
    stays visible.
    """

    recorded_at: Mapped[datetime] = mapped_column(sort_order=1)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=1)
    recorded_by: Mapped[UUID] = mapped_column(sort_order=1)


class Database:
    """A pool of connections that act as the runtime role, never as the owner of the tables."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        statement_timeout: timedelta | None = None,
        organisation_setting: OrganisationSetting = OrganisationSetting.SESSION,
        as_owner: bool = False,
    ) -> None:
        """A pool on a server. `statement_timeout` ends statements that run longer; None lets them run and wait.

        `as_owner`: act as the user of the address, whom no fence binds. For deleting an organisation and
        for forgetting a person, and nothing else.
        """
        self.organisation_setting = organisation_setting
        self.waiting = 0
        """How many callers wait for a connection at the moment."""
        remembers = organisation_setting is OrganisationSetting.SESSION
        settings = {"timezone": "UTC", "application_name": "slm"}
        self._in_each_transaction = [] if remembers or as_owner else [f"SET LOCAL ROLE {RUNTIME_ROLE}"]
        self._lock_timeout: int | None = None
        if statement_timeout is not None:
            milliseconds = round(statement_timeout.total_seconds() * 1000)
            # Half, so that who waits in vain is told so before the statement is given up.
            self._lock_timeout = max(milliseconds // 2, 1)
            if remembers:
                settings["statement_timeout"] = str(milliseconds)
            else:  # a pooler refuses it as a property of the connection
                self._in_each_transaction.append(f"SET LOCAL statement_timeout = {milliseconds}")
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            # A logged error must not show what was bound: it may be personal.
            hide_parameters=True,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": settings,
                "timeout": CONNECT_SECONDS,
                **({} if remembers else NOTHING_PREPARED),
            },
        )
        if remembers and not as_owner:
            event.listen(self.engine.sync_engine, "connect", _act_as_runtime_role)
        _, connect = self.engine.dialect.create_connect_args(self.engine.url)
        self.reader = StatementReader(
            connect,
            size=pool_size,
            statement_timeout=statement_timeout,
            organisation_setting=organisation_setting,
            as_owner=as_owner,
        )
        """Reads what the planner compiles."""

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.reader.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def reading(self, organisation_id: UUID | None) -> AsyncIterator[ReadSession]:
        """A read-only transaction that sees one organisation; None sees reference tables only.

        Raises Unavailable when the server cannot be reached or is lost on the way, and TookTooLong when a statement
        runs out of its time.
        """
        async with self._session(organisation_id, readonly=True) as session:
            yield ReadSession(session)

    @asynccontextmanager
    async def snapshot(self, organisation_id: UUID) -> AsyncIterator[ReadSession]:
        """Like `reading`, but all its statements see the organisation as it was at the first of them."""
        async with self._session(organisation_id, readonly=True, isolation_level="REPEATABLE READ") as session:
            yield ReadSession(session)

    @asynccontextmanager
    async def writing(self, organisation_id: UUID | None) -> AsyncIterator[WriteSession]:
        """A transaction that commits when the block ends and rolls back on any exception.

        Raises TryAgain when the database gave it up in favour of another one, TryAgainLater when it waited for a lock
        as long as `limit_waiting` lets it, and what `reading` raises: after Unavailable it is not known whether what
        was to be committed is stored.
        """
        with _told_to_try_again():
            async with self._session(organisation_id, readonly=False) as session:
                writing = WriteSession(ReadSession(session))
                yield writing
                for act in session.info.get(BEFORE_COMMIT, {}):
                    await act(writing)
                await session.commit()

    @asynccontextmanager
    async def rehearsing(self, organisation_id: UUID) -> AsyncIterator[WriteSession]:
        """A transaction like `writing`, of which nothing stays: it is rolled back when the block ends."""
        with _told_to_try_again():
            async with self._session(organisation_id, readonly=False) as session:
                yield WriteSession(ReadSession(session))
                await session.rollback()

    @asynccontextmanager
    async def _session(
        self, organisation_id: UUID | None, *, readonly: bool, isolation_level: IsolationLevel | None = None
    ) -> AsyncIterator[AsyncSession]:
        with _told_when_unavailable(), _told_when_given_up():
            async with AsyncExitStack() as held:
                connection = await self._connection(held)
                await connection.execution_options(postgresql_readonly=readonly)
                if isolation_level is not None:
                    await connection.execution_options(isolation_level=isolation_level)
                try:
                    async with AsyncSession(bind=connection, expire_on_commit=False) as session:
                        await self._set_organisation(await session.connection(), organisation_id)
                        session.info[LOCK_TIMEOUT] = self._lock_timeout
                        yield session
                except BaseException:
                    if not connection.invalidated:  # asking for a lost connection would open another
                        (await connection.get_raw_connection()).info.pop("organisation", None)
                    raise

    async def _connection(self, held: AsyncExitStack) -> AsyncConnection:
        self.waiting += 1
        try:
            return await held.enter_async_context(self.engine.connect())
        except OSError as failure:  # a timeout is one
            raise Unavailable(UNREACHABLE) from failure
        except PoolTimeout as failure:
            raise Unavailable("all connections to the database are busy; try again later") from failure
        finally:
            self.waiting -= 1

    async def _set_organisation(self, connection: AsyncConnection, organisation_id: UUID | None) -> None:
        """The only place that says which organisation the statements of a transaction may touch."""
        wanted = "" if organisation_id is None else organisation_id.hex  # only a UUID has this: safe as a literal
        if self.organisation_setting is OrganisationSetting.TRANSACTION:
            # Each a message of its own: a distributed server hands on the whole message to its nodes.
            for statement in (*self._in_each_transaction, f"SET LOCAL app.organisation = '{wanted}'"):
                await connection.exec_driver_sql(statement)
            return
        raw = await connection.get_raw_connection()
        if raw.info.get("organisation") != wanted:
            # Straight to the driver: it has not sent BEGIN yet, so no rollback can undo the setting.
            await cast(Any, raw.driver_connection).fetchval("SELECT set_config('app.organisation', $1, false)", wanted)
            raw.info["organisation"] = wanted

    async def refuse_unsafe_role(self) -> None:
        """Raise RuntimeError when queries would run as a role that row-level security does not bind."""
        async with self.reading(None) as session:
            unsafe = await fetch(
                session,
                "SELECT current_user FROM pg_roles r WHERE r.rolname = current_user"
                " AND (r.rolsuper OR r.rolbypassrls OR EXISTS"
                " (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'organisation'))",
            )
        if unsafe:
            raise RuntimeError(
                f"refusing to serve as database role {unsafe[0][0]!r}: superuser, owner or bypassing row security"
            )


def before_commit(session: WriteSession, act: Callable[[WriteSession], Awaitable[None]]) -> None:
    """Have `act` done, once, when everything else of the transaction is."""
    session.info.setdefault(BEFORE_COMMIT, {})[act] = None


async def limit_waiting(session: WriteSession) -> None:
    """Wait for no lock longer than half of what a statement may take, from here to the end of the transaction.

    Nothing where statements may take as long as they like.
    """
    if (milliseconds := session.info[LOCK_TIMEOUT]) is not None:
        await execute(session, f"SET LOCAL lock_timeout = {milliseconds}")


async def execute(session: ReadSession, sql: str, *parameters: Any) -> CursorResult[Any]:
    """Run one statement written for asyncpg: `$1`, `$2` ... are bound to `parameters`, arrays as lists."""
    return await (await session.connection()).exec_driver_sql(sql, parameters)


async def stream(
    session: ReadSession, sql: str, parameters: Mapping[str, Any], *, size: int
) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
    """The rows of a statement with `:name` parameters, `size` at a time, through a cursor of the server."""
    result = await (await session.connection()).stream(text(sql), parameters)
    async for rows in result.partitions(size):
        yield cast(Sequence[tuple[Any, ...]], rows)


async def fetch(session: ReadSession, sql: str, *parameters: Any) -> Sequence[tuple[Any, ...]]:
    """All rows of a statement run by `execute`."""
    return cast(Sequence[tuple[Any, ...]], (await execute(session, sql, *parameters)).all())


async def fetch_whole(
    session: ReadSession, sql: str, *parameters: Any, most: int, told: str
) -> Sequence[tuple[Any, ...]]:
    """All rows of a statement whose last parameter, added here, is how many it may return.

    Raises AnswerTooLarge, which says `told`, where there are more than `most`: none is left out without a word.
    """
    rows = await fetch(session, sql, *parameters, most + 1)
    if len(rows) > most:
        raise AnswerTooLarge(f"more than {most:,} {told}")
    return rows


@contextmanager
def _told_to_try_again() -> Iterator[None]:
    try:
        yield
    except DBAPIError as failure:
        state = sqlstate(failure)
        if state == LOCK_HELD:
            raise TryAgainLater("others are changing the same things and take long; try again later") from failure
        if state not in GIVEN_WAY:
            raise
        raise TryAgain("others were changing the same things at the same moment; try again") from failure


@contextmanager
def _told_when_given_up() -> Iterator[None]:
    try:
        yield
    except DBAPIError as failure:
        if sqlstate(failure) != GIVEN_UP:
            raise
        raise TookTooLong(TOOK_TOO_LONG) from failure


def sqlstate(failure: DBAPIError) -> str:
    """The code by which PostgreSQL says what went wrong; empty where it was not PostgreSQL that said it."""
    return getattr(failure.orig, "sqlstate", None) or ""


@contextmanager
def _told_when_unavailable() -> Iterator[None]:
    try:
        yield
    except (ConnectionError, PostgresError, DBAPIError) as failure:
        if server_lost(failure):
            raise Unavailable(UNREACHABLE) from failure
        raise


def _act_as_runtime_role(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.run_async(lambda connection: connection.execute(f"SET ROLE {RUNTIME_ROLE}"))
