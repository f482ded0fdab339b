"""One row of an export into one ticket event, or the reason why not."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from services.domain.vocabulary import Outcome, TicketState
from services.tickets.sources.cells import CellParser, RowRejected
from services.tickets.sources.columns import STATES, EventField, plain_state
from services.tickets.sources.profile import Profile
from services.tickets.sources.records import TicketEventRecord

MAX_COUNT_DIGITS = 9
EARLIEST_BEFORE_OPENING = timedelta(days=1)
"""Systems let people correct the opening of a ticket, so that its first updates lie some hours before it."""


class RowParser(CellParser):
    """Turns rows of these columns into events, as the profile says. Counts the state words it does not know.

    `places` says which column holds which field; `instant` turns a written time into an instant or raises ValueError;
    a time after `now` is rejected. Places are looked up once and every cell is stripped once, because an export has a
    hundred cells per millisecond.
    """

    def __init__(
        self,
        columns: Sequence[str],
        places: Mapping[EventField, int],
        profile: Profile,
        instant: Callable[[str], datetime],
        now: datetime,
    ) -> None:
        self.unknown_states: Counter[str] = Counter()
        super().__init__(columns, profile.missing, instant, now)
        self._states: dict[str, TicketState] = dict(STATES) | {plain_state(w): s for w, s in profile.states.items()}
        self._outcomes = {word.casefold(): Outcome.MET for word in profile.outcome.met}
        self._outcomes |= {word.casefold(): Outcome.MISSED for word in profile.outcome.missed}
        absent = len(columns)  # where `parse` puts a value that is always missing
        place = {field: places.get(field, absent) for field in EventField}
        self._number = place[EventField.NUMBER]
        self._count = place[EventField.MODIFICATION_COUNT]
        self._updated_at = place[EventField.UPDATED_AT]
        self._opened_at = place[EventField.OPENED_AT]
        self._responded_at = place[EventField.RESPONDED_AT]
        self._resolved_at = place[EventField.RESOLVED_AT]
        self._closed_at = place[EventField.CLOSED_AT]
        self._state = place[EventField.STATE]
        self._outcome = place[EventField.OUTCOME]
        self._priority = place[EventField.PRIORITY]
        self._impact = place[EventField.IMPACT]
        self._urgency = place[EventField.URGENCY]
        self._category = place[EventField.CATEGORY]
        self._subcategory = place[EventField.SUBCATEGORY]
        self._team = place[EventField.TEAM]
        self._assignee = place[EventField.ASSIGNEE]
        self._customer = place[EventField.CUSTOMER]
        self._contact_type = place[EventField.CONTACT_TYPE]
        self._location = place[EventField.LOCATION]

    def events(self, cells: Sequence[str]) -> Sequence[TicketEventRecord]:
        """The events a row describes; here one. Raises RowRejected."""
        return (self.parse(cells),)

    def identity(self, event: TicketEventRecord) -> tuple[str, ...]:
        """What no two rows may say different things about, given the first event of a row."""
        return (event.ticket_key, event.event_key)

    def parse(self, cells: Sequence[str]) -> TicketEventRecord:
        """The event a row describes. Raises RowRejected."""
        values, attributes = self._values(cells)
        number = self._key(values, self._number)
        sequence = self._sequence_of(values)
        updated_at = self._time(self._updated_at, self._present(values, self._updated_at))
        opened_at = self._time(self._opened_at, self._present(values, self._opened_at))
        if updated_at < opened_at - EARLIEST_BEFORE_OPENING:
            reason = f"lies more than a day before the opening of the ticket ({opened_at.isoformat()})"
            raise RowRejected(self._columns[self._updated_at], values[self._updated_at] or "", reason)
        return TicketEventRecord(
            ticket_key=number,
            sequence=sequence,
            event_key=f"{sequence}|{updated_at.isoformat()[:-6]}Z",
            occurred_at=updated_at,
            recorded_at=updated_at,
            opened_at=opened_at,
            recorded_outcome=self._outcome_of(values),
            recorded_resolved_at=self._end(values, self._resolved_at, opened_at),
            recorded_closed_at=self._end(values, self._closed_at, opened_at),
            state=self._state_of(values),
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
            attributes=attributes,
        )

    def _sequence_of(self, values: Sequence[str | None]) -> int:
        value = self._present(values, self._count)
        if not (value.isascii() and value.isdigit() and len(value) <= MAX_COUNT_DIGITS):
            reason = f"is not a whole number from 0 with at most {MAX_COUNT_DIGITS} digits"
            raise RowRejected(self._columns[self._count], value, reason)
        return int(value)

    def _state_of(self, values: Sequence[str | None]) -> TicketState:
        word = values[self._state] or ""
        state = self._states.get(plain_state(word))
        if state is None:
            self.unknown_states[word] += 1
            return TicketState.UNKNOWN
        return state

    def _outcome_of(self, values: Sequence[str | None]) -> Outcome | None:
        value = values[self._outcome]
        if value is None:
            return None
        outcome = self._outcomes.get(value.casefold())
        if outcome is None:
            reason = f"is none of the words for kept or missed: {', '.join(self._outcomes)}"
            raise RowRejected(self._columns[self._outcome], value, reason)
        return outcome
