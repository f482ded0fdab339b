"""The cells of a definitions file: how a text is read, and how a value is spelt so that it reads as the same again.

Files of people say `2026-04-01` where an instant is wanted; that is midnight in the organisation's zone.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

_Choice = TypeVar("_Choice", bound=StrEnum)

YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
UNITS = {"h": 3600, "m": 60, "s": 1}

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(r"(?:\d+\s*[hms]\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column of a file. `read` raises ValueError with what was expected; a blank cell is never read: it is `blank`.

    `refers_to` names the kind whose keys its values are. A column of `many` values is a list in YAML, and in CSV one
    cell divided by semicolons or line ends; `read` and `spell` then take and give all of them, and none is an empty
    tuple.
    """

    name: str
    meaning: str
    read: Callable[[Any, ZoneInfo], Any]
    spell: Callable[[Any], Any] = str
    required: bool = False
    refers_to: str | None = None
    many: bool = False
    default: Any = None
    """What a blank cell means."""

    @property
    def blank(self) -> Any:
        """The value of a blank cell."""
        return () if self.many else self.default


def text(name: str, meaning: str, *, required: bool = False) -> Column:
    """Any text."""
    return Column(name, meaning, lambda cell, _: cell, required=required)


def key(name: str, meaning: str, *, of: str | None = None, required: bool = False) -> Column:
    """A key: its own where `of` is None, otherwise that of a thing of another kind."""
    return Column(name, meaning, lambda cell, _: cell, required=required, refers_to=of)


def choice(
    name: str, meaning: str, values: type[_Choice], *, required: bool = False, default: _Choice | None = None
) -> Column:
    """One of a few words."""
    return Column(
        name, meaning, lambda cell, _: _chosen(cell, values), lambda value: value.value, required, default=default
    )


def choices(name: str, meaning: str, values: type[_Choice], *, required: bool = False) -> Column:
    """Several of a few words."""
    return Column(
        name,
        meaning,
        lambda cells, _: tuple(_chosen(cell, values) for cell in cells),
        lambda chosen: [value.value for value in chosen],
        required,
        many=True,
    )


def words(name: str, meaning: str) -> Column:
    """Several texts."""
    return Column(name, meaning, lambda cells, _: tuple(cells), list, many=True)


def instant(name: str, meaning: str, *, required: bool = False) -> Column:
    """An instant with its offset from UTC, or a day."""
    return Column(name, meaning, read_instant, spell_instant, required)


def day(name: str, meaning: str, *, required: bool = False) -> Column:
    """A local day."""
    return Column(name, meaning, lambda cell, _: read_day(cell), date.isoformat, required)


def flag(name: str, meaning: str, *, default: bool = False) -> Column:
    """Yes or no."""
    return Column(name, meaning, lambda cell, _: _flag(cell), lambda value: "yes" if value else "no", default=default)


def answer(name: str, meaning: str) -> Column:
    """Yes, no, or not said."""
    return Column(name, meaning, lambda cell, _: _flag(cell), lambda value: "yes" if value else "no")


def whole(name: str, meaning: str) -> Column:
    """A whole number."""
    return Column(name, meaning, lambda cell, _: _whole(cell))


def decimal(name: str, meaning: str, *, required: bool = False) -> Column:
    """A decimal number."""
    return Column(name, meaning, lambda cell, _: _decimal(cell), _spell_decimal, required)


def duration(name: str, meaning: str, *, required: bool = False) -> Column:
    """A span in hours, minutes and seconds, kept as seconds."""
    return Column(name, meaning, lambda cell, _: read_duration(cell), spell_duration, required)


def read_instant(cell: str, zone: tzinfo) -> datetime:
    """An aware instant, in UTC."""
    if _DAY.fullmatch(cell):
        found = read_day(cell)
        return datetime(found.year, found.month, found.day, tzinfo=zone).astimezone(UTC)
    try:
        read = datetime.fromisoformat(cell)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("expected a day such as 2026-04-01 or an instant such as 2026-04-01T09:00+02:00")


def spell_instant(value: datetime) -> str:
    """The instant in UTC, as exactly as it is known."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_day(cell: str) -> date:
    """A local day."""
    try:
        if _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise ValueError("expected a day such as 2026-04-01")


def read_duration(cell: str) -> int:
    """Seconds of a span such as `8h` or `1h 30m`. Days are no unit: a working day and a calendar day differ."""
    if not _DURATION.fullmatch(cell) or len(cell) > 40:
        raise ValueError("expected a span such as 8h, 30m or 1h 30m")
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)\s*([hms])", cell.lower()))


def spell_duration(seconds: int) -> str:
    """The span in the largest units it has."""
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def divided(cell: str) -> list[str]:
    """The values of a cell that holds several."""
    parts = cell.splitlines() if "\n" in cell else cell.split(";")
    return [part.strip() for part in parts if part.strip()]


def _chosen(cell: str, values: type[_Choice]) -> _Choice:
    try:
        return values(cell.strip().lower())
    except ValueError:
        raise ValueError(f"expected one of {', '.join(value.value for value in values)}") from None


def _flag(cell: str) -> bool:
    if cell.lower() in YES | NO:
        return cell.lower() in YES
    raise ValueError("expected yes or no")


def _whole(cell: str) -> int:
    if re.fullmatch(r"-?\d{1,18}", cell):
        return int(cell)
    raise ValueError("expected a whole number")


def _decimal(cell: str) -> Decimal:
    try:
        if len(cell) <= 40 and (found := Decimal(cell)).is_finite():
            return found
    except InvalidOperation:
        pass
    raise ValueError("expected a number such as 99.5")


def _spell_decimal(value: Decimal) -> str:
    return f"{value.normalize():f}"


def spelt(column: Column, value: Any) -> str | Sequence[str] | None:
    """A value as a file says it."""
    if value is None or value == ():
        return None
    spelling: str | Sequence[str] = column.spell(value)
    return spelling
