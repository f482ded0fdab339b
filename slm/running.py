"""Running work against a database: the local server where no other is named, migrated if asked, released at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from pydantic import SecretStr, ValidationError

from services.db import Database
from services.errors import ServiceError, Unavailable
from services.server import server_lost
from slm.local_database import provide_database
from slm.migrate import upgrade
from slm.settings import Settings

Result = TypeVar("Result")


class Unusable(ServiceError):
    """The program cannot work as it is set up; the message says what to change."""

    code = "UNUSABLE"


def read_settings() -> Settings:
    """The settings of this process. Raises Unusable naming each variable at fault, never its value."""
    try:
        return Settings()
    except ValidationError as wrong:
        said = (f"{_variable(error['loc'])}: {error['msg'].removeprefix('Value error, ')}" for error in wrong.errors())
        raise Unusable("\n".join(said)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]).upper() if location else "settings"
    return name if name in ("DATABASE_URL", "settings") else f"SLM_{name}"


@contextmanager
def database_provided(settings: Settings, *, migrate: bool, supervised: bool = False) -> Iterator[Settings]:
    """Settings that name a running database, for as long as the block lasts. The local server is always migrated.

    A block that lasts long has the local server `supervised`: killed, it is started again.
    """
    named = settings.database_url.get_secret_value() if settings.database_url else None
    with provide_database(named, settings.data_dir, supervised=supervised) as url:
        if migrate or named is None:
            with said_plainly():
                upgrade(url)
        yield settings.model_copy(update={"database_url": SecretStr(url)})


def url_of(settings: Settings) -> str:
    """The address of the database that these settings name, credentials included."""
    if settings.database_url is None:
        raise Unusable("no database is named: set DATABASE_URL")
    return settings.database_url.get_secret_value()


def open_database(
    settings: Settings, *, pool_size: int = 8, statement_timeout: timedelta | None = None, as_owner: bool = False
) -> Database:
    """A pool on the database that these settings name, in the form they ask for; `as_owner` as `Database` says."""
    return Database(
        url_of(settings),
        pool_size=pool_size,
        statement_timeout=statement_timeout,
        organisation_setting=settings.organisation_setting,
        as_owner=as_owner,
    )


def run_with_database(
    work: Callable[[Database], Awaitable[Result]], *, settings: Settings | None = None, migrate: bool = False
) -> Result:
    """Run work with a database and return its result."""
    with database_provided(settings or read_settings(), migrate=migrate) as provided, said_plainly():
        return asyncio.run(_with_database(provided, work))


async def _with_database(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    database = open_database(settings)
    try:
        await _refuse_unsafe_role(database)
        return await work(database)
    finally:
        await database.close()


async def _refuse_unsafe_role(database: Database) -> None:
    try:
        await database.refuse_unsafe_role()
    except RuntimeError as refusal:
        raise Unusable(str(refusal)) from None


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what a database that cannot be used raises into Unusable, with words for whoever set it up."""
    from asyncpg import PostgresError
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except Unavailable as failure:
        raise Unusable(f"the database cannot be reached: {failure.__cause__ or failure}") from failure
    except (ConnectionError, TimeoutError) as failure:  # migrations connect by themselves
        raise Unusable(f"the database cannot be reached: {failure}") from failure
    except (PostgresError, DBAPIError) as failure:
        if server_lost(failure):
            raise Unusable("the database cannot be reached: it ended the connection") from failure
        cause = failure.orig if isinstance(failure, DBAPIError) else failure
        state = getattr(cause, "sqlstate", None) or ""
        if state in ("42P01", "42501", "22023"):  # a table or the role is missing, or not granted
            raise Unusable("the database is not migrated: run `slm migrate`") from failure
        if state[:2] in ("08", "28", "3D", "53", "57"):  # connection, authorisation, catalogue, resources, shutdown
            raise Unusable(f"the database cannot be used: {cause}") from failure
        raise
