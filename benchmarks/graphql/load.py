"""Load on one server, and what it costs: wrk, pgbench, and the processor time of process groups."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path

from benchmarks.graphql.servers import BenchmarkError, Server
from benchmarks.graphql.statements import Executed

ROTATE = Path(__file__).parent / "rotate.lua"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What came of some seconds of load; in milliseconds; `cpu` is the server's for one request."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def found(program: str, package: str) -> str:
    """The path of a program. BenchmarkError, with where to get it, when there is none."""
    path = shutil.which(program)
    if path is None:
        raise BenchmarkError(f"`{program}` is needed: install it (on Debian: apt-get install {package})")
    return path


def put_load(server: Server, bodies: Path, *, connections: int, seconds: float) -> Load:
    """Send the bodies in turn, one a line, over so many connections. BenchmarkError when not every answer was 200."""
    before = processor_seconds(server.group)
    done = subprocess.run(
        [
            found("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{_whole(seconds)}s", "--timeout", "60s",
            "-s", str(ROTATE), f"http://127.0.0.1:{server.port}/graphql",
        ],
        env={**os.environ, "TOKENS": " ".join(server.tokens), "BODIES": str(bodies)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    spent = processor_seconds(server.group) - before
    if done.returncode != 0:
        raise BenchmarkError(f"wrk failed on {server.name}: {done.stderr or done.stdout}")
    return read_wrk(done.stdout, spent, server.name)


def read_wrk(output: str, processor_seconds: float, name: str) -> Load:
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
        cpu=1000 * processor_seconds / told["requests"],
    )


def processor_seconds(group: int) -> float:
    """Processor time so far of all processes of a process group, in seconds, ended children included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(fields[2]) == group:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS_PER_SECOND


def put_statement(
    executed: Executed, *, url: str, environment: Mapping[str, str], clients: int, seconds: float
) -> Load:
    """Run a prepared statement with what was bound to it, as often as so many clients can."""
    variables = [f"-Dp{number}={value}" for number, value in enumerate(executed.parameters, 1)]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(with_variables(executed) + ";\n")
        script.flush()
        command = [
            found("pgbench", "postgresql-client"), "--no-vacuum", "-M", "prepared", "-j1", f"-c{clients}",
            f"-T{_whole(seconds)}", *variables, "-f", script.name, url,
        ]  # fmt: skip
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    told = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or told is None:
        raise BenchmarkError(f"pgbench failed: {done.stderr[-1000:] or done.stdout[-1000:]}")
    return Load(per_second=float(told[1]), p50=nan, p99=nan, cpu=nan)


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
