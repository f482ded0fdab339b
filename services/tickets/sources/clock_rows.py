"""One row of an export of clocks into what its system says of the clock, or the reason why not."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.domain.vocabulary import ClockStatus, Outcome
from services.tickets.sources.cells import CellParser, RowRejected
from services.tickets.sources.clock_columns import STAGES, ClockField
from services.tickets.sources.clock_profile import ClockProfile
from services.tickets.sources.columns import plain_state
from services.tickets.sources.durations import milliseconds, seconds


class ReportedClockRecord(NamedTuple):
    """A clock as another system reports it. Instants are aware and in UTC; nothing here is computed by us."""

    line: int
    ticket_key: str
    key: str
    """The clock's identity on its ticket: its id in the source, or its definition and start."""
    definition: str
    stage: str | None
    status: ClockStatus | None
    """What it was doing; None where the source's word for it has no known meaning."""
    outcome: Outcome
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    goal_seconds: int | None
    elapsed_seconds: int | None
    paused_seconds: int | None
    recorded_at: datetime
    attributes: dict[str, str]


class ClockRowParser(CellParser):
    """Turns rows of these columns into reported clocks, as the profile says."""

    def __init__(
        self,
        columns: Sequence[str],
        places: Mapping[ClockField, int],
        profile: ClockProfile,
        instant: Callable[[str], datetime],
        now: datetime,
    ) -> None:
        super().__init__(columns, profile.missing, instant, now)
        self._place = {field: places.get(field, len(columns)) for field in ClockField}
        self._stages: dict[str, ClockStatus] = dict(STAGES) | {plain_state(w): s for w, s in profile.stages.items()}
        self._breached = {word.casefold(): True for word in profile.breached.missed}
        self._breached |= {word.casefold(): False for word in profile.breached.met}
        self._runs_unless_stopped = ClockField.STAGE not in places

    def parse(self, line: int, cells: Sequence[str]) -> ReportedClockRecord:
        """The clock a row describes. Raises RowRejected."""
        values, attributes = self._values(cells)
        place = self._place
        definition = self._key(values, place[ClockField.DEFINITION])
        started_at = self._time(place[ClockField.STARTED_AT], self._present(values, place[ClockField.STARTED_AT]))
        stopped_at = self._not_before(values, ClockField.STOPPED_AT, started_at)
        updated_at = self._not_before(values, ClockField.UPDATED_AT, started_at)
        status = self._status(values, stopped_at)
        own = values[place[ClockField.ID]]
        return ReportedClockRecord(
            line=line,
            ticket_key=self._key(values, place[ClockField.TICKET]),
            key=f"{definition}|{started_at.isoformat()[:-6]}Z" if own is None else own,
            definition=definition,
            stage=values[place[ClockField.STAGE]],
            status=status,
            outcome=outcome_of(self._word(values, ClockField.BREACHED), status),
            started_at=started_at,
            stopped_at=stopped_at,
            due_at=self._due_at(values, started_at),
            goal_seconds=self._span(values, ClockField.GOAL, ClockField.GOAL_MILLISECONDS),
            elapsed_seconds=self._span(values, ClockField.ELAPSED, ClockField.ELAPSED_MILLISECONDS),
            paused_seconds=self._span(values, ClockField.PAUSE),
            recorded_at=updated_at or stopped_at or self._now,
            attributes=attributes,
        )

    def _status(self, values: Sequence[str | None], stopped_at: datetime | None) -> ClockStatus | None:
        if self._runs_unless_stopped:
            if stopped_at is not None:
                return ClockStatus.COMPLETED
            return ClockStatus.PAUSED if self._word(values, ClockField.PAUSED) else ClockStatus.RUNNING
        status = self._stages.get(plain_state(values[self._place[ClockField.STAGE]] or ""))
        if status is ClockStatus.COMPLETED and stopped_at is None:
            place = self._place[ClockField.STAGE]
            raise RowRejected(self._columns[place], values[place] or "", "but nothing says when it stopped")
        return status

    def _not_before(self, values: Sequence[str | None], field: ClockField, started_at: datetime) -> datetime | None:
        place = self._place[field]
        value = values[place]
        if value is None:
            return None
        found = self._time(place, value)
        if found < started_at:
            raise RowRejected(self._columns[place], value, f"lies before the start ({started_at.isoformat()})")
        return found

    def _due_at(self, values: Sequence[str | None], started_at: datetime) -> datetime | None:
        """Unlike the others it may be still to come."""
        place = self._place[ClockField.DUE_AT]
        value = values[place]
        if value is None:
            return None
        try:
            due_at = self._instant(value)
        except ValueError as error:
            raise RowRejected(self._columns[place], value, str(error)) from None
        if due_at < started_at:
            raise RowRejected(self._columns[place], value, f"lies before the start ({started_at.isoformat()})")
        return due_at

    def _word(self, values: Sequence[str | None], field: ClockField) -> bool | None:
        place = self._place[field]
        value = values[place]
        if value is None:
            return None
        found = self._breached.get(value.casefold())
        if found is None:
            raise RowRejected(self._columns[place], value, f"is none of the words {', '.join(self._breached)}")
        return found

    def _span(
        self, values: Sequence[str | None], field: ClockField, in_milliseconds: ClockField | None = None
    ) -> int | None:
        readings = ((field, seconds), (in_milliseconds, milliseconds))
        for one, read in readings:
            if one is None or (value := values[self._place[one]]) is None:
                continue
            try:
                return read(value)
            except ValueError as error:
                raise RowRejected(self._columns[self._place[one]], value, str(error)) from None
        return None


def outcome_of(breached: bool | None, status: ClockStatus | None) -> Outcome:
    """What a source concludes of its clock: only a clock that ran to its end without breaching met its promise.

    >>> outcome_of(False, ClockStatus.RUNNING).value
    'pending'
    """
    if breached:
        return Outcome.MISSED
    if breached is None or status is None:
        return Outcome.CANNOT_TELL
    match status:
        case ClockStatus.COMPLETED:
            return Outcome.MET
        case ClockStatus.CANCELLED:
            return Outcome.NO_DATA
        case _:
            return Outcome.PENDING
