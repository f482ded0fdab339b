"""What was known about tickets at an instant: everything recorded by it, and nothing else. Pure.

Everything that trains or forecasts starts from `known_by`, so that what was recorded later cannot reach it.
"""

import copy
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from services.tickets.history import Integers, TicketHistory, Words, history

COMMON_COLUMNS = ("priority", "category", "subcategory", "team", "assignee")
"""What every source says of a ticket, in our own words for it."""
ATTRIBUTES = (
    "impact", "urgency", "contact_type", "location", "u_symptom", "cmdb_ci", "notify", "u_priority_confirmation",
    "caller_id", "opened_by", "sys_created_by",
)  # fmt: skip
"""Columns of a source that are registered when a ticket is opened.

A list of what may be used and not of what may not: sources copy final values (who resolved it, when it was closed, with
which code, whether it was kept) onto all rows of a ticket, or fill columns in afterwards (`knowledge`), and a name that
nobody thought of must not become a leak.
"""
LONGEST_HISTORY = timedelta(days=400)
"""Tickets opened longer before an instant are not looked at."""
HISTORY_COLUMNS = 16
OTHER_COLUMNS = 2
FOLDS = 8


@dataclass(frozen=True, eq=False)
class TicketFacts:
    """Tickets and their events, and what models see of each event by column; `fold` spreads tickets by their keys.

    Columns say nothing of events that were made from how a ticket stood later. `log` says what the source said.
    """

    log: TicketHistory
    keys: tuple[str, ...]
    fold: Integers
    columns: dict[str, Words]

    def __len__(self) -> int:
        return len(self.log.ticket_ids)


def ticket_facts(rows: Sequence[Sequence[Any]]) -> TicketFacts:
    """Facts from rows: the columns of `services.tickets.history.history`, the ticket's key, whether the event was
    synthesised, then `ATTRIBUTES`."""
    log = history(rows)
    tail = list(zip(*(row[HISTORY_COLUMNS:] for row in rows), strict=True)) or [()] * (OTHER_COLUMNS + len(ATTRIBUTES))
    keys = tuple(tail[0][event] for event in log.first_event[:-1].tolist())
    columns = {name: getattr(log, name) for name in COMMON_COLUMNS}
    columns |= {name: Words(values) for name, values in zip(ATTRIBUTES, tail[OTHER_COLUMNS:], strict=True)}
    if any(tail[1]):
        columns = {name: _unless(tail[1], words) for name, words in columns.items()}
    # By the key, so that a ticket's fold depends on no other ticket and on no random id.
    fold = np.array([zlib.crc32(key.encode()) % FOLDS for key in keys], dtype=np.int64)
    return TicketFacts(log, keys, fold, columns)


def known_by(facts: TicketFacts, instant: int) -> TicketFacts:
    """The events recorded by an instant (epoch seconds, inclusive) of tickets opened in the 400 days before it."""
    log = facts.log
    recent = log.opened_at >= instant - LONGEST_HISTORY.total_seconds()
    events = np.flatnonzero((log.recorded_at <= instant) & recent[log.ticket])
    counts = np.bincount(log.ticket[events], minlength=len(log.ticket_ids))
    tickets = np.flatnonzero(counts)
    first_event = np.concatenate(([0], np.cumsum(counts[tickets])))
    narrowed = replace(
        log,
        ticket_ids=[log.ticket_ids[ticket] for ticket in tickets.tolist()],
        service_ids=[log.service_ids[ticket] for ticket in tickets.tolist()],
        opened_at=log.opened_at[tickets],
        first_event=first_event,
        ticket=np.repeat(np.arange(len(tickets), dtype=np.int64), counts[tickets]),
        event_ids=[log.event_ids[event] for event in events.tolist()],
        at=log.at[events],
        recorded_at=log.recorded_at[events],
        state=_narrowed(log.state, events),
        priority=_narrowed(log.priority, events),
        category=_narrowed(log.category, events),
        subcategory=_narrowed(log.subcategory, events),
        team=_narrowed(log.team, events),
        assignee=_narrowed(log.assignee, events),
        resolved_at=log.resolved_at[events],
        closed_at=log.closed_at[events],
        recorded_outcome=_narrowed(log.recorded_outcome, events),
        resolution_stated=log.resolution_stated[events],
    )
    columns = {name: _narrowed(words, events) for name, words in facts.columns.items()}
    return TicketFacts(narrowed, tuple(facts.keys[ticket] for ticket in tickets.tolist()), facts.fold[tickets], columns)


def _unless(synthesised: Sequence[bool], words: Words) -> Words:
    """The words, but of synthesised events none: a list of tickets says what holds when it is written, at every event.

    A finished ticket would show at its opening who closed it. Nor may the last event alone keep its words: only tickets
    that are still open would then have any at their opening, which tells how late they are.
    """
    return Words([None if made else words[event] for event, made in enumerate(synthesised)])


def _narrowed(words: Words, events: npt.NDArray[np.intp]) -> Words:
    narrowed = copy.copy(words)
    narrowed.codes = words.codes[events]
    return narrowed
