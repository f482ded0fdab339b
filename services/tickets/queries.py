"""Reads of tickets and clocks, and the named SQL expressions the schema may select."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import numpy as np

from services.db import ReadSession, fetch
from services.tickets.history import TicketHistory, history
from services.tickets.rules import DailyFlow

EVENTS_OF_TICKETS = """
SELECT t.id, t.service_id, floor(extract(epoch FROM t.opened_at))::bigint,
       e.id, floor(extract(epoch FROM e.occurred_at))::bigint, floor(extract(epoch FROM e.recorded_at))::bigint,
       e.state, e.priority, e.category, e.subcategory, e.team, e.assignee, e.recorded_outcome,
       floor(extract(epoch FROM e.resolved_at))::bigint, floor(extract(epoch FROM e.closed_at))::bigint,
       coalesce(i.states_resolution, false)
FROM ticket t
JOIN ticket_event e ON e.organisation_id = $1::uuid AND e.ticket_id = t.id
LEFT JOIN ticket_import i ON i.organisation_id = $1::uuid AND i.id = e.import_id
WHERE t.organisation_id = $1::uuid AND t.id = ANY($2::uuid[])
ORDER BY t.id, e.occurred_at, e.sequence, e.id
"""

DAILY_FLOW = """
SELECT day, sum(opened)::bigint, sum(resolved)::bigint, sum(closed)::bigint FROM (
    SELECT (opened_at AT TIME ZONE $2::text)::date AS day, 1 AS opened, 0 AS resolved, 0 AS closed FROM ticket
    WHERE organisation_id = $1::uuid AND opened_at >= $3::timestamptz AND opened_at < $4::timestamptz
    UNION ALL
    SELECT (resolved_at AT TIME ZONE $2::text)::date, 0, 1, 0 FROM ticket
    WHERE organisation_id = $1::uuid AND resolved_at >= $3::timestamptz AND resolved_at < $4::timestamptz
    UNION ALL
    SELECT (closed_at AT TIME ZONE $2::text)::date, 0, 0, 1 FROM ticket
    WHERE organisation_id = $1::uuid AND closed_at >= $3::timestamptz AND closed_at < $4::timestamptz
) AS flow GROUP BY day ORDER BY day
"""


async def ticket_history(session: ReadSession, *, organisation_id: UUID, ticket_ids: Sequence[UUID]) -> TicketHistory:
    """Everything that happened to these tickets. One statement."""
    rows = await fetch(session, EVENTS_OF_TICKETS, organisation_id, list(ticket_ids))
    return history(rows)


async def daily_flow(
    session: ReadSession, *, organisation_id: UUID, time_zone: str, start: datetime, end: datetime
) -> DailyFlow | None:
    """Tickets opened, resolved and closed per local date, from `start` until before `end`; None without any."""
    rows = await fetch(session, DAILY_FLOW, organisation_id, time_zone, start, end)
    if not rows:
        return None
    first: date = rows[0][0]
    counts = np.zeros((3, (rows[-1][0] - first).days + 1), dtype=np.int64)
    for day, opened, resolved, closed in rows:
        counts[:, (day - first).days] = opened, resolved, closed
    return DailyFlow(first_day=first, opened=counts[0], resolved=counts[1], closed=counts[2])


def clock_percent_elapsed(clock: str) -> str:
    """Business time used, in percent of the target's duration, when the clock was computed; to four decimals."""
    return f"round(100.0 * {clock}.elapsed_seconds / {clock}.duration_seconds, 4)"


def clock_percent_elapsed_wall(clock: str) -> str:
    """Wall-clock time used, in percent of the target's duration, when the clock was computed."""
    return f"round(100.0 * {clock}.wall_clock_seconds / {clock}.duration_seconds, 4)"
