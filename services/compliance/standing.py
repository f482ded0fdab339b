"""What clocks, periods and breaches say at a moment: read before and after a change, and kept where it differs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.compliance.queries import breach_is_retracted
from services.compliance.rules import ClockState, ClockSubject, PeriodState, PeriodSubject
from services.db import ReadSession, WriteSession, execute, fetch, new_id
from services.domain.vocabulary import ClockStatus, Outcome, PeriodKind

# ruff: noqa: S608 - put together from our own expressions, no input
CLOCKS = """
SELECT t.key, g.key, c.cycle, c.ticket_id, c.target_id,
       c.status, c.outcome, c.started_at, c.stopped_at, c.due_at, c.breached_at, c.decided_at, c.duration_seconds,
       c.elapsed_seconds, c.wall_clock_seconds, c.paused_seconds,
       c.target_version_id, c.calendar_version_id, c.timeline::text, c.computed_at
FROM clock c
JOIN ticket t ON t.organisation_id = $1::uuid AND t.id = c.ticket_id
JOIN target g ON g.organisation_id = $1::uuid AND g.id = c.target_id
WHERE c.organisation_id = $1::uuid AND c.ticket_id = ANY($2::uuid[])
"""

PERIODS = """
SELECT r.period_start, g.key, r.period, r.period_end, r.target_id, r.id,
       EXISTS (SELECT FROM period_freeze f WHERE f.organisation_id = $1::uuid AND f.period_result_id = r.id),
       coalesce(n.met, r.met), coalesce(n.missed, r.missed), coalesce(n.pending, r.pending),
       coalesce(n.cancelled, r.cancelled), coalesce(n.objective_percent, r.objective_percent),
       CASE WHEN n.id IS NULL THEN r.attainment_percent ELSE n.attainment_percent END, coalesce(n.outcome, r.outcome)
FROM period_result r
JOIN target g ON g.organisation_id = $1::uuid AND g.id = r.target_id
LEFT JOIN recomputed_period_result n ON n.organisation_id = $1::uuid AND n.period_result_id = r.id
WHERE r.organisation_id = $1::uuid AND r.target_id = ANY($2::uuid[]) AND r.period_end > $3::timestamptz
"""

BREACHED_CLOCKS = f"""
SELECT b.ticket_id, b.target_id, b.cycle FROM breach b
WHERE b.organisation_id = $1::uuid AND b.ticket_id = ANY($2::uuid[]) AND NOT {breach_is_retracted("b")}
"""

BREACHED_PERIODS = f"""
SELECT r.id FROM breach b
JOIN period_result r ON r.organisation_id = $1::uuid AND r.target_id = b.target_id AND r.period = b.period
                    AND r.period_start = b.period_start
WHERE b.organisation_id = $1::uuid AND b.target_id = ANY($2::uuid[]) AND b.kind = 'period'
  AND r.period_end > $3::timestamptz AND NOT {breach_is_retracted("b")}
"""

KEEP_SUPERSEDED = """
INSERT INTO superseded_clock (organisation_id, id, recomputation_id, superseded_at, ticket_id, target_id, cycle, status,
                              outcome, started_at, stopped_at, due_at, breached_at, decided_at, duration_seconds,
                              elapsed_seconds, wall_clock_seconds, paused_seconds, target_version_id,
                              calendar_version_id, timeline, computed_at)
SELECT $1::uuid, x.id, $2::uuid, $3::timestamptz, x.ticket_id, x.target_id, x.cycle, x.status, x.outcome, x.started_at,
       x.stopped_at, x.due_at, x.breached_at, x.decided_at, x.duration, x.elapsed, x.wall, x.paused, x.target_version,
       x.calendar_version, x.timeline, x.computed_at
FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $9::text[], $10::timestamptz[],
            $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::bigint[],
            $16::bigint[], $17::bigint[], $18::bigint[], $19::uuid[], $20::uuid[], $21::jsonb[], $22::timestamptz[])
     AS x (id, ticket_id, target_id, cycle, status, outcome, started_at, stopped_at, due_at, breached_at, decided_at,
           duration, elapsed, wall, paused, target_version, calendar_version, timeline, computed_at)
"""

Origin = tuple[UUID, UUID, str, datetime]
"""Of a clock: the versions it was computed by, its timeline as JSON text, and when it was computed."""


async def clocks_of(
    session: ReadSession, organisation_id: UUID, ticket_ids: Sequence[UUID]
) -> tuple[dict[ClockSubject, ClockState], dict[ClockSubject, Origin]]:
    """What the clocks of these tickets show, and where that comes from. One statement."""
    states: dict[ClockSubject, ClockState] = {}
    origins: dict[ClockSubject, Origin] = {}
    for row in await fetch(session, CLOCKS, organisation_id, list(ticket_ids)):
        subject = ClockSubject(*row[:5])
        states[subject] = ClockState(ClockStatus(row[5]), Outcome(row[6]), *row[7:16])
        origins[subject] = (row[16], row[17], row[18], row[19])
    return states, origins


async def keep_superseded_clocks(
    session: WriteSession,
    organisation_id: UUID,
    superseded: Sequence[tuple[ClockSubject, ClockState, Origin]],
    *,
    recomputation_id: UUID,
    now: datetime,
) -> None:
    """Keep what these clocks showed before. One statement; none for nothing."""
    if not superseded:
        return
    rows = [
        (new_id(), key.ticket_id, key.target_id, key.cycle, state[0].value, state[1].value, *state[2:], *origin)
        for key, state, origin in superseded
    ]
    columns = (list(column) for column in zip(*rows, strict=True))
    await execute(session, KEEP_SUPERSEDED, organisation_id, recomputation_id, now, *columns)


async def periods_of(
    session: ReadSession, organisation_id: UUID, target_ids: Collection[UUID], since: datetime
) -> dict[PeriodSubject, PeriodState]:
    """What these targets come to over the periods that end after `since`, as computed. One statement."""
    rows: Sequence[tuple[Any, ...]] = await fetch(session, PERIODS, organisation_id, list(target_ids), since)
    return {
        PeriodSubject(start, target_key, PeriodKind(period), end, target_id, id_, frozen): PeriodState._make(
            [*figures, Outcome(outcome)]
        )
        for start, target_key, period, end, target_id, id_, frozen, *figures, outcome in rows
    }


async def breached_clocks(
    session: ReadSession, organisation_id: UUID, ticket_ids: Sequence[UUID]
) -> set[tuple[UUID, UUID, int]]:
    """Ticket, target and cycle of the breaches that stand on these tickets. One statement."""
    rows = await fetch(session, BREACHED_CLOCKS, organisation_id, list(ticket_ids))
    return {(ticket_id, target_id, cycle) for ticket_id, target_id, cycle in rows}


async def breached_periods(
    session: ReadSession, organisation_id: UUID, target_ids: Collection[UUID], since: datetime
) -> set[UUID]:
    """The results whose breach stands, of these targets and the periods that end after `since`. One statement."""
    return {row[0] for row in await fetch(session, BREACHED_PERIODS, organisation_id, list(target_ids), since)}
