"""The life cycle of service level clocks, computed for a whole ticket log at once (semantics D.2).

One target watches every ticket of the log. Each event is judged in a fixed order: attach, complete, pause, resume,
reattach, cancel.

* A clock attaches when the target matches, the state starts it (a reopening always does) and neither stops nor cancels
  it. Under FROM_OPENING, a ticket whose first event already stops was open until then: its clock attaches at opening
  and completes there.
* It completes when the state stops it, even if by the same event the target ceases to match; failing that it is
  cancelled when the state cancels it or the target ceases to match.
* Waiting is a fact about the ticket, whether or not a clock is attached: it begins with a state that pauses, ends with
  one that resumes or stops, and otherwise lasts. A state that both pauses and resumes leaves the clock running. A clock
  that attaches to a waiting ticket is paused from the start; whether earlier waiting counts as such for a clock that
  starts at opening is `retroactive_pause`.
* FROM_OPENING counts from the ticket's opening, and under NEW_CYCLE from its last reopening, if any.
* A clock that attaches after a cancellation supersedes the cancelled one: same ticket, same cycle, one row. Its figures
  are those of the last attachment; a breach that had happened before stays, with its instant.
* The promise is broken when the clock runs on after its due instant (limit inclusive), or reaches it (exclusive).
  Nothing that happens later mends it.

All instants are epoch seconds, all spans seconds, -1 stands for "none".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.business_calendar import BusinessCalendar
from services.domain.clock_log import ClockDefinition, Integers, TicketLog
from services.domain.clock_spans import RUNNING, STOPPED, WAITING, Runs, runs_of
from services.domain.clock_timeline import Crossings, Progress, Transitions, timeline
from services.domain.vocabulary import ClockStatus, ClockTransitionKind, Outcome, ReopenPolicy

__all__ = ["ClockDefinition", "Clocks", "TicketLog", "Transitions", "compute_clocks"]

_STATUSES = np.array(
    [ClockStatus.RUNNING, ClockStatus.PAUSED, ClockStatus.COMPLETED, ClockStatus.CANCELLED], dtype=object
)
_OUTCOMES = np.array([Outcome.PENDING, Outcome.PENDING, Outcome.MET, Outcome.NO_DATA, Outcome.MISSED], dtype=object)
"""By status as above; the last for any clock whose promise was broken."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Clocks:
    """One row per clock, ordered by ticket and cycle (from 1).

    `elapsed` is business seconds run until the stop, or until now; `wall` the same spans without the calendar; `paused`
    business seconds spent waiting. `due_at` is the instant at which `elapsed` reaches the duration: once reached it is
    fixed; before that it is projected from now or from the stop, and -1 while paused. `breached_at` is the due instant
    if the promise was broken.
    """

    duration: int
    ticket: Integers
    cycle: Integers
    status: npt.NDArray[np.object_]
    outcome: npt.NDArray[np.object_]
    started_at: Integers
    stopped_at: Integers
    elapsed: Integers
    wall: Integers
    paused: Integers
    due_at: Integers
    breached_at: Integers
    transitions: Transitions

    @property
    def percent_elapsed(self) -> npt.NDArray[np.float64]:
        """Share of the duration used, in percent of business time; above 100 after the due instant."""
        return np.asarray(100.0 * self.elapsed / self.duration)

    @property
    def percent_elapsed_wall(self) -> npt.NDArray[np.float64]:
        """The same by the clock on the wall, as if the calendar were always open."""
        return np.asarray(100.0 * self.wall / self.duration)


def compute_clocks(definition: ClockDefinition, calendar: BusinessCalendar, log: TicketLog, now: int) -> Clocks:
    """The clocks of one target on every ticket of the log, as they stand at `now`; later events have not happened yet.

    The calendar must cover every opening and `now`, with room for the duration after `now`
    (`compile_covering(calendar_definition, log.opened_at.min(), now, definition.duration)`); `BeyondHorizon` or
    `NoOpenTime` says where it does not.
    """
    runs = runs_of(definition, log, now)
    course = _course(definition, calendar, runs)
    due, wall_at_due, due_span = course.crossing(calendar, definition.duration)
    reached = due_span >= 0
    broken = reached & (course.ran_until > due) if definition.limit_inclusive else reached

    ended = runs.end_event >= 0
    ended_at = runs.end[runs.first[1:] - 1]
    paused_now = ~ended & (runs.state[runs.first[1:] - 1] == WAITING)
    projected = ~reached & ~paused_now
    due[projected] = calendar.due(ended_at[projected], definition.duration - course.elapsed[projected])

    shown = np.flatnonzero(~runs.superseded)
    breached, breaching_run = _earliest_breach(runs, np.where(broken, due, _NEVER))
    missed = breached < _NEVER
    status = np.where(ended, np.where(runs.completed, 2, 3), paused_now)[shown]

    clock_of_run = np.where(runs.superseded, -1, np.cumsum(~runs.superseded) - 1)
    crossings = [
        _threshold(definition, calendar, course, percent, clock_of_run)
        for percent in sorted(set(definition.thresholds))
    ]
    cause = breaching_run[missed]
    crossings.append(
        Crossings(
            clock=np.flatnonzero(missed),
            at=breached[missed],
            kind=ClockTransitionKind.BREACH,
            business=np.full(cause.size, definition.duration),
            wall=wall_at_due[cause],
            span=due_span[cause],
        )
    )
    return Clocks(
        duration=definition.duration,
        ticket=runs.ticket[shown],
        cycle=runs.cycle[shown],
        status=_STATUSES[status],
        outcome=_OUTCOMES[np.where(missed, 4, status)],
        started_at=runs.begin[runs.first[:-1]][shown],
        stopped_at=np.where(ended, ended_at, -1)[shown],
        elapsed=course.elapsed[shown],
        wall=course.wall[shown],
        paused=_waited(calendar, runs)[shown],
        due_at=due[shown],
        breached_at=np.where(missed, breached, -1),
        transitions=timeline(runs, ended_at, clock_of_run, course.progress(), crossings),
    )


@dataclass(frozen=True, eq=False)
class _Course:
    """How far every run has come. Spans that count are numbered through; totals run over all of them."""

    counted: Integers
    """The spans that count and are not empty."""
    before: Integers
    """How many of those lie before each span of the log (one element more than spans)."""
    first: Integers
    """How many of those lie before each run (one element more than runs)."""
    begin: Integers
    business_total: Integers
    wall_total: Integers
    ran_until: Integers
    run_of_span: Integers

    @property
    def elapsed(self) -> Integers:
        return np.diff(self.business_total[self.first])

    @property
    def wall(self) -> Integers:
        return np.diff(self.wall_total[self.first])

    def progress(self) -> Progress:
        base = self.first[:-1][self.run_of_span]
        before = self.before[:-1]
        business = self.business_total[before] - self.business_total[base]
        wall = self.wall_total[before] - self.wall_total[base]
        return Progress(business, wall, self.elapsed, self.wall)

    def crossing(self, calendar: BusinessCalendar, seconds: int) -> tuple[Integers, Integers, Integers]:
        """Per run, when it had run so many business seconds, its wall seconds then, and in which span (-1: not yet)."""
        target = self.business_total[self.first[:-1]] + seconds
        place = np.searchsorted(self.business_total, target, side="left")
        reached = place <= self.first[1:]
        at, wall, span = (np.full(target.size, -1) for _ in range(3))
        last = place[reached] - 1
        at[reached] = calendar.due(self.begin[last], target[reached] - self.business_total[last])
        wall_before = self.wall_total[last] - self.wall_total[self.first[:-1][reached]]
        wall[reached] = wall_before + at[reached] - self.begin[last]
        span[reached] = self.counted[last]
        return at, wall, span


def _course(definition: ClockDefinition, calendar: BusinessCalendar, runs: Runs) -> _Course:
    counts = runs.state == RUNNING
    if definition.reopen is ReopenPolicy.CONTINUOUS:
        counts |= runs.state == STOPPED
    counts &= runs.end > runs.begin
    counted = np.flatnonzero(counts)
    before = np.concatenate(([0], np.cumsum(counts)))
    first = before[runs.first]
    begin, end = runs.begin[counted], runs.end[counted]
    # A run that never counted has not run at all: -1 is before any due instant.
    ran_until = np.where(np.diff(first) > 0, np.append(end, -1)[first[1:] - 1], -1)
    return _Course(
        counted=counted,
        before=before,
        first=first,
        begin=begin,
        business_total=calendar.running_total(begin, end),
        wall_total=np.concatenate(([0], np.cumsum(end - begin))),
        ran_until=ran_until,
        run_of_span=np.repeat(np.arange(runs.ticket.size), np.diff(runs.first)),
    )


def _waited(calendar: BusinessCalendar, runs: Runs) -> Integers:
    waits = runs.state == WAITING
    first = np.concatenate(([0], np.cumsum(waits)))[runs.first]
    return calendar.elapsed_totals(runs.begin[waits], runs.end[waits], first)


def _earliest_breach(runs: Runs, breach: Integers) -> tuple[Integers, Integers]:
    """Per clock, the earliest breach of its runs, superseded ones included, and the run it happened in."""
    clock: Integers = np.cumsum(~runs.superseded) - ~runs.superseded
    order = np.lexsort((breach, clock))
    earliest = order[np.searchsorted(clock[order], np.arange(np.count_nonzero(~runs.superseded)))]
    return breach[earliest], earliest


def _threshold(
    definition: ClockDefinition, calendar: BusinessCalendar, course: _Course, percent: int, clock_of_run: Integers
) -> Crossings:
    seconds = -(-definition.duration * percent // 100)
    at, wall, span = course.crossing(calendar, seconds)
    shown = (span >= 0) & (clock_of_run >= 0)
    return Crossings(
        clock=clock_of_run[shown],
        at=at[shown],
        kind=ClockTransitionKind.THRESHOLD,
        business=np.full(np.count_nonzero(shown), seconds),
        wall=wall[shown],
        span=span[shown],
        percent=percent,
    )
