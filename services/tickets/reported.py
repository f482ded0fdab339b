"""Events reported through the API: what must hold of them, and what they become. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.domain.inputs import Problems
from services.domain.vocabulary import Outcome, TicketState
from services.errors import Invalid
from services.tickets.sources.records import TicketEventRecord

MOST_EVENTS = 1_000
MOST_ATTRIBUTES = 200
LONGEST_TICKET_KEY = 255
LONGEST_WORD = 255
LONGEST_ATTRIBUTE = 10_000


@dataclass(frozen=True)
class ReportedEvent:
    """One update of a ticket as a caller reports it.

    `opened_at` matters for a ticket's first event only, and is `occurred_at` when left out. `key` names the event
    within its ticket; left out, it is made of `sequence` and the instant, as an import does it.
    """

    ticket: str
    occurred_at: datetime
    state: TicketState
    opened_at: datetime | None = None
    sequence: int = 0
    key: str | None = None
    priority: str | None = None
    category: str | None = None
    subcategory: str | None = None
    team: str | None = None
    assignee: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    recorded_outcome: Outcome | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def records(reported: Sequence[ReportedEvent], *, now: datetime) -> list[TicketEventRecord]:
    """The events as they are recorded: known to us since `now`, whenever they happened.

    Raises Invalid naming every field at fault (`events.3.occurred_at`): blank or overlong words, instants to come,
    openings after the event, outcomes that are no verdict, too many events or attributes.
    """
    problems = Problems()
    if not reported:
        problems.add("events", "expected at least one event")
    if problems.at_most("events", reported, MOST_EVENTS):
        for position, event in enumerate(reported):
            _check(problems.under("events", position), event, now)
    problems.refuse("the events cannot be recorded")
    return [_record(event, now) for event in reported]


def refusals(reported: Sequence[ReportedEvent], *, now: datetime) -> dict[int, Invalid]:
    """Why each event that cannot be recorded cannot, by its place; fields are named within the event."""
    found = {}
    for position, event in enumerate(reported):
        problems = Problems()
        _check(problems, event, now)
        try:
            problems.refuse("the event cannot be recorded")
        except Invalid as refused:
            found[position] = refused
    return found


def _check(problems: Problems, event: ReportedEvent, now: datetime) -> None:
    problems.text("ticket", event.ticket, longest=LONGEST_TICKET_KEY)
    problems.past("occurred_at", event.occurred_at, now)
    if event.opened_at is not None:
        problems.past("opened_at", event.opened_at, now)
        if event.opened_at.tzinfo and event.occurred_at.tzinfo and event.opened_at > event.occurred_at:
            problems.add("opened_at", "expected an instant at or before the event's own")
    for name in ("resolved_at", "closed_at"):
        if (instant := getattr(event, name)) is not None:
            problems.past(name, instant, now)
    if event.sequence < 0:
        problems.add("sequence", f"expected 0 or more, got {event.sequence}")
    for name in ("key", "priority", "category", "subcategory", "team", "assignee"):
        if (word := getattr(event, name)) is not None:
            problems.text(name, word, longest=LONGEST_WORD)
    if event.recorded_outcome not in (None, Outcome.MET, Outcome.MISSED):
        problems.add("recorded_outcome", "expected met or missed")
    if problems.at_most("attributes", event.attributes, MOST_ATTRIBUTES):
        for name, value in event.attributes.items():
            problems.text("attributes", name, longest=LONGEST_WORD)
            problems.text(f"attributes.{name[:LONGEST_WORD]}", value, longest=LONGEST_ATTRIBUTE, required=False)


def _record(event: ReportedEvent, now: datetime) -> TicketEventRecord:
    return TicketEventRecord(
        ticket_key=event.ticket,
        sequence=event.sequence,
        event_key=event.key or f"{event.sequence}|{event.occurred_at.isoformat()}",
        occurred_at=event.occurred_at,
        recorded_at=now,
        opened_at=event.opened_at or event.occurred_at,
        state=event.state,
        priority=event.priority,
        impact=None,
        urgency=None,
        category=event.category,
        subcategory=event.subcategory,
        team=event.team,
        assignee=event.assignee,
        customer=None,
        contact_type=None,
        location=None,
        recorded_outcome=event.recorded_outcome,
        recorded_resolved_at=event.resolved_at,
        recorded_closed_at=event.closed_at,
        attributes=dict(event.attributes),
    )
