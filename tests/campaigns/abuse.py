"""Whether abuse hurts those who share the server: each kind in turn, beside an ordinary client, against the real API.

`slm serve` runs as in production, one process, on a local database with an organisation of some size. An ordinary
client sends small queries at a steady rate from a process of its own and measures from the instant each was due, so
that a server that stands still is seen. Between the kinds of abuse it is alone: that is what its p99 is compared with.

`ABUSE_SECONDS` in the environment says how long each phase lasts, `ABUSE_ONLY` a part of the names of the kinds wanted.
"""

import asyncio
import http.client
import json
import os
import selectors
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from benchmarks.harness import Measurement
from schema.root import build_schema
from services.organisations.rules import AccessRole
from slm.local_database import provide_database
from tests.campaigns.abusing import EXPENSIVE, Abuse, abuses
from tests.conftest import TEST_DATA
from tests.factories.growth import grow
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.opening import database_on
from tests.schema.planner.walk import ordered_columns
from tests.slm.conftest import issue_token
from tests.slm.test_serving import address_announced, running
from tests.template_database import cloned_database

SECONDS = float(os.environ.get("ABUSE_SECONDS", "6"))
ONLY = os.environ.get("ABUSE_ONLY", "")
RATE = 50
"""Queries of the ordinary client in a second."""
PACE = 10
"""Requests of the abuser in a second."""
AT_ONCE = 1_000
BURSTS = 5
"""Phases with a burst: of one, the 99th percentile would be what befell three requests."""
LONGEST_SECONDS = 60.0
"""An abuser waits for an answer no longer."""
COPIES = 200
"""Of everything in the organisation."""
MOST_SECONDS = 1.0
LARGEST_RATIO = 3.0
ORDINARY = (
    '{ service(key: "mail-5") { name } }',
    "{ tickets(first: 20) { nodes { key openedAt service { name } } } }",
)


class Answered(NamedTuple):
    """Seconds until a request was answered; status 0 and nothing when the connection was lost before."""

    seconds: float
    status: int
    body: bytes


@dataclass
class Outcome:
    """What came of one kind of abuse: seconds until each answer, and what was wrong with any."""

    name: str
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ordinary: list[float] = field(default_factory=list)
    processor_seconds: float = 0.0
    """What the server's process used meanwhile; in the end, beyond what the ordinary client alone makes it use."""

    def judge(self, abuse: Abuse, answered: Answered) -> None:
        """Count an answer, and whether it is as it should be."""
        self.seconds.append(answered.seconds)
        if answered.status == 429 or b'"TOO_MANY_REQUESTS"' in answered.body:
            return  # bounded by telling it to come again
        wrong = "no answer" if answered.status == 0 else abuse.judge(answered.status, answered.body)
        if wrong is not None:
            self.wrong.append(wrong)


@dataclass(frozen=True)
class Target:
    """The server, and tokens for it."""

    host: str
    port: int
    process: int
    ordinary: str
    abusive: str


def ordinary_client(target: Target, seconds: float) -> list[float]:
    """Seconds from when each query of a steady client was due until its answer was there."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=60)
    headers = {"Authorization": f"Bearer {target.ordinary}", "Content-Type": "application/json"}
    begun, taken = time.monotonic(), []
    for number in range(round(seconds * RATE)):
        due = begun + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        connection.request("POST", "/graphql", json.dumps({"query": ORDINARY[number % 2]}), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200, body
        assert "errors" not in body, body
        taken.append(time.monotonic() - due)
    connection.close()
    return taken


async def ask(target: Target, abuse: Abuse) -> Answered:
    """Send one request on a connection of its own."""
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection(target.host, target.port, limit=2**24)
    try:
        writer.write(_request(target, abuse))
        answer = b""
        with suppress(ConnectionError):
            await writer.drain()
            answer = await asyncio.wait_for(reader.read(-1), LONGEST_SECONDS)
    finally:
        writer.close()
    return _answered(time.monotonic() - begun, answer)


def ask_at_once(target: Target, abuse: Abuse, times: int) -> list[Answered]:
    """Send a small request on as many connections at the same moment.

    Sockets and nothing around them: the processors are the server's and the ordinary client's, who would wait for a
    client with an event loop and streams longer than for the server.
    """
    request, begun, answers = _request(target, abuse), time.monotonic(), list[Answered]()
    with selectors.DefaultSelector() as selector:
        for _ in range(times):
            connection = socket.socket(socket.AF_INET6 if ":" in target.host else socket.AF_INET)
            connection.setblocking(False)
            connection.connect_ex((target.host, target.port))
            selector.register(connection, selectors.EVENT_WRITE, [])
        while selector.get_map() and time.monotonic() - begun < LONGEST_SECONDS:
            for key, ready in selector.select(1):
                connection, parts = cast(socket.socket, key.fileobj), key.data
                try:
                    if ready & selectors.EVENT_WRITE:
                        connection.send(request)
                        selector.modify(connection, selectors.EVENT_READ, parts)
                        continue
                    if part := connection.recv(2**20):
                        parts.append(part)
                        continue
                except OSError:
                    parts.clear()
                answers.append(_answered(time.monotonic() - begun, b"".join(parts)))
                selector.unregister(connection)
                connection.close()
        for key in [*selector.get_map().values()]:
            answers.append(_answered(time.monotonic() - begun, b""))
            selector.unregister(key.fileobj)
            cast(socket.socket, key.fileobj).close()
    return answers


def _request(target: Target, abuse: Abuse) -> bytes:
    headers = {
        "Host": target.host, "Authorization": f"Bearer {target.abusive}", "Content-Type": "application/json",
        "Content-Length": str(len(abuse.body)), "Connection": "close", **abuse.headers,
    }  # fmt: skip
    head = "POST /graphql HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode() + b"\r\n" + abuse.body


def _answered(seconds: float, answer: bytes) -> Answered:
    status, _, body = answer.partition(b"\r\n\r\n")
    return Answered(seconds, int(status.split()[1]) if status else 0, body)


async def at_a_pace(target: Target, abuse: Abuse, outcome: Outcome) -> None:
    """The same request again and again, at a steady pace, for as long as a phase lasts."""
    pending: list[asyncio.Task[None]] = []
    for _ in range(round(SECONDS * PACE)):
        pending.append(asyncio.create_task(_judged(target, abuse, outcome)))
        await asyncio.sleep(1 / PACE)
    await asyncio.gather(*pending)


async def at_once(target: Target, abuse: Abuse, outcome: Outcome) -> None:
    """A thousand of the same request at the same moment."""
    await asyncio.sleep(1)
    for answered in await asyncio.to_thread(ask_at_once, target, abuse, AT_ONCE):
        outcome.judge(abuse, answered)


async def slowly(target: Target, _abuse: Abuse, outcome: Outcome) -> None:
    """Hundreds of connections whose bodies never end."""
    begun, writers = time.monotonic(), []
    for _ in range(300):
        _, writer = await asyncio.open_connection(target.host, target.port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        )
        writers.append(writer)
    while time.monotonic() - begun < SECONDS:
        for writer in writers:
            writer.write(b" ")
        await asyncio.sleep(0.5)
    for writer in writers:
        writer.close()
    outcome.seconds.append(0.0)


async def _judged(target: Target, abuse: Abuse, outcome: Outcome) -> None:
    outcome.judge(abuse, await ask(target, abuse))


def run() -> list[Measurement]:
    """All kinds, one after the other."""
    with provide_database(None, TEST_DATA) as server, cloned_database(server, "abuse") as url:
        tokens = asyncio.run(_prepared(url))
        with running("serve", "--port", "0", database_url=url, SLM_LOG_LEVEL="error") as process:
            address = urlsplit(address_announced(process))
            assert address.hostname is not None
            assert address.port is not None
            target = Target(address.hostname, address.port, process.pid, *tokens)
            with ProcessPoolExecutor(1, get_context("spawn")) as apart:
                return asyncio.run(_campaign(target, apart))


async def _prepared(url: str) -> tuple[str, str]:
    owner, database = database_on(url, as_owner=True), database_on(url)
    try:
        actor = await new_actor(database)
        await new_world(database, actor)
        await grow(owner, actor, first=1, last=COPIES, ordered=ordered_columns(build_schema()))
        issued = [await issue_token(database, actor, AccessRole.VIEWER, label=label) for label in ("one", "other")]
        return issued[0][1], issued[1][1]
    finally:
        await owner.close()
        await database.close()


async def _campaign(target: Target, apart: ProcessPoolExecutor) -> list[Measurement]:
    expensive = Abuse("the most expensive query", json.dumps({"query": EXPENSIVE}).encode(), answered=True)
    kinds: list[tuple[str, Abuse, Callable[[Target, Abuse, Outcome], Awaitable[None]], int]] = [
        *((f"{abuse.name}, {PACE} a second", abuse, at_a_pace, 1) for abuse in (*abuses(), expensive)),
        (f"{AT_ONCE:,} expensive queries at once", expensive, at_once, BURSTS),
        ("300 bodies that never end", expensive, slowly, 1),
    ]
    await _beside(target, apart, Outcome("warming up"), None)
    _give_way()
    outcomes, alone = [], list[float]()
    for name, abuse, act, phases in kinds:
        if ONLY not in name:
            continue
        quiet, outcome = Outcome("alone"), Outcome(name)
        for _ in range(phases):
            await _beside(target, apart, quiet, None)
            await _beside(target, apart, outcome, partial(act, target, abuse, outcome))
        alone += quiet.ordinary
        outcome.processor_seconds -= quiet.processor_seconds
        outcomes.append(outcome)
        sys.stderr.write(
            f"{name}: {outcome.processor_seconds:+.2f} s of processor,"
            f" longest {max(outcome.seconds):.2f} s, p99 {_p99(outcome.ordinary) * 1000:.1f} ms, alone"
            f" {_p99(quiet.ordinary) * 1000:.1f} ms {outcome.wrong[:1]}\n"
        )
    afterwards = await ask(target, Abuse("afterwards", json.dumps({"query": ORDINARY[0]}).encode(), answered=True))
    answered = Measurement("an answer afterwards", afterwards.seconds, "s", floor=MOST_SECONDS, smaller_is_better=True)
    return [*_measurements(outcomes, _p99(alone)), answered]


def _give_way() -> None:
    """Leave the processors to the server and the ordinary client: elsewhere an abuser has some of its own."""
    os.nice(19)


async def _beside(
    target: Target, apart: ProcessPoolExecutor, outcome: Outcome, act: Callable[[], Awaitable[None]] | None
) -> None:
    before = _processor_seconds(target.process)
    client = asyncio.get_running_loop().run_in_executor(apart, ordinary_client, target, SECONDS)
    if act is not None:
        await act()
    outcome.ordinary += await client
    outcome.processor_seconds += _processor_seconds(target.process) - before


def _processor_seconds(process: int) -> float:
    """What a process has used of processors so far; 0 where the system does not tell."""
    told = Path(f"/proc/{process}/stat")
    if not told.exists():
        return 0.0
    user, system = told.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _measurements(outcomes: list[Outcome], alone: float) -> list[Measurement]:
    smaller = partial(Measurement, smaller_is_better=True)
    measured = [Measurement(f"p99 of an ordinary client alone, {RATE} queries a second", alone * 1000, "ms")]
    for outcome in outcomes:
        ratio, longest = _p99(outcome.ordinary) / alone, max(outcome.seconds)
        used = max(0.0, outcome.processor_seconds) / len(outcome.seconds)
        measured += [
            smaller(f"{outcome.name}: longest until refused or answered", longest, "s", floor=MOST_SECONDS),
            smaller(f"{outcome.name}: p99 beside it", ratio, "x", against="alone", floor=LARGEST_RATIO),
            smaller(f"{outcome.name}: processor time of each", 1000 * used, "ms"),
            smaller(f"{outcome.name}: not as expected", len(outcome.wrong), "answers", floor=0),
        ]
    return measured
