"""Business clocks with pauses on one core, against the packages people would otherwise use.

One million tickets with 1.5 pauses on average, Mon-Fri 09:00-17:30 Europe/London with England's bank holidays, 2019 to
2029, in random order. A ticket's elapsed time is the open time of its running spans taken together, by the function
the clock engine uses (`BusinessCalendar.elapsed_totals`). The peers know no pauses, so they are asked the easier
question, from opening to end; on that one all answers are compared before anything is timed.
"""

import importlib
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from importlib.metadata import version
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

from benchmarks.harness import Measurement
from services.domain.business_time import BusinessCalendar, CalendarDefinition, Window, compile_calendar
from services.domain.clock import ClockDefinition, TicketLog, compute_clocks

TICKETS = 1_000_000
WHOLE_LIFE_TICKETS = 100_000
ROUNDS = 9
FIRST_YEAR, LAST_YEAR = 2019, 2029
ZONE = "Europe/London"
OPENS, CLOSES = time_of_day(9), time_of_day(17, 30)
DURATION = 16 * 3600
ENGLAND = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1)))

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Tickets as running spans: ticket `t` owns the spans `first[t]` up to `first[t + 1]`."""

    starts: Integers
    ends: Integers
    first: Integers

    @property
    def opened(self) -> Integers:
        return self.starts[self.first[:-1]]

    @property
    def ended(self) -> Integers:
        return self.ends[self.first[1:] - 1]


@dataclass(frozen=True)
class Peer:
    """A package of the same trade: its seconds of business time between two local times, on a sample it can afford."""

    package: str
    sample: int
    elapsed: Callable[[datetime, datetime], float]


def run() -> list[Measurement]:
    calendar = _compiled()
    tickets = _tickets(calendar)
    log = _log(tickets)
    peers = [peer for peer in (_businesstimedelta(), _business_duration()) if peer is not None]
    _check(calendar, tickets, peers)
    opened, definition, now = tickets.opened, ClockDefinition(DURATION), int(tickets.ended.max())
    subjects: dict[str, Callable[[], object]] = {
        "elapsed": lambda: calendar.elapsed_totals(tickets.starts, tickets.ends, tickets.first),
        "due": lambda: calendar.due(opened, DURATION),
        "whole life": lambda: compute_clocks(definition, calendar, log, now),
        "compile": _compiled,
    }
    for peer in peers:
        subjects[peer.package] = _asking(peer, tickets)
    seconds = _medians(subjects)
    per_ticket = seconds["elapsed"] / TICKETS
    return [
        Measurement("elapsed with pauses", 1e-6 / per_ticket, "million tickets/s", floor=20, goal=30),
        Measurement("due instants", 1e-6 * TICKETS / seconds["due"], "million tickets/s"),
        Measurement(
            "whole life cycle with timeline", 1e-6 * WHOLE_LIFE_TICKETS / seconds["whole life"], "million tickets/s"
        ),
        Measurement("compiling eleven years", 1e3 * seconds["compile"], "ms", smaller_is_better=True),
        *(
            Measurement(
                "elapsed, per ticket",
                seconds[peer.package] / peer.sample / per_ticket,
                "times as fast",
                against=f"{peer.package} {version(peer.package)}, without pauses",
            )
            for peer in peers
        ),
    ]


def _compiled() -> BusinessCalendar:
    hours = (OPENS.hour * 3600 + OPENS.minute * 60, CLOSES.hour * 3600 + CLOSES.minute * 60)
    windows = tuple(Window(weekday, *hours) for weekday in range(1, 6))
    return compile_calendar(CalendarDefinition(ZONE, windows, ENGLAND), date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


def _tickets(calendar: BusinessCalendar) -> Sample:
    """Opened at any time, open for five days on average, paused 0 to 3 times."""
    random = np.random.default_rng(2026)
    spans = 1 + random.integers(0, 4, TICKETS)
    first = np.concatenate(([0], np.cumsum(spans)))
    opened = random.integers(calendar.horizon_start, calendar.horizon_end - 200 * 86_400, TICKETS)
    open_for = np.minimum(random.exponential(5 * 86_400, TICKETS) + 60, 100 * 86_400)
    # Each ticket's life is cut at random instants into spans that run and pauses between them, in turn.
    steps = random.exponential(1.0, 2 * first[-1])
    steps[2 * first[:-1]] = 0
    along = np.cumsum(steps)
    begin, end = along[2 * first[:-1]], along[2 * first[1:] - 1]
    ticket = np.repeat(np.arange(TICKETS), 2 * spans)
    share = (along - begin[ticket]) / (end - begin)[ticket]
    instants = opened[ticket] + (share * open_for[ticket]).astype(np.int64)
    return Sample(np.ascontiguousarray(instants[::2]), np.ascontiguousarray(instants[1::2]), first)


def _log(tickets: Sample) -> TicketLog:
    """The first tickets as events: opened, paused and resumed in turn, stopped."""
    spans = int(tickets.first[WHOLE_LIFE_TICKETS])
    ticket = np.repeat(np.arange(WHOLE_LIFE_TICKETS), 2 * np.diff(tickets.first[: WHOLE_LIFE_TICKETS + 1]))
    stops = np.append(ticket[1:] != ticket[:-1], True)
    begins_span = np.arange(2 * spans) % 2 == 0
    return TicketLog(
        opened_at=tickets.opened[:WHOLE_LIFE_TICKETS],
        ticket=ticket,
        at=np.column_stack((tickets.starts[:spans], tickets.ends[:spans])).ravel(),
        matches=np.ones(ticket.size, np.bool_),
        starts=begins_span,
        stops=stops,
        pauses=~begins_span & ~stops,
        resumes=begins_span,
        cancels=np.zeros(ticket.size, np.bool_),
    )


def _medians(subjects: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of one core for one call each.

    The subjects take turns, so that all see the same noise, and the first round warms up. It is the thread's processor
    time that counts: all of them compute in one thread and wait for nothing, so on an idle machine that is the time on
    the wall, and on a busy one it leaves out what other programs took.
    """
    rounds: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS + 1):
        for name, subject in subjects.items():
            start = time.thread_time()
            subject()
            rounds[name].append(time.thread_time() - start)
    return {name: median(times[1:]) for name, times in rounds.items()}


def _asking(peer: Peer, tickets: Sample) -> Callable[[], object]:
    lives = _local_lives(tickets, peer.sample)
    return lambda: [peer.elapsed(*life) for life in lives]


def _local_lives(tickets: Sample, count: int) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(ZONE)
    pairs = zip(tickets.opened[:count].tolist(), tickets.ended[:count].tolist(), strict=True)
    return [(datetime.fromtimestamp(a, zone), datetime.fromtimestamp(b, zone)) for a, b in pairs]


def _check(calendar: BusinessCalendar, tickets: Sample, peers: list[Peer]) -> None:
    """Totals are the sums of their spans, the clock engine agrees with them, and so do the peers without pauses."""
    totals = calendar.elapsed_totals(tickets.starts, tickets.ends, tickets.first)
    spans = calendar.elapsed(tickets.starts, tickets.ends)
    assert (totals == np.add.reduceat(spans, tickets.first[:-1])).all()
    clocks = compute_clocks(ClockDefinition(DURATION), calendar, _log(tickets), int(tickets.ended.max()))
    assert (clocks.elapsed == totals[:WHOLE_LIFE_TICKETS]).all()
    whole = calendar.elapsed(tickets.opened, tickets.ended)
    for peer in peers:
        for ours, life in zip(whole.tolist(), _local_lives(tickets, peer.sample), strict=False):
            assert peer.elapsed(*life) == ours, f"{peer.package} differs from {life[0]} to {life[1]}"


def _businesstimedelta() -> Peer | None:
    if importlib.util.find_spec("businesstimedelta") is None:
        print("businesstimedelta is not installed; its ratio is left out")
        return None
    package: Any = importlib.import_module("businesstimedelta")
    zone = importlib.import_module("pytz").timezone(ZONE)
    hours = package.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone)
    rules = package.Rules([hours, package.HolidayRule(ENGLAND, tz=zone)])

    def elapsed(start: datetime, end: datetime) -> float:
        difference = rules.difference(start.astimezone(UTC), end.astimezone(UTC))
        return float(difference.hours * 3600 + difference.seconds)

    return Peer("businesstimedelta", 200, elapsed)


def _business_duration() -> Peer | None:
    if importlib.util.find_spec("business_duration") is None:
        print("business-duration is not installed; its ratio is left out")
        return None
    package: Any = importlib.import_module("business_duration")

    def elapsed(start: datetime, end: datetime) -> float:
        local_start, local_end = start.replace(tzinfo=None), end.replace(tzinfo=None)
        return float(package.businessDuration(local_start, local_end, OPENS, CLOSES, holidaylist=ENGLAND, unit="sec"))

    return Peer("business-duration", 50, elapsed)
