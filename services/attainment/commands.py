"""Working out period results: each replaces the row of its target and period."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.attainment.queries import TargetPeriods, target_periods
from services.db import WriteSession, execute, fetch, new_id
from services.domain.period import Period, periods_between
from services.domain.rates import judge, rate
from services.organisations.rules import Actor, Permission

COUNT_CLOCKS = """
SELECT p.start,
       count(*) FILTER (WHERE c.status <> 'cancelled' AND c.outcome = 'met'),
       count(*) FILTER (WHERE c.outcome = 'missed'),
       count(*) FILTER (WHERE c.decided_at IS NULL AND c.status <> 'cancelled'),
       count(*) FILTER (WHERE c.status = 'cancelled' AND c.outcome <> 'missed'),
       encode(sha256(convert_to(
           coalesce(string_agg(c.id::text || c.outcome || c.computed_at::text, ',' ORDER BY c.id), ''), 'UTF8')), 'hex')
FROM unnest($3::timestamptz[], $4::timestamptz[]) AS p (start, until)
LEFT JOIN clock c ON c.organisation_id = $1::uuid AND c.target_id = $2::uuid
     AND (c.decided_at >= p.start AND c.decided_at < p.until
          OR c.decided_at IS NULL AND $5::timestamptz >= p.start AND $5::timestamptz < p.until
             AND c.started_at < p.until)
GROUP BY p.start ORDER BY p.start
"""

UPSERT_RESULTS = """
INSERT INTO period_result (organisation_id, id, target_id, target_version_id, calendar_version_id, period, period_start,
                           period_end, met, missed, pending, cancelled, objective_percent, attainment_percent,
                           interval_low_percent, interval_high_percent, outcome, inputs_digest, computed_at)
SELECT $1::uuid, x.id, $2::uuid, x.target_version_id, x.calendar_version_id, $3::text, x.period_start, x.period_end,
       x.met, x.missed, x.pending, x.cancelled, x.objective, x.attainment, x.low, x.high, x.outcome, x.digest,
       $4::timestamptz
FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::bigint[],
            $12::bigint[], $13::bigint[], $14::numeric[], $15::numeric[], $16::numeric[], $17::numeric[], $18::text[],
            $19::text[])
     AS x (id, target_version_id, calendar_version_id, period_start, period_end, met, missed, pending, cancelled,
           objective, attainment, low, high, outcome, digest)
ON CONFLICT (organisation_id, target_id, period, period_start) DO UPDATE SET
       target_version_id = excluded.target_version_id, calendar_version_id = excluded.calendar_version_id,
       period_end = excluded.period_end, met = excluded.met, missed = excluded.missed, pending = excluded.pending,
       cancelled = excluded.cancelled, objective_percent = excluded.objective_percent,
       attainment_percent = excluded.attainment_percent, interval_low_percent = excluded.interval_low_percent,
       interval_high_percent = excluded.interval_high_percent, outcome = excluded.outcome,
       inputs_digest = excluded.inputs_digest, computed_at = excluded.computed_at
"""


async def compute_periods(
    session: WriteSession, *, actor: Actor, since: datetime, until: datetime, target_ids: Sequence[UUID], now: datetime
) -> None:
    """Work out every period of these targets that shares an instant with `since` to `until`.

    A clock belongs to the period in which it was decided: when it was stopped in time, or when its promise was broken.
    Clocks not yet decided are pending in the period that runs at `now`. Two statements per target.
    """
    actor.require(Permission.INGEST)
    for target in await target_periods(session, actor.organisation_id, target_ids=target_ids):
        periods = list(periods_between(target.period, since, _after(until), ZoneInfo(target.time_zone)))
        await _compute(session, actor.organisation_id, target, periods, now)


def _after(instant: datetime) -> datetime:
    return instant.replace(microsecond=999_999)


async def _compute(
    session: WriteSession, organisation_id: UUID, target: TargetPeriods, periods: Sequence[Period], now: datetime
) -> None:
    counts = await fetch(
        session,
        COUNT_CLOCKS,
        organisation_id,
        target.target_id,
        [period.start for period in periods],
        [period.end for period in periods],
        now,
    )
    rows = [
        _result(target, period, met, missed, pending, cancelled, digest, now)
        for period, (_, met, missed, pending, cancelled, digest) in zip(periods, counts, strict=True)
    ]
    await execute(
        session,
        UPSERT_RESULTS,
        organisation_id,
        target.target_id,
        target.period.value,
        now,
        *(list(column) for column in zip(*rows, strict=True)),
    )


def _result(
    target: TargetPeriods,
    period: Period,
    met: int,
    missed: int,
    pending: int,
    cancelled: int,
    digest: str,
    now: datetime,
) -> tuple[Any, ...]:
    version = target.version_at(period.end)
    attained = rate(met, met + missed)
    objective: Decimal = version.objective_percent
    outcome = judge(met=met, missed=missed, pending=pending, objective_percent=objective, finished=period.end <= now)
    return (
        new_id(),
        version.target_version_id,
        version.calendar_version_id,
        period.start,
        period.end,
        met,
        missed,
        pending,
        cancelled,
        objective,
        attained.percent,
        attained.low_percent,
        attained.high_percent,
        outcome.value,
        digest,
    )
