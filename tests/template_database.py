"""A migrated database made once per state of the migrations, and cheap copies of it."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.engine import URL, make_url

from slm.migrate import upgrade

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
PREFIX = "slm_test_"
TEMPLATE_LOCK = 7_316_402
"""Advisory lock: one of several test processes makes the template, the others wait for it."""

T = TypeVar("T")


@contextmanager
def cloned_database(server: str, worker: str) -> Iterator[str]:
    """Yield the URL of a copy of the migrated template on a server; it is dropped afterwards."""
    url = make_url(server)
    template = f"{PREFIX}template_{_state_of_migrations()}"
    clone = f"{PREFIX}{worker}_{os.getpid()}"
    in_thread(lambda: _ensure_template(url, template))
    in_thread(lambda: _command(url, f'CREATE DATABASE "{clone}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
    try:
        yield url.set(database=clone).render_as_string(hide_password=False)
    finally:
        in_thread(lambda: _command(url, f'DROP DATABASE IF EXISTS "{clone}" WITH (FORCE)'))


def in_thread(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end on a loop of its own, whatever loop the tests use."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(lambda: asyncio.run(make())).result()


async def _ensure_template(url: URL, template: str) -> None:
    connection = await _connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", TEMPLATE_LOCK)
        names = [row[0] for row in await connection.fetch("SELECT datname FROM pg_database")]
        if template in names:
            return
        for outdated in (name for name in names if name.startswith(f"{PREFIX}template_")):
            await connection.execute(f'DROP DATABASE IF EXISTS "{outdated}"')
        # Under another name until it is complete: a template that exists is a finished one.
        unfinished = f"{template}_unfinished"
        await connection.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{unfinished}"')
        migrated = url.set(database=unfinished).render_as_string(hide_password=False)
        await asyncio.to_thread(upgrade, migrated)
        await connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
    finally:
        await connection.close()


async def _command(url: URL, sql: str) -> None:
    connection = await _connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def _connect(url: URL) -> "asyncpg.Connection[asyncpg.Record]":
    """To `postgres`, because a template must have no session of its own while it is copied."""
    return await asyncpg.connect(
        user=url.username,
        password=url.password,
        host=url.host or url.query.get("host"),
        port=int(str(url.port or url.query.get("port") or 5432)),
        database="postgres",
    )


def _state_of_migrations() -> str:
    files = sorted(path for path in MIGRATIONS.rglob("*.py") if "__pycache__" not in path.parts)
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]
