"""Settling beside others: nothing is counted twice, lost, or judged before everything is known."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.agreements.commands import publish_agreement_version
from services.agreements.queries import agreement_by_key
from services.compliance import settlement
from services.compliance.settlement import record_due_breaches, settle
from services.db import Database, fetch
from services.domain.vocabulary import PeriodKind, TicketState
from services.organisations.rules import Actor
from services.tickets.commands import record_events
from slm.worker import work
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened, hours

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
DUE = MONDAY + hours(8)
JULY = datetime(2026, 7, 2, tzinfo=UTC)


@pytest.fixture
async def service_id(database: Database, actor: Actor) -> UUID:
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    return service_id


async def results(database: Database, actor: Actor) -> list[Any]:
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT * FROM period_result WHERE organisation_id = $1 ORDER BY period_start, period_end"
        return list(await fetch(session, sql, actor.organisation_id))


async def period_breaches(database: Database, actor: Actor) -> int:
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT count(*) FROM breach WHERE organisation_id = $1 AND kind = 'period'"
        return int((await fetch(session, sql, actor.organisation_id))[0][0])


async def test_settlements_at_the_same_moment_all_count(database: Database, actor: Actor, service_id: UUID) -> None:
    async def one(number: int) -> None:
        events = [
            event(f"T{number}", MONDAY, TicketState.NEW),
            event(f"T{number}", MONDAY + hours(1), TicketState.CLOSED, sequence=1),
        ]
        await happened(database, actor, service_id, events, DUE)

    await asyncio.gather(*(one(number) for number in range(6)))
    assert [(row.met, row.missed) for row in await results(database, actor)] == [(6, 0)]


async def test_the_worker_and_writers_do_not_lock_each_other_out(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    opened = [event(f"T{number}", MONDAY, TicketState.NEW) for number in range(6)]
    await happened(database, actor, service_id, opened, MONDAY)
    closing = [event(f"T{number}", DUE + hours(1), TicketState.CLOSED, sequence=1) for number in range(6)]
    await asyncio.gather(
        *(happened(database, actor, service_id, [closed], DUE + hours(2)) for closed in closing),
        *(work(database, now=DUE + hours(2)) for _ in range(3)),
    )
    assert [(row.met, row.missed) for row in await results(database, actor)] == [(0, 6)]


async def test_a_period_is_judged_only_when_all_tickets_are_settled(
    database: Database, actor: Actor, service_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "SETTLED_AT_ONCE", 2)
    bad = [event(f"A{number}", MONDAY, TicketState.NEW) for number in range(2)]
    good = [
        update
        for number in range(50)
        for update in (
            event(f"B{number}", MONDAY, TicketState.NEW),
            event(f"B{number}", MONDAY + hours(1), TicketState.CLOSED, sequence=1),
        )
    ]
    await happened(database, actor, service_id, bad + good, JULY)
    assert [(row.met, row.missed, row.outcome) for row in await results(database, actor)] == [(50, 2, "met")]
    assert await period_breaches(database, actor) == 0


async def test_a_writer_that_began_earlier_does_not_undo_what_a_later_one_saw(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    events = [
        event("A", MONDAY, TicketState.NEW),
        event("A", MONDAY + hours(2), TicketState.CLOSED, sequence=2),
    ]
    await happened(database, actor, service_id, events, MONDAY + hours(3))
    late = [event("A", MONDAY + hours(1), TicketState.IN_PROGRESS, sequence=1)]
    await happened(database, actor, service_id, late, MONDAY + hours(1.5))
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT status, outcome FROM clock WHERE organisation_id = $1"
        assert [tuple(row) for row in await fetch(session, sql, actor.organisation_id)] == [("completed", "met")]


async def test_within_the_second_after_its_due_instant_a_clock_is_left_alone(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    opened = [event(f"T{number}", MONDAY, TicketState.NEW) for number in range(3)]
    await happened(database, actor, service_id, opened, MONDAY)
    async with database.writing(actor.organisation_id) as session:
        now = DUE + timedelta(milliseconds=500)
        assert await record_due_breaches(session, actor=actor, now=now, limit=3) == 0
    assert await work(database, now=DUE + timedelta(milliseconds=500))
    async with database.writing(actor.organisation_id) as session:
        now = DUE + timedelta(seconds=1)
        assert await record_due_breaches(session, actor=actor, now=now, limit=3) == 3


async def test_what_was_cut_into_months_stays_months_when_the_agreement_turns_to_quarters(
    database: Database, actor: Actor
) -> None:
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    async with database.writing(actor.organisation_id) as session:
        agreement_id = await agreement_by_key(session, actor.organisation_id, key="mail-sla")
        assert agreement_id is not None
        await publish_agreement_version(
            session,
            actor=actor,
            agreement_id=agreement_id,
            valid_from=datetime(2026, 7, 1, tzinfo=UTC),
            targets=[target(calendar_id, period=PeriodKind.QUARTER, objective_percent=Decimal(90))],
            reason="quarters from July on",
            now=MONDAY + hours(1),
        )
    closed = event("A", DUE + hours(20), TicketState.CLOSED, sequence=1)
    await happened(database, actor, service_id, [closed], DUE + hours(21))
    await work(database, now=JULY)
    assert [(row.period, row.missed, row.outcome) for row in await results(database, actor)] == [("month", 1, "missed")]
    assert await period_breaches(database, actor) == 1


async def test_the_month_that_begins_gets_its_row_when_a_clock_runs_on(database: Database, actor: Actor) -> None:
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id, duration_seconds=1_000 * 3600))
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    await work(database, now=JULY)
    assert [(row.pending, row.outcome) for row in await results(database, actor)] == [(0, "no_data"), (1, "pending")]


async def test_far_apart_tickets_make_rows_for_their_own_periods_only(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    events = [
        event("old", datetime(2026, 1, 5, 9, tzinfo=UTC), TicketState.NEW),
        event("old", datetime(2026, 1, 5, 10, tzinfo=UTC), TicketState.CLOSED, sequence=1),
        event("new", datetime(2026, 6, 1, 9, tzinfo=UTC), TicketState.NEW),
        event("new", datetime(2026, 6, 1, 10, tzinfo=UTC), TicketState.CLOSED, sequence=1),
    ]
    await happened(database, actor, service_id, events, JULY)
    assert [row.met for row in await results(database, actor)] == [1, 1]


async def test_a_clock_that_facts_no_longer_support_counts_in_no_period(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    reopened = [
        event("A", MONDAY, TicketState.NEW),
        event("A", MONDAY + hours(1), TicketState.CLOSED, sequence=1),
    ]
    await happened(database, actor, service_id, reopened, DUE)
    async with database.writing(actor.organisation_id) as session:
        await fetch(
            session,
            "UPDATE clock SET cycle = 2 WHERE organisation_id = $1 RETURNING id",
            actor.organisation_id,
        )
        recorded = await record_events(
            session,
            actor=actor,
            events=[event("A", MONDAY + hours(2), TicketState.CLOSED, sequence=2)],
            service_id=service_id,
            import_id=None,
        )
        await settle(session, actor=actor, ticket_ids=recorded.ticket_ids, now=JULY)
    assert [(row.met, row.cancelled) for row in await results(database, actor)] == [(1, 0)]
