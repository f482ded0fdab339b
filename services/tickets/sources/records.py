"""What a parser of ticket exports hands on: events that can be stored, and rows that cannot, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.domain.vocabulary import Outcome, TicketState

SHOWN_CHARACTERS = 200


class TicketEventRecord(NamedTuple):
    """One update of one ticket, as its system of record wrote it. Instants are aware and in UTC.

    `recorded_outcome`, `recorded_resolved_at` and `recorded_closed_at` are what this row says; some systems copy a
    ticket's final values onto all its rows, so only the ticket's last event is evidence of when they were known.
    """

    ticket_key: str
    sequence: int
    """How many times the ticket had been modified: orders events that share an instant."""
    event_key: str
    """`sequence|instant of the update`: the event's identity within its ticket."""
    occurred_at: datetime
    recorded_at: datetime
    opened_at: datetime
    state: TicketState
    priority: str | None
    impact: str | None
    urgency: str | None
    category: str | None
    subcategory: str | None
    team: str | None
    assignee: str | None
    customer: str | None
    contact_type: str | None
    location: str | None
    recorded_outcome: Outcome | None
    recorded_resolved_at: datetime | None
    recorded_closed_at: datetime | None
    attributes: dict[str, str]
    """Every source column in its own spelling, without the columns that hold no value."""
    synthesised: bool = False
    """Made by us from a stamp of a row that says only how the ticket stands: the source wrote no such update."""


class Rejection(NamedTuple):
    """A row that is not imported. `line` is the line of the file the row begins on (in Parquet: the row, from 1).

    `column` is empty where the whole row is at fault; `value` is cut to 200 characters.
    """

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a stretch of rows: each was an event, a rejection, or an exact repetition of an earlier row."""

    events: Sequence[TicketEventRecord]
    lines: Sequence[int]
    """The line of the file that each of the events comes from."""
    rejections: Sequence[Rejection]
    lines_read: int
    """Data rows in this batch: events, rejections and repetitions together."""
    bytes_read: int
    """Bytes of the file behind us after this batch, of `Export.total_bytes`."""
    repetitions: int = 0
    unknown_states: Mapping[str, int] = field(default_factory=dict)
    """State words without a meaning in the profile, each with its number of rows; `""` stands for no word at all."""


def shown(value: str) -> str:
    """The value cut to what a report of rejections shows."""
    return value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
