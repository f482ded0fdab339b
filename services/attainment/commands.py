"""Working out period results: each replaces the row of its target and period, unless that is frozen.

What a judged period said before is kept whenever it comes to something else; so is, when a definition or a calendar
changed, what a running one said. Of a frozen period, what it comes to now is kept beside it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from services.attainment.queries import JudgedPeriod, TargetPeriods, target_periods
from services.db import WriteSession, execute, fetch, new_id
from services.domain.rates import judge, rate
from services.domain.vocabulary import Outcome
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


STORED_RESULTS = """
SELECT r.period, r.period_start, r.id, r.period_end, r.computed_at,
       EXISTS (SELECT FROM period_freeze f WHERE f.organisation_id = $1::uuid AND f.period_result_id = r.id),
       r.target_version_id, r.calendar_version_id, r.met, r.missed, r.pending, r.cancelled, r.objective_percent,
       r.attainment_percent, r.interval_low_percent, r.interval_high_percent, r.outcome, r.inputs_digest
FROM period_result r
WHERE r.organisation_id = $1::uuid AND r.target_id = $2::uuid
  AND (r.period, r.period_start) IN (SELECT * FROM unnest($3::text[], $4::timestamptz[]))
"""

KEEP_SUPERSEDED = """
INSERT INTO superseded_period_result (organisation_id, id, period_result_id, recomputation_id, superseded_at,
                                      target_version_id, calendar_version_id, met, missed, pending, cancelled,
                                      objective_percent, attainment_percent, interval_low_percent,
                                      interval_high_percent, outcome, inputs_digest, computed_at)
SELECT $1::uuid, x.id, x.period_result_id, $2::uuid, $3::timestamptz, x.target_version_id, x.calendar_version_id,
       x.met, x.missed, x.pending, x.cancelled, x.objective, x.attainment, x.low, x.high, x.outcome, x.digest,
       x.computed_at
FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
            $12::numeric[], $13::numeric[], $14::numeric[], $15::numeric[], $16::text[], $17::text[],
            $18::timestamptz[])
     AS x (id, period_result_id, target_version_id, calendar_version_id, met, missed, pending, cancelled, objective,
           attainment, low, high, outcome, digest, computed_at)
"""

UPSERT_RECOMPUTED = """
INSERT INTO recomputed_period_result (organisation_id, id, period_result_id, target_version_id, calendar_version_id,
                                      met, missed, pending, cancelled, objective_percent, attainment_percent,
                                      interval_low_percent, interval_high_percent, outcome, inputs_digest, computed_at)
SELECT $1::uuid, x.id, x.period_result_id, x.target_version_id, x.calendar_version_id, x.met, x.missed, x.pending,
       x.cancelled, x.objective, x.attainment, x.low, x.high, x.outcome, x.digest, $2::timestamptz
FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
            $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[], $15::text[], $16::text[])
     AS x (id, period_result_id, target_version_id, calendar_version_id, met, missed, pending, cancelled, objective,
           attainment, low, high, outcome, digest)
ON CONFLICT (organisation_id, period_result_id) DO UPDATE SET
       target_version_id = excluded.target_version_id, calendar_version_id = excluded.calendar_version_id,
       met = excluded.met, missed = excluded.missed, pending = excluded.pending, cancelled = excluded.cancelled,
       objective_percent = excluded.objective_percent, attainment_percent = excluded.attainment_percent,
       interval_low_percent = excluded.interval_low_percent, interval_high_percent = excluded.interval_high_percent,
       outcome = excluded.outcome, inputs_digest = excluded.inputs_digest, computed_at = excluded.computed_at
"""


class _Figures(NamedTuple):
    """The columns that results, superseded ones and recomputed ones have in common, without the instant."""

    target_version_id: UUID
    calendar_version_id: UUID
    met: int
    missed: int
    pending: int
    cancelled: int
    objective: Decimal
    attainment: Decimal | None
    low: Decimal | None
    high: Decimal | None
    outcome: str
    digest: str

    def say_the_same(self, other: "_Figures") -> bool:
        """Whether both lead to the same conclusion from the same counts."""
        return self.met == other.met and self[3:7] == other[3:7] and self.outcome == other.outcome


class _Stored(NamedTuple):
    """A result as it stands."""

    id: UUID
    period_end: datetime
    figures: _Figures
    computed_at: datetime
    frozen: bool

    @property
    def judged(self) -> bool:
        """Whether it was computed after its period ended, and said something."""
        return self.computed_at >= self.period_end and self.figures.outcome != Outcome.PENDING


async def compute_periods(
    session: WriteSession,
    *,
    actor: Actor,
    instants: Mapping[UUID, Collection[datetime]],
    now: datetime,
    recomputation_id: UUID | None = None,
) -> None:
    """Work out, for each target, the periods its instants fall into.

    A clock belongs to the period in which it was decided: when it was stopped in time, or when its promise was broken.
    Clocks that run or wait are pending in the period that contains `now`. Three statements per target, and one more for
    results that are superseded or frozen. `recomputation_id`: because of which change of definitions.
    """
    targets = await target_periods(session, actor.organisation_id, target_ids=instants)
    periods = {target.target_id: target.periods_around(instants[target.target_id]) for target in targets}
    await recompute_periods(session, actor=actor, periods=periods, now=now, recomputation_id=recomputation_id)


async def recompute_periods(
    session: WriteSession,
    *,
    actor: Actor,
    periods: Mapping[UUID, Collection[JudgedPeriod]],
    now: datetime,
    recomputation_id: UUID | None = None,
) -> None:
    """Work out these very periods of these targets, as they were cut, as `compute_periods` does."""
    actor.require(Permission.INGEST)
    for target in await target_periods(session, actor.organisation_id, target_ids=periods):
        if chosen := sorted(periods[target.target_id]):
            await _compute(session, actor.organisation_id, target, chosen, now, recomputation_id)


async def _compute(
    session: WriteSession,
    organisation_id: UUID,
    target: TargetPeriods,
    periods: Sequence[JudgedPeriod],
    now: datetime,
    recomputation_id: UUID | None,
) -> None:
    stored = await _stored(session, organisation_id, target.target_id, periods)
    computed = await _figures(session, organisation_id, target, periods, now)
    frozen = {stored[period].id: figures for period, figures in computed.items() if _is_frozen(stored.get(period))}
    if frozen:
        rows = [(new_id(), result_id, *figures) for result_id, figures in frozen.items()]
        await execute(session, UPSERT_RECOMPUTED, organisation_id, now, *_columns(rows))
    superseded = [
        (new_id(), was.id, *was.figures, was.computed_at)
        for period, figures in computed.items()
        if (was := stored.get(period)) is not None and not was.frozen and not was.figures.say_the_same(figures)
        if was.judged or recomputation_id is not None
    ]
    if superseded:
        await execute(session, KEEP_SUPERSEDED, organisation_id, recomputation_id, now, *_columns(superseded))
    replaced = [
        (new_id(), *figures[:2], period.kind.value, period.start, period.end, *figures[2:])
        for period, figures in computed.items()
        if not _is_frozen(stored.get(period))
    ]
    if replaced:
        await execute(session, UPSERT_RESULTS, organisation_id, target.target_id, now, *_columns(replaced))


def _is_frozen(stored: _Stored | None) -> bool:
    return stored is not None and stored.frozen


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def _stored(
    session: WriteSession, organisation_id: UUID, target_id: UUID, periods: Sequence[JudgedPeriod]
) -> dict[JudgedPeriod, _Stored]:
    """The results there are; a period whose end moved replaces that of the same start."""
    rows = await fetch(
        session,
        STORED_RESULTS,
        organisation_id,
        target_id,
        [period.kind.value for period in periods],
        [period.start for period in periods],
    )
    found = {
        (kind, start): _Stored(id_, end, _Figures(*figures), computed_at, frozen)
        for kind, start, id_, end, computed_at, frozen, *figures in rows
    }
    return {
        period: found[period.kind.value, period.start]
        for period in periods
        if (period.kind.value, period.start) in found
    }


async def _figures(
    session: WriteSession, organisation_id: UUID, target: TargetPeriods, periods: Sequence[JudgedPeriod], now: datetime
) -> dict[JudgedPeriod, _Figures]:
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
    return {period: _concluded(target, period, *counted[period.start, period.end], now=now) for period in periods}


def _concluded(
    target: TargetPeriods,
    period: JudgedPeriod,
    met: int,
    missed: int,
    pending: int,
    cancelled: int,
    digest: str,
    *,
    now: datetime,
) -> _Figures:
    version = target.version_at(period.end)
    attained = rate(met, met + missed)
    objective = version.objective_percent
    outcome = judge(met=met, missed=missed, pending=pending, objective_percent=objective, finished=period.end <= now)
    return _Figures(
        version.target_version_id,
        version.calendar_version_id,
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
