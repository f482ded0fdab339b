"""Where an organisation stands now: each service by its last finished periods, and the tickets whose time runs out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.db import ReadSession, fetch
from services.domain.rates import Rate, rate

MOST_AT_RISK = 100

STANDING = """
SELECT s.key, s.name, sum(p.met)::bigint, sum(p.missed)::bigint,
       count(*) FILTER (WHERE p.outcome = 'met'), count(*) FILTER (WHERE p.outcome = 'missed')
FROM service s
JOIN agreement a ON a.organisation_id = $1::uuid AND a.service_id = s.id AND a.kind = 'sla'
JOIN target g ON g.organisation_id = $1::uuid AND g.agreement_id = a.id
CROSS JOIN LATERAL (
    SELECT r.met, r.missed, r.outcome FROM period_result r
    WHERE r.organisation_id = $1::uuid AND r.target_id = g.id AND r.period_end <= $2::timestamptz
    ORDER BY r.period_end DESC LIMIT 1
) p
WHERE s.organisation_id = $1::uuid
GROUP BY s.key, s.name
ORDER BY s.key
"""

RUNNING_OUT = """
SELECT k.key, s.name, g.name, k.priority, k.team, c.due_at
FROM clock c
JOIN ticket k ON k.organisation_id = $1::uuid AND k.id = c.ticket_id
JOIN target g ON g.organisation_id = $1::uuid AND g.id = c.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = g.agreement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
WHERE c.organisation_id = $1::uuid AND c.status = 'running' AND c.breached_at IS NULL
  AND c.due_at >= $2::timestamptz AND c.due_at < $3::timestamptz
ORDER BY c.due_at, c.id
LIMIT $4
"""


@dataclass(frozen=True)
class ServiceStanding:
    """A service by the last finished period of each target of its SLAs."""

    key: str
    name: str
    kept: Rate
    """Promises kept of those decided."""
    targets_met: int
    targets_missed: int


@dataclass(frozen=True)
class TicketAtRisk:
    """A running clock that falls due soon."""

    ticket: str
    service: str
    target: str
    priority: str | None
    team: str | None
    due_at: datetime


async def service_standings(session: ReadSession, *, organisation_id: UUID, now: datetime) -> list[ServiceStanding]:
    """Every service with results of finished periods, the one that kept least first. One statement."""
    rows = await fetch(session, STANDING, organisation_id, now)
    standings = [
        ServiceStanding(key, name, rate(met, met + missed), targets_met, targets_missed)
        for key, name, met, missed, targets_met, targets_missed in rows
    ]
    return sorted(standings, key=lambda standing: (standing.kept.percent is None, standing.kept.percent, standing.key))


async def tickets_at_risk(
    session: ReadSession, *, organisation_id: UUID, now: datetime, within: timedelta
) -> list[TicketAtRisk]:
    """Clocks due from `now` on and within the span, soonest first, at most a hundred. One statement."""
    rows = await fetch(session, RUNNING_OUT, organisation_id, now, now + within, MOST_AT_RISK)
    return [TicketAtRisk(*row) for row in rows]
