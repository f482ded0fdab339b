"""What promises on different calendars and windows come to on ours, in the worst of a real year (methods E.2, E.5).

The year is the calendar year of the instant judged at, so that the same facts come to the same answer all through it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from services.alignment.facts import CalendarFact
from services.domain.business_calendar import BusinessCalendar, NoOpenTime
from services.domain.business_time import compile_calendar
from services.domain.instants import from_epoch, to_epoch
from services.domain.intervals import IntervalSet, clipped, subtracted
from services.domain.period import periods_between
from services.domain.vocabulary import PeriodKind

DAY = 86_400
ROOM = 400 * DAY

Clock = tuple[UUID | None, PeriodKind | None, int | None]
"""A calendar (None: around the clock) with the window over which something is promised: a period or rolling days."""


@dataclass(frozen=True)
class WindowShare:
    """One of our windows seen from a promise below: shares are of our agreed time in it.

    `allowance`: theirs in all their windows it meets. `uncovered`: ours that is none of theirs. `windows`: how many of
    their windows it meets. `agreed_seconds`: ours.
    """

    starts_at: int
    agreed_seconds: int
    allowance: Fraction
    uncovered: Fraction
    windows: int


@dataclass
class Hours:
    """Calendars compiled for one year, with what was worked out about pairs of them."""

    year: int
    calendars: Mapping[UUID, CalendarFact]
    _compiled: dict[UUID | None, BusinessCalendar] = field(default_factory=dict)
    _shares: dict[tuple[Clock, Clock], Sequence[WindowShare]] = field(default_factory=dict)
    _longest: dict[tuple[object, ...], tuple[int, int]] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The first instant of the year."""
        return to_epoch(datetime(self.year, 1, 1, tzinfo=UTC))

    @property
    def end(self) -> int:
        """The first instant after the year."""
        return to_epoch(datetime(self.year + 1, 1, 1, tzinfo=UTC))

    def calendar(self, id_: UUID | None) -> BusinessCalendar:
        """A calendar with room on both sides of the year."""
        if id_ is not None and id_ not in self.calendars:
            raise NoOpenTime("the calendar says nothing then")
        if id_ not in self._compiled:
            if id_ is None:
                start, end = self.start - ROOM, self.end + ROOM
                self._compiled[None] = BusinessCalendar(start, end, np.array([[start, end]], np.int64))
            else:
                first, last = date(self.year - 1, 1, 1), date(self.year + 1, 12, 31)
                self._compiled[id_] = compile_calendar(self.calendars[id_].definition, first, last)
        return self._compiled[id_]

    def open(self, id_: UUID | None) -> IntervalSet:
        """When a calendar is open in the year."""
        return clipped(self.calendar(id_).intervals, self.start, self.end)

    def uncovered(self, ours: UUID | None, theirs: UUID | None) -> IntervalSet:
        """Our open time of the year that is none of theirs."""
        if ours == theirs or theirs is None:
            return np.empty((0, 2), np.int64)
        return subtracted(self.open(ours), self.open(theirs))

    def shares(self, ours: Clock, theirs: Clock) -> Sequence[WindowShare]:
        """Each of our windows that begins in the year, seen from a promise below; always the same windows in order."""
        if (ours, theirs) not in self._shares:
            self._shares[ours, theirs] = [
                share for window in self._windows(ours) if (share := self._share(ours, theirs, *window)) is not None
            ]
        return self._shares[ours, theirs]

    def longest(self, ours: UUID | None, hops: Sequence[Sequence[tuple[UUID | None, int]]]) -> tuple[int, int]:
        """The most of our time that hops take one after another, each on its own calendar, and a start that shows it.

        Components of one hop work in parallel. Every whole second of the year is considered: between instants at which
        some calendar opens or closes, seen backwards through the hops, nothing changes direction.
        """
        key = (ours, tuple(map(tuple, hops)))
        if key not in self._longest:
            self._longest[key] = self._longest_of(ours, hops)
        return self._longest[key]

    def replay(self, ours: UUID | None, hops: Sequence[Sequence[tuple[UUID | None, int]]], start: int) -> int:
        """How much of our time the hops take from one start."""
        return int(self._taken(ours, hops, np.array([start], np.int64))[0])

    def _longest_of(self, ours: UUID | None, hops: Sequence[Sequence[tuple[UUID | None, int]]]) -> tuple[int, int]:
        used = {ours, *(calendar for hop in hops for calendar, _ in hop)}
        if len(used) == 1:
            opening = int(self.open(ours)[0, 0]) if len(self.open(ours)) else self.start
            return sum(max(seconds for _, seconds in hop) for hop in hops), opening
        edges = np.unique(np.concatenate([self.calendar(id_).intervals.ravel() for id_ in used]))
        edges = edges[(edges >= self.start - ROOM // 2) & (edges <= self.end + ROOM // 2)]
        starts = edges
        for hop in reversed(hops):
            earlier = [self._back(self.calendar(id_), seconds, starts) for id_, seconds in hop]
            starts = np.unique(np.concatenate([edges, *earlier]))
        starts = np.unique(np.concatenate([starts - 1, starts, starts + 1, [self.start]]))
        starts = starts[(starts >= self.start) & (starts < self.end)]
        taken = self._taken(ours, hops, starts)
        worst = int(np.argmax(taken))
        return int(taken[worst]), int(starts[worst])

    def _taken(
        self, ours: UUID | None, hops: Sequence[Sequence[tuple[UUID | None, int]]], starts: np.ndarray
    ) -> np.ndarray:
        here = starts
        for hop in hops:
            here = np.max([self.calendar(id_).due(here, seconds) for id_, seconds in hop], axis=0)
        return self.calendar(ours).elapsed(starts, here)

    @staticmethod
    def _back(calendar: BusinessCalendar, seconds: int, ends: np.ndarray) -> np.ndarray:
        within = ends[(ends >= calendar.horizon_start) & (ends <= calendar.horizon_end)]
        work = calendar.work_at(within) - seconds
        return calendar.due(np.full(int((work > 0).sum()), calendar.horizon_start, np.int64), work[work > 0])

    def _windows(self, clock: Clock) -> list[tuple[int, int]]:
        calendar_id, period, days = clock
        if period is not None:
            spans = periods_between(period, from_epoch(self.start), from_epoch(self.end), self._zone(calendar_id))
            return [(to_epoch(span.start), to_epoch(span.end)) for span in spans]
        length = timedelta(days=days or 1)
        starts = (from_epoch(self.start) + timedelta(days=day) for day in range(365))
        return [(to_epoch(start), to_epoch(min(start + length, from_epoch(self.end + ROOM)))) for start in starts]

    def _zone(self, id_: UUID | None) -> ZoneInfo:
        self.calendar(id_)
        return ZoneInfo("UTC" if id_ is None else self.calendars[id_].definition.time_zone)

    def _share(self, ours: Clock, theirs: Clock, start: int, end: int) -> WindowShare | None:
        agreed = self._agreed(ours[0], start, end)
        if not agreed:
            return None
        calendar_id, period, days = theirs
        if period is not None:
            spans = periods_between(period, from_epoch(start), from_epoch(end), self._zone(calendar_id))
            met = [(to_epoch(span.start), to_epoch(span.end)) for span in spans]
        else:
            length = (days or 1) * DAY
            edges = [*range(start, end, length), start + -(-(end - start) // length) * length]
            met = list(pairwise(edges))
        allowed = sum(self._agreed(calendar_id, *window) for window in met)
        uncovered = 0
        if ours[0] != calendar_id and calendar_id is not None:
            whole = clipped(self.calendar(ours[0]).intervals, start, end)
            left = subtracted(whole, self.calendar(calendar_id).intervals)
            uncovered = int((left[:, 1] - left[:, 0]).sum())
        return WindowShare(start, agreed, Fraction(allowed, agreed), Fraction(uncovered, agreed), len(met))

    def _agreed(self, id_: UUID | None, start: int, end: int) -> int:
        calendar = self.calendar(id_)
        inside = (max(start, calendar.horizon_start), min(end, calendar.horizon_end))
        return int(calendar.elapsed(*inside))
