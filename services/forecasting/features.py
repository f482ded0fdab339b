"""From facts to what models see: tickets at moments of their lives, as codes of words and as numbers. Pure.

A moment uses the events recorded by its own instant, never what became of the ticket later.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from services.forecasting.facts import TicketFacts
from services.tickets.history import DONE, NONE, Flags, Integers

Floats = npt.NDArray[np.float64]

LANDMARKS = (900, 3600, 4 * 3600, 8 * 3600, 24 * 3600, 48 * 3600, 72 * 3600)
"""Ages in seconds at which open tickets are looked at for training."""
NUMBERS = ("age", "hours_to_record", "hour", "weekday", "events", "changes_of_team", "hours_idle")
STATE = "state"


@dataclass(frozen=True, eq=False)
class Moments:
    """Tickets at instants, by the events recorded by then; arrays of equal length.

    The ticket, the first and the latest of those events, how many they are, how often the team changed among them, and
    the ticket's age in seconds.
    """

    ticket: Integers
    first: Integers
    event: Integers
    events: Integers
    changes_of_team: Integers
    age: Integers

    def __len__(self) -> int:
        return len(self.ticket)

    def __getitem__(self, chosen: Flags | npt.NDArray[np.intp]) -> "Moments":
        return Moments(*(getattr(self, held.name)[chosen] for held in fields(self)))


@dataclass(frozen=True, eq=False)
class Cases:
    """What models see of some moments: per column a code of `words`, and a matrix of `NUMBERS`.

    Codes are those of the facts, so that cases from the same facts can be compared. `fold` is the ticket's.
    """

    moments: Moments
    codes: dict[str, Integers]
    words: dict[str, list[str | None]]
    numbers: Floats
    fold: Integers

    def __len__(self) -> int:
        return len(self.moments)

    def __getitem__(self, chosen: Flags) -> "Cases":
        codes = {name: column[chosen] for name, column in self.codes.items()}
        return Cases(self.moments[chosen], codes, self.words, self.numbers[chosen], self.fold[chosen])


def openings(facts: TicketFacts) -> Moments:
    """Every ticket as the event recorded first left it, at the instant that event was recorded.

    Only that event counts, although systems that write times to the minute record others at the same instant.
    """
    by_record = np.lexsort((np.arange(len(facts.log.ticket)), facts.log.recorded_at, facts.log.ticket))
    first = by_record[facts.log.first_event[:-1]]
    ticket, none = np.arange(len(facts), dtype=np.int64), np.zeros(len(facts), dtype=np.int64)
    return Moments(ticket, first, first, none + 1, none, none)


def still_open(facts: TicketFacts, ages: tuple[int, ...] = LANDMARKS, *, until: int) -> Moments:
    """Every ticket at every age at which it was recorded and not done, as far as the age was reached by `until`."""
    found = [_open_at(facts, facts.log.opened_at + age, until) for age in ages]
    return Moments(*(np.concatenate([getattr(part, held.name) for part in found]) for held in fields(Moments)))


def open_now(facts: TicketFacts, instant: int) -> Moments:
    """Every ticket that is not done at an instant."""
    return _open_at(facts, np.full(len(facts), instant, dtype=np.int64), instant)


def _open_at(facts: TicketFacts, instants: Integers, until: int) -> Moments:
    log = facts.log
    known = np.flatnonzero(log.recorded_at <= instants[log.ticket])
    ticket = log.ticket[known]
    # Events are in order of what happened, and of the known ones: those of one ticket lie together.
    begins, ends = np.flatnonzero(np.diff(ticket, prepend=-1)), np.flatnonzero(np.diff(ticket, append=-1))
    team = facts.columns["team"].codes[known]
    changed = np.cumsum((np.diff(team, prepend=NONE) != 0) & (np.diff(ticket, prepend=-1) == 0))
    found = Moments(
        ticket[begins],
        known[begins],
        known[ends],
        ends - begins + 1,
        changed[ends] - changed[begins],
        (instants - log.opened_at)[ticket[begins]],
    )
    instant = instants[found.ticket]
    return found[(instant <= until) & (found.age >= 0) & ~log.state.among(DONE)[found.event]]


def cases(facts: TicketFacts, moments: Moments, zone: ZoneInfo, *, with_state: bool) -> Cases:
    """What models see of the moments. The state is left out at opening, where it often tells that all is done."""
    log, event, ticket = facts.log, moments.event, moments.ticket
    columns = facts.columns | ({STATE: log.state} if with_state else {})
    local = _local_hours(log.opened_at[ticket], zone)
    instant = np.maximum(log.opened_at[ticket] + moments.age, log.recorded_at[event])
    numbers = np.column_stack(
        (
            np.log1p(moments.age / 3600),
            np.log1p(np.maximum(log.recorded_at[moments.first] - log.opened_at[ticket], 0) / 3600),
            local % 24,
            local // 24 % 7,
            moments.events,
            moments.changes_of_team,
            np.log1p((instant - log.recorded_at[event]) / 3600),
        )
    ).astype(np.float64)
    return Cases(
        moments=moments,
        codes={name: words.codes[event] for name, words in columns.items()},
        words={name: words.words for name, words in columns.items()},
        numbers=numbers,
        fold=facts.fold[ticket],
    )


def _local_hours(instants: Integers, zone: ZoneInfo) -> Floats:
    """Hours since a Monday's local midnight, with fractions."""
    hours, place = np.unique(instants // 3600, return_inverse=True)
    local: list[Any] = [datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone) for hour in hours.tolist()]
    of_week = np.array([at.weekday() * 24 + at.hour + at.minute / 60 for at in local], dtype=np.float64)
    return np.asarray(of_week[place] + instants % 3600 / 3600 if len(hours) else np.zeros(0), dtype=np.float64)
