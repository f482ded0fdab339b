"""Filters keep exactly the rows that satisfy all conditions given."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from schema.planner.identity import encode_global_id
from services.db import Database, new_id
from services.domain.vocabulary import Outcome, TicketState
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.factories.stored import START, Rows, store
from tests.factories.world import World
from tests.schema.conftest import Ask

Refused = Callable[..., Awaitable[str]]

TICKETS = """query($filter: TicketFilter) {
    tickets(filter: $filter, orderBy: OPENED_AT_ASC) { totalCount nodes { key } }
}"""


def hours(amount: int) -> datetime:
    """An instant some hours after the first."""
    return START + timedelta(hours=amount)


@pytest.fixture(scope="module")
async def mixed(database: Database) -> tuple[Actor, str]:
    """Four tickets that differ in everything, and the global id of the service of the second."""
    actor = await new_actor(database)
    rows = Rows(actor)
    service = rows.service()
    closed = {"state": TicketState.CLOSED, "closed_at": hours(72)}
    await store(
        database,
        service,
        rows.ticket("A", team="desk", category="mail"),
        rows.ticket("B", opened_at=hours(1), priority="1 - Critical", service_id=service.id, **closed),
        rows.ticket("C", opened_at=hours(2), priority=None, team="it's", recorded_outcome=Outcome.MET),
        rows.ticket("D", opened_at=hours(3), state=TicketState.RESOLVED, resolved_at=hours(24)),
    )
    return actor, encode_global_id("Service", actor.organisation_id, service.id)


@pytest.mark.parametrize(
    ("conditions", "keys"),
    [
        (None, "ABCD"),
        ({}, "ABCD"),
        ({"state": None, "opened": {"from": None, "before": None}}, "ABCD"),
        ({"state": []}, ""),
        ({"state": ["CLOSED", "RESOLVED"]}, "BD"),
        ({"priority": ["1 - Critical", "3 - Moderate"], "state": ["IN_PROGRESS"]}, "A"),
        ({"team": ["it's"]}, "C"),
        ({"category": ["mail"]}, "A"),
        ({"recordedOutcome": ["MET"]}, "C"),
        ({"isClosed": True}, "B"),
        ({"isClosed": False}, "ACD"),
        ({"opened": {"from": "2026-03-02T10:00:00Z"}}, "BCD"),
        ({"opened": {"before": "2026-03-02T10:00:00Z"}}, "A"),
        ({"opened": {"from": "2026-03-02T12:00:00+02:00", "before": "2026-03-02T12:00:00Z"}}, "BC"),
        ({"resolved": {"from": "2026-03-03T00:00:00Z"}}, "D"),
        ({"closed": {"before": "2027-01-01T00:00:00Z"}}, "B"),
    ],
)
async def test_a_filter_keeps_what_satisfies_it(
    conditions: dict[str, object] | None, keys: str, mixed: tuple[Actor, str], ask: Ask
) -> None:
    found = (await ask(mixed[0], TICKETS, filter=conditions))["tickets"]
    assert "".join(node["key"] for node in found["nodes"]) == keys
    assert found["totalCount"] == len(keys)


async def test_a_filter_by_id_keeps_what_refers_to_the_object(mixed: tuple[Actor, str], ask: Ask) -> None:
    actor, service = mixed
    absent = encode_global_id("Service", actor.organisation_id, new_id())
    found = (await ask(actor, TICKETS, filter={"service": [service, absent]}))["tickets"]
    assert [node["key"] for node in found["nodes"]] == ["B"]


async def test_breaches_are_filtered_by_what_is_said_of_them(world: World, ask: Ask) -> None:
    document = "query($filter: BreachFilter) { breaches(filter: $filter) { nodes { kind } } }"
    for conditions, kinds in (
        ({"isRetracted": True}, ["PERIOD"]),
        ({"isRetracted": False}, ["CLOCK"]),
        ({"stillAgrees": False}, []),
        ({"kind": ["CLOCK"], "stillAgrees": True}, ["CLOCK"]),
    ):
        found = (await ask(world.actor, document, filter=conditions))["breaches"]["nodes"]
        assert [node["kind"] for node in found] == kinds, conditions


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ({"team": ["x"] * 101}, "BAD_FILTER"),
        ({"opened": {"from": "2026-03-02T10:00:00Z", "before": "2026-03-01T10:00:00Z"}}, "BAD_FILTER"),
        ({"service": ["nonsense"]}, "BAD_ID"),
        ({"service": [encode_global_id("Party", new_id(), new_id())]}, "BAD_ID"),
        ({"team": ["a\0b"]}, "BAD_TEXT"),
    ],
)
async def test_a_filter_beyond_its_limits_is_refused(
    conditions: dict[str, object], code: str, world: World, refused: Refused
) -> None:
    assert await refused(world.actor, TICKETS, filter=conditions) == code


async def test_an_instant_without_an_offset_is_refused(world: World, refused: Refused) -> None:
    await refused(world.actor, TICKETS, filter={"opened": {"from": "2026-03-02T10:00:00"}})
