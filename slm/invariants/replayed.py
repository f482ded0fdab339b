"""Invariants decided by working things out again: tickets and clocks from their events, periods from their clocks."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from services.agreements.queries import targets_in_force
from services.attainment.commands import COUNT_CLOCKS
from services.calendars.queries import load_calendar_definitions
from services.db import ReadSession, fetch
from services.domain.instants import from_epoch
from services.domain.rates import judge
from services.tickets.clocks import ClockRow, Promise, clock_rows
from services.tickets.history import NONE, TicketHistory, standing
from services.tickets.queries import ticket_history
from slm.invariants.invariant import Invariant, Scope, Violations

AT_ONCE = 5_000
"""Tickets replayed together."""

ALL_TICKETS = "SELECT id FROM ticket WHERE organisation_id = $1::uuid AND id > $2::uuid ORDER BY id LIMIT $3::bigint"

SOME_TICKETS = """
SELECT id FROM ticket WHERE organisation_id = $1::uuid ORDER BY md5(id::text || $2::text), id LIMIT $3::bigint
"""

TICKETS = """
SELECT id, key, state, event_count, reopen_count, last_event_at, resolved_at, closed_at
FROM ticket WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])
"""

CLOCKS = """
SELECT id, ticket_id, target_id, cycle, target_version_id, calendar_version_id, computed_at,
       status, outcome, started_at, stopped_at, due_at, breached_at, decided_at,
       duration_seconds, elapsed_seconds, wall_clock_seconds, paused_seconds
FROM clock WHERE organisation_id = $1::uuid AND ticket_id = ANY($2::uuid[])
"""

COMPARED = (
    "status", "outcome", "started_at", "stopped_at", "due_at", "breached_at", "decided_at", "duration_seconds",
    "elapsed_seconds", "wall_clock_seconds", "paused_seconds",
)  # fmt: skip
"""Columns of a clock that must come out the same; `CLOCKS` selects them last, in this order."""
WITHDRAWN = ("cancelled", "no_data")
"""Status and outcome of what an earlier computation concluded and later facts no longer support."""

PERIODS = """
SELECT r.id, r.target_id, r.period_start, r.period_end, coalesce(n.met, r.met), coalesce(n.missed, r.missed),
       coalesce(n.pending, r.pending), coalesce(n.cancelled, r.cancelled),
       coalesce(n.objective_percent, r.objective_percent), coalesce(n.outcome, r.outcome),
       coalesce(n.computed_at, r.computed_at)
FROM period_result r
LEFT JOIN recomputed_period_result n ON n.organisation_id = $1::uuid AND n.period_result_id = r.id
WHERE r.organisation_id = $1::uuid AND NOT (r.outcome = 'pending' AND r.period_end <= $2::timestamptz)
"""
"""As computed last, whatever was signed; without those that ended and wait for the worker to judge them."""


async def _replayed(session: ReadSession, scope: Scope) -> AsyncIterator[list[UUID]]:
    """The tickets to replay, by the thousand: all, or as many as asked for, others on every day."""
    if scope.tickets is not None:
        day = scope.now.date().isoformat()
        some = [row[0] for row in await fetch(session, SOME_TICKETS, scope.organisation_id, day, scope.tickets)]
        for start in range(0, len(some), AT_ONCE):
            yield some[start : start + AT_ONCE]
        return
    last = UUID(int=0)
    while chunk := [row[0] for row in await fetch(session, ALL_TICKETS, scope.organisation_id, last, AT_ONCE)]:
        yield chunk
        last = chunk[-1]


async def tickets_that_differ(session: ReadSession, scope: Scope) -> Violations:
    """Tickets that do not stand where their events lead."""
    differing: list[str] = []
    async for chunk in _replayed(session, scope):
        log = await ticket_history(session, organisation_id=scope.organisation_id, ticket_ids=chunk)
        expected = _standings(log)
        for ticket_id, key, *stored in await fetch(session, TICKETS, scope.organisation_id, chunk):
            if expected.get(ticket_id) != tuple(stored):
                differing.append(f"ticket {key}")
    return Violations.of(differing)


def _standings(log: TicketHistory) -> dict[UUID, tuple[object, ...]]:
    if not log.ticket_ids:
        return {}
    found = standing(log)
    last = found.last_event.tolist()
    columns = (
        [log.state[event] for event in last],
        found.event_count.tolist(),
        found.reopen_count.tolist(),
        *(_instants(seconds.tolist()) for seconds in (log.at[last], found.resolved_at, found.closed_at)),
    )
    return dict(zip(log.ticket_ids, zip(*columns, strict=True), strict=True))


def _instants(seconds: Sequence[int]) -> list[datetime | None]:
    return [None if second == NONE else from_epoch(second) for second in seconds]


@dataclass(frozen=True)
class _StoredClock:
    id: UUID
    ticket_id: UUID
    target_id: UUID
    cycle: int
    target_version_id: UUID
    calendar_version_id: UUID
    computed_at: datetime
    values: tuple[Any, ...]

    @classmethod
    def of(cls, row: Sequence[Any]) -> "_StoredClock":
        id_, ticket_id, target_id, cycle, target_version_id, calendar_version_id, computed_at, *values = row
        return cls(id_, ticket_id, target_id, cycle, target_version_id, calendar_version_id, computed_at, tuple(values))


async def clocks_that_differ(session: ReadSession, scope: Scope) -> Violations:
    """Clocks that do not show what their tickets' events, replayed under the versions they name, lead to."""
    promised = await _promises(session, scope.organisation_id)
    differing: list[str] = []
    async for chunk in _replayed(session, scope):
        log = await ticket_history(session, organisation_id=scope.organisation_id, ticket_ids=chunk)
        rows = await fetch(session, CLOCKS, scope.organisation_id, chunk)
        differing += _differing(log, [_StoredClock.of(row) for row in rows], promised)
    return Violations.of(differing)


async def _promises(session: ReadSession, organisation_id: UUID) -> dict[tuple[UUID, UUID], Promise]:
    """Every definition of a target with every version of its calendar."""
    services = await fetch(session, "SELECT id FROM service WHERE organisation_id = $1::uuid", organisation_id)
    targets = await targets_in_force(session, organisation_id, service_ids=[row[0] for row in services])
    sql = "SELECT calendar_id, id FROM calendar_version WHERE organisation_id = $1::uuid"
    versions: dict[UUID, list[UUID]] = defaultdict(list)
    for calendar_id, version_id in await fetch(session, sql, organisation_id):
        versions[calendar_id].append(version_id)
    calendars = await load_calendar_definitions(
        session, organisation_id, [version for found in versions.values() for version in found]
    )
    return {
        (target.target_version_id, version): Promise(target, version, calendars[version])
        for target in targets
        for version in versions[target.calendar_id]
    }


def _differing(
    log: TicketHistory, stored: Sequence[_StoredClock], promised: dict[tuple[UUID, UUID], Promise]
) -> list[str]:
    place = {ticket_id: index for index, ticket_id in enumerate(log.ticket_ids)}
    # A running clock shows what it did when it was computed; therefore each group is computed as of its own instant.
    groups: dict[tuple[UUID, UUID, datetime], list[_StoredClock]] = defaultdict(list)
    for clock in stored:
        groups[clock.target_version_id, clock.calendar_version_id, clock.computed_at].append(clock)
    kept = {(clock.ticket_id, clock.target_id, clock.cycle) for clock in stored}
    differing = []
    for (version, calendar_version, computed_at), clocks in groups.items():
        promise = promised.get((version, calendar_version))
        if promise is None:
            differing += [f"clock {clock.id}: names versions that do not belong together" for clock in clocks]
            continue
        chosen = np.zeros(len(log.ticket_ids), dtype=np.bool_)
        chosen[[place[clock.ticket_id] for clock in clocks if clock.ticket_id in place]] = True
        rows = clock_rows(log, promise, chosen, computed_at)
        computed = {(row.ticket_id, row.target_id, row.cycle): row for row in rows}
        found = ((clock, computed.get((clock.ticket_id, clock.target_id, clock.cycle))) for clock in clocks)
        differing += [f"clock {clock.id}: {wrong}" for clock, row in found if (wrong := _difference(clock, row))]
        unknown = sorted(computed.keys() - kept)
        differing += [f"ticket {ticket}, target {target}: no clock {cycle}" for ticket, target, cycle in unknown]
    return differing


def _difference(clock: _StoredClock, computed: ClockRow | None) -> str | None:
    """What differs between a stored clock and the one computed anew; None if nothing does."""
    if clock.values[:2] == WITHDRAWN:
        return None
    if computed is None:
        return "its events lead to none"
    named = zip(COMPARED, clock.values, strict=True)
    return ", ".join(name for name, value in named if value != getattr(computed, name)) or None


async def periods_that_differ(session: ReadSession, scope: Scope) -> Violations:
    """Period results whose counts are not those of their clocks, or whose outcome does not follow from the counts."""
    by_target: dict[tuple[UUID, datetime], list[Any]] = defaultdict(list)
    for row in await fetch(session, PERIODS, scope.organisation_id, scope.now):
        by_target[row[1], row[-1]].append(row)
    differing = []
    for (target_id, computed_at), rows in by_target.items():
        starts, ends = [row[2] for row in rows], [row[3] for row in rows]
        found = await fetch(session, COUNT_CLOCKS, scope.organisation_id, target_id, starts, ends, computed_at)
        counted = {(start, end): tuple(counts[:4]) for start, end, *counts in found}
        for id_, _, start, end, met, missed, pending, cancelled, objective, outcome, _ in rows:
            expected = judge(
                met=met, missed=missed, pending=pending, objective_percent=objective, finished=end <= computed_at
            )
            if counted[start, end] != (met, missed, pending, cancelled) or outcome != expected:
                differing.append(f"period result {id_}")
    return Violations.of(differing)


REPLAYED = (
    Invariant(
        "tickets-follow-from-events",
        "Every ticket stands where its events lead.",
        "Recording any event of the ticket works it out again. Keep the keys and report it.",
        tickets_that_differ,
    ),
    Invariant(
        "clocks-follow-from-events",
        "Every clock shows what its ticket's events lead to under the versions of target and calendar it names.",
        "Recording any event of the ticket works it out again. Keep the keys and report it.",
        clocks_that_differ,
    ),
    Invariant(
        "periods-follow-from-clocks",
        "Every period result counts its clocks, and its outcome follows from the counts.",
        "Recording any event of a ticket decided in the period works it out again. Keep the keys and report it.",
        periods_that_differ,
    ),
)
