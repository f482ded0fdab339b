"""Local wall-clock times of an IANA zone as instants, for whole arrays at once.

A wall time is written as seconds from 1970-01-01T00:00 on the local clock. When clocks go forward some wall times do
not exist, when they go back some exist twice; what they mean as the start and as the end of opening hours is decided
here, so that no opening time is lost (semantics D.1):

* skipped: both a start and an end mean the instant at which the clock jumped over them (forward, to the gap's end);
* doubled: a start means the first occurrence, an end the second.

Said once for both: a start is the least instant whose wall time has reached it, an end the least instant from which on
every wall time has reached it. So hours that end exactly where the doubled hour begins end before it: none of their
wall times comes again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.int64]

DAY = 86_400
_BEFORE, _AFTER = np.iinfo(np.int64).min // 4, np.iinfo(np.int64).max // 4
_MARGIN_YEARS = 1


@dataclass(frozen=True, eq=False)
class ZoneOffsets:
    """The zone's offsets in force: `offsets[i]` seconds east of UTC from `since[i]` until `since[i + 1]`."""

    since: Seconds
    until: Seconds
    offsets: Seconds

    def start_instants(self, wall: npt.ArrayLike) -> Seconds:
        """The instants at which opening hours starting at these wall times start."""
        times = np.asarray(wall, np.int64)
        wall_until = np.maximum.accumulate(self.until + self.offsets)
        period = np.searchsorted(wall_until, times, side="right")
        return np.asarray(np.maximum(self.since[period], times - self.offsets[period]))

    def end_instants(self, wall: npt.ArrayLike) -> Seconds:
        """The instants at which opening hours ending at these wall times end."""
        times = np.asarray(wall, np.int64)
        wall_since = np.minimum.accumulate((self.since + self.offsets)[::-1])[::-1]
        period = np.searchsorted(wall_since, times, side="left") - 1
        return np.asarray(np.minimum(self.until[period], times - self.offsets[period]))


def zone_offsets(time_zone: str, first_year: int, last_year: int) -> ZoneOffsets:
    """The offsets of the zone over these years and one year either side."""
    years = range(max(1970, first_year - _MARGIN_YEARS), last_year + _MARGIN_YEARS + 1)
    changes = [change for year in years for change in _changes_in(time_zone, year)]
    since = np.array([_BEFORE, *(at for at, _ in changes)], np.int64)
    offsets = [_offset_at(ZoneInfo(time_zone), _new_year(years[0])), *(offset for _, offset in changes)]
    return ZoneOffsets(since, np.append(since[1:], _AFTER), np.array(offsets, np.int64))


@lru_cache(maxsize=4096)
def _changes_in(time_zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """(instant, new offset) of every change of offset in the UTC year, found by comparing days and halving the span.

    Two changes that undo each other within one day would be missed; the zone database has none in modern times.
    """
    zone = ZoneInfo(time_zone)
    days = range(_new_year(year), _new_year(year + 1) + 1, DAY)
    offsets = [_offset_at(zone, day) for day in days]
    changed = [span for span, (old, new) in zip(pairwise(days), pairwise(offsets), strict=True) if old != new]
    return tuple((at, _offset_at(zone, at)) for at in (_change_between(zone, *span) for span in changed))


def _change_between(zone: ZoneInfo, before: int, after: int) -> int:
    old = _offset_at(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset_at(zone, middle) == old else (before, middle)
    return after


def _offset_at(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    assert offset is not None  # noqa: S101  a datetime with a zone always has one
    return int(offset.total_seconds())


def _new_year(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
