"""Whether many people can edit the same things at once: nothing lost, nothing twice, nothing answered by a defect.

Clients of the real application read, edit, publish versions of, import into and create the same few objects of one
organisation, as fast as they are answered. Each edit is made of what its client read, with the version it read: a
service's description is a number that every successful edit makes one larger, so an update that got lost shows in the
sum. Events come again and again under the same keys, and things are created twice at the same moment under one
idempotency key. Afterwards the audit trail is played back and compared with the tables.

`CONCURRENCY_SECONDS` and `CONCURRENCY_SEED` in the environment make it shorter or another one.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from pydantic import SecretStr

from benchmarks.harness import Measurement
from services.catalogue.commands import update_service
from services.db import Database, fetch
from services.organisations.rules import AccessRole, Actor
from slm.app import create_app
from slm.local_database import provide_database
from slm.logs import configure_logging
from slm.settings import Settings
from tests.conftest import TEST_DATA
from tests.factories.definitions import SINCE, new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.slm.conftest import issue_token
from tests.template_database import cloned_database
from tests.trail import replayed, stored

CLIENTS = 50
SECONDS = 300.0
THINGS = 4
"""Of each kind: few, so that everybody meets."""
TICKETS = 20
EVENTS = 200
"""Different events of a ticket that may be reported."""

PROBLEM = "... on Problem { code message } ... on ConflictProblem { currentVersion }"


@dataclass
class Outcome:
    """What the clients were told, and what is stored."""

    requests: int = 0
    edits: Counter[str] = field(default_factory=Counter)
    """Successful edits, by the key of what was edited."""
    stale: int = 0
    """Edits that came too late and were told so with the current version."""
    gave_way: int = 0
    """Changes that were told to try again."""
    unexpected: list[str] = field(default_factory=list)
    """Answers that were neither a result nor a problem to be expected, defects and refusals among them."""
    events: set[tuple[str, str]] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    """Keys of services that were created under an idempotency key."""
    lost: int = 0
    doubled: int = 0
    trail_differences: int = 0


async def contend(url: str, *, clients: int, seconds: float, seed: int) -> Outcome:
    """Let clients contend on a migrated database for some seconds, and look at what came of it."""
    database = Database(url)
    try:
        actor = await new_actor(database)
        await _prepare(database, actor)
        tokens = [
            (await issue_token(database, actor, AccessRole.ADMINISTRATOR, label=f"contending {number}"))[1]
            for number in range(clients)
        ]
        app = create_app(Settings(database_url=SecretStr(url)))
        outcome = Outcome()
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=120) as http:
                until = asyncio.get_running_loop().time() + seconds
                contending = (_Client(http, token, outcome, seed, number) for number, token in enumerate(tokens))
                await asyncio.gather(*(client.act_until(until) for client in contending))
        await _examine(database, actor, outcome)
        return outcome
    finally:
        await database.close()


async def _prepare(database: Database, actor: Actor) -> None:
    for number in range(THINGS):
        service = await new_service(database, actor, f"service-{number}")
        calendar = await new_calendar(database, actor, f"calendar-{number}")
        await new_agreement(database, actor, service, target(calendar), key=f"agreement-{number}")
        async with database.writing(actor.organisation_id) as session:
            await update_service(session, actor=actor, service_id=service, description="0", now=datetime.now(UTC))


class _Client:
    """One of those who contend; what it does follows from the seed and its number."""

    def __init__(self, http: httpx.AsyncClient, token: str, outcome: Outcome, seed: int, number: int) -> None:
        self.http, self.outcome, self.number = http, outcome, number
        self.headers = {"Authorization": f"Bearer {token}"}
        self.random = random.Random(f"{seed}-{number}")  # noqa: S311

    async def act_until(self, until: float) -> None:
        actions: list[Callable[[], Awaitable[None]]] = [
            self.edit_service, self.edit_service, self.publish_calendar, self.publish_agreement, self.report_events,
            self.create_twice, self.read,
        ]  # fmt: skip
        while asyncio.get_running_loop().time() < until:
            await self.random.choice(actions)()

    async def edit_service(self) -> None:
        key = f"service-{self.random.randrange(THINGS)}"
        seen = await self.ask("query($key: String!) { service(key: $key) { id version description } }", key=key)
        said = {"serviceId": seen["service"]["id"], "expectedVersion": seen["service"]["version"]}
        said["description"] = str(int(seen["service"]["description"]) + 1)
        await self.edit(key, "updateService", "UpdateServiceInput", said)

    async def publish_calendar(self) -> None:
        key = f"calendar-{self.random.randrange(THINGS)}"
        seen = (await self.ask("query($key: String!) { calendar(key: $key) { id version } }", key=key))["calendar"]
        window = {"weekday": 1 + self.random.randrange(5), "opens": "08:00", "closes": "18:00"}
        said = {
            "calendarId": seen["id"],
            "expectedVersion": seen["version"],
            "validFrom": _day(seen["version"]),
            "definition": {"timeZone": "Europe/London", "windows": [window]},
        }
        await self.edit(key, "publishCalendarVersion", "PublishCalendarVersionInput", said)

    async def publish_agreement(self) -> None:
        key = f"agreement-{self.random.randrange(THINGS)}"
        document = (
            "query($key: String!, $of: String!) { agreement(key: $key) { id version } calendar(key: $of) { id } }"
        )
        seen = await self.ask(document, key=key, of=key.replace("agreement", "calendar"))
        promise = {
            "key": "resolve",
            "name": f"Resolved, as agreed for the {seen['agreement']['version']}. time",
            "calendarId": seen["calendar"]["id"],
            "durationSeconds": 3600 * (1 + self.random.randrange(40)),
            "stopStates": ["RESOLVED", "CLOSED"],
            "objectivePercent": "95",
        }
        said = {
            "agreementId": seen["agreement"]["id"],
            "expectedVersion": seen["agreement"]["version"],
            "validFrom": _day(seen["agreement"]["version"]),
            "targets": [promise],
        }
        await self.edit(key, "publishAgreementVersion", "PublishAgreementVersionInput", said)

    async def report_events(self) -> None:
        service = await self.ask('{ service(key: "service-0") { id } }')
        chosen = [self.event() for _ in range(1 + self.random.randrange(8))]
        given = {"serviceId": service["service"]["id"], "events": chosen}
        answer = await self.change("recordTicketEvents", "RecordTicketEventsInput", given)
        if answer["__typename"] == "RecordTicketEventsPayload":
            self.outcome.events.update((event["ticket"], event["key"]) for event in chosen)

    def event(self) -> dict[str, Any]:
        number = self.random.randrange(EVENTS)
        states = ["NEW", "IN_PROGRESS", "AWAITING_CUSTOMER", "RESOLVED"]
        return {
            "ticket": f"INC{self.random.randrange(TICKETS)}",
            "key": f"event-{number}",
            "occurredAt": (SINCE + timedelta(hours=number)).isoformat(),
            "state": states[number % len(states)],
        }

    async def create_twice(self) -> None:
        key = f"made-{self.number}-{self.random.randrange(10**9)}"
        given = {"key": key, "name": "Made at the same moment"}
        twice = [self.change("createService", "CreateServiceInput", given, idempotency_key=key) for _ in range(2)]
        answers = await asyncio.gather(*twice)
        ids = {answer["service"]["id"] for answer in answers if answer["__typename"] == "ServicePayload"}
        if ids:
            self.outcome.made.add(key)
        self.outcome.doubled += len(ids) > 1

    async def read(self) -> None:
        await self.ask(
            "{ services(first: 5) { totalCount nodes { key version } } clocks(first: 5) { nodes { status dueAt } }"
            " agreements(first: 4) { nodes { version versions { validFrom targetVersions { durationSeconds } } } }"
            " auditEntries(first: 10) { nodes { operation subjectId changes { attribute before after } } } }"
        )

    async def edit(self, key: str, mutation: str, input_type: str, given: dict[str, Any]) -> None:
        answer = await self.change(mutation, input_type, given)
        if answer["__typename"] != "ConflictProblem":
            self.outcome.edits[key] += answer["__typename"] != "Nothing"
        elif answer["code"] == "CONFLICT" and answer["currentVersion"] is not None:
            self.outcome.stale += 1
        elif answer["code"] == "CONFLICT":
            self.outcome.unexpected.append(str(answer))

    async def change(
        self, mutation: str, input_type: str, given: dict[str, Any], idempotency_key: str | None = None
    ) -> dict[str, Any]:
        payload = "... on ServicePayload { service { id } }" if "Service" in mutation else ""
        document = (
            f"mutation($input: {input_type}!, $key: String) {{"
            f" changed: {mutation}(input: $input, idempotencyKey: $key) {{ __typename {PROBLEM} {payload} }} }}"
        )
        data = await self.ask(document, input=given, key=idempotency_key)
        answer: dict[str, Any] = data.get("changed") or {"__typename": "Nothing"}
        if answer.get("code") == "TRY_AGAIN":
            self.outcome.gave_way += 1
        elif answer["__typename"].endswith("Problem") and answer["__typename"] != "ConflictProblem":
            self.outcome.unexpected.append(str(answer))
            answer = {"__typename": "Nothing"}
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        self.outcome.requests += 1
        asked = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=asked, headers=self.headers)
        content = answer.json()
        if answer.status_code != 200 or "errors" in content:
            self.outcome.unexpected.append(f"{answer.status_code}: {content}")
            raise RuntimeError(f"a client cannot go on: {answer.status_code} {content}")
        data: dict[str, Any] = content["data"]
        return data


def _day(version: int) -> str:
    """After every earlier version: one day later for each."""
    return (SINCE + timedelta(days=version)).isoformat()


async def _examine(database: Database, actor: Actor, outcome: Outcome) -> None:
    own = actor.organisation_id
    async with database.reading(own) as session:
        services = await fetch(
            session, "SELECT key, description, version FROM service WHERE organisation_id = $1::uuid", own
        )
        versions = [
            *await fetch(session, "SELECT key, version FROM calendar WHERE organisation_id = $1::uuid", own),
            *await fetch(session, "SELECT key, version FROM agreement WHERE organisation_id = $1::uuid", own),
        ]
        events = await fetch(
            session,
            "SELECT t.key, e.key, count(*) FROM ticket_event e JOIN ticket t"
            " ON t.organisation_id = $1::uuid AND t.id = e.ticket_id WHERE e.organisation_id = $1::uuid GROUP BY 1, 2",
            own,
        )
    shared = {key: int(said) for key, said, _ in services if key.startswith("service-")}
    outcome.lost += sum(abs(said - outcome.edits[key]) for key, said in shared.items())
    outcome.lost += sum(abs(version - 1 - outcome.edits[key]) for key, version in versions)
    outcome.lost += len(outcome.events - {(ticket, event) for ticket, event, _ in events})
    outcome.doubled += sum(count - 1 for *_, count in events)
    made = Counter(key for key, *_ in services if key.startswith("made-"))
    outcome.doubled += sum(count - 1 for count in made.values())
    outcome.lost += len(outcome.made - set(made))
    said, is_so = await replayed(database, own), await stored(database, own)
    outcome.trail_differences = sum(said.get(subject) != is_so.get(subject) for subject in {*said, *is_so})


def run() -> list[Measurement]:
    """Fifty clients for five minutes, unless the environment says otherwise."""
    seconds = float(os.environ.get("CONCURRENCY_SECONDS", SECONDS))
    seed = int(os.environ.get("CONCURRENCY_SEED", datetime.now(UTC).timestamp()))
    configure_logging(Settings(log_level="error"))
    sys.stderr.write(f"{CLIENTS} clients for {seconds:g} s, CONCURRENCY_SEED={seed}\n")
    with provide_database(None, TEST_DATA) as server, cloned_database(server, "concurrency") as url:
        outcome = asyncio.run(contend(url, clients=CLIENTS, seconds=seconds, seed=seed))
    for line in outcome.unexpected[:5]:
        sys.stderr.write(f"{line}\n")
    nothing = partial(Measurement, floor=0.0, smaller_is_better=True)
    length = f"{CLIENTS} clients for {seconds:g} s, seed {seed}"
    return [
        Measurement("requests answered", outcome.requests, "requests", against=length, floor=CLIENTS),
        Measurement("edits and versions made", sum(outcome.edits.values()), "changes", floor=CLIENTS),
        Measurement("edits that came too late and were told the current version", outcome.stale, "conflicts", floor=1),
        Measurement("events reported, each once", len(outcome.events), "events", floor=1),
        Measurement("changes told to try again", outcome.gave_way, "changes"),
        nothing("answers that are defects or refusals", len(outcome.unexpected), "answers"),
        nothing("updates, events and creations lost", outcome.lost, "changes"),
        nothing("duplicates", outcome.doubled, "rows"),
        nothing("things the audit trail tells otherwise", outcome.trail_differences, "things"),
    ]
