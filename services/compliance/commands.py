"""What people and systems do about promises: report what happened to tickets, and retract breaches."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.audit.commands import note_ingested
from services.catalogue.queries import service_exists
from services.compliance.models import Breach, BreachAccountability, BreachRetraction
from services.compliance.settlement import settle
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import NotFound, ServiceError
from services.organisations.models import Organisation, Person
from services.organisations.rules import Actor, GovernanceRole, Permission
from services.rows import add_row, check_known, existing_ids
from services.tickets import commands as tickets
from services.tickets import reported
from services.tickets.commands import Recorded
from services.tickets.models import Ticket
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

    Raises Invalid naming every field at fault, NotFound for a service the organisation does not have, Conflict for an
    event whose key is on record with other content. Reporting an event again changes nothing.
    """
    recorded = await _report(session, actor=actor, events=events, service_id=service_id, now=now)
    if recorded.differing:
        raise recorded.differing[0].conflict()
    return recorded


async def _report(
    session: WriteSession,
    *,
    actor: Actor,
    events: Sequence[ReportedEvent],
    service_id: UUID | None,
    now: datetime,
) -> Recorded:
    actor.require(Permission.INGEST)
    records = reported.records(events, now=now)
    if service_id is not None and not await service_exists(session, actor.organisation_id, service_id):
        raise NotFound("there is no such service")
    recorded = await tickets.record_events(session, actor=actor, events=records, service_id=service_id, import_id=None)
    await settle(session, actor=actor, ticket_ids=recorded.ticket_ids, now=now)
    _note(session, actor, recorded, now)
    return recorded


async def report_sound_events(
    session: WriteSession,
    *,
    actor: Actor,
    events: Sequence[ReportedEvent],
    service_id: UUID | None,
    now: datetime,
) -> tuple[Recorded, dict[int, ServiceError]]:
    """Record of the events a caller reports those that can be, and say of the others, by their places, why not."""
    actor.require(Permission.INGEST)
    refused: dict[int, ServiceError] = {**reported.refusals(events[: reported.MOST_EVENTS], now=now)}
    sound = [position for position in range(len(events)) if position not in refused]
    if refused and not sound:
        return Recorded(new=0, known=0, ticket_ids=[], tickets={}), refused
    recorded = await _report(
        session, actor=actor, events=[events[position] for position in sound], service_id=service_id, now=now
    )
    refused |= {sound[differing.place]: differing.conflict() for differing in recorded.differing}
    known = recorded.known - len(recorded.differing)
    return replace(recorded, known=known), dict(sorted(refused.items()))


def _note(session: WriteSession, actor: Actor, recorded: Recorded, now: datetime) -> None:
    """One entry of the audit trail for all of them: each event says itself who recorded it."""
    if recorded.new:
        one = recorded.ticket_ids[0] if len(recorded.ticket_ids) == 1 else None
        note_ingested(
            session,
            subject=Organisation if one is None else Ticket,
            subject_id=one,
            said={"events_recorded": recorded.new, "tickets_touched": len(recorded.ticket_ids)},
            stamps=actor.stamps(now),
        )


async def retract_breach(session: WriteSession, *, actor: Actor, breach_id: UUID, reason: str, now: datetime) -> UUID:
    """State that a recorded breach was none, and why; the breach stays. Raises Conflict if it was retracted before."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("reason", reason, longest=LONGEST_NOTE)
    problems.refuse("the breach cannot be retracted")
    if not await existing_ids(session, Breach, actor.organisation_id, [breach_id]):
        raise NotFound("there is no such breach")
    return await add_row(
        session,
        BreachRetraction,
        {"breach_id": breach_id, "reason": reason, **actor.stamps(now)},
        taken="the breach was retracted before",
    )


async def hold_accountable(
    session: WriteSession,
    *,
    actor: Actor,
    breach_id: UUID,
    role: GovernanceRole,
    decided_by_id: UUID,
    reason: str,
    decided_at: datetime,
    person_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Record who answers for a breach, by role and perhaps by name, who decided so, and why. What was said stays."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("decided_at", decided_at, now)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    people = await existing_ids(session, Person, actor.organisation_id, [person_id, decided_by_id])
    check_known(problems, "person_id", Person, person_id, people)
    check_known(problems, "decided_by_id", Person, decided_by_id, people)
    problems.refuse("the accountability cannot be recorded")
    if not await existing_ids(session, Breach, actor.organisation_id, [breach_id]):
        raise NotFound("there is no such breach")
    return await add_row(
        session,
        BreachAccountability,
        {
            "breach_id": breach_id,
            "role": role,
            "person_id": person_id,
            "decided_by_id": decided_by_id,
            "decided_at": decided_at,
            "reason": reason,
            **actor.stamps(now),
        },
        taken="something else was decided about this breach at this instant",
    )
