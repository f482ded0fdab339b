"""What happens to tickets, as a test tells it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.compliance.settlement import settle
from services.db import Database
from services.domain.vocabulary import Outcome, TicketState
from services.organisations.rules import Actor
from services.tickets.commands import Recorded, record_events
from services.tickets.sources.records import TicketEventRecord


def event(
    ticket: str,
    at: datetime,
    state: TicketState,
    *,
    opened_at: datetime | None = None,
    sequence: int = 0,
    priority: str | None = "3 - Moderate",
    category: str | None = "mail",
    team: str | None = "desk",
    outcome: Outcome | None = None,
    resolved_at: datetime | None = None,
    closed_at: datetime | None = None,
) -> TicketEventRecord:
    """One event; the first of a ticket opens it when `opened_at` is not given."""
    return TicketEventRecord(
        ticket_key=ticket,
        sequence=sequence,
        event_key=f"{sequence}|{at.isoformat()}",
        occurred_at=at,
        recorded_at=at,
        opened_at=opened_at or at,
        state=state,
        priority=priority,
        impact=None,
        urgency=None,
        category=category,
        subcategory=None,
        team=team,
        assignee=None,
        customer=None,
        contact_type=None,
        location=None,
        recorded_outcome=outcome,
        recorded_resolved_at=resolved_at,
        recorded_closed_at=closed_at,
        attributes={"state": state.value},
    )


async def happened(
    database: Database, actor: Actor, service_id: UUID | None, events: Sequence[TicketEventRecord], now: datetime
) -> Recorded:
    """Record events and settle their tickets, as every writer does it."""
    async with database.writing(actor.organisation_id) as session:
        recorded = await record_events(session, actor=actor, events=events, service_id=service_id, import_id=None)
        await settle(session, actor=actor, ticket_ids=recorded.ticket_ids, now=now)
    return recorded


def hours(amount: float) -> timedelta:
    """A span of hours."""
    return timedelta(hours=amount)
