"""Arithmetic on one compiled calendar: how much business time lies between instants, and when a span of it is used up.

Everything rests on one function, the open seconds from the calendar's beginning to an instant. Where every boundary of
the calendar is a multiple of one quantum (half an hour, say), that function is a straight line within each quantum, so
two small tables answer it without searching: `work(t) = level[t // quantum] + (t & mask[t // quantum])`, the mask being
all ones where the quantum is open and zero where it is closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain.instants import from_epoch
from services.domain.intervals import IntervalSet

Seconds = npt.NDArray[np.int64]

LEAST_QUANTUM = 300
_MOST_QUANTA = 1 << 21
_BLOCK = 1 << 16
"""Instants handled at a time, so that what passes between two steps stays in the processor's cache."""


class BeyondHorizon(ValueError):
    """An instant, or the end of a span, lies outside the dates the calendar was compiled for."""


class NoOpenTime(ValueError):
    """The calendar never opens, so no span of business time can pass on it."""


@dataclass(frozen=True, eq=False)
class _QuantumTable:
    """`level` and `mask` per quantum; int32, because gathers are bound by memory.

    The first quantum may begin before the horizon does, by `lead` seconds.
    """

    lead: int
    quantum: int
    level: npt.NDArray[np.int32]
    mask: npt.NDArray[np.int32]

    def work_at(self, since_start: Seconds) -> npt.NDArray[np.int32]:
        counted = since_start.astype(np.int32)
        counted += self.lead
        # Unsigned, because numpy divides that by a constant with one multiplication per lane.
        index = (counted.view(np.uint32) // np.uint32(self.quantum)).astype(np.intp)
        # The caller has checked the horizon; `wrap` spares a second look at every index.
        counted &= self.mask.take(index, mode="wrap")
        counted += self.level.take(index, mode="wrap")
        return counted


@dataclass(frozen=True, eq=False)
class BusinessCalendar:
    """Open intervals between two instants, the horizon. All instants are whole epoch seconds, all spans whole seconds.

    Methods take anything numpy reads as integers and return int64 arrays of the same (broadcast) shape; a scalar gives
    a 0-d result. Both ends of the horizon may be asked about. Instants outside raise `BeyondHorizon`.
    """

    horizon_start: int
    horizon_end: int
    intervals: IntervalSet

    def work_at(self, instants: npt.ArrayLike) -> Seconds:
        """Open seconds from the beginning of the horizon to each instant."""
        asked = np.asarray(instants, np.int64)
        flat = np.ascontiguousarray(asked).reshape(-1)
        work = np.empty(flat.size, np.int64)
        for block in _blocks(flat.size):
            work[block] = self._block_work(flat[block])
        return work.reshape(asked.shape)

    def elapsed(self, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Seconds:
        """Open seconds in `[start, end)`; negative when the end lies before the start."""
        return self.work_at(ends) - self.work_at(starts)

    def running_total(self, starts: Seconds, ends: Seconds) -> Seconds:
        """Open seconds of the first 0, 1, 2, ... of many spans `[starts[i], ends[i])`: one element more than spans."""
        return self._running_total_at(np.arange(starts.size + 1), starts, ends)

    def elapsed_totals(self, starts: Seconds, ends: Seconds, first: Seconds) -> Seconds:
        """Open seconds of several spans taken together, for each of many groups of spans lying one after another.

        Group `g` owns the spans `first[g]` up to but not including `first[g + 1]`, possibly none; `first` begins with
        0, ends with the number of spans, and so has one element more than the result.
        """
        return np.diff(self._running_total_at(first, starts, ends))

    def due(self, starts: npt.ArrayLike, seconds: npt.ArrayLike) -> Seconds:
        """The least instant, not before the start, at which that much business time has passed.

        Raises `NoOpenTime` if nothing is open within the horizon, `BeyondHorizon` if the span does not fit into it.
        """
        begin, span = np.broadcast_arrays(np.asarray(starts, np.int64), np.asarray(seconds, np.int64))
        if span.size and span.min() < 0:
            raise ValueError(f"a span of business time cannot be negative, got {int(span.min())} s")
        target = self.work_at(begin) + span
        waits = span > 0
        if waits.any() and target.max(where=waits, initial=0) > self.open_seconds:
            raise self._too_far(begin, span, target)
        if not self.open_seconds:
            return begin.copy()
        interval = np.searchsorted(self._work_at_close, target, side="left").clip(max=len(self.intervals) - 1)
        reached = self.intervals[interval, 1] - (self._work_at_close[interval] - target)
        return np.where(waits, reached, begin)

    @cached_property
    def open_seconds(self) -> int:
        """All open time of the horizon."""
        return int((self.intervals[:, 1] - self.intervals[:, 0]).sum())

    @cached_property
    def _work_at_close(self) -> Seconds:
        return np.cumsum(self.intervals[:, 1] - self.intervals[:, 0], dtype=np.int64)

    @cached_property
    def _table(self) -> _QuantumTable | None:
        return _quantum_table(self.horizon_start, self.horizon_end, self.intervals)

    def _running_total_at(self, counts: Seconds, starts: Seconds, ends: Seconds) -> Seconds:
        """Open seconds of the first `counts[i]` spans; `counts` must not decrease."""
        totals = np.zeros(counts.size, np.int64)
        within = np.empty(_BLOCK, np.int64)
        asked, before = int(np.searchsorted(counts, 0, side="right")), 0
        for block in _blocks(starts.size):
            spent = self._block_work(ends[block])
            spent -= self._block_work(starts[block])
            running = np.cumsum(spent, out=within[: spent.size])
            running += before
            answered, asked = asked, int(np.searchsorted(counts, block.stop, side="right"))
            totals[answered:asked] = running.take(counts[answered:asked] - (block.start + 1))
            before = int(running[-1])
        return totals

    def _block_work(self, instants: Seconds) -> npt.NDArray[np.integer]:
        since_start = instants - self.horizon_start
        # One comparison for both ends: an instant before the start becomes huge when read as unsigned.
        if instants.size and since_start.view(np.uint64).max() > self.horizon_end - self.horizon_start:
            outside = instants[(instants < self.horizon_start) | (instants > self.horizon_end)][0]
            raise BeyondHorizon(f"{_spell(outside)} is outside the calendar's horizon, {self._spell_horizon()}")
        if self._table is not None:
            return self._table.work_at(since_start)
        return self._work_by_search(instants)

    def _work_by_search(self, instants: Seconds) -> Seconds:
        interval = np.searchsorted(self.intervals[:, 0], instants, side="right")
        until_close = np.concatenate(([0], self.intervals[:, 1]))[interval] - instants
        return np.asarray(np.concatenate(([0], self._work_at_close))[interval] - until_close.clip(min=0))

    def _too_far(self, begin: Seconds, span: Seconds, target: Seconds) -> BeyondHorizon | NoOpenTime:
        if not self.open_seconds:
            return NoOpenTime(f"the calendar has no open time in its horizon, {self._spell_horizon()}")
        worst = int(np.argmax(np.where(span > 0, target, -1)))
        return BeyondHorizon(
            f"{int(span.flat[worst])} s of business time from {_spell(begin.flat[worst])} do not fit into "
            f"the calendar's horizon, {self._spell_horizon()}"
        )

    def _spell_horizon(self) -> str:
        return f"{_spell(self.horizon_start)} to {_spell(self.horizon_end)}"


def _quantum_table(horizon_start: int, horizon_end: int, intervals: IntervalSet) -> _QuantumTable | None:
    """The lookup table, or none where boundaries are too irregular or the horizon too long for one."""
    if not len(intervals):
        return None
    boundaries = intervals.ravel()
    quantum = int(np.gcd.reduce(np.diff(boundaries)))
    base = int(boundaries[0]) - -(-(int(boundaries[0]) - horizon_start) // quantum) * quantum
    quanta = (horizon_end - base) // quantum + 1
    if quantum < LEAST_QUANTUM or quanta > _MOST_QUANTA or quanta * quantum > np.iinfo(np.int32).max:
        return None
    edges = (boundaries - base) // quantum
    change = np.zeros(quanta + 1, np.int32)
    change[edges[0::2]] = 1
    change[edges[1::2]] = -1
    is_open = np.cumsum(change[:-1], dtype=np.int32)
    work_before = (np.cumsum(is_open, dtype=np.int64) - is_open) * quantum
    level = work_before - is_open * np.arange(quanta, dtype=np.int64) * quantum
    return _QuantumTable(horizon_start - base, quantum, level.astype(np.int32), -is_open)


def _blocks(size: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, size)) for start in range(0, size, _BLOCK))


def _spell(instant: int | np.int64) -> str:
    try:
        return from_epoch(int(instant)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return f"epoch second {int(instant)}"
