"""Sets of half-open intervals as sorted (n, 2) int64 arrays: disjoint, not touching, none of them empty."""

import numpy as np
import numpy.typing as npt

IntervalSet = npt.NDArray[np.int64]

EMPTY: IntervalSet = np.empty((0, 2), np.int64)


def merged(starts: npt.ArrayLike, ends: npt.ArrayLike) -> IntervalSet:
    """The union of the intervals `[starts[i], ends[i])`, which may overlap, touch, be empty and come in any order."""
    begin, finish = np.asarray(starts, np.int64).ravel(), np.asarray(ends, np.int64).ravel()
    kept = finish > begin
    begin, finish = begin[kept], finish[kept]
    if not begin.size:
        return EMPTY
    order = np.argsort(begin, kind="stable")
    begin, reach = begin[order], np.maximum.accumulate(finish[order])
    opens_gap = np.append(True, begin[1:] > reach[:-1])
    return np.column_stack((begin[opens_gap], reach[np.append(opens_gap[1:], True)]))


def subtracted(whole: IntervalSet, removed: IntervalSet) -> IntervalSet:
    """What is in `whole` and not in `removed`."""
    cuts = np.unique(np.concatenate((whole.ravel(), removed.ravel())))
    left = cuts[:-1]
    kept = _covers(whole, left) & ~_covers(removed, left)
    return merged(left[kept], cuts[1:][kept])


def clipped(whole: IntervalSet, start: int, end: int) -> IntervalSet:
    """What is in `whole` and within `[start, end)`."""
    return merged(np.maximum(whole[:, 0], start), np.minimum(whole[:, 1], end))


def _covers(intervals: IntervalSet, points: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Inside an interval an odd number of boundaries lies at or before the point."""
    inside: npt.NDArray[np.bool_] = np.searchsorted(intervals.ravel(), points, side="right") % 2 == 1
    return inside
