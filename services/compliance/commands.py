"""From settled tickets to recorded breaches, and the work that falls due without anybody touching a ticket."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.attainment.commands import compute_periods
from services.catalogue.queries import service_exists
from services.compliance.rules import BreachKind
from services.db import WriteSession, execute, fetch, new_id
from services.errors import Conflict, FieldProblem, Invalid, NotFound
from services.organisations.rules import Actor, Permission
from services.tickets import commands as tickets
from services.tickets import reported
from services.tickets.commands import Recorded
from services.tickets.reported import ReportedEvent

UNRECORDED_CLOCK_BREACHES = """
SELECT c.target_id, c.target_version_id, c.calendar_version_id, c.ticket_id, c.cycle, c.breached_at
FROM clock c
WHERE c.organisation_id = $1::uuid AND c.ticket_id = ANY($2::uuid[]) AND c.breached_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM breach b WHERE b.organisation_id = $1::uuid AND b.ticket_id = c.ticket_id
                  AND b.target_id = c.target_id AND b.cycle = c.cycle)
ORDER BY c.breached_at, c.id
"""

UNRECORDED_PERIOD_BREACHES = """
SELECT r.target_id, r.target_version_id, r.calendar_version_id, r.period, r.period_start, r.period_end
FROM period_result r
WHERE r.organisation_id = $1::uuid AND r.outcome = 'missed' AND r.period_end <= $2::timestamptz
  AND NOT EXISTS (SELECT FROM breach b WHERE b.organisation_id = $1::uuid AND b.target_id = r.target_id
                  AND b.period = r.period AND b.period_start = r.period_start)
ORDER BY r.period_start, r.id
"""

INSERT_CLOCK_BREACHES = """
INSERT INTO breach (organisation_id, id, kind, target_id, target_version_id, calendar_version_id, ticket_id, cycle,
                    breached_at, recorded_at, recorded_by)
SELECT $1::uuid, x.id, $2::text, x.target_id, x.target_version_id, x.calendar_version_id, x.ticket_id, x.cycle,
       x.breached_at, $3::timestamptz, $4::uuid
FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[], $11::timestamptz[])
     AS x (id, target_id, target_version_id, calendar_version_id, ticket_id, cycle, breached_at)
ON CONFLICT DO NOTHING
"""

INSERT_PERIOD_BREACHES = """
INSERT INTO breach (organisation_id, id, kind, target_id, target_version_id, calendar_version_id, period, period_start,
                    breached_at, recorded_at, recorded_by)
SELECT $1::uuid, x.id, $2::text, x.target_id, x.target_version_id, x.calendar_version_id, x.period, x.period_start,
       x.breached_at, $3::timestamptz, $4::uuid
FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::timestamptz[], $11::timestamptz[])
     AS x (id, target_id, target_version_id, calendar_version_id, period, period_start, breached_at)
ON CONFLICT DO NOTHING
"""

DECIDED_SPANS = """
SELECT c.target_id, min(coalesce(c.decided_at, $3::timestamptz)), max(coalesce(c.decided_at, $3::timestamptz))
FROM clock c
WHERE c.organisation_id = $1::uuid AND c.ticket_id = ANY($2::uuid[])
GROUP BY c.target_id
"""

NEXT_DUE = """
SELECT least(
    (SELECT min(due_at) FROM clock
     WHERE organisation_id = $1::uuid AND status = 'running' AND breached_at IS NULL),
    (SELECT min(period_end) FROM period_result
     WHERE organisation_id = $1::uuid AND outcome = 'pending' AND period_end > $2::timestamptz))
"""

SCHEDULE_EARLIER = """
INSERT INTO due_organisation (organisation_id, due_at) VALUES ($1::uuid, $2::timestamptz)
ON CONFLICT (organisation_id) DO UPDATE SET due_at = least(due_organisation.due_at, excluded.due_at)
"""

DUE_TICKETS = """
SELECT DISTINCT ticket_id FROM (
    SELECT ticket_id FROM clock
    WHERE organisation_id = $1::uuid AND status = 'running' AND breached_at IS NULL AND due_at < $2::timestamptz
    ORDER BY due_at LIMIT $3::bigint) AS due
"""

ENDED_PERIODS = """
SELECT target_id, min(period_start), max(period_start) FROM period_result
WHERE organisation_id = $1::uuid AND outcome = 'pending' AND period_end <= $2::timestamptz
GROUP BY target_id
"""

LONGEST_REASON = 4_000


async def settle(session: WriteSession, *, actor: Actor, ticket_ids: Sequence[UUID], now: datetime) -> int:
    """Settle tickets, record the breaches their clocks show, and work out the periods they count in.

    Returns how many breaches were recorded for the first time. A breach once recorded stays, whatever is found later.
    """
    if not ticket_ids:
        return 0
    before = await _decided_spans(session, actor, ticket_ids, now)
    await tickets.settle(session, actor=actor, ticket_ids=ticket_ids, now=now)
    recorded = await _record_clock_breaches(session, actor, ticket_ids, now)
    after = await _decided_spans(session, actor, ticket_ids, now)
    for target_id in sorted(before.keys() | after.keys()):
        spans = [span for span in (before.get(target_id), after.get(target_id)) if span]
        since, until = min(span[0] for span in spans), max(span[1] for span in spans)
        await compute_periods(session, actor=actor, target_ids=[target_id], since=since, until=until, now=now)
    recorded += await _record_period_breaches(session, actor, now)
    await _schedule(session, actor, now)
    return recorded


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


async def record_due_breaches(session: WriteSession, *, actor: Actor, now: datetime, limit: int) -> int:
    """Record what has fallen due in this organisation by `now`: breaches of running clocks, and periods that ended.

    Takes at most `limit` clocks and says how many tickets it settled; fewer than `limit` means nothing is left. The row
    of the organisation is locked, so that two workers do not do the same work.
    """
    actor.require(Permission.INGEST)
    taken = await fetch(
        session,
        "SELECT due_at FROM due_organisation WHERE organisation_id = $1::uuid FOR UPDATE SKIP LOCKED",
        actor.organisation_id,
    )
    if not taken:
        return 0
    due = [row[0] for row in await fetch(session, DUE_TICKETS, actor.organisation_id, now, limit)]
    await settle(session, actor=actor, ticket_ids=due, now=now)
    for target_id, since, until in await fetch(session, ENDED_PERIODS, actor.organisation_id, now):
        await compute_periods(session, actor=actor, target_ids=[target_id], since=since, until=until, now=now)
    await _record_period_breaches(session, actor, now)
    next_due = (await fetch(session, NEXT_DUE, actor.organisation_id, now))[0][0]
    await execute(
        session,
        "UPDATE due_organisation SET due_at = $2::timestamptz WHERE organisation_id = $1::uuid",
        actor.organisation_id,
        next_due,
    )
    return len(due)


async def retract_breach(session: WriteSession, *, actor: Actor, breach_id: UUID, reason: str, now: datetime) -> UUID:
    """State that a recorded breach was none, and why; the breach stays. Raises Conflict if it was retracted before."""
    actor.require(Permission.DEFINE)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        message = f"expected a reason of 1 to {LONGEST_REASON} characters"
        raise Invalid("the breach cannot be retracted", [FieldProblem("reason", message)])
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


async def _decided_spans(
    session: WriteSession, actor: Actor, ticket_ids: Sequence[UUID], now: datetime
) -> dict[UUID, tuple[datetime, datetime]]:
    rows = await fetch(session, DECIDED_SPANS, actor.organisation_id, list(ticket_ids), now)
    return {target_id: (since, until) for target_id, since, until in rows}


async def _record_clock_breaches(session: WriteSession, actor: Actor, ticket_ids: Sequence[UUID], now: datetime) -> int:
    rows = await fetch(session, UNRECORDED_CLOCK_BREACHES, actor.organisation_id, list(ticket_ids))
    return await _insert(session, actor, INSERT_CLOCK_BREACHES, BreachKind.CLOCK, rows, now)


async def _record_period_breaches(session: WriteSession, actor: Actor, now: datetime) -> int:
    rows = await fetch(session, UNRECORDED_PERIOD_BREACHES, actor.organisation_id, now)
    return await _insert(session, actor, INSERT_PERIOD_BREACHES, BreachKind.PERIOD, rows, now)


async def _insert(
    session: WriteSession,
    actor: Actor,
    statement: str,
    kind: BreachKind,
    rows: Sequence[tuple[object, ...]],
    now: datetime,
) -> int:
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    ids = [new_id() for _ in rows]
    result = await execute(session, statement, actor.organisation_id, kind.value, now, actor.account_id, ids, *columns)
    return result.rowcount


async def _schedule(session: WriteSession, actor: Actor, now: datetime) -> None:
    next_due = (await fetch(session, NEXT_DUE, actor.organisation_id, now))[0][0]
    await execute(session, SCHEDULE_EARLIER, actor.organisation_id, next_due)
