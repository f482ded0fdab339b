"""Events whose key is on record with other content: a fact that would be lost if it passed for one already known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.db import WriteSession, fetch
from services.errors import Conflict
from services.tickets.sources.records import TicketEventRecord

COLUMNS = {
    "sequence": "sequence",
    "occurred_at": "occurred_at",
    "state": "state",
    "priority": "priority",
    "category": "category",
    "subcategory": "subcategory",
    "team": "team",
    "assignee": "assignee",
    "resolved_at": "recorded_resolved_at",
    "closed_at": "recorded_closed_at",
    "recorded_outcome": "recorded_outcome",
    "attributes": "attributes",
}
"""What an event says, by its column; the names of its fields before it is recorded."""

OWN = frozenset({"sequence", "occurred_at", "state", "priority", "category", "subcategory", "team"})
"""What an update in an export says of its own moment. The rest may be said anew: systems copy the final instants and
outcome onto all updates of a ticket, and an assignee may have become a pseudonym."""
OWN_OF_SYNTHESISED = frozenset({"state"})
"""An event made from a list of tickets was given the priority, category and team of the day of the list."""

DIFFERING = """
SELECT x.place, e.id, e.recorded_at, e.sequence, e.occurred_at, e.state, e.priority, e.category, e.subcategory, e.team,
       e.assignee, e.resolved_at, e.closed_at, e.recorded_outcome, e.attributes::text
FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::text[], $16::jsonb[])
     AS x (place, ticket_id, key, sequence, occurred_at, state, priority, category, subcategory, team, assignee,
           resolved_at, closed_at, recorded_outcome, attributes)
JOIN ticket_event e ON e.organisation_id = $1::uuid AND e.ticket_id = x.ticket_id AND e.key = x.key
WHERE (x.sequence, x.occurred_at, x.state, x.priority, x.category, x.subcategory, x.team, x.assignee, x.resolved_at,
       x.closed_at, x.recorded_outcome, x.attributes)
      IS DISTINCT FROM
      (e.sequence, e.occurred_at, e.state, e.priority, e.category, e.subcategory, e.team, e.assignee, e.resolved_at,
       e.closed_at, e.recorded_outcome, e.attributes)
ORDER BY x.place
"""


@dataclass(frozen=True)
class Differing:
    """An event given whose key is on record with other content. `place` is its place among the events given.

    `recorded` is what is on record, by column; `given_before`: by an event of the same call.
    """

    place: int
    event: TicketEventRecord
    recorded: dict[str, Any]
    recorded_at: datetime
    given_before: bool

    def fields(self) -> list[str]:
        """The columns that differ."""
        return [column for column, value in self.recorded.items() if self._given(column) != value]

    def said_otherwise(self) -> list[str]:
        """The columns in which the event says something that is not on record; it may say less than is."""
        return list(self._said_otherwise())

    def contradicted(self) -> list[str]:
        """The columns in which an exported event and the one on record cannot both be right."""
        own = OWN_OF_SYNTHESISED if self.event.synthesised else OWN
        return [column for column in self._said_otherwise() if column in own and self.recorded[column] is not None]

    def conflict(self) -> Conflict:
        """The refusal: which event is on record, in what this one differs, and how to send both."""
        event = self.event
        since = f"is on record since {self.recorded_at.isoformat()}"
        known = "comes before it in the same call" if self.given_before else since
        return Conflict(
            f"the event with the key {event.event_key!r} of ticket {event.ticket_key!r} {known}, with the state"
            f" {self.recorded['state']} at {self.recorded['occurred_at'].isoformat()}, and differs in"
            f" {', '.join(self.fields())}: to record both, give this one a `sequence` or a `key` of its own"
        )

    def _said_otherwise(self) -> Iterator[str]:
        for column in self.fields():
            given, recorded = self._given(column), self.recorded[column]
            if column == "attributes":
                if given.items() - recorded.items():
                    yield column
            elif given is not None:
                yield column

    def _given(self, column: str) -> Any:
        return getattr(self.event, COLUMNS[column])


async def differing_events(
    session: WriteSession,
    *,
    organisation_id: UUID,
    events: Sequence[TicketEventRecord],
    tickets: dict[str, UUID],
    ids: Sequence[UUID],
    inserted: set[UUID],
) -> list[Differing]:
    """Which of the events are not what is on record under their keys, in one statement, or none if all were inserted.

    `ids` are those the events were to have, `inserted` those they got.
    """
    places = [place for place, id_ in enumerate(ids) if id_ not in inserted]
    if not places:
        return []
    given = [events[place] for place in places]
    rows = await fetch(
        session,
        DIFFERING,
        organisation_id,
        places,
        [tickets[event.ticket_key] for event in given],
        [event.event_key for event in given],
        *([getattr(event, field) for event in given] for field in COLUMNS.values() if field != "attributes"),
        [orjson.dumps(event.attributes).decode() for event in given],
    )
    return [
        Differing(
            place,
            events[place],
            dict(zip(COLUMNS, (*columns, orjson.loads(attributes)), strict=True)),
            recorded_at,
            given_before=id_ in inserted,
        )
        for place, id_, recorded_at, *columns, attributes in rows
    ]
