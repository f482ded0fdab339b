"""A breach is a fact: recorded once, at its due instant, and still there whatever happens to the ticket later."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.compliance.commands import retract_breach
from services.compliance.settlement import record_due_breaches
from services.db import Database, fetch
from services.domain.vocabulary import TicketState
from services.errors import Conflict, Invalid, NotFound
from services.organisations.queries import due_organisations
from services.organisations.rules import Actor
from slm.worker import work
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.factories.tickets import event, happened, hours

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
DUE = MONDAY + hours(8)
NEXT_MONTH = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
async def service_id(database: Database, actor: Actor) -> UUID:
    return await new_promise(database, actor)


async def new_promise(database: Database, actor: Actor) -> UUID:
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    return service_id


async def breaches(database: Database, actor: Actor, kind: str = "clock") -> list[Any]:
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT * FROM breach WHERE organisation_id = $1 AND kind = $2 ORDER BY breached_at"
        return list(await fetch(session, sql, actor.organisation_id, kind))


async def outcome(database: Database, actor: Actor) -> str:
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT outcome FROM clock WHERE organisation_id = $1"
        return str((await fetch(session, sql, actor.organisation_id))[0][0])


async def due_at(database: Database, actor: Actor) -> datetime | None:
    async with database.reading(None) as session:
        sql = "SELECT due_at FROM due_organisation WHERE organisation_id = $1"
        due: datetime | None = (await fetch(session, sql, actor.organisation_id))[0][0]
        return due


@pytest.mark.capability("G5", partly=True)
async def test_the_worker_records_a_breach_at_its_due_instant_though_nobody_touches_the_ticket(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    assert await due_at(database, actor) == DUE
    assert await breaches(database, actor) == []
    assert await work(database, now=DUE + hours(3))
    (breach,) = await breaches(database, actor)
    assert (breach.breached_at, breach.recorded_at) == (DUE, DUE + hours(3))
    assert await outcome(database, actor) == "missed"


async def test_stopping_exactly_at_the_due_instant_keeps_an_inclusive_promise(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=DUE)
    stop = event("A", DUE, TicketState.RESOLVED, sequence=1)
    await happened(database, actor, service_id, [stop], DUE)
    assert await breaches(database, actor) == []
    assert await outcome(database, actor) == "met"


async def test_a_breach_survives_reopening_closing_and_recomputation(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=DUE + hours(1))
    (breach,) = await breaches(database, actor)
    later = [
        event("A", DUE + hours(2), TicketState.RESOLVED, sequence=3),
        event("A", DUE + hours(20), TicketState.IN_PROGRESS, sequence=4),
        event("A", DUE + hours(21), TicketState.CLOSED, sequence=5),
    ]
    await happened(database, actor, service_id, later, DUE + hours(30))
    assert (await breaches(database, actor))[0].id == breach.id
    a_pause_that_arrives_late = [
        event("A", MONDAY + hours(1), TicketState.AWAITING_CUSTOMER, sequence=1),
        event("A", MONDAY + hours(7), TicketState.IN_PROGRESS, sequence=2),
    ]
    await happened(database, actor, service_id, a_pause_that_arrives_late, DUE + hours(40))
    remaining = await breaches(database, actor)
    assert [row.id for row in remaining] == [breach.id]
    assert await outcome(database, actor) == "met"


async def test_two_workers_at_the_same_moment_record_a_breach_once(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    tickets = [event(f"T{number}", MONDAY, TicketState.NEW) for number in range(40)]
    await happened(database, actor, service_id, tickets, MONDAY)
    await asyncio.gather(*(work(database, now=DUE + hours(1)) for _ in range(4)))
    assert len(await breaches(database, actor)) == 40


async def test_a_bounded_worker_comes_back_for_the_rest(database: Database, actor: Actor, service_id: UUID) -> None:
    tickets = [event(f"T{number}", MONDAY, TicketState.NEW) for number in range(5)]
    await happened(database, actor, service_id, tickets, MONDAY)
    settled: list[int] = []
    while not settled or settled[-1]:
        async with database.writing(actor.organisation_id) as session:
            settled.append(await record_due_breaches(session, actor=actor, now=DUE + hours(1), limit=2))
    assert settled == [2, 2, 1, 0]


async def test_one_organisation_whose_work_is_taken_does_not_keep_the_others_waiting(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    other = await new_actor(database)
    other_service = await new_promise(database, other)
    await happened(database, other, other_service, [event("B", MONDAY, TicketState.NEW)], MONDAY)
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    async with database.writing(other.organisation_id) as session:
        sql = "SELECT 1 FROM due_organisation WHERE organisation_id = $1 FOR UPDATE"
        await fetch(session, sql, other.organisation_id)
        await work(database, now=DUE + hours(1))
        assert len(await breaches(database, actor)) == 1
        assert await breaches(database, other) == []
    await work(database, now=DUE + hours(1))
    assert len(await breaches(database, other)) == 1


async def test_a_finished_period_below_its_objective_is_a_breach_of_its_own(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=DUE + hours(1))
    assert await breaches(database, actor, "period") == []
    stop = event("A", DUE + hours(2), TicketState.CLOSED, sequence=1)
    await happened(database, actor, service_id, [stop], DUE + hours(2))
    await work(database, now=NEXT_MONTH)
    (breach,) = await breaches(database, actor, "period")
    assert breach.period_start == datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert breach.breached_at == datetime(2026, 6, 30, 23, tzinfo=UTC)


async def test_nothing_is_due_once_everything_is_recorded(database: Database, actor: Actor, service_id: UUID) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=NEXT_MONTH)
    async with database.reading(None) as session:
        assert actor.organisation_id not in await due_organisations(session, now=NEXT_MONTH, limit=1_000)


async def test_a_retraction_is_a_row_with_its_reason_and_the_breach_stays(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=DUE + hours(1))
    (breach,) = await breaches(database, actor)
    async with database.writing(actor.organisation_id) as session:
        await retract_breach(session, actor=actor, breach_id=breach.id, reason="duplicate ticket", now=DUE)
    with pytest.raises(Conflict, match="retracted before"):
        async with database.writing(actor.organisation_id) as session:
            await retract_breach(session, actor=actor, breach_id=breach.id, reason="again", now=DUE)
    assert len(await breaches(database, actor)) == 1


async def test_a_retraction_needs_a_reason_and_a_breach_of_the_same_organisation(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=DUE + hours(1))
    (breach,) = await breaches(database, actor)
    other = await new_actor(database)
    with pytest.raises(NotFound):
        async with database.writing(other.organisation_id) as session:
            await retract_breach(session, actor=other, breach_id=breach.id, reason="not mine", now=DUE)
    with pytest.raises(Invalid) as refused:
        async with database.writing(actor.organisation_id) as session:
            await retract_breach(session, actor=actor, breach_id=breach.id, reason=" ", now=DUE)
    assert [problem.field for problem in refused.value.problems] == ["reason"]
