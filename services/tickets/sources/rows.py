"""One row of an export into one ticket event, or the reason why not."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from services.domain.vocabulary import Outcome, TicketState
from services.tickets.sources.columns import STATES, EventField, plain_state
from services.tickets.sources.profile import Profile
from services.tickets.sources.records import TicketEventRecord, shown

MAX_VALUE_CHARACTERS = 10_000
MAX_NUMBER_CHARACTERS = 255
MAX_COUNT_DIGITS = 9
EARLIEST_BEFORE_OPENING = timedelta(days=1)
"""Systems let people correct the opening of a ticket, so that its first updates lie some hours before it."""


class RowRejected(Exception):
    """This row cannot become an event: the column at fault, its value, and what is wrong with it."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, shown(value), reason


class RowParser:
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
        self._columns = columns
        self._instant = instant
        self._now = now
        self._missing = frozenset(("", *profile.missing))
        self._states: dict[str, TicketState] = dict(STATES) | {plain_state(w): s for w, s in profile.states.items()}
        self._outcomes = {word.casefold(): Outcome.MET for word in profile.outcome.met}
        self._outcomes |= {word.casefold(): Outcome.MISSED for word in profile.outcome.missed}
        absent = len(columns)  # where `parse` puts a value that is always missing
        place = {field: places.get(field, absent) for field in EventField}
        self._number = place[EventField.NUMBER]
        self._count = place[EventField.MODIFICATION_COUNT]
        self._updated_at = place[EventField.UPDATED_AT]
        self._opened_at = place[EventField.OPENED_AT]
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

    def parse(self, cells: Sequence[str]) -> TicketEventRecord:
        """The event a row describes. Raises RowRejected."""
        self._check_size(cells)
        missing = self._missing
        values = [None if value in missing else value for value in map(str.strip, cells)]
        attributes = {
            column: cell for column, cell, value in zip(self._columns, cells, values, strict=True) if value is not None
        }
        values.append(None)
        number = self._number_of(values)
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

    def _check_size(self, cells: Sequence[str]) -> None:
        together = "".join(cells)
        if len(together) > MAX_VALUE_CHARACTERS:
            for column, cell in zip(self._columns, cells, strict=True):
                if len(cell) > MAX_VALUE_CHARACTERS:
                    reason = f"has {len(cell)} characters, the limit is {MAX_VALUE_CHARACTERS}"
                    raise RowRejected(column, cell, reason)
        if "\0" in together:
            column, cell = next(pair for pair in zip(self._columns, cells, strict=True) if "\0" in pair[1])
            raise RowRejected(column, cell, "holds a NUL character")

    def _present(self, values: Sequence[str | None], place: int) -> str:
        value = values[place]
        if value is None:
            raise RowRejected(self._columns[place], "", "has no value, and no event can be without it")
        return value

    def _number_of(self, values: Sequence[str | None]) -> str:
        number = self._present(values, self._number)
        if len(number) > MAX_NUMBER_CHARACTERS:
            raise RowRejected(self._columns[self._number], number, f"is longer than {MAX_NUMBER_CHARACTERS} characters")
        if not number.isprintable():
            raise RowRejected(self._columns[self._number], number, "has a character that cannot be seen")
        return number

    def _sequence_of(self, values: Sequence[str | None]) -> int:
        value = self._present(values, self._count)
        if not (value.isascii() and value.isdigit() and len(value) <= MAX_COUNT_DIGITS):
            reason = f"is not a whole number from 0 with at most {MAX_COUNT_DIGITS} digits"
            raise RowRejected(self._columns[self._count], value, reason)
        return int(value)

    def _time(self, place: int, value: str) -> datetime:
        try:
            instant = self._instant(value)
        except ValueError as error:
            raise RowRejected(self._columns[place], value, str(error)) from None
        if instant > self._now:
            reason = "is still to come: is the time zone of the export the right one?"
            raise RowRejected(self._columns[place], value, reason)
        return instant

    def _end(self, values: Sequence[str | None], place: int, opened_at: datetime) -> datetime | None:
        """The instant of resolving or closing, if the row states one."""
        value = values[place]
        if value is None:
            return None
        ended = self._time(place, value)
        if ended < opened_at:
            reason = f"lies before the opening of the ticket ({opened_at.isoformat()})"
            raise RowRejected(self._columns[place], value, reason)
        return ended

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
