"""One row of a list of tickets into the events its stamps imply, each marked as made by us and not by the source."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.domain.vocabulary import TicketState
from services.tickets.sources.cells import RowRejected
from services.tickets.sources.records import TicketEventRecord
from services.tickets.sources.rows import RowParser

ENDED = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.CANCELLED)


class _Stamp(NamedTuple):
    """An instant a row states, and what it implies."""

    name: str
    sequence: int
    at: datetime
    state: TicketState
    place: int


class TicketRowParser(RowParser):
    """Turns a ticket as it stands into the events it must have had: opened, responded, resolved, closed, last updated.

    What lies between them, such as pauses and changes of priority, such a row cannot tell: its priority, category and
    team are taken to have held from the opening on. A state without an instant makes no event, except that a ticket
    said to be resolved, closed or cancelled must say when.
    """

    def events(self, cells: Sequence[str]) -> Sequence[TicketEventRecord]:
        values, attributes = self._values(cells)
        number = self._key(values, self._number)
        opened_at = self._time(self._opened_at, self._present(values, self._opened_at))
        responded_at = self._end(values, self._responded_at, opened_at)
        resolved_at = self._end(values, self._resolved_at, opened_at)
        closed_at = self._end(values, self._closed_at, opened_at)
        if resolved_at and closed_at and closed_at < resolved_at:
            reason = f"lies before the resolution of the ticket ({resolved_at.isoformat()})"
            raise RowRejected(self._columns[self._closed_at], values[self._closed_at] or "", reason)
        stamps = [
            _Stamp(name, sequence, at, state, place)
            for sequence, (name, at, state, place) in enumerate(
                (
                    ("opened", opened_at, TicketState.NEW, self._opened_at),
                    ("responded", responded_at, TicketState.IN_PROGRESS, self._responded_at),
                    ("resolved", resolved_at, TicketState.RESOLVED, self._resolved_at),
                    ("closed", closed_at, TicketState.CLOSED, self._closed_at),
                )
            )
            if at is not None
        ]
        stamps.sort(key=lambda stamp: (stamp.at, stamp.sequence))
        stamps = self._with_state(values, stamps, self._end(values, self._updated_at, opened_at))
        outcome = self._outcome_of(values)
        return [
            TicketEventRecord(
                ticket_key=number,
                sequence=stamp.sequence,
                event_key=f"{stamp.name}|{stamp.at.isoformat()[:-6]}Z",
                occurred_at=stamp.at,
                recorded_at=stamp.at,
                opened_at=opened_at,
                recorded_outcome=outcome if stamp is stamps[-1] else None,
                recorded_resolved_at=resolved_at if resolved_at and resolved_at <= stamp.at else None,
                recorded_closed_at=closed_at if closed_at and closed_at <= stamp.at else None,
                state=stamp.state,
                priority=values[self._priority],
                impact=values[self._impact],
                urgency=values[self._urgency],
                category=values[self._category],
                subcategory=values[self._subcategory],
                team=values[self._team],
                assignee=values[self._assignee],
                customer=values[self._customer],
                contact_type=values[self._contact_type],
                location=values[self._location],
                attributes=attributes if stamp is stamps[-1] else {self._columns[stamp.place]: cells[stamp.place]},
                synthesised=True,
            )
            for stamp in stamps
        ]

    def identity(self, event: TicketEventRecord) -> tuple[str, ...]:
        return (event.ticket_key,)

    def _with_state(
        self, values: Sequence[str | None], stamps: list[_Stamp], updated_at: datetime | None
    ) -> list[_Stamp]:
        """The stamps, and after them what the state of the row says that they do not."""
        last = stamps[-1]
        state = last.state if values[self._state] is None else self._state_of(values)
        updated = updated_at is not None and updated_at > last.at
        if state is TicketState.CANCELLED and last.state in ENDED:
            return [*stamps[:-1], last._replace(state=state)]
        if state in ENDED and state is not last.state and not (state is TicketState.CANCELLED and updated):
            self._refuse(values, f"says {state}, and no column says since when")
        if state not in ENDED and last.state in ENDED and not updated:
            self._refuse(values, f"says {state}, although the ticket ended at {last.at.isoformat()}")
        if updated_at is None or not updated:
            return stamps
        return [*stamps, _Stamp("updated", len(ENDED) + 1, updated_at, state, self._updated_at)]

    def _refuse(self, values: Sequence[str | None], reason: str) -> None:
        raise RowRejected(self._columns[self._state], values[self._state] or "", reason)
