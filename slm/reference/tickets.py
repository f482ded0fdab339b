"""Tickets of a generated organisation as stories: a draw from the likelihoods, before plants and before `until` cuts.

A resolution takes service time: a mixture of quick fixes, ordinary work around a third of what was promised, and a tail
beyond it. The shapes follow what public incident logs show; every draw comes from the generator given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from services.domain.business_time import BusinessCalendar
from services.domain.instants import to_epoch
from services.domain.vocabulary import TicketState
from slm.reference.behaviour import (
    BEHAVIOURS,
    DESK,
    HOUR_PROFILE,
    MEMBERS,
    PACE,
    SUPPLIED,
    WEEKDAY_PROFILE,
    ServiceBehaviour,
)

HOUR = 3600
DAY = 86_400
AUTO_CLOSE = 3 * DAY
"""Tickets nobody confirms close this long after they were resolved."""

TAKE_UP_HOURS = np.array([0.1, 0.3, 1.0, 2.0])
"""Median service hours until somebody takes a ticket up, for priorities 1 to 4."""

Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.int64]


@dataclass
class Step:
    """A state a ticket enters at an instant (epoch seconds), and the team it is with then."""

    at: int
    state: TicketState
    team: str
    priority: int


@dataclass
class Story:
    """One ticket's life. `promised_hours` of service time were agreed for its priority when it was opened."""

    service: str
    calendar: str
    category: str
    subcategory: str
    team: str
    assignee: str
    caller: str
    contact_type: str
    priority: int
    promised_hours: int
    opened_at: int
    steps: list[Step] = field(default_factory=list)
    key: str = ""

    def enter(self, at: int, state: TicketState) -> None:
        """Add a step with the ticket's team and priority, at least a second after the one before."""
        self.steps.append(Step(max(at, self.steps[-1].at + 1), state, self.team, self.priority))

    def path(self) -> list[TicketState]:
        """The states passed through, in order."""
        return [step.state for step in self.steps]


def stories(
    random: np.random.Generator, *, first_day: date, last_day: date, tickets: int, time_zone: str,
    calendars: Mapping[str, BusinessCalendar],
) -> list[Story]:  # fmt: skip
    """About that many tickets opened from `first_day` to `last_day`, in order of opening."""
    told: list[Story] = []
    for behaviour in BEHAVIOURS:
        expected = tickets * behaviour.share * random.lognormal(0.0, 0.1)
        opened = _openings(random, first_day, last_day, expected, time_zone)
        told.extend(_lives(random, behaviour, opened, calendars))
    told.sort(key=lambda story: (story.opened_at, story.service))
    for number, story in enumerate(told, start=1):
        story.key = f"INC{number:07d}"
    return told


def _openings(random: np.random.Generator, first: date, last: date, expected: float, zone: str) -> Instants:
    """Instants of opening: weeks differ more than chance alone, days and hours have their profile, month-ends peak."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    weekly = random.gamma(12.0, 1 / 12.0, size=len(days) // 7 + 1)
    profile = np.array(
        [
            WEEKDAY_PROFILE[day.weekday()] * (1.3 if (day + timedelta(days=2)).month != day.month else 1.0)
            for day in days
        ]
    )
    rates = profile * np.repeat(weekly, 7)[: len(days)]
    counts = random.poisson(expected * rates / profile.sum())
    hours = np.array(HOUR_PROFILE, np.float64)
    opened: list[Instants] = []
    for day, count in zip(days, counts.tolist(), strict=True):
        midnight = to_epoch(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC))
        hour = random.choice(24, size=count, p=hours / hours.sum())
        opened.append(midnight + hour * HOUR + random.integers(0, HOUR, size=count))
    return np.sort(np.concatenate(opened)).astype(np.int64)


def _lives(
    random: np.random.Generator,
    behaviour: ServiceBehaviour,
    opened: Instants,
    calendars: Mapping[str, BusinessCalendar],
) -> list[Story]:
    """One story per opening. Priority 1 is worked on around the clock, the rest in the service hours promised."""
    number = opened.size
    calendar, always = calendars[behaviour.calendar], calendars["always"]
    priority = random.choice(4, size=number, p=behaviour.priorities)
    promised = np.array(behaviour.resolution_hours)[priority]
    team = random.choice(list(behaviour.teams), size=number, p=list(behaviour.teams.values()))

    def after(instants: Instants, seconds: Floats) -> Instants:
        spans = seconds.astype(np.int64)
        return np.where(priority == 0, always.due(instants, spans), calendar.due(instants, spans))

    work = _work(random, promised * HOUR, np.array([PACE[name] for name in team]))
    waits = random.random(number) < 0.23
    done_before = np.where(waits, random.uniform(0.1, 0.8, size=number), 1.0)
    taken_up = after(opened, random.lognormal(np.log(TAKE_UP_HOURS[priority]), 0.8) * HOUR)
    waiting_from = after(taken_up, work * done_before)
    waiting = random.lognormal(np.log(14 * HOUR), 0.9, size=number)
    waiting_until = waiting_from + np.where(waits, waiting, 0.0).astype(np.int64)
    resolved = _typed(random, after(waiting_until, work * (1 - done_before)))
    told = []
    for i in range(number):
        story = _ticket(random, behaviour, int(opened[i]), int(priority[i]), str(team[i]))
        wait = (int(waiting_from[i]), int(waiting_until[i])) if waits[i] else None
        _tell(random, story, calendar, taken_up=int(taken_up[i]), wait=wait, resolved=int(resolved[i]))
        told.append(story)
    return told


def _ticket(
    random: np.random.Generator, behaviour: ServiceBehaviour, opened_at: int, priority: int, team: str
) -> Story:  # fmt: skip
    category = str(random.choice(list(behaviour.categories)))
    return Story(
        service=behaviour.service,
        calendar=behaviour.calendar,
        category=category,
        subcategory=str(random.choice(behaviour.categories[category])),
        team=team,
        assignee=f"{team} {random.integers(1, MEMBERS[team] + 1)}",
        caller=f"Caller {random.integers(1, 1200)}",
        contact_type=str(random.choice(["Phone", "Portal", "E-mail"], p=[0.5, 0.4, 0.1])),
        priority=priority,
        promised_hours=behaviour.resolution_hours[priority],
        opened_at=opened_at,
    )


def _tell(
    random: np.random.Generator, story: Story, calendar: BusinessCalendar, *, taken_up: int,
    wait: tuple[int, int] | None, resolved: int,
) -> None:  # fmt: skip
    """Write a story's steps. What comes by telephone is the desk's first; some priorities are corrected on take-up."""
    first_team = DESK if story.contact_type == "Phone" else story.team
    misjudged = random.random() < 0.04 and story.priority < 3
    story.steps.append(Step(story.opened_at, TicketState.NEW, first_team, story.priority + int(misjudged)))
    story.enter(taken_up, TicketState.IN_PROGRESS)
    if random.random() < 0.01:
        story.enter(taken_up + HOUR, TicketState.CANCELLED)
        return
    if wait is not None:
        supplied = (story.service, story.team) in SUPPLIED
        story.enter(wait[0], TicketState.AWAITING_SUPPLIER if supplied else TicketState.AWAITING_CUSTOMER)
        story.enter(wait[1], TicketState.IN_PROGRESS)
    story.enter(resolved, TicketState.RESOLVED)
    if random.random() < 0.02:
        come_back(random, story, calendar)
    confirmed_after = random.uniform(0.5 * HOUR, DAY)
    story.enter(
        story.steps[-1].at + (int(confirmed_after) if random.random() < 0.3 else AUTO_CLOSE), TicketState.CLOSED
    )


def come_back(random: np.random.Generator, story: Story, calendar: BusinessCalendar) -> None:
    """Open a resolved story again within two days, with more work and a second resolution."""
    story.enter(story.steps[-1].at + int(random.uniform(2 * HOUR, 2 * DAY)), TicketState.IN_PROGRESS)
    more = 60 + int(random.lognormal(np.log(0.15 * story.promised_hours * HOUR), 0.8))
    story.enter(int(calendar.due(story.steps[-1].at, more)), TicketState.RESOLVED)


def _work(random: np.random.Generator, promised: npt.NDArray[np.int64], pace: Floats) -> Floats:
    """Seconds of service time spent: quick fixes, ordinary work, and a tail beyond the promise."""
    kind = random.choice(3, size=promised.size, p=(0.38, 0.52, 0.10))
    quick = random.lognormal(np.log(0.4 * HOUR), 1.0, size=promised.size)
    ordinary = random.lognormal(np.log(0.35), 0.7, size=promised.size) * promised
    tail = random.lognormal(np.log(1.6), 0.7, size=promised.size) * promised
    return np.asarray(
        np.choose(kind, [np.minimum(quick, 0.8 * promised), ordinary, np.minimum(tail, 20 * promised)]) * pace
    )


def _typed(random: np.random.Generator, instants: Instants) -> Instants:
    """A quarter of the times were typed by a person, in steps of five minutes."""
    rounded = -(-instants // 300) * 300
    return np.where(random.random(instants.size) < 0.25, rounded, instants)
