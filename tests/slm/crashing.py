"""Everything works at once and is killed at random: what was acknowledged must be there, once, and nothing be untrue.

Threads report events, edit and import, each repeating what was not acknowledged until it is, as a client does. The API
and the worker are started again at once, as by a supervisor of processes; the database starts again by itself.
"""

import asyncio
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from schema.planner.identity import encode_global_id
from services.calendars.rules import VersionDefinition, WeeklyHours
from services.organisations.commands import ensure_organisation
from slm.invariants.check import broken, check, organisations
from slm.local_database import local_database
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.opening import database_on
from tests.slm.installation import PATIENCE_SECONDS, Installation, Process, asked, watched
from tests.slm.test_importing import HEADER, PROFILE

KEY = "desk"
REPORTERS = 3
FILE_TICKETS = 150
STATES = ("New", "Active", "Closed")
PROMISED = timedelta(seconds=2)
"""Short, so that the worker has breaches to record all the time."""
LONGEST_WAIT_SECONDS = 5 * PATIENCE_SECONDS
"""A busy machine takes its time to start a process."""
CHECKED_EVERY = 5
"""Kills between two looks at the invariants; the last look is at the whole."""
ALWAYS_OPEN = VersionDefinition("UTC", [WeeklyHours(day, "00:00", "24:00") for day in range(1, 8)])

REPORT = """
mutation ($input: RecordTicketEventInput!) {
  recordTicketEvent(input: $input) { __typename ... on Problem { code message } }
}
"""
CREATE = """
mutation ($input: CreateServiceInput!, $key: String!) {
  createService(input: $input, idempotencyKey: $key) { __typename ... on Problem { code message } }
}
"""
STORED_EVENTS = """
SELECT t.key, count(e.id), count(DISTINCT (e.occurred_at, e.state))
FROM ticket t JOIN ticket_event e ON e.organisation_id = t.organisation_id AND e.ticket_id = t.id
WHERE t.key LIKE 'live/%' GROUP BY t.key
"""
STORED_IMPORTS = """
SELECT i.file_name, count(DISTINCT i.id), count(e.id)
FROM ticket_import i LEFT JOIN ticket_event e ON e.organisation_id = i.organisation_id AND e.import_id = i.id
GROUP BY i.file_name
"""
NOTHING_DUE = "SELECT count(*) FROM due_organisation WHERE due_at < now() - interval '1 second'"
SESSIONS = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'slm' AND backend_type = 'client backend' AND state = 'active'
"""


@dataclass
class Outcome:
    """What a campaign saw. `lost`, `twice` and `untrue` name what must not be."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    longest_outage: float = 0.0
    """Seconds between two acknowledged requests of one client, at most."""


class Kept:
    """A command that is started again whenever it was killed."""

    def __init__(self, installation: Installation, *arguments: str) -> None:
        self._installation, self._arguments = installation, arguments
        self._held = installation.running(*arguments)
        self.process: Process = self._held.__enter__()

    @property
    def is_there(self) -> bool:
        """Whether it has not ended."""
        return self.process.popen.poll() is None

    def kill(self) -> bool:
        """Kill it and start it again. Whether there was something to kill."""
        there = self.is_there
        self.end()
        self._held = self._installation.running(*self._arguments)
        self.process = self._held.__enter__()
        return there

    def keep(self) -> None:
        """Start it again if it ended by itself: it found no database just when it began."""
        if not self.is_there:
            self.kill()

    def end(self) -> None:
        """Kill it for good."""
        self._held.__exit__(None, None, None)


class Campaign:
    """One installation under way."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.installation = Installation(folder)
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.outcome = Outcome()
        self.stopping = threading.Event()
        self.events: dict[str, set[str]] = {}
        self.services: set[str] = set()
        self.files: set[str] = set()
        self.importing: Process | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        (folder / "profile.yaml").write_text(PROFILE.replace("key: desk,", "key: imported,"))
        with local_database(self.installation.data_dir) as url:
            assert self.installation.slm("migrate").code == 0
            self.service = asyncio.run(_prepare(url))
        made = self.installation.slm("token", "create", "--organisation", KEY, "--role", "manager", "--label", "crash")
        assert made.code == 0, made.err
        self.headers = {"Authorization": f"Bearer {made.out.strip()}"}

    def run(self, count: int) -> Outcome:
        """Kill `count` times amid everything, then look."""
        with self._under_way():
            for number in range(1, count + 1):
                self._go_on()
                time.sleep(self.random.uniform(0.1, 2.0))
                self._kill_something()
                if number % CHECKED_EVERY == 0:
                    self._look(tickets=200)
        self._look(tickets=None)
        self._compare()
        return self.outcome

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        self.api = Kept(self.installation, "serve", "--port", str(self.port))
        self.worker = Kept(self.installation, "worker")
        clients: list[Callable[[], None]] = [
            *(partial(self._report, number) for number in range(REPORTERS)),
            self._edit,
            self._import,
        ]
        try:
            with ThreadPoolExecutor(len(clients)) as threads:
                working = [threads.submit(client) for client in clients]
                try:
                    yield
                finally:
                    self.stopping.set()
                for client in working:
                    while not client.done():
                        self._keep()
                        time.sleep(0.2)
                    client.result()  # raises what ended it
            with local_database(self.installation.data_dir) as url:
                watched(url, NOTHING_DUE, until=self._nothing_is_due)
        finally:
            self.stopping.set()
            self.api.end()
            self.worker.end()

    def _go_on(self) -> None:
        """Wait until something is acknowledged again, so that each kill hits work and not the start after another."""
        before, deadline = self._answered(), time.monotonic() + LONGEST_WAIT_SECONDS
        while self._answered() <= before + 1:
            assert time.monotonic() < deadline, f"nothing is acknowledged any more: {self.outcome}"
            self._keep()
            time.sleep(0.05)

    def _keep(self) -> None:
        """What a supervisor of processes does, from the first kill until the worker has caught up after the last."""
        for kept in (self.api, self.worker):
            kept.keep()

    def _nothing_is_due(self, rows: list[tuple[Any, ...]]) -> bool:
        self._keep()
        return bool(rows[0][0] == 0)

    def _answered(self) -> int:
        return self.outcome.acknowledged["events"] + self.outcome.acknowledged["services"]

    def _kill_something(self) -> None:
        victims: dict[str, Callable[[], bool]] = {
            "api": self.api.kill,
            "worker": self.worker.kill,
            "database": self._kill_database,
            "session": self._kill_session,
            "import": self._kill_import,
        }
        # One that is not there at the moment is no kill: then another.
        for name in self.random.sample(sorted(victims), len(victims)):
            if victims[name]():
                self.outcome.kills[name] += 1
                return

    def _kill_database(self) -> bool:
        try:
            self.installation.kill_database()
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return False  # it is just being started again
        return True

    def _kill_session(self) -> bool:
        """One session of the server: then it ends all of them and recovers."""
        try:
            with local_database(self.installation.data_dir) as url:
                ((session,), *_) = asked(url, SESSIONS)
            os.kill(session, signal.SIGKILL)
        except (ValueError, OSError):
            return False
        return True

    def _kill_import(self) -> bool:
        importing = self.importing
        if importing is None or importing.popen.poll() is not None:
            return False
        importing.popen.kill()
        return True

    def _until_acknowledged(self, what: str, query: str, **variables: Any) -> None:
        """Send a mutation again and again until it is acknowledged."""
        begun = time.monotonic()
        while True:
            answer = self._post(query, variables)
            if answer == "acknowledged":
                self.outcome.acknowledged[what] += 1
                self.outcome.longest_outage = max(self.outcome.longest_outage, time.monotonic() - begun)
                return
            self.outcome.refused[answer] += 1
            assert time.monotonic() - begun < LONGEST_WAIT_SECONDS, f"{what} was never acknowledged: {answer}"
            time.sleep(0.1)

    def _post(self, query: str, variables: dict[str, Any]) -> str:
        try:
            answer = httpx.post(
                f"{self.address}/graphql",
                json={"query": query, "variables": variables},
                headers=self.headers,
                timeout=PATIENCE_SECONDS,
            ).json()
        except (httpx.HTTPError, ValueError) as failure:
            return type(failure).__name__
        if "errors" in answer:
            return str(answer["errors"][0]["extensions"]["code"])
        ((result,),) = [list(answer["data"].values())]
        assert "code" not in result, result
        return "acknowledged"

    def _report(self, reporter: int) -> None:
        chance = random.Random(reporter)  # noqa: S311
        number = 0
        while not self.stopping.is_set():
            ticket, number = f"live/{reporter}/{number}", number + 1
            states = ("NEW", "RESOLVED") if chance.random() < 0.5 else ("NEW",)
            for sequence, state in enumerate(states):
                at = datetime.now(UTC).replace(microsecond=0).isoformat()
                event = {"ticket": ticket, "occurredAt": at, "state": state, "sequence": sequence}
                self._until_acknowledged("events", REPORT, input={"serviceId": self.service, "event": event})
                self.events.setdefault(ticket, set()).add(f"{state} {at}")

    def _edit(self) -> None:
        number = 0
        while not self.stopping.is_set():
            key, number = f"service-{number}", number + 1
            self._until_acknowledged("services", CREATE, input={"key": key, "name": key}, key=key)
            self.services.add(key)

    def _import(self) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            path = self.installation.folder / f"export-{number}.csv"
            path.write_text("\n".join((HEADER, *_rows(number))) + "\n")
            profile = self.installation.folder / "profile.yaml"
            arguments = ("import", "servicenow", str(path), "--organisation", KEY, "--profile", str(profile))
            while True:
                with self.installation.running(*arguments) as self.importing:
                    if self.importing.popen.wait(LONGEST_WAIT_SECONDS) == 0:
                        break
                    self.outcome.refused["import"] += 1
            self.outcome.acknowledged["imports"] += 1
            self.files.add(path.name)

    def _look(self, *, tickets: int | None) -> None:
        with local_database(self.installation.data_dir) as url:
            self.outcome.untrue += asyncio.run(_untrue(url, tickets))

    def _compare(self) -> None:
        """Find what was acknowledged and is not there, and what is there twice."""
        with local_database(self.installation.data_dir) as url:
            stored = {key: (events, different) for key, events, different in asked(url, STORED_EVENTS)}
            imports = {name: (times, events) for name, times, events in asked(url, STORED_IMPORTS)}
            services = Counter(key for (key,) in asked(url, "SELECT key FROM service WHERE key LIKE 'service-%'"))
        for ticket, acknowledged in self.events.items():
            events, different = stored.get(ticket, (0, 0))
            if different < len(acknowledged):
                self.outcome.lost.append(ticket)
            if events > different:
                self.outcome.twice.append(ticket)
        self.outcome.lost += sorted(self.services - services.keys())
        self.outcome.twice += [key for key, times in services.items() if times > 1]
        for name in self.files:
            times, events = imports.get(name, (0, 0))
            if events < FILE_TICKETS * len(STATES):
                self.outcome.lost.append(name)
            if times > 1 or events > FILE_TICKETS * len(STATES):
                self.outcome.twice.append(name)


async def _prepare(url: str) -> str:
    """The organisation, and a service of it whose promise is soon broken; the service's id for clients."""
    database = database_on(url)
    try:
        actor = await ensure_organisation(database, key=KEY, now=datetime(2026, 1, 1, tzinfo=UTC))
        calendar_id = await new_calendar(database, actor, definition=ALWAYS_OPEN)
        service_id = await new_service(database, actor)
        promise = target(calendar_id, duration_seconds=round(PROMISED.total_seconds()))
        await new_agreement(database, actor, service_id, promise)
    finally:
        await database.close()
    return encode_global_id("Service", actor.organisation_id, service_id)


async def _untrue(url: str, tickets: int | None) -> list[str]:
    """What the invariants say is broken. A database that is just being killed is asked again."""
    database = database_on(url)
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while True:
            try:
                found = [
                    f"{key}: {result.invariant.name}: {result.violations.keys}"
                    for key, organisation_id in (await organisations(database)).items()
                    for result in broken(await check(database, organisation_id, now=datetime.now(UTC), tickets=tickets))
                ]
            except Exception:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                return found
    finally:
        await database.close()


def _rows(number: int) -> Iterator[str]:
    """An export of its own: one row per update, every fourth ticket closed late."""
    for ticket in range(FILE_TICKETS):
        month = 1 + ticket % 12
        for update, state in enumerate(STATES):
            is_last = state == "Closed"
            at = f"{4 if is_last and ticket % 4 == 0 else 3}/{month}/2016 {9 + update:02}:00"
            closed = f"{at},{at}" if is_last else "?,?"
            yield f"F{number}-{ticket},{state},{update},3/{month}/2016 08:00,{at},3 - Moderate,true,{closed},slow"
