"""Working out period results: each replaces the row of its target and period."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.attainment.queries import JudgedPeriod, TargetPeriods, target_periods
from services.db import WriteSession, execute, fetch, new_id
from services.domain.rates import judge, rate
from services.organisations.rules import Actor, Permission

COUNT_CLOCKS = """
SELECT p.start, p.until,
       count(*) FILTER (WHERE c.status <> 'cancelled' AND c.outcome = 'met'),
       count(*) FILTER (WHERE c.outcome = 'missed'),
       count(c.id) FILTER (WHERE c.decided_at IS NULL),
       count(*) FILTER (WHERE c.status = 'cancelled' AND c.outcome <> 'missed'),
       encode(sha256(convert_to(
           coalesce(string_agg(c.id::text || c.outcome || c.computed_at::text, ',' ORDER BY c.id), ''), 'UTF8')), 'hex')
FROM unnest($3::timestamptz[], $4::timestamptz[]) AS p (start, until)
LEFT JOIN clock c ON c.organisation_id = $1::uuid AND c.target_id = $2::uuid
     AND (c.decided_at >= p.start AND c.decided_at < p.until
          OR c.status IN ('running', 'paused') AND c.decided_at IS NULL
             AND $5::timestamptz >= p.start AND $5::timestamptz < p.until)
GROUP BY p.start, p.until
"""

UPSERT_RESULTS = """
INSERT INTO period_result (organisation_id, id, target_id, target_version_id, calendar_version_id, period, period_start,
                           period_end, met, missed, pending, cancelled, objective_percent, attainment_percent,
                           interval_low_percent, interval_high_percent, outcome, inputs_digest, computed_at)
SELECT $1::uuid, x.id, $2::uuid, x.target_version_id, x.calendar_version_id, x.period, x.period_start, x.period_end,
       x.met, x.missed, x.pending, x.cancelled, x.objective, x.attainment, x.low, x.high, x.outcome, x.digest,
       $3::timestamptz
FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::bigint[],
            $11::bigint[], $12::bigint[], $13::bigint[], $14::numeric[], $15::numeric[], $16::numeric[], $17::numeric[],
            $18::text[], $19::text[])
     AS x (id, target_version_id, calendar_version_id, period, period_start, period_end, met, missed, pending,
           cancelled, objective, attainment, low, high, outcome, digest)
ON CONFLICT (organisation_id, target_id, period, period_start) DO UPDATE SET
       target_version_id = excluded.target_version_id, calendar_version_id = excluded.calendar_version_id,
       period_end = excluded.period_end, met = excluded.met, missed = excluded.missed, pending = excluded.pending,
       cancelled = excluded.cancelled, objective_percent = excluded.objective_percent,
       attainment_percent = excluded.attainment_percent, interval_low_percent = excluded.interval_low_percent,
       interval_high_percent = excluded.interval_high_percent, outcome = excluded.outcome,
       inputs_digest = excluded.inputs_digest, computed_at = excluded.computed_at
"""


async def compute_periods(
    session: WriteSession, *, actor: Actor, instants: Mapping[UUID, Collection[datetime]], now: datetime
) -> None:
    """Work out, for each target, the periods its instants fall into.

    A clock belongs to the period in which it was decided: when it was stopped in time, or when its promise was broken.
    Clocks that run or wait are pending in the period that contains `now`. Two statements per target.
    """
    targets = await target_periods(session, actor.organisation_id, target_ids=instants)
    periods = {target.target_id: target.periods_around(instants[target.target_id]) for target in targets}
    await recompute_periods(session, actor=actor, periods=periods, now=now)


async def recompute_periods(
    session: WriteSession, *, actor: Actor, periods: Mapping[UUID, Collection[JudgedPeriod]], now: datetime
) -> None:
    """Work out these very periods of these targets, as they were cut. Two statements per target."""
    actor.require(Permission.INGEST)
    for target in await target_periods(session, actor.organisation_id, target_ids=periods):
        if chosen := sorted(periods[target.target_id]):
            await _compute(session, actor.organisation_id, target, chosen, now)


async def _compute(
    session: WriteSession, organisation_id: UUID, target: TargetPeriods, periods: Sequence[JudgedPeriod], now: datetime
) -> None:
    # Periods of two kinds may begin at the same instant: both ends tell them apart.
    counted = {
        (start, end): counts
        for start, end, *counts in await fetch(
            session,
            COUNT_CLOCKS,
            organisation_id,
            target.target_id,
            [period.start for period in periods],
            [period.end for period in periods],
            now,
        )
    }
    rows = [_result(target, period, *counted[period.start, period.end], now=now) for period in periods]
    await execute(
        session,
        UPSERT_RESULTS,
        organisation_id,
        target.target_id,
        now,
        *(list(column) for column in zip(*rows, strict=True)),
    )


def _result(
    target: TargetPeriods,
    period: JudgedPeriod,
    met: int,
    missed: int,
    pending: int,
    cancelled: int,
    digest: str,
    *,
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
        period.kind.value,
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
