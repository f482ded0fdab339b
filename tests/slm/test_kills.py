"""kill -9 of the API, the worker and the local database while they serve: what was acknowledged is there, once."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.calendars.rules import VersionDefinition, WeeklyHours
from services.domain.vocabulary import TicketState
from slm.local_database import local_database
from slm.worker import TICKETS_AT_ONCE
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor, unique_key
from tests.factories.tickets import event, happened
from tests.opening import database_on
from tests.slm.installation import Installation, is_ready, wait_until, watched

RECORD = """
mutation ($input: RecordTicketEventInput!) {
  recordTicketEvent(input: $input) { __typename ... on RecordTicketEventPayload { isNew ticket { key eventCount } } }
}
"""
TICKETS = """
query ($teams: [String!]) { tickets(first: 100, filter: {team: $teams}) { totalCount nodes { key eventCount } } }
"""
UNREACHABLE = "the database cannot be reached; try again later"
ACKNOWLEDGED_BEFORE = 10
MOST_REPORTED = 99
"""One page shows them all; the kill comes long before."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("kills"))
    assert made.slm("organisation", "create", "desk").code == 0
    yield made
    with local_database(made.data_dir):
        pass  # whoever was killed left the server running: the last to leave stops it


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    made = installation.slm("token", "create", "--organisation", "desk", "--role", "manager", "--label", "test")
    assert made.code == 0, made.err
    return made.out.strip()


class Caller:
    """A program that reports events with a token, as a team no other test knows."""

    def __init__(self, token: str) -> None:
        self.address, self.headers = "", {"Authorization": f"Bearer {token}"}
        self.team = unique_key("team")

    def post(self, query: str, **variables: Any) -> httpx.Response:
        """The answer to a request; none within ten seconds is a failure."""
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.address}/graphql", json=body, headers=self.headers, timeout=10)

    def report(self, number: int) -> httpx.Response:
        """The answer to one event of a ticket of its own."""
        reported = {"occurredAt": "2026-01-05T10:00:00Z", "state": "NEW", "team": self.team}
        return self.post(RECORD, input={"event": {"ticket": f"{self.team}/{number}", **reported}})

    def recorded(self, number: int) -> bool:
        """Report what must succeed; whether it was new."""
        payload = self.report(number).json()["data"]["recordTicketEvent"]
        assert payload["ticket"] == {"key": f"{self.team}/{number}", "eventCount": 1}
        return bool(payload["isNew"])

    def stored(self) -> list[int]:
        """The numbers of the tickets that the API shows, each with its one event."""
        tickets = self.post(TICKETS, teams=[self.team]).json()["data"]["tickets"]
        assert {ticket["eventCount"] for ticket in tickets["nodes"]} == {1}
        assert tickets["totalCount"] == len(tickets["nodes"])
        return [int(ticket["key"].rpartition("/")[2]) for ticket in tickets["nodes"]]

    def report_until_it_fails(self, acknowledged: list[int]) -> httpx.Response | None:
        """Report one event after the other, noting which are acknowledged. Returns the first failure, if answered."""
        for number in range(MOST_REPORTED):
            try:
                answer = self.report(number)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                return None
            if "errors" in answer.json():
                return answer
            acknowledged.append(number)
        raise AssertionError("the kill came too late")

    def killed_amid(self, kill: Callable[[], None]) -> tuple[list[int], httpx.Response | None]:
        """The numbers acknowledged before a kill that comes amid our requests, and the answer to the one it hit."""
        acknowledged: list[int] = []
        with ThreadPoolExecutor(1) as threads:
            failure = threads.submit(self.report_until_it_fails, acknowledged)
            wait_until(lambda: len(acknowledged) >= ACKNOWLEDGED_BEFORE or failure.done())
            kill()
            return acknowledged, failure.result(timeout=30)

    def finds_once(self, acknowledged: list[int]) -> None:
        """Assert that what was acknowledged is there, nothing twice, and that reporting it again changes nothing."""
        stored = self.stored()
        assert set(acknowledged) <= set(stored) <= {*acknowledged, len(acknowledged)}
        assert len(stored) == len(set(stored))
        assert not any(self.recorded(number) for number in acknowledged)
        assert sorted(self.stored()) == sorted(stored)


def events_of(installation: Installation, caller: Caller) -> int:
    """How many events are stored that a caller reported."""
    return int(installation.rows("SELECT count(*) FROM ticket_event WHERE team = $1", caller.team)[0][0])


def test_what_the_api_acknowledged_before_it_was_killed_is_there_once(installation: Installation, token: str) -> None:
    caller = Caller(token)
    with installation.serving() as (api, caller.address):
        acknowledged, _ = caller.killed_amid(api.kill)
    with installation.serving() as (api, caller.address):
        caller.finds_once(acknowledged)
        stored = len(caller.stored())
        assert api.terminated() == 0
    assert events_of(installation, caller) == stored


def test_what_was_acknowledged_before_the_database_was_killed_is_there_once(
    installation: Installation, token: str
) -> None:
    caller = Caller(token)
    with installation.serving() as (api, address):
        caller.address = address
        acknowledged, failure = caller.killed_amid(installation.kill_database)
        assert failure is not None
        (error,) = failure.json()["errors"]
        assert (failure.status_code, error["extensions"]["code"], error["message"]) == (503, "UNAVAILABLE", UNREACHABLE)

        wait_until(lambda: is_ready(address))  # the process that serves has started the database again
        wait_until(lambda: "database.restarted" in api.said())  # said once it runs, which others may notice before
        caller.finds_once(acknowledged)
        assert caller.recorded(MOST_REPORTED)
        stored = len(caller.stored())
        assert api.terminated() == 0
    assert events_of(installation, caller) == stored


ALWAYS_OPEN = VersionDefinition("UTC", [WeeklyHours(day, "00:00", "24:00") for day in range(1, 8)])
DUE = 6 * TICKETS_AT_ONCE


async def many_due_tickets(database_url: str) -> Any:
    """An organisation whose clocks have all fallen due a while ago, each at its own instant, with nobody looking."""
    database = database_on(database_url)
    try:
        actor = await new_actor(database)
        calendar_id = await new_calendar(database, actor, definition=ALWAYS_OPEN)
        service_id = await new_service(database, actor)
        await new_agreement(database, actor, service_id, target(calendar_id, duration_seconds=8 * 3600))
        opened = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
        events = [event(f"INC{number}", opened + timedelta(seconds=number), TicketState.NEW) for number in range(DUE)]
        await happened(database, actor, service_id, events, now=events[-1].occurred_at)
        return actor.organisation_id
    finally:
        await database.close()


def recorded_breaches(installation: Installation, organisation_id: Any, at_least: int) -> int:
    """How many breaches are recorded, as soon as there are so many."""
    statement = "SELECT count(*) FROM breach WHERE organisation_id = $1 AND kind = 'clock'"
    with local_database(installation.data_dir) as url:
        return int(watched(url, statement, organisation_id, until=lambda rows: rows[0][0] >= at_least)[0][0])


def test_breaches_due_when_the_worker_is_killed_are_recorded_once_at_their_due_instants(
    installation: Installation,
) -> None:
    with local_database(installation.data_dir) as url:
        organisation_id = asyncio.run(many_due_tickets(url))
    with installation.running("worker") as worker:
        recorded_breaches(installation, organisation_id, 1)
        worker.kill()
    assert recorded_breaches(installation, organisation_id, 1) < DUE
    with installation.running("worker") as worker:
        recorded_breaches(installation, organisation_id, DUE)
        assert worker.terminated() == 0
    exactly = """
    SELECT count(*), count(DISTINCT b.ticket_id),
           count(*) FILTER (WHERE b.breached_at = t.opened_at + interval '8 hours' AND b.breached_at = c.due_at)
    FROM breach b
    JOIN ticket t ON (t.organisation_id, t.id) = (b.organisation_id, b.ticket_id)
    JOIN clock c ON (c.organisation_id, c.ticket_id, c.target_id, c.cycle)
                  = (b.organisation_id, b.ticket_id, b.target_id, b.cycle)
    WHERE b.organisation_id = $1 AND b.kind = 'clock'
    """
    assert installation.rows(exactly, organisation_id) == [(DUE, DUE, DUE)]
