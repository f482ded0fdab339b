"""Backing up a whole installation and restoring it, with PostgreSQL's own programs of the server's own version.

Passwords reach the programs through their environment, never on a command line that others can read.
"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.operations import ensure_runtime_role
from services.errors import Conflict, Invalid
from slm.postgres_binaries import embedded_directory
from slm.running import Unusable

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


def back_up(url: str, path: Path) -> None:
    """Write everything in the database to a file that appears under its name only when it is complete.

    The user of the address must own the tables. Invalid when the file is there already.
    """
    if path.exists():
        raise Invalid(f"{path} exists already; a backup never replaces anything")
    unfinished = path.with_name(f"{path.name}.part")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    major = asyncio.run(_on_server(url, _major_version))
    _call("pg_dump", major, url, "--format=custom", f"--file={unfinished}")
    unfinished.rename(path)


def restore(url: str, path: Path) -> None:
    """Fill an empty database from a backup, whole or not at all. Conflict for a database that has tables.

    The role the program acts as is made where the server does not have it: a backup holds no roles.
    """
    major = asyncio.run(_on_server(url, _prepare))
    whole = ("--exit-on-error", "--single-transaction", "--no-owner")
    _call("pg_restore", major, url, *whole, f"--dbname={make_url(url).database}", str(path))


def _prepare(connection: Connection) -> int:
    if connection.execute(text(TABLES)).scalar():
        raise Conflict("the database has tables already; a backup is restored into an empty one")
    with Operations.context(MigrationContext.configure(connection)):
        ensure_runtime_role()
    connection.commit()
    return _major_version(connection)


def _major_version(connection: Connection) -> int:
    return int(str(connection.execute(text("SHOW server_version_num")).scalar())) // 10_000


async def _on_server(url: str, work: Callable[[Connection], int]) -> int:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _call(program: str, major: int, url: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - no shell, and the program is one of two
        [_program(program, major), "--no-password", *arguments],
        env=_environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Unusable(f"{program} failed: {done.stderr.strip()[-2_000:]}")


def _environment(url: str) -> dict[str, str]:
    """The environment by which libpq reaches the server that an address names."""
    parsed = make_url(url)
    said = {
        "PGHOST": parsed.host or parsed.query.get("host"),
        "PGPORT": parsed.port or parsed.query.get("port"),
        "PGUSER": parsed.username,
        "PGPASSWORD": parsed.password,
        "PGDATABASE": parsed.database,
        "PGSSLMODE": parsed.query.get("ssl"),
    }
    return {**os.environ, **{name: str(value) for name, value in said.items() if value}}


def _program(name: str, major: int) -> str:
    """The program of the server's version: SLM_PG_BIN, else the embedded one, else PATH. Unusable without one."""
    chosen = os.environ.get("SLM_PG_BIN")
    places = [Path(chosen) if chosen else None, embedded_directory()]
    candidates = [place / name for place in places if place is not None]
    candidates += [Path(found)] if (found := shutil.which(name)) else []
    for candidate in candidates:
        if os.access(candidate, os.X_OK) and _version_of(candidate) == major:
            return str(candidate)
    raise Unusable(
        f"no {name} of version {major} was found, which is the server's: install PostgreSQL's client programs of that"
        " version, or set SLM_PG_BIN to their directory"
    )


def _version_of(program: Path) -> int | None:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"(\d+)(?:\.|devel|beta|rc)", said)
    return int(found[1]) if found else None
