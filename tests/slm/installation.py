"""An installation of a test's own: a data directory with its local database, and processes of `slm` to be killed."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from slm.local_database import local_database
from tests.opening import inherited_environment
from tests.slm.test_cli import ROOT, Ended, slm

PATIENCE_SECONDS = 120
"""Longer than anything takes here, however busy the machine."""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+(?=/graphql)")


@dataclass(frozen=True)
class Process:
    """A command of `slm` that runs until it ends or is killed."""

    popen: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        """Everything it has printed and logged so far."""
        return self.output.read_text()

    def kill(self) -> None:
        """End it as `kill -9` does, and wait until it is gone."""
        assert self.popen.poll() is None, self.said()
        self.popen.kill()
        assert self.popen.wait() == -signal.SIGKILL

    def ended(self) -> int:
        """The exit code of a process that ends by itself, without a traceback."""
        code = self.popen.wait(PATIENCE_SECONDS)
        assert "Traceback" not in self.said(), self.said()
        return code

    def terminated(self) -> int:
        """The exit code after being asked to end."""
        self.popen.terminate()
        return self.popen.wait(PATIENCE_SECONDS)


class Installation:
    """What a user has who set SLM_DATA_DIR and no DATABASE_URL."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data_dir = folder, folder / "data"
        self._started = 0

    def slm(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        return slm(*arguments, SLM_DATA_DIR=str(self.data_dir))

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Process]:
        """A command that runs beside the test; killed at the end if it still does."""
        self._started += 1
        output = self.folder / f"{self._started}-{arguments[0]}.log"
        with output.open("wb") as file:
            popen = subprocess.Popen(
                [sys.executable, "-m", "slm", *arguments], cwd=ROOT, stdout=file, stderr=file,
                env={**inherited_environment(), "COLUMNS": "200", "SLM_DATA_DIR": str(self.data_dir)},
            )  # fmt: skip
        try:
            yield Process(popen, output)
        finally:
            popen.kill()
            popen.wait()

    @contextmanager
    def serving(self) -> Iterator[tuple[Process, str]]:
        """The API on a free port, with its address, once it is ready."""
        with self.running("serve", "--port", "0") as process:
            wait_until(lambda: ADDRESS.search(process.said()) or process.popen.poll() is not None)
            found = ADDRESS.search(process.said())
            assert found, process.said()
            wait_until(lambda: is_ready(found[0]))
            yield process, found[0]

    def kill_database(self) -> None:
        """End the local server's first process as `kill -9` does."""
        os.kill(int((self.data_dir / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a statement answers the owner of the database, who sees every organisation."""
        with local_database(self.data_dir) as url:
            return asked(url, sql, *parameters)


def asked(url: str, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a statement answers."""
    return watched(url, sql, *parameters, until=lambda _rows: True)


def watched(
    url: str, sql: str, *parameters: Any, until: Callable[[list[tuple[Any, ...]]], bool]
) -> list[tuple[Any, ...]]:
    """What a statement answers once that is what is waited for; asked over and over on one connection."""

    async def watch() -> list[tuple[Any, ...]]:
        address = make_url(url)
        connection = await asyncpg.connect(
            user=address.username,
            database=address.database,
            host=str(address.query["host"]),
            port=int(str(address.query["port"])),
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while not until(rows := [tuple(row) for row in await connection.fetch(sql, *parameters)]):
                assert time.monotonic() < deadline, f"did not happen in time: {sql} answers {rows}"
                await asyncio.sleep(0.005)
        finally:
            await connection.close()
        return rows

    return asyncio.run(watch())


def is_ready(address: str) -> bool:
    """Whether an API says that it can serve."""
    return httpx.get(f"{address}/ready", timeout=10).status_code == 200


def wait_until(condition: Callable[[], object]) -> None:
    """Return once the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
