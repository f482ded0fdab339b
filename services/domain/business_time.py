"""Business time: what a calendar promises in local terms, and its compilation into instants (semantics D.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from services.domain.business_calendar import BeyondHorizon, BusinessCalendar, NoOpenTime
from services.domain.instants import from_epoch
from services.domain.intervals import IntervalSet, clipped, merged, subtracted
from services.domain.zones import DAY, Seconds, ZoneOffsets, zone_offsets

__all__ = [
    "BeyondHorizon",
    "BusinessCalendar",
    "CalendarDefinition",
    "NoOpenTime",
    "Window",
    "compile_calendar",
    "compile_covering",
]

_EPOCH = date(1970, 1, 1)
_FIRST_DATE, _LAST_DATE = date(1969, 1, 1), date(9900, 12, 31)
_FIRST_ROOM, _MOST_ROOM = timedelta(days=32), timedelta(days=64 * 366)


@dataclass(frozen=True)
class Window:
    """Opening hours that start on one day of the week: seconds from local midnight by the clock on the wall.

    `weekday` is ISO, 1 Monday to 7 Sunday. `opens` is in [0, 86400), `closes` in (opens, opens + 86400]; above 86400
    the window runs over midnight into the following day.
    """

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise ValueError(f"weekday: expected 1 (Monday) to 7 (Sunday), got {self.weekday}")
        if not 0 <= self.opens < DAY:
            raise ValueError(f"opens: expected seconds from local midnight in [0, {DAY}), got {self.opens}")
        if not self.opens < self.closes <= self.opens + DAY:
            raise ValueError(
                f"closes: expected more than opens ({self.opens}) and at most {self.opens + DAY}, got {self.closes}"
            )


@dataclass(frozen=True)
class CalendarDefinition:
    """When business time runs: weekly windows on local time, less the holidays, less the closed intervals.

    A holiday closes the hours of that local date, whatever window they belong to: a night window that started the
    evening before ends at midnight, and one that starts on the holiday's evening resumes at the next midnight.
    `closed` are half-open intervals of epoch seconds. Windows may overlap and touch; time they share counts once.
    """

    time_zone: str
    windows: tuple[Window, ...]
    holidays: frozenset[date] = field(default_factory=frozenset)
    closed: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError(f"time_zone: expected an IANA zone name, got {self.time_zone!r}") from unknown
        for position, (start, end) in enumerate(self.closed):
            if start >= end:
                raise ValueError(f"closed.{position}: expected an end after its start, got {start} and {end}")


def compile_calendar(definition: CalendarDefinition, first: date, last: date) -> BusinessCalendar:
    """The calendar from the local midnight that begins `first` to the one that ends `last`."""
    if not _FIRST_DATE <= first <= last <= _LAST_DATE:
        raise ValueError(f"horizon: expected {_FIRST_DATE} <= first <= last <= {_LAST_DATE}, got {first} to {last}")
    zone = zone_offsets(definition.time_zone, first.year, last.year)
    midnights = np.array([_day_number(first), _day_number(last) + 1]) * DAY
    horizon_start, horizon_end = (int(at) for at in zone.start_instants(midnights))
    hours = clipped(_open_hours(definition, zone, first, last), horizon_start, horizon_end)
    return BusinessCalendar(horizon_start, horizon_end, hours)


def compile_covering(definition: CalendarDefinition, earliest: int, latest: int, seconds: int = 0) -> BusinessCalendar:
    """A calendar for all instants from `earliest` to `latest`, with room for `due(t, seconds)` from any of them.

    The room grows until the span fits. Raises `NoOpenTime` if the calendar never opens within 64 years after `latest`,
    `BeyondHorizon` if it does but not for that long.
    """
    if earliest > latest:
        raise ValueError(f"horizon: expected earliest <= latest, got {earliest} and {latest}")
    if seconds and not definition.windows:
        raise NoOpenTime("the calendar has no opening hours")
    one_day = timedelta(days=1)
    first, base = _utc_date(earliest) - one_day, _utc_date(latest) + one_day
    room = _FIRST_ROOM if seconds else timedelta(0)
    while True:
        calendar = compile_calendar(definition, first, min(base + room, _LAST_DATE))
        open_after = calendar.open_seconds - int(calendar.work_at(latest))
        if open_after >= seconds:
            return calendar
        if room >= _MOST_ROOM or base + room >= _LAST_DATE:
            calendar.due(latest, seconds)  # raises: says which of the two it is, and for which horizon
        room *= 4


def _open_hours(definition: CalendarDefinition, zone: ZoneOffsets, first: date, last: date) -> IntervalSet:
    """The open intervals as instants, including those of the day before `first` that run over midnight."""
    days = np.arange(_day_number(first) - 1, _day_number(last) + 1, dtype=np.int64)
    # Day 0 of the epoch was a Thursday, ISO weekday 4.
    weekdays = (days + 3) % 7 + 1
    dates = [days[weekdays == window.weekday] * DAY for window in definition.windows]
    opens = [start + window.opens for start, window in zip(dates, definition.windows, strict=True)]
    closes = [start + window.closes for start, window in zip(dates, definition.windows, strict=True)]
    # On the wall first: hours that run through midnight or a change of clocks stay in one piece.
    weekly = merged(_joined(opens), _joined(closes))
    holidays = np.array([_day_number(holiday) for holiday in definition.holidays], np.int64) * DAY
    on_the_wall = subtracted(weekly, merged(holidays, holidays + DAY))
    as_instants = merged(zone.start_instants(on_the_wall[:, 0]), zone.end_instants(on_the_wall[:, 1]))
    closed = np.array(definition.closed, np.int64).reshape(-1, 2)
    return subtracted(as_instants, merged(closed[:, 0], closed[:, 1]))


def _joined(parts: Sequence[Seconds]) -> Seconds:
    return np.concatenate((*parts, np.empty(0, np.int64)))


def _day_number(day: date) -> int:
    return (day - _EPOCH).days


def _utc_date(instant: int) -> date:
    if not _day_number(_FIRST_DATE) < instant // DAY < _day_number(_LAST_DATE):
        raise BeyondHorizon(f"epoch second {instant} is not an instant between {_FIRST_DATE} and {_LAST_DATE}")
    return from_epoch(instant).date()
