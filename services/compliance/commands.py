"""What people and systems do about promises: report what happened to tickets, and retract breaches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.catalogue.queries import service_exists
from services.compliance.settlement import settle
from services.db import WriteSession, fetch, new_id
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.organisations.rules import Actor, Permission
from services.tickets import commands as tickets
from services.tickets import reported
from services.tickets.commands import Recorded
from services.tickets.reported import ReportedEvent


async def report_events(
    session: WriteSession,
    *,
    actor: Actor,
    events: Sequence[ReportedEvent],
    service_id: UUID | None,
    now: datetime,
) -> Recorded:
    """Record events a caller reports and settle their tickets; new tickets are about the service, if one is given.

    Raises Invalid naming every field at fault, NotFound for a service the organisation does not have. Reporting an
    event again changes nothing.
    """
    actor.require(Permission.INGEST)
    records = reported.records(events, now=now)
    if service_id is not None and not await service_exists(session, actor.organisation_id, service_id):
        raise NotFound("there is no such service")
    recorded = await tickets.record_events(session, actor=actor, events=records, service_id=service_id, import_id=None)
    await settle(session, actor=actor, ticket_ids=recorded.ticket_ids, now=now)
    return recorded


async def retract_breach(session: WriteSession, *, actor: Actor, breach_id: UUID, reason: str, now: datetime) -> UUID:
    """State that a recorded breach was none, and why; the breach stays. Raises Conflict if it was retracted before."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("reason", reason, longest=LONGEST_NOTE)
    problems.refuse("the breach cannot be retracted")
    known = await fetch(
        session,
        "SELECT 1 FROM breach WHERE organisation_id = $1::uuid AND id = $2::uuid",
        actor.organisation_id,
        breach_id,
    )
    if not known:
        raise NotFound("there is no such breach")
    retraction = await fetch(
        session,
        "INSERT INTO breach_retraction (organisation_id, id, breach_id, reason, recorded_at, recorded_by)"
        " VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6::uuid)"
        " ON CONFLICT (organisation_id, breach_id) DO NOTHING RETURNING id",
        actor.organisation_id,
        new_id(),
        breach_id,
        reason,
        now,
        actor.account_id,
    )
    if not retraction:
        raise Conflict("the breach was retracted before")
    retraction_id: UUID = retraction[0][0]
    return retraction_id
