"""The timeline of every clock: why its number is what it is, instant by instant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.clock_log import Flags, Integers
from services.domain.clock_spans import RUNNING, STOPPED, WAITING, Runs
from services.domain.vocabulary import ClockTransitionKind as Kind

_ORDER = (Kind.START, Kind.REOPEN, Kind.RESUME, Kind.PAUSE, Kind.THRESHOLD, Kind.BREACH, Kind.STOP, Kind.CANCEL)
"""The order of what happens at one event."""
_KINDS = np.array(_ORDER, dtype=object)


@dataclass(frozen=True, eq=False)
class Transitions:
    """What happened to the clocks, ordered by clock and then as it happened.

    `business` and `wall` are the seconds the clock had run by then. `event` indexes the log, -1 where the instant was
    computed (thresholds and breaches). A clock that counts from opening starts there; its START names the event that
    attached it. `percent` is the threshold's percentage, else -1.
    """

    clock: Integers
    at: Integers
    kind: npt.NDArray[np.object_]
    business: Integers
    wall: Integers
    event: Integers
    percent: Integers


@dataclass(frozen=True, eq=False)
class Crossings:
    """Computed instants: within span `span`, the clock had run `business` seconds for the first time at `at`."""

    clock: Integers
    at: Integers
    kind: Kind
    business: Integers
    wall: Integers
    span: Integers
    percent: int = -1


@dataclass(frozen=True, eq=False)
class Progress:
    """Seconds run at the beginning of each span, and at the end of each run."""

    business: Integers
    wall: Integers
    business_at_end: Integers
    wall_at_end: Integers


def timeline(
    runs: Runs, ended_at: Integers, clock_of_run: Integers, progress: Progress, crossings: list[Crossings]
) -> Transitions:
    """All transitions of the runs that count, `clock_of_run` naming their clocks (-1: superseded)."""
    run = np.repeat(np.arange(runs.ticket.size), np.diff(runs.first))
    shown = clock_of_run[run] >= 0
    parts = []
    for kind, when in _changes(runs).items():
        span = np.flatnonzero(when & shown)
        event = runs.attach_event[run[span]] if kind is Kind.START else runs.event[span]
        seconds = progress.business[span], progress.wall[span]
        parts.append(_part(kind, clock_of_run[run[span]], runs.begin[span], *seconds, event, 2 * span))
    for kind, completed in ((Kind.STOP, True), (Kind.CANCEL, False)):
        ended = np.flatnonzero((runs.end_event >= 0) & (runs.completed == completed) & (clock_of_run >= 0))
        seconds = progress.business_at_end[ended], progress.wall_at_end[ended]
        place = 2 * runs.first[ended + 1]
        parts.append(_part(kind, clock_of_run[ended], ended_at[ended], *seconds, runs.end_event[ended], place))
    for crossed in crossings:
        none, place = np.full(crossed.at.size, -1), 2 * crossed.span + 1
        seconds = crossed.business, crossed.wall
        parts.append(_part(crossed.kind, crossed.clock, crossed.at, *seconds, none, place, crossed.percent))
    rank, clock, at, business, wall, event, place, percent = np.concatenate(parts, axis=1)
    order = np.lexsort((rank, business, place, at, clock))
    return Transitions(
        clock=clock[order],
        at=at[order],
        kind=_KINDS[rank[order]],
        business=business[order],
        wall=wall[order],
        event=event[order],
        percent=percent[order],
    )


def _changes(runs: Runs) -> dict[Kind, Flags]:
    """For each kind, the spans that begin with it."""
    opening = np.zeros(runs.state.size, np.bool_)
    opening[runs.first[:-1]] = True
    before = np.where(opening, RUNNING, np.roll(runs.state, 1))
    now = runs.state
    return {
        Kind.START: opening,
        Kind.REOPEN: (before == STOPPED) & (now != STOPPED),
        Kind.RESUME: (before == WAITING) & (now == RUNNING),
        Kind.PAUSE: (before != WAITING) & (now == WAITING),
        Kind.STOP: (before != STOPPED) & (now == STOPPED),
    }


def _part(
    kind: Kind,
    clock: Integers,
    at: Integers,
    business: Integers,
    wall: Integers,
    event: Integers,
    place: Integers,
    percent: int = -1,
) -> npt.NDArray[np.int64]:
    rank = np.full(clock.size, _ORDER.index(kind))
    return np.stack((rank, clock, at, business, wall, event, place, np.full(clock.size, percent)))
