"""From facts to what models see: tickets at moments of their lives, as codes of words and as numbers. Pure.

A moment uses the events recorded by its own instant, never what became of the ticket later.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from services.forecasting.facts import TicketFacts
from services.tickets.history import DONE, Flags, Integers

Floats = npt.NDArray[np.float64]

LANDMARKS = (900, 3600, 4 * 3600, 8 * 3600, 24 * 3600, 48 * 3600, 72 * 3600)
"""Ages in seconds at which open tickets are looked at for training."""
NUMBERS = ("age", "hours_to_record", "hour", "weekday", "events", "changes_of_team", "hours_idle")
STATE = "state"


@dataclass(frozen=True, eq=False)
class Moments:
    """Tickets at instants: the ticket, its latest event known then, and its age in seconds; arrays of equal length."""

    ticket: Integers
    event: Integers
    age: Integers

    def __len__(self) -> int:
        return len(self.ticket)

    def __getitem__(self, chosen: Flags | npt.NDArray[np.intp]) -> "Moments":
        return Moments(self.ticket[chosen], self.event[chosen], self.age[chosen])


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
    """Every ticket as its first event left it, at the instant that event was recorded.

    Only the first event counts, although systems that write times to the minute record others at the same instant.
    """
    first = facts.log.first_event[:-1]
    ticket = np.arange(len(facts), dtype=np.int64)
    return Moments(ticket, first, np.zeros(len(facts), dtype=np.int64))


def still_open(facts: TicketFacts, ages: tuple[int, ...] = LANDMARKS, *, until: int) -> Moments:
    """Every ticket at every age at which it was recorded and not done, as far as the age was reached by `until`."""
    found = [_open_at(facts, facts.log.opened_at + age, until) for age in ages]
    return Moments(*(np.concatenate(parts) for parts in zip(*((m.ticket, m.event, m.age) for m in found), strict=True)))


def open_now(facts: TicketFacts, instant: int) -> Moments:
    """Every ticket that is not done at an instant."""
    return _open_at(facts, np.full(len(facts), instant, dtype=np.int64), instant)


def _open_at(facts: TicketFacts, instants: Integers, until: int) -> Moments:
    log = facts.log
    known = log.recorded_at <= instants[log.ticket]
    latest = np.full(len(facts), -1, dtype=np.int64)
    latest[log.ticket[known]] = np.flatnonzero(known)  # events are in order: a ticket's last one stays
    open_still = (latest >= 0) & (instants <= until) & (instants >= log.opened_at)
    open_still &= ~log.state.among(DONE)[latest]
    ticket = np.flatnonzero(open_still)
    return Moments(ticket, latest[ticket], (instants - log.opened_at)[ticket])


def cases(facts: TicketFacts, moments: Moments, zone: ZoneInfo, *, with_state: bool) -> Cases:
    """What models see of the moments. The state is left out at opening, where it often tells that all is done."""
    log, event, ticket = facts.log, moments.event, moments.ticket
    columns = facts.columns | ({STATE: log.state} if with_state else {})
    first = log.first_event[ticket]
    local = _local_hours(log.opened_at[ticket], zone)
    team = facts.columns["team"].codes
    changed = np.concatenate(([0], np.cumsum((team[1:] != team[:-1]) & (log.ticket[1:] == log.ticket[:-1]))))
    instant = np.maximum(log.opened_at[ticket] + moments.age, log.recorded_at[event])
    numbers = np.column_stack(
        (
            np.log1p(moments.age / 3600),
            np.log1p(np.maximum(log.recorded_at[first] - log.opened_at[ticket], 0) / 3600),
            local % 24,
            local // 24 % 7,
            event - first + 1,
            changed[event] - changed[first] if len(team) else event,
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
