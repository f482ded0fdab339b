"""Business time counted minute by minute: slow, and in nothing like the way the engine counts."""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from services.domain.business_time import CalendarDefinition

MINUTE = 60


class OpenMinutes:
    """Every minute of `[start, end)` with whether it is open. All boundaries must lie on whole minutes."""

    def __init__(self, definition: CalendarDefinition, start: int, end: int) -> None:
        self.definition, self.start, self.end = definition, start, end

    @cached_property
    def is_open(self) -> list[bool]:
        zone = ZoneInfo(self.definition.time_zone)
        instants = range(self.start, self.end, MINUTE)
        walls = [datetime.fromtimestamp(instant, zone).replace(tzinfo=None) for instant in instants]
        flags = [False] * len(walls)
        for opens, closes in self._local_pieces(walls[0].date(), walls[-1].date()):
            reached = [index for index, wall in enumerate(walls) if wall >= opens]
            not_over = [index for index, wall in enumerate(walls) if wall < closes]
            if reached and not_over:
                for index in range(reached[0], not_over[-1] + 1):
                    flags[index] = True
        for closed_from, closed_to in self.definition.closed:
            for index, instant in enumerate(instants):
                if closed_from <= instant < closed_to:
                    flags[index] = False
        return flags

    def elapsed(self, start: int, end: int) -> int:
        seconds = 0
        for index, is_open in enumerate(self.is_open):
            begin = self.start + index * MINUTE
            if is_open:
                seconds += max(0, min(end, begin + MINUTE) - max(start, begin))
        return seconds

    def due(self, start: int, seconds: int) -> int | None:
        """None where the minutes run out."""
        if seconds == 0:
            return start
        for index in range((start - self.start) // MINUTE, len(self.is_open)):
            begin = max(start, self.start + index * MINUTE)
            available = self.start + (index + 1) * MINUTE - begin if self.is_open[index] else 0
            if available >= seconds:
                return begin + seconds
            seconds -= available
        return None

    def _local_pieces(self, first: date, last: date) -> list[tuple[datetime, datetime]]:
        """Opening hours by the clock on the wall, cut at midnight, without the dates that are holidays."""
        pieces = []
        day = first - timedelta(days=2)
        while day <= last + timedelta(days=1):
            midnight, next_midnight = (datetime.combine(day + timedelta(days=n), datetime.min.time()) for n in (0, 1))
            for window in self.definition.windows:
                if window.weekday != day.isoweekday():
                    continue
                opens = midnight + timedelta(seconds=window.opens)
                closes = midnight + timedelta(seconds=window.closes)
                if day not in self.definition.holidays:
                    pieces.append((opens, min(closes, next_midnight)))
                if closes > next_midnight and next_midnight.date() not in self.definition.holidays:
                    pieces.append((next_midnight, closes))
            day += timedelta(days=1)
        return pieces


def utc(*parts: int) -> int:
    """Epoch seconds of a UTC time."""
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def local(zone: str, *parts: int) -> int:
    """Epoch seconds of a local time that exists once."""
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return int(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp())
