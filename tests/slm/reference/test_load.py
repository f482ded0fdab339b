"""Loading a generated organisation: everything of it, once, with the stamps it was generated with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from services.agreements.models import Agreement, AgreementVersion
from services.catalogue.models import Service
from services.db import Database, Tenant
from services.organisations.models import Organisation, Party, Person
from services.organisations.rules import Actor
from services.tickets.models import Clock, Ticket, TicketEvent
from slm.reference.generate import generate
from slm.reference.load import load

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
BLUEPRINT = replace(generate(7, UNTIL, tickets=200)[0], key="loaded")
"""Under a key of its own, because other tests load the demo into the same database."""


async def count(database: Database, actor: Actor, table: type[Tenant]) -> int:
    async with database.reading(actor.organisation_id) as session:
        statement = select(func.count()).select_from(table).where(table.organisation_id == actor.organisation_id)
        return (await session.execute(statement)).scalar_one()


async def test_everything_generated_is_there_and_its_clocks_are_computed(database: Database) -> None:
    actor = await load(database, BLUEPRINT, now=UNTIL)
    assert await count(database, actor, Service) == len(BLUEPRINT.services)
    assert await count(database, actor, Party) == len(BLUEPRINT.parties)
    assert await count(database, actor, Person) == len(BLUEPRINT.people)
    assert await count(database, actor, Agreement) == len(BLUEPRINT.agreements)
    assert await count(database, actor, AgreementVersion) == sum(len(a.versions) for a in BLUEPRINT.agreements)
    assert await count(database, actor, Ticket) == len(BLUEPRINT.tickets)
    assert await count(database, actor, TicketEvent) == sum(len(ticket.events) for ticket in BLUEPRINT.tickets)
    assert await count(database, actor, Clock) > len(BLUEPRINT.tickets)


async def test_loading_another_history_later_leaves_the_first_as_it_is(database: Database) -> None:
    actor = await load(database, BLUEPRINT, now=UNTIL)
    later = replace(generate(8, UNTIL + timedelta(days=1), tickets=200)[0], key=BLUEPRINT.key)
    assert await load(database, later, now=UNTIL + timedelta(days=1)) == actor
    assert await count(database, actor, TicketEvent) == sum(len(ticket.events) for ticket in BLUEPRINT.tickets)


async def test_definitions_and_events_carry_the_instants_they_were_written_down_at(database: Database) -> None:
    actor = await load(database, BLUEPRINT, now=UNTIL)
    async with database.reading(actor.organisation_id) as session:
        founded = await session.execute(
            select(Organisation.recorded_at).where(Organisation.organisation_id == actor.organisation_id)
        )
        events = await session.execute(
            select(func.min(TicketEvent.recorded_at), func.max(TicketEvent.recorded_at), func.count()).where(
                TicketEvent.organisation_id == actor.organisation_id, TicketEvent.import_id.is_not(None)
            )
        )
    assert founded.scalar_one() == BLUEPRINT.founded_at
    recorded = [event.recorded_at for ticket in BLUEPRINT.tickets for event in ticket.events]
    assert events.one() == (min(recorded), max(recorded), len(recorded))
