"""Events go in; where the ticket stands and what its clocks show come out, whatever the order events arrive in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.db import Database, fetch
from services.domain.vocabulary import Outcome, ReopenPolicy, TicketState
from services.errors import NotPermitted
from services.organisations.rules import AccessRole, Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened, hours

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""Nine o'clock in London, when the office opens."""
LATER = datetime(2026, 7, 1, tzinfo=UTC)

CLOCKS = """
SELECT t.key AS ticket, g.key AS target, c.cycle, c.status, c.outcome, c.started_at, c.stopped_at, c.due_at,
       c.breached_at, c.decided_at, c.elapsed_seconds, c.wall_clock_seconds, c.paused_seconds, c.timeline
FROM clock c
JOIN ticket t ON t.organisation_id = $1 AND t.id = c.ticket_id
JOIN target g ON g.organisation_id = $1 AND g.id = c.target_id
WHERE c.organisation_id = $1 ORDER BY t.key, g.key, c.cycle
"""


async def clocks(database: Database, actor: Actor) -> list[Any]:
    async with database.reading(actor.organisation_id) as session:
        return list(await fetch(session, CLOCKS, actor.organisation_id))


async def ticket(database: Database, actor: Actor, key: str) -> Any:
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT * FROM ticket WHERE organisation_id = $1 AND key = $2"
        return (await fetch(session, sql, actor.organisation_id, key))[0]


@pytest.fixture
async def service_id(database: Database, actor: Actor) -> UUID:
    service_id = await new_service(database, actor)
    calendar_id = await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    return service_id


async def test_a_pause_moves_the_due_instant_by_its_business_hours_only(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    opened = MONDAY + hours(1)
    events = [
        event("A", opened, TicketState.NEW),
        event("A", MONDAY + hours(7), TicketState.AWAITING_CUSTOMER, opened_at=opened, sequence=1),
        event("A", MONDAY + hours(25), TicketState.IN_PROGRESS, opened_at=opened, sequence=2),
    ]
    await happened(database, actor, service_id, events, MONDAY + hours(25))
    (clock,) = await clocks(database, actor)
    assert clock.due_at == MONDAY + hours(27)
    assert (clock.status, clock.outcome, clock.paused_seconds) == ("running", "pending", 2 * 3600)


async def test_the_timeline_says_which_rule_made_every_step(database: Database, actor: Actor, service_id: UUID) -> None:
    events = [
        event("A", MONDAY, TicketState.NEW),
        event("A", MONDAY + hours(2), TicketState.AWAITING_CUSTOMER, sequence=1),
        event("A", MONDAY + hours(3), TicketState.IN_PROGRESS, sequence=2),
        event("A", MONDAY + hours(6), TicketState.RESOLVED, sequence=3),
    ]
    await happened(database, actor, service_id, events, LATER)
    (clock,) = await clocks(database, actor)
    steps = [(step["kind"], step["business_seconds"], step["percent"]) for step in clock.timeline]
    assert steps == [
        ("start", 0, None),
        ("pause", 2 * 3600, None),
        ("resume", 2 * 3600, None),
        ("threshold", 4 * 3600, 50),
        ("stop", 5 * 3600, None),
    ]
    assert "awaiting_customer is among the states that pause" in clock.timeline[1]["rule"]
    assert clock.timeline[1]["event_id"] is not None
    assert clock.timeline[3]["event_id"] is None
    assert (clock.outcome, clock.elapsed_seconds, clock.wall_clock_seconds) == ("met", 5 * 3600, 5 * 3600)


async def test_an_event_that_arrives_late_is_replayed_from_where_it_belongs(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    first = [event("A", MONDAY, TicketState.NEW), event("A", MONDAY + hours(10), TicketState.RESOLVED, sequence=3)]
    late = [
        event("A", MONDAY + hours(1), TicketState.AWAITING_CUSTOMER, sequence=1),
        event("A", MONDAY + hours(4), TicketState.IN_PROGRESS, sequence=2),
    ]
    await happened(database, actor, service_id, first, LATER)
    (clock,) = await clocks(database, actor)
    assert clock.elapsed_seconds == 8 * 3600
    await happened(database, actor, service_id, late, LATER + hours(1))
    (replayed,) = await clocks(database, actor)
    assert replayed.elapsed_seconds == 5 * 3600


async def test_the_same_events_recorded_again_change_nothing(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    events = [event("A", MONDAY, TicketState.NEW), event("A", MONDAY + hours(1), TicketState.CLOSED, sequence=1)]
    first = await happened(database, actor, service_id, events, LATER)
    before = await clocks(database, actor)
    again = await happened(database, actor, service_id, events, LATER + hours(5))
    assert (first.new, first.known, again.new, again.known) == (2, 0, 0, 2)
    assert await clocks(database, actor) == before


async def test_a_ticket_that_stops_matching_leaves_its_clock_cancelled_and_uncounted(
    database: Database, actor: Actor
) -> None:
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    moderate = target(calendar_id, key="moderate", priorities=("3 - Moderate",))
    high = target(calendar_id, key="high", duration_seconds=4 * 3600, priorities=("2 - High",))
    await new_agreement(database, actor, service_id, moderate, high)
    events = [
        event("A", MONDAY, TicketState.NEW),
        event("A", MONDAY + hours(3), TicketState.IN_PROGRESS, sequence=1, priority="2 - High"),
        event("A", MONDAY + hours(5), TicketState.RESOLVED, sequence=2, priority="2 - High"),
    ]
    await happened(database, actor, service_id, events, LATER)
    by_target = {clock.target: clock for clock in await clocks(database, actor)}
    assert (by_target["moderate"].status, by_target["moderate"].outcome) == ("cancelled", "no_data")
    assert (by_target["high"].outcome, by_target["high"].elapsed_seconds) == ("missed", 5 * 3600)
    assert by_target["high"].breached_at == MONDAY + hours(4)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ReopenPolicy.NEW_CYCLE, [("met", 2 * 3600), ("met", 3 * 3600)]),
        (ReopenPolicy.RESUME, [("met", 5 * 3600)]),
        (ReopenPolicy.CONTINUOUS, [("missed", 11 * 3600)]),
    ],
)
async def test_a_reopened_ticket_is_judged_by_the_policy_of_its_target(
    database: Database, actor: Actor, policy: ReopenPolicy, expected: list[tuple[str, int]]
) -> None:
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id, reopen_policy=policy))
    events = [
        event("A", MONDAY, TicketState.NEW),
        event("A", MONDAY + hours(2), TicketState.RESOLVED, sequence=1),
        event("A", MONDAY + hours(24), TicketState.IN_PROGRESS, sequence=2),
        event("A", MONDAY + hours(27), TicketState.RESOLVED, sequence=3),
    ]
    await happened(database, actor, service_id, events, LATER)
    assert [(clock.outcome, clock.elapsed_seconds) for clock in await clocks(database, actor)] == expected
    assert (await ticket(database, actor, "A")).reopen_count == 1


async def test_without_an_agreement_there_are_tickets_but_no_clocks(database: Database, actor: Actor) -> None:
    await happened(database, actor, None, [event("A", MONDAY, TicketState.NEW)], LATER)
    assert await clocks(database, actor) == []
    assert (await ticket(database, actor, "A")).event_count == 1


async def test_what_was_agreed_when_the_ticket_was_opened_decides(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    before = datetime(2025, 12, 31, 12, tzinfo=UTC)
    await happened(database, actor, service_id, [event("old", before, TicketState.NEW)], LATER)
    assert await clocks(database, actor) == []


async def test_the_recorded_outcome_counts_once_the_ticket_is_closed(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    closing = MONDAY + hours(2)
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW, outcome=Outcome.MET)], LATER)
    assert (await ticket(database, actor, "A")).recorded_outcome is None
    last = event("A", closing, TicketState.CLOSED, sequence=1, outcome=Outcome.MISSED)
    await happened(database, actor, service_id, [last], LATER)
    closed = await ticket(database, actor, "A")
    assert (closed.recorded_outcome, closed.recorded_outcome_known_at, closed.closed_at) == ("missed", closing, closing)


async def test_resolved_is_when_the_last_unbroken_run_of_done_states_began(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    events = [
        event("A", MONDAY, TicketState.NEW),
        event("A", MONDAY + hours(1), TicketState.RESOLVED, sequence=1),
        event("A", MONDAY + hours(2), TicketState.IN_PROGRESS, sequence=2),
        event("A", MONDAY + hours(3), TicketState.RESOLVED, sequence=3),
        event("A", MONDAY + hours(9), TicketState.CLOSED, sequence=4),
    ]
    await happened(database, actor, service_id, events, LATER)
    closed = await ticket(database, actor, "A")
    assert (closed.resolved_at, closed.closed_at) == (MONDAY + hours(3), MONDAY + hours(9))


async def test_a_viewer_records_nothing(database: Database, actor: Actor, service_id: UUID) -> None:
    viewer = Actor(actor.organisation_id, actor.account_id, "someone", AccessRole.VIEWER)
    with pytest.raises(NotPermitted, match="viewer"):
        await happened(database, viewer, service_id, [event("A", MONDAY, TicketState.NEW)], LATER)
