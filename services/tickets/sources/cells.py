"""The cells of a row as values, or why they cannot be: what every kind of row has in common."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from services.tickets.sources.records import shown

MAX_VALUE_CHARACTERS = 10_000
MAX_KEY_CHARACTERS = 255


class RowRejected(Exception):
    """This row cannot be taken: the column at fault, its value, and what is wrong with it."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, shown(value), reason


class CellParser:
    """Reads cells by their place among the columns; a place beyond the last column always holds no value.

    `missing` are the words that stand for no value beside blanks; `instant` turns a written time into an instant or
    raises ValueError; a time after `now` is rejected.
    """

    def __init__(
        self, columns: Sequence[str], missing: Iterable[str], instant: Callable[[str], datetime], now: datetime
    ) -> None:
        self._columns = columns
        self._missing = frozenset(("", *missing))
        self._instant = instant
        self._now = now

    def _values(self, cells: Sequence[str]) -> tuple[list[str | None], dict[str, str]]:
        """The stripped cells, None for no value, with one more for columns that are not there; and the attributes."""
        self._check_size(cells)
        missing = self._missing
        values = [None if value in missing else value for value in map(str.strip, cells)]
        attributes = {
            column: cell for column, cell, value in zip(self._columns, cells, values, strict=True) if value is not None
        }
        values.append(None)
        return values, attributes

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

    def _key(self, values: Sequence[str | None], place: int) -> str:
        """A name that something is known by."""
        key = self._present(values, place)
        if len(key) > MAX_KEY_CHARACTERS:
            raise RowRejected(self._columns[place], key, f"is longer than {MAX_KEY_CHARACTERS} characters")
        if not key.isprintable():
            raise RowRejected(self._columns[place], key, "has a character that cannot be seen")
        return key

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
