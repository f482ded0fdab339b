"""An organisation with an agreement, and a month that is over."""

from uuid import UUID

import pytest

from services.db import Database
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor
from tests.factories.changes import JULY, MONDAY
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened, hours


@pytest.fixture
async def calendar_id(database: Database, actor: Actor) -> UUID:
    return await new_calendar(database, actor)


@pytest.fixture
async def service_id(database: Database, actor: Actor, calendar_id: UUID) -> UUID:
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    return service_id


@pytest.fixture
async def judged(database: Database, actor: Actor, service_id: UUID) -> UUID:
    """June is over: of two tickets that took two and six hours, both are in time."""
    events = []
    for ticket, took in (("quick", 2), ("slow", 6)):
        events.append(event(ticket, MONDAY, TicketState.NEW))
        events.append(event(ticket, MONDAY + hours(took), TicketState.CLOSED, sequence=1))
    await happened(database, actor, service_id, events, JULY)
    return service_id
