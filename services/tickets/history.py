"""What happened to a set of tickets, as columns: the input of clocks, and where each ticket stands after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.domain.vocabulary import Outcome, TicketState

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DONE = frozenset({TicketState.RESOLVED, TicketState.CLOSED, TicketState.CANCELLED})
NONE = -1


class Words:
    """A column of repeated words as one code per event, so that a question is asked once per word."""

    def __init__(self, values: Sequence[str | None]) -> None:
        known: dict[str | None, int] = {}
        self.codes = np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(values))
        self.words: list[str | None] = list(known)

    def among(self, chosen: Iterable[str]) -> Flags:
        """Per event, whether its word is one of the chosen."""
        wanted = frozenset(chosen)
        return np.array([word is not None and word in wanted for word in self.words], dtype=np.bool_)[self.codes]

    def __getitem__(self, event: int) -> str | None:
        return self.words[int(self.codes[event])]


@dataclass(frozen=True, eq=False)
class TicketHistory:
    """Tickets and their events, events of one ticket together and in order; instants in epoch seconds.

    `first_event` has one more element than there are tickets: the events of ticket i are those from `first_event[i]`
    until before `first_event[i + 1]`. Every ticket has at least one event.
    """

    ticket_ids: list[UUID]
    service_ids: list[UUID | None]
    opened_at: Integers
    first_event: Integers
    ticket: Integers
    event_ids: list[UUID]
    at: Integers
    recorded_at: Integers
    state: Words
    priority: Words
    category: Words
    subcategory: Words
    team: Words
    assignee: Words
    resolved_at: Integers
    closed_at: Integers
    recorded_outcome: Words
    resolution_stated: Flags


def history(rows: Sequence[Sequence[Any]]) -> TicketHistory:
    """The history from rows of `queries.EVENTS_OF_TICKETS`, which come ordered by ticket and event."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 16
    ticket_of_row, service_of_row, opened_of_row, event_ids, at, recorded_at = columns[:6]
    words = [Words(column) for column in columns[6:13]]
    resolved_at, closed_at, resolution_stated = columns[13:16]
    firsts = [row for row in range(len(rows)) if row == 0 or ticket_of_row[row] != ticket_of_row[row - 1]]
    first_event = np.array([*firsts, len(rows)], dtype=np.int64)
    state, priority, category, subcategory, team, assignee, recorded_outcome = words
    return TicketHistory(
        ticket_ids=[ticket_of_row[row] for row in firsts],
        service_ids=[service_of_row[row] for row in firsts],
        opened_at=np.array([opened_of_row[row] for row in firsts], dtype=np.int64),
        first_event=first_event,
        ticket=np.repeat(np.arange(len(firsts), dtype=np.int64), np.diff(first_event)),
        event_ids=list(event_ids),
        at=np.array(at, dtype=np.int64),
        recorded_at=np.array(recorded_at, dtype=np.int64),
        state=state,
        priority=priority,
        category=category,
        subcategory=subcategory,
        team=team,
        assignee=assignee,
        resolved_at=np.array([NONE if value is None else value for value in resolved_at], dtype=np.int64),
        closed_at=np.array([NONE if value is None else value for value in closed_at], dtype=np.int64),
        recorded_outcome=recorded_outcome,
        resolution_stated=np.array(resolution_stated, dtype=np.bool_),
    )


@dataclass(frozen=True, eq=False)
class Standing:
    """Where each ticket stands after its last event; one element per ticket, instants in epoch seconds, -1 for none."""

    last_event: Integers
    event_count: Integers
    reopen_count: Integers
    resolved_at: Integers
    closed_at: Integers
    recorded_outcome: list[str | None]
    recorded_outcome_known_at: Integers


def standing(log: TicketHistory) -> Standing:
    """Where the tickets stand.

    The instants of resolving and closing are those the last event states. Where it states none, they are the beginning
    of the last unbroken run of such states, except that a source with a column for the resolution is believed when it
    leaves it blank: the instant is unknown. A recorded outcome counts once the ticket is closed: before that the flag
    of the source is no verdict yet. Reopened means leaving resolved, closed or cancelled for any other state.
    """
    last = log.first_event[1:] - 1
    done = log.state.among(DONE)
    closed = log.state.among({TicketState.CLOSED})
    first = np.zeros(len(log.at), dtype=np.bool_)
    first[log.first_event[:-1]] = True
    reopens = ~first & ~done & np.concatenate(([False], done[:-1]))[: len(done)]
    outcome = [
        log.recorded_outcome[event] if closed[event] else None
        for event in last.tolist()
    ]  # fmt: skip
    known = np.array([value in (Outcome.MET, Outcome.MISSED) for value in outcome], dtype=np.bool_)
    return Standing(
        last_event=last,
        event_count=np.diff(log.first_event),
        reopen_count=np.add.reduceat(reopens.astype(np.int64), log.first_event[:-1]) if len(last) else last,
        resolved_at=np.where(
            log.resolution_stated[last],
            np.where(done[last], log.resolved_at[last], NONE),
            _stated_or_begun(log, log.resolved_at, done, last),
        ),
        closed_at=_stated_or_begun(log, log.closed_at, closed, last),
        recorded_outcome=outcome,
        recorded_outcome_known_at=np.where(known, log.recorded_at[last], NONE),
    )


def _stated_or_begun(log: TicketHistory, stated: Integers, holds: Flags, last: Integers) -> Integers:
    """What the last event states, else when its unbroken run of `holds` began; NONE while the state does not hold."""
    run_begins = holds & ~np.concatenate(([False], holds[:-1]))[: len(holds)]
    run_begins[log.first_event[:-1]] |= holds[log.first_event[:-1]]
    beginning = np.maximum.accumulate(np.where(run_begins, np.arange(len(holds)), 0)) if len(holds) else last
    return np.where(holds[last], np.where(stated[last] != NONE, stated[last], log.at[beginning[last]]), NONE)
