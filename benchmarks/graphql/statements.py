"""The SQL that our server sends, as PostgreSQL's own log tells it, for pgbench to run."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import asyncpg

from benchmarks.graphql.servers import BenchmarkError

LOG_SECONDS = 5.0
SETTLED_SECONDS = 0.3
"""Until every session has heard of a changed setting."""
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [^\n]*?\[\d+\] ", re.MULTILINE)
_EXECUTED = re.compile(r"LOG:  execute [^:]*: (.*)", re.DOTALL)
_BOUND = re.compile(r"DETAIL:  Parameters: (.*)", re.DOTALL)
_PARAMETER = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")


@dataclass(frozen=True)
class Executed:
    """A prepared statement and the texts of what was bound to it, None for NULL."""

    sql: str
    parameters: tuple[str | None, ...]


def statement_of(ask: Callable[[], object], *, url: str, log: Path) -> Executed:
    """The statement that makes JSON text among those that asking makes the server run. `url` is a superuser's."""
    asyncio.run(_log_statements(url, "all"))
    try:
        begins = log.stat().st_size
        ask()
        deadline = time.monotonic() + LOG_SECONDS
        while time.monotonic() < deadline:
            made = [each for each in read_log(_from(log, begins)) if "'{\"" in each.sql]
            if made:
                return made[-1]
            time.sleep(0.05)
    finally:
        asyncio.run(_log_statements(url, "none"))
    raise BenchmarkError(f"no statement that makes JSON was found in {log}")


def read_log(text: str) -> list[Executed]:
    """The prepared statements with parameters in a part of a log with the usual prefix of time and process."""
    entries = _ENTRY.split(text)
    found = []
    for entry, following in pairwise(entries):
        executed, bound = _EXECUTED.match(entry), _BOUND.match(following)
        if executed and bound:
            parameters = tuple(
                None if value[1] is None else value[1].replace("''", "'") for value in _PARAMETER.finditer(bound[1])
            )
            found.append(Executed(executed[1].replace("\n\t", "\n").strip(), parameters))
    return found


def _from(log: Path, begins: int) -> str:
    with log.open("rb") as file:
        file.seek(begins)
        return file.read().decode(errors="replace")


async def _log_statements(url: str, which: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
        await connection.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(SETTLED_SECONDS)
    finally:
        await connection.close()
