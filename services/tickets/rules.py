"""Pure decisions about tickets as a flow: when closing them stalled while users kept being served."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

STALLED_SHARE = 0.2
"""A day is stalled when fewer tickets are closed than this share of the usual number resolved."""
SHORTEST_STALL_DAYS = 7
"""A full week, so that a weekly rhythm of closing (none on Thursdays, say) is not taken for a stall."""
SERVED_SHARE = 0.5
"""Resolving counts as going on when it reaches this share of the usual during the stall."""
SMALLEST_USUAL = 50
"""Below this many tickets usually resolved in as many days, nothing can be said."""
USUAL_WINDOW_DAYS = 14
"""The usual number is the median over this many days on either side."""


@dataclass(frozen=True)
class DailyFlow:
    """Tickets opened, resolved and closed on each local date from `first_day` on; three arrays of equal length."""

    first_day: date
    opened: npt.NDArray[np.int64]
    resolved: npt.NDArray[np.int64]
    closed: npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClosingStall:
    """A run of days, both ends included, in which almost nothing was closed although tickets went on being resolved."""

    first_day: date
    last_day: date
    closed: int
    resolved: int
    usually_resolved: int
    closed_on_day_after: int

    @property
    def days(self) -> int:
        """Length of the stall in days."""
        return (self.last_day - self.first_day).days + 1


def closing_stalls(flow: DailyFlow) -> list[ClosingStall]:
    """Every closing stall in a flow of tickets, oldest first.

    The rule needs no dates and no calendar. Per day, the usual number resolved is the median of the days around it that
    the flow covers; a stall is a longest run of at least a week of days whose closings stay under a fifth of that,
    during which resolving kept at least half its usual pace. On facts known at a cut-off, it sees the days before it.
    """
    usual = _usual_per_day(flow.resolved)
    stalled = flow.closed < STALLED_SHARE * usual
    edges = np.flatnonzero(np.diff(np.concatenate(([False], stalled, [False])).astype(np.int8)))
    stalls = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        usually = int(usual[start:end].sum())
        resolved = int(flow.resolved[start:end].sum())
        if end - start < SHORTEST_STALL_DAYS or usually < SMALLEST_USUAL or resolved < SERVED_SHARE * usually:
            continue
        stalls.append(
            ClosingStall(
                first_day=flow.first_day + timedelta(days=start),
                last_day=flow.first_day + timedelta(days=end - 1),
                closed=int(flow.closed[start:end].sum()),
                resolved=resolved,
                usually_resolved=usually,
                closed_on_day_after=int(flow.closed[end]) if end < len(flow.closed) else 0,
            )
        )
    return stalls


def _usual_per_day(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    window = USUAL_WINDOW_DAYS
    padded = np.concatenate((np.full(window, np.nan), counts.astype(np.float64), np.full(window, np.nan)))
    if not len(counts):
        return np.zeros(0)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1)
    return np.asarray(np.nanmedian(around, axis=1), dtype=np.float64)
