"""Load on one server, and what it costs: wrk, pgbench, and the processor time of process groups."""

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path

from benchmarks.graphql.servers import BenchmarkError, Server
from benchmarks.graphql.statements import Executed

ROTATE = Path(__file__).parent / "rotate.lua"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What came of some seconds of load, in milliseconds.

    `cpu` is the server's processor time for one request, `whole` that of everybody: server, PostgreSQL, and load.
    """

    per_second: float
    p50: float
    p99: float
    cpu: float
    whole: float


@dataclass(frozen=True)
class Spent:
    """Processor time so far, in seconds: of a server, of PostgreSQL, and of what put load on them."""

    server: float
    database: float
    load: float

    @classmethod
    def now(cls, server: int | None, database: int) -> "Spent":
        """`server` is the group of its processes, `database` the first process of PostgreSQL."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            0.0 if server is None else processor_seconds(lambda process: process.group == server),
            processor_seconds(lambda process: database in (process.id, process.parent)),
            children.ru_utime + children.ru_stime,
        )

    def since(self, before: "Spent") -> "Spent":
        """What was spent after `before`."""
        return Spent(self.server - before.server, self.database - before.database, self.load - before.load)

    @property
    def whole(self) -> float:
        """All of it."""
        return self.server + self.database + self.load


@dataclass(frozen=True)
class Process:
    """A process as the kernel lists it, with the ticks it and the children it has waited for have spent."""

    id: int
    parent: int
    group: int
    ticks: int


def found(program: str, package: str) -> str:
    """The path of a program. BenchmarkError, with where to get it, when there is none."""
    path = shutil.which(program)
    if path is None:
        raise BenchmarkError(f"`{program}` is needed: install it (on Debian: apt-get install {package})")
    return path


def put_load(server: Server, bodies: Path, *, database: int, connections: int, seconds: float) -> Load:
    """Send the bodies in turn, one a line, over so many connections. BenchmarkError when one is refused or lost."""
    before = Spent.now(server.group, database)
    done = subprocess.run(
        [
            found("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{_whole(seconds)}s", "--timeout", "60s",
            "-s", str(ROTATE), f"http://127.0.0.1:{server.port}/graphql",
        ],
        env={**os.environ, "TOKENS": " ".join(server.tokens), "BODIES": str(bodies)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    spent = Spent.now(server.group, database).since(before)
    if done.returncode != 0:
        raise BenchmarkError(f"wrk failed on {server.name}: {done.stderr or done.stdout}")
    return read_wrk(done.stdout, spent, server.name)


def read_wrk(output: str, spent: Spent, name: str) -> Load:
    """The load that rotate.lua told of in the last line of wrk's output."""
    told = json.loads(output.strip().splitlines()[-1])
    if told["refused"] or told["broken"] or not told["requests"]:
        raise BenchmarkError(
            f"{name}: of {told['requests']} requests {told['refused']} were refused and {told['broken']} broke off"
        )
    return Load(
        per_second=told["requests"] / told["seconds"],
        p50=told["p50"],
        p99=told["p99"],
        cpu=1000 * spent.server / told["requests"],
        whole=1000 * spent.whole / told["requests"],
    )


def processor_seconds(chosen: Callable[[Process], bool]) -> float:
    """Processor time so far of the processes chosen."""
    return sum(process.ticks for process in _processes() if chosen(process)) / TICKS_PER_SECOND


def _processes() -> Iterator[Process]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        yield Process(int(stat.parent.name), int(fields[1]), int(fields[2]), sum(map(int, fields[11:15])))


def put_statement(
    executed: Executed, *, url: str, database: int, environment: Mapping[str, str], clients: int, seconds: float
) -> Load:
    """Run a prepared statement with what was bound to it, as often as so many clients can."""
    variables = [f"-Dp{number}={value}" for number, value in enumerate(executed.parameters, 1)]
    before = Spent.now(None, database)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(with_variables(executed) + ";\n")
        script.flush()
        command = [
            found("pgbench", "postgresql-client"), "--no-vacuum", "-M", "prepared", "-j1", f"-c{clients}",
            f"-T{_whole(seconds)}", *variables, "-f", script.name, url,
        ]  # fmt: skip
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    spent = Spent.now(None, database).since(before)
    per_second = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    transactions = re.search(r"actually processed: ([0-9]+)", done.stdout)
    if done.returncode != 0 or per_second is None or transactions is None:
        raise BenchmarkError(f"pgbench failed: {done.stderr[-1000:] or done.stdout[-1000:]}")
    return Load(float(per_second[1]), p50=nan, p99=nan, cpu=nan, whole=1000 * spent.whole / int(transactions[1]))


def with_variables(executed: Executed) -> str:
    """The statement with pgbench's variables `:p1`, `:p2` ... for its parameters; NULL stands for itself.

    pgbench takes a colon and a word for a variable within string constants, too: there a space is put between them.
    """

    def variable(placeholder: re.Match[str]) -> str:
        number = int(placeholder[1])
        return "NULL" if executed.parameters[number - 1] is None else f":p{number}"

    return re.sub(r"\$(\d+)", variable, re.sub(r"(?<!:):(?=[A-Za-z0-9_])", ": ", executed.sql))


def _whole(seconds: float) -> int:
    return max(1, round(seconds))
