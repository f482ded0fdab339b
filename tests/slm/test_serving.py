"""Processes as they are run: they serve, say where, end gracefully on a signal, and the demo can be loaded again."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from slm.commands.serve import _listening_socket
from slm.settings import Settings
from tests.opening import inherited_environment
from tests.slm.test_cli import ROOT, slm

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@contextmanager
def running(*arguments: str, database_url: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A command of `slm` in a process of its own, killed if the test leaves it running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "slm", *arguments],
        cwd=ROOT, env={**inherited_environment(), "DATABASE_URL": database_url, **environment}, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def address_announced(process: subprocess.Popen[str]) -> str:
    """The address a server says it answers at."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := ADDRESS.search(line):
            return found[0]
    raise AssertionError("the server ended without saying where it serves")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_where_it_answers_and_ends_gracefully(database_url: str, number: signal.Signals) -> None:
    with running("serve", "--port", "0", database_url=database_url) as process:
        address = address_announced(process)
        assert httpx.get(f"{address}/health").json() == {"status": "up"}
        assert httpx.post(f"{address}/graphql", json={"query": "{ __typename }"}).status_code == 401
        process.send_signal(number)
        assert process.wait(timeout=20) == 0


def test_a_worker_ends_gracefully(database_url: str) -> None:
    with running("worker", database_url=database_url) as process:
        assert process.stderr is not None
        assert any("worker.started" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_a_taken_port_is_said_in_words(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = slm("serve", "--port", str(port), DATABASE_URL=database_url)
    assert ended.code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.err


def test_the_socket_knows_that_it_is_tcp() -> None:
    """Otherwise an event loop leaves Nagle's delay on, and each answer waits for a client's late acknowledgement."""
    with _listening_socket(Settings(host="127.0.0.1", port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_servers_that_share_a_port_answer_side_by_side(database_url: str) -> None:
    with running("serve", "--port", "0", database_url=database_url, SLM_SHARE_PORT="true") as first:
        address = address_announced(first)
        port = address.rpartition(":")[2]
        with running("serve", "--port", port, database_url=database_url, SLM_SHARE_PORT="true") as second:
            assert address_announced(second) == address
            first.send_signal(signal.SIGTERM)
            assert first.wait(timeout=20) == 0
            assert httpx.get(f"{address}/health").json() == {"status": "up"}


def test_the_demo_summarises_and_can_be_started_again_on_the_same_data(database_url: str) -> None:
    first = slm("demo", "--once", DATABASE_URL=database_url)
    again = slm("demo", "--once", DATABASE_URL=database_url)
    for ended in (first, again):
        assert ended.code == 0, ended.err
        assert "Point of sale" in ended.out
        assert "Falling due within 24 hours" in ended.out
        assert "Maturity by the records" in ended.out
        assert "curl -s http://127.0.0.1:8000/graphql" in ended.out
    kept = re.compile(r"^(\w[\w ]+?)  +(\d+\.\d) %", re.MULTILINE)
    assert kept.findall(first.out) == kept.findall(again.out) != []


def test_a_real_export_is_imported_beside_the_demo(database_url: str) -> None:
    log = ROOT.parent / "shared" / "data" / "uci_incident_log" / "incident_event_log.dev.csv.gz"
    if not log.exists():
        pytest.skip(f"the incident log is not at {log.relative_to(ROOT.parent)}")
    ended = slm("demo", "--once", "--incidents", str(log), DATABASE_URL=database_url, timeout=200)
    assert ended.code == 0, ended.err
    assert "109,914 rows" in ended.out or "Nothing new" in ended.out
    assert "Service review" in ended.out


def test_the_schema_file_is_checked_and_a_stale_one_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.errors import Conflict
    from slm.commands import sdl

    monkeypatch.setattr(sdl, "FILE", tmp_path / "schema.graphql")
    with pytest.raises(Conflict, match="slm sdl"):
        sdl.write_sdl(check=True)
    (tmp_path / "schema.graphql").write_text(sdl.schema_text())
    sdl.write_sdl(check=True)
