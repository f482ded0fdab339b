"""Targets and their periods at an instant: what the clocks decided in each, from facts known by then. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from services.agreements.queries import TargetInForce
from services.domain.instants import from_epoch, to_epoch
from services.domain.period import Period, period_around
from services.domain.vocabulary import Outcome
from services.forecasting.structural import MICRO, Histories, Periods
from services.tickets.clocks import ClockRow, Promise, clock_rows
from services.tickets.history import Flags, TicketHistory

PERIODS = 12
"""Closed periods looked at."""


@dataclass(frozen=True)
class TargetPeriod:
    """A target in force at an instant, with the period that runs and the counts of it and of those before."""

    target: TargetInForce
    period: Period
    met: int
    missed: int
    past_met: tuple[int, ...]
    past_decided: tuple[int, ...]
    definition_changed: bool

    @property
    def closed_periods(self) -> int:
        """Past periods in which anything was decided."""
        return sum(decided > 0 for decided in self.past_decided)

    @property
    def missed_periods(self) -> int:
        """Past periods that missed today's objective."""
        objective = float(self.target.objective_percent) / 100
        pairs = zip(self.past_met, self.past_decided, strict=True)
        return sum(decided > 0 and met < objective * decided for met, decided in pairs)


def target_periods(
    log: TicketHistory, promises: Sequence[tuple[Promise, Flags]], instant: datetime
) -> list[TargetPeriod]:
    """Every target in force at the instant. The clocks are computed from the history, which must be known by then."""
    decided: dict[UUID, list[tuple[datetime, bool]]] = {}
    for promise, tickets in promises:
        for row in clock_rows(log, promise, tickets, instant):
            if (when := _decision(row)) is not None and when <= instant:
                decided.setdefault(row.target_id, []).append((when, row.outcome == Outcome.MISSED))
    found = []
    by_target = groupby(sorted(promises, key=lambda held: held[0].target.target_id), lambda h: h[0].target.target_id)
    for target_id, held in by_target:
        versions = [promise for promise, _ in held]
        current = next((promise for promise in versions if promise.target.holds_at(instant)), None)
        if current is not None:
            earliest = min(promise.target.valid_from for promise in versions)
            found.append(_target_period(current, earliest, decided.get(target_id, []), instant))
    return found


def _decision(row: ClockRow) -> datetime | None:
    return row.decided_at if row.outcome in (Outcome.MET, Outcome.MISSED) else None


def _target_period(
    promise: Promise, earliest: datetime, decided: Iterable[tuple[datetime, bool]], instant: datetime
) -> TargetPeriod:
    target, zone = promise.target, ZoneInfo(promise.calendar.time_zone)
    period = period_around(target.period, instant, zone)
    starts = [period.start]
    for _ in range(PERIODS):
        starts.append(period_around(target.period, from_epoch(to_epoch(starts[-1]) - 1), zone).start)
    edges = [to_epoch(start) for start in reversed(starts)]
    met, missed = np.zeros(PERIODS + 2, np.int64), np.zeros(PERIODS + 2, np.int64)
    for when, was_missed in decided:
        (missed if was_missed else met)[np.searchsorted(edges, to_epoch(when), side="right")] += 1
    return TargetPeriod(
        target=target,
        period=period,
        met=int(met[-1]),
        missed=int(missed[-1]),
        past_met=tuple(met[1:-1].tolist()),
        past_decided=tuple((met + missed)[1:-1].tolist()),
        definition_changed=target.valid_from > max(period.start, earliest),
    )


def histories(periods: Sequence[TargetPeriod]) -> Histories:
    """The closed periods of the targets."""
    return Histories(
        np.array([found.past_met for found in periods], dtype=np.int64).reshape(len(periods), PERIODS),
        np.array([found.past_decided for found in periods], dtype=np.int64).reshape(len(periods), PERIODS),
    )


def running(periods: Sequence[TargetPeriod], instant: datetime) -> Periods:
    """The running periods of the targets at the instant."""
    spans = [(instant - found.period.start) / (found.period.end - found.period.start) for found in periods]
    return Periods(
        met=np.array([found.met for found in periods], dtype=np.int64),
        missed=np.array([found.missed for found in periods], dtype=np.int64),
        elapsed=np.array(spans, dtype=np.float64),
        objective=np.array([int(found.target.objective_percent * MICRO) for found in periods], dtype=np.int64),
        finished=np.zeros(len(periods), dtype=np.bool_),
    )
