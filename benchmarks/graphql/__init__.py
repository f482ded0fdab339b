"""GraphQL reads against what others reach on the same PostgreSQL: see `run`.

Every server runs as two processes, knows its caller by the same bearer token looked up in our table, and reads as the
program's role under row-level security. Load comes from one `wrk`; servers and pgbench take turns, several rounds.
"""

import asyncio
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.graphql.data import Organisation, ensure_data
from benchmarks.graphql.equal import first_difference, normalised
from benchmarks.graphql.load import Load, found, put_load, put_statement
from benchmarks.graphql.queries import BODIES, QUERIES, TINY, Query, Variables
from benchmarks.graphql.report import PGBENCH, Loads, measurements
from benchmarks.graphql.servers import KINDS, ORDINARY, STRAWBERRY, BenchmarkError, Server, running
from benchmarks.graphql.statements import statement_of
from benchmarks.harness import ROOT, Measurement
from services.server import RUNTIME_ROLE
from slm import local_database
from slm.migrate import upgrade

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "3"))
CONNECTIONS, FEW_CONNECTIONS = 16, 4
DATA = ROOT / ".slm" / "benchmarks-graphql"
"""The local server's data, kept between runs."""

EXPLAINED = (0, 21, 42, 63)
"""The sets of variables whose statements pgbench runs in turn."""

WHOLE_ANSWERS = 50
"""For each connection in a turn, as far as that takes no longer than the longest: the one under way at its end is not
counted, although it was worked for."""
LONGEST_SECONDS = 30.0

SERVER_SETTINGS = {"max_connections": "200", "shared_buffers": "512MB", "random_page_cost": "1.1"}
"""For all servers alike: five at once have more connections than ours alone, and everything is in memory."""


@dataclass(frozen=True)
class Subject:
    """What takes its turn under load, for some seconds."""

    name: str
    put: Callable[[float], Load]
    connections: int = 0
    """Of which each leaves an answer unfinished at the end; 0: all are waited for."""

    def turn(self, load: Load) -> float:
        """How many seconds a turn takes, by what came of a first one."""
        return max(SECONDS, min(LONGEST_SECONDS, WHOLE_ANSWERS * self.connections / load.per_second))


def run() -> list[Measurement]:
    """Build the data, start everything, compare the answers, measure; BenchmarkError when answers differ."""
    for program, package in (("wrk", "wrk"), ("pgbench", "postgresql-client")):
        found(program, package)
    local_database.SERVER_SETTINGS.update(SERVER_SETTINGS)
    with local_database.local_database(DATA) as url, tempfile.TemporaryDirectory() as scratch:
        upgrade(url)
        plain_url = url.replace("postgresql+asyncpg://", "postgresql://")
        organisation = asyncio.run(ensure_data(plain_url))
        with running(KINDS, database_url=url, tokens=organisation.tokens, logs=Path(scratch)) as servers:
            return measurements(_measured(servers, organisation, plain_url, Path(scratch)))


def _measured(servers: Sequence[Server], organisation: Organisation, url: str, scratch: Path) -> Mapping[str, Loads]:
    measured: dict[str, Loads] = {}
    for query in QUERIES:
        bodies = {server.name: query.bodies(server.dialect, server.ask, organisation.id) for server in servers}
        _check_equal(query, servers, bodies)
        subjects = [
            *_under_load(query, servers, bodies, scratch),
            _statement(query, servers[0], bodies[servers[0].name], organisation, url),
        ]
        measured[query.name] = _medians(query, subjects)
    return measured


def _check_equal(query: Query, servers: Sequence[Server], bodies: Mapping[str, Sequence[Variables]]) -> None:
    for number in range(BODIES):
        answers = [
            normalised(server.ask(query.documents[server.dialect], bodies[server.name][number])) for server in servers
        ]
        for server, answer in zip(servers[1:], answers[1:], strict=True):
            if difference := first_difference(answers[0], answer):
                raise BenchmarkError(
                    f"{query.name}, variables {number}: {servers[0].name} and {server.name} differ at {difference}"
                )


def _under_load(
    query: Query, servers: Sequence[Server], bodies: Mapping[str, Sequence[Variables]], scratch: Path
) -> Iterator[Subject]:
    for server in servers:
        file = scratch / f"{server.name} {query.name}.json"
        lines = (
            json.dumps({"query": query.documents[server.dialect], "variables": variables})
            for variables in bodies[server.name]
        )
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        # A server that answers a few requests a second would not finish sixteen within its turn.
        slow = query is not TINY and server.name in {ORDINARY, STRAWBERRY}
        connections = FEW_CONNECTIONS if slow else CONNECTIONS
        yield Subject(server.name, partial(_requests, server, file, connections), connections)


def _requests(server: Server, bodies: Path, connections: int, seconds: float) -> Load:
    return put_load(server, bodies, database=_first_process(), connections=connections, seconds=seconds)


def _first_process() -> int:
    return int((DATA / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def _statement(
    query: Query, server: Server, bodies: Sequence[Variables], organisation: Organisation, url: str
) -> Subject:
    def ask(number: int) -> object:
        return server.ask(query.documents[server.dialect], bodies[number])

    log = DATA / "postgresql.log"
    executed = [statement_of(partial(ask, number), url=url, log=log) for number in EXPLAINED]
    options = f"-c role={RUNTIME_ROLE} -c app.organisation={organisation.id} -c timezone=UTC"
    environment = {"PGOPTIONS": options}
    turns = cycle(executed)

    def put(seconds: float) -> Load:
        chosen = next(turns)
        return put_statement(
            chosen, url=url, database=_first_process(), environment=environment, clients=CONNECTIONS, seconds=seconds
        )

    return Subject(PGBENCH, put)


def _medians(query: Query, subjects: Sequence[Subject]) -> Loads:
    """Every subject in turn, the first one another each round; before it counts, each is warmed up.

    All bodies were asked for before and answered alike, without errors: under load the status is enough.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    loads: defaultdict[str, list[Load]] = defaultdict(list)
    turns = {subject.name: subject.turn(subject.put(SECONDS)) for subject in subjects}
    for number in range(ROUNDS):
        begin = number % len(subjects)
        for subject in (*subjects[begin:], *subjects[:begin]):
            loads[subject.name].append(subject.put(turns[subject.name]))
    medians = {
        name: Load(
            *(median(getattr(load, figure) for load in all_) for figure in (field.name for field in fields(Load)))
        )
        for name, all_ in loads.items()
    }
    for name, load in medians.items():
        console.print(
            f"{query.name:18} {name:26} {load.per_second:9.1f} requests/s"
            f"  p50 {load.p50:8.2f} ms  p99 {load.p99:8.2f} ms  cpu {load.cpu:7.3f} ms  all {load.whole:7.3f} ms"
        )
    return medians
