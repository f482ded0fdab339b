"""The API in a process of its own, as clients reach it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.opening import inherited_environment
from tests.slm.installation import ADDRESS, Process, is_ready, wait_until
from tests.slm.test_cli import ROOT


@dataclass(frozen=True)
class Served:
    """An API in a process of its own: its endpoint, a manager's token, and the process."""

    endpoint: str
    token: str
    process: Process


@contextmanager
def served(database_url: str, token: str, folder: Path, settings: dict[str, str]) -> Iterator[Served]:
    """Serve a database on a free port with these settings, its log in this folder; killed at the end."""
    output = folder / "serve.log"
    with output.open("wb") as file:
        popen = subprocess.Popen(
            [sys.executable, "-m", "slm", "serve", "--port", "0"], cwd=ROOT, stdout=file, stderr=file,
            env={**inherited_environment(), "DATABASE_URL": database_url, "COLUMNS": "200", **settings},
        )  # fmt: skip
    process = Process(popen, output)
    try:
        wait_until(lambda: ADDRESS.search(process.said()) or popen.poll() is not None)
        found = ADDRESS.search(process.said())
        assert found, process.said()
        wait_until(lambda: is_ready(found[0]))
        yield Served(f"{found[0]}/graphql", token, process)
    finally:
        popen.kill()
        popen.wait()
