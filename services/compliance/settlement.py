"""From recorded events to clocks, breaches and period results: what every writer calls, and what falls due by itself.

Settling is done one at a time in an organisation: periods count the clocks of many tickets, so two settlements that did
not see each other would each miss the other's.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.agreements.record_counts import CountedRecord, count_records
from services.attainment.commands import compute_periods, recompute_periods
from services.attainment.queries import JudgedPeriod
from services.compliance.rules import BreachKind
from services.db import WriteSession, execute, fetch, new_id
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import Actor, Permission
from services.organisations.turns import wait_for_turn
from services.tickets import commands as tickets

SETTLED_AT_ONCE = 20_000
"""Tickets whose clocks are worked out together: bounds memory, large enough for whole-array arithmetic."""

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
ON CONFLICT DO NOTHING RETURNING target_id
"""

INSERT_PERIOD_BREACHES = """
INSERT INTO breach (organisation_id, id, kind, target_id, target_version_id, calendar_version_id, period, period_start,
                    breached_at, recorded_at, recorded_by)
SELECT $1::uuid, x.id, $2::text, x.target_id, x.target_version_id, x.calendar_version_id, x.period, x.period_start,
       x.breached_at, $3::timestamptz, $4::uuid
FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::timestamptz[], $11::timestamptz[])
     AS x (id, target_id, target_version_id, calendar_version_id, period, period_start, breached_at)
ON CONFLICT DO NOTHING RETURNING target_id
"""

DECIDED = """
SELECT DISTINCT c.target_id, date_bin('15 minutes', coalesce(c.decided_at, $3::timestamptz), 'epoch'::timestamptz)
FROM clock c
WHERE c.organisation_id = $1::uuid AND c.ticket_id = ANY($2::uuid[])
  AND (c.decided_at IS NOT NULL OR c.status IN ('running', 'paused'))
"""
"""To the quarter of an hour: no time zone begins its days in between."""

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
SELECT target_id, period, period_start, period_end FROM period_result
WHERE organisation_id = $1::uuid AND outcome = 'pending' AND period_end <= $2::timestamptz
"""

LIVE_TARGETS = """
SELECT DISTINCT target_id FROM clock
WHERE organisation_id = $1::uuid AND target_id = ANY($2::uuid[]) AND status IN ('running', 'paused')
"""

OBSERVED_AT_ONCE = 2_000
"""Fewer where somebody compares clocks, timelines included, before and after."""

Instants = dict[UUID, set[datetime]]
"""By target: instants in the periods that may have changed."""
Recorded = Counter[UUID]
"""By target: breaches recorded for the first time."""


class Observer(Protocol):
    """Looks at tickets before and after they are settled, because their definitions changed and not their facts."""

    recomputation_id: UUID

    @property
    def periods(self) -> Mapping[UUID, Set[JudgedPeriod]]:
        """By target: what must be worked out besides the periods in which clocks were or are decided."""

    async def before(self, ticket_ids: Sequence[UUID]) -> None:
        """These tickets are about to be settled."""

    async def after(self, ticket_ids: Sequence[UUID]) -> None:
        """They are, and breaches of their clocks are recorded."""


async def settle(
    session: WriteSession,
    *,
    actor: Actor,
    ticket_ids: Sequence[UUID],
    now: datetime,
    progress: Callable[[int], None] = lambda _settled: None,
) -> int:
    """Settle tickets, record the breaches their clocks show, and work out the periods they count in.

    Returns how many breaches were recorded for the first time. A breach once recorded stays, whatever is found later;
    therefore periods are judged only when all the tickets are settled.
    """
    actor.require(Permission.INGEST)
    if not ticket_ids:
        return 0
    await wait_for_turn(session, actor.organisation_id)
    recorded = await settle_in_turn(session, actor=actor, ticket_ids=ticket_ids, now=now, progress=progress)
    await count_records(session, actor.organisation_id, CountedRecord.BREACH, recorded)
    return recorded.total()


async def record_due_breaches(session: WriteSession, *, actor: Actor, now: datetime, limit: int) -> int:
    """Record what has fallen due in this organisation by `now`: breaches of running clocks, and periods that ended.

    Takes at most `limit` clocks and says how many tickets it settled; fewer than `limit` means nothing is left. While
    somebody else settles there it returns 0 at once: their settlement schedules what remains.
    """
    actor.require(Permission.INGEST)
    taken = await fetch(
        session,
        "SELECT due_at FROM due_organisation WHERE organisation_id = $1::uuid FOR UPDATE SKIP LOCKED",
        actor.organisation_id,
    )
    if not taken:
        return 0
    # Whole seconds, as clocks compute: in the second that begins with its due instant, a clock may still stop in time.
    second = now.replace(microsecond=0)
    due = [row[0] for row in await fetch(session, DUE_TICKETS, actor.organisation_id, second, limit)]
    recorded: Recorded = Counter()
    if due:
        recorded += await settle_in_turn(session, actor=actor, ticket_ids=due, now=now)
    recorded += await finish_periods(session, actor=actor, now=now)
    await count_records(session, actor.organisation_id, CountedRecord.BREACH, recorded)
    next_due = (await fetch(session, NEXT_DUE, actor.organisation_id, now))[0][0]
    await execute(
        session,
        "UPDATE due_organisation SET due_at = $2::timestamptz WHERE organisation_id = $1::uuid",
        actor.organisation_id,
        next_due,
    )
    return len(due)


async def settle_in_turn(
    session: WriteSession,
    *,
    actor: Actor,
    ticket_ids: Sequence[UUID],
    now: datetime,
    progress: Callable[[int], None] = lambda _settled: None,
    observer: "Observer | None" = None,
) -> Recorded:
    """What `settle` does, for a caller that has waited for its turn and counts the breaches recorded by itself."""
    actor.require(Permission.INGEST)
    recorded: Recorded = Counter()
    instants: Instants = defaultdict(set)
    chosen = sorted(set(ticket_ids))
    at_once = SETTLED_AT_ONCE if observer is None else OBSERVED_AT_ONCE
    for start in range(0, len(chosen), at_once):
        chunk = chosen[start : start + at_once]
        if observer is not None:
            await observer.before(chunk)
        await _add_decided(session, actor, chunk, now, instants)
        await tickets.settle(session, actor=actor, ticket_ids=chunk, now=now)
        recorded += await _record_clock_breaches(session, actor, chunk, now)
        await _add_decided(session, actor, chunk, now, instants)
        if observer is not None:
            await observer.after(chunk)
        progress(start + len(chunk))
    because = None if observer is None else observer.recomputation_id
    await compute_periods(session, actor=actor, instants=instants, now=now, recomputation_id=because)
    if observer is not None:
        await recompute_periods(
            session, actor=actor, periods=observer.periods, now=now, recomputation_id=observer.recomputation_id
        )
    recorded += await _record_period_breaches(session, actor, now)
    await _schedule(session, actor, now)
    return recorded


async def _add_decided(
    session: WriteSession, actor: Actor, ticket_ids: Sequence[UUID], now: datetime, instants: Instants
) -> None:
    for target_id, instant in await fetch(session, DECIDED, actor.organisation_id, list(ticket_ids), now):
        instants[target_id].add(instant)


async def finish_periods(session: WriteSession, *, actor: Actor, now: datetime) -> Recorded:
    """Judge the periods that ended, and open the one that runs for targets with live clocks; in the caller's turn."""
    actor.require(Permission.INGEST)
    ended: dict[UUID, set[JudgedPeriod]] = defaultdict(set)
    for target_id, kind, start, end in await fetch(session, ENDED_PERIODS, actor.organisation_id, now):
        ended[target_id].add(JudgedPeriod(PeriodKind(kind), start, end))
    if not ended:
        return Counter()
    await recompute_periods(session, actor=actor, periods=ended, now=now)
    live = await fetch(session, LIVE_TARGETS, actor.organisation_id, list(ended))
    await compute_periods(session, actor=actor, instants={row[0]: {now} for row in live}, now=now)
    return await _record_period_breaches(session, actor, now)


async def _record_clock_breaches(
    session: WriteSession, actor: Actor, ticket_ids: Sequence[UUID], now: datetime
) -> Recorded:
    rows = await fetch(session, UNRECORDED_CLOCK_BREACHES, actor.organisation_id, list(ticket_ids))
    return await _insert(session, actor, INSERT_CLOCK_BREACHES, BreachKind.CLOCK, rows, now)


async def _record_period_breaches(session: WriteSession, actor: Actor, now: datetime) -> Recorded:
    rows = await fetch(session, UNRECORDED_PERIOD_BREACHES, actor.organisation_id, now)
    return await _insert(session, actor, INSERT_PERIOD_BREACHES, BreachKind.PERIOD, rows, now)


async def _insert(
    session: WriteSession,
    actor: Actor,
    statement: str,
    kind: BreachKind,
    rows: Sequence[tuple[object, ...]],
    now: datetime,
) -> Recorded:
    if not rows:
        return Counter()
    columns = [list(column) for column in zip(*rows, strict=True)]
    ids = [new_id() for _ in rows]
    inserted = await fetch(session, statement, actor.organisation_id, kind.value, now, actor.account_id, ids, *columns)
    return Counter(target_id for (target_id,) in inserted)


async def _schedule(session: WriteSession, actor: Actor, now: datetime) -> None:
    next_due = (await fetch(session, NEXT_DUE, actor.organisation_id, now))[0][0]
    await execute(session, SCHEDULE_EARLIER, actor.organisation_id, next_due)
