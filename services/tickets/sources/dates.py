"""Written dates and times, in the few notations exports use, turned into instants."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
_REMEMBERED = 65_536


class DateNotation(StrEnum):
    """The order and separators of a date. A time follows it: `HH:MM[:SS[.ffffff]]`, AM/PM or 24 hours."""

    YEAR_FIRST = "YYYY-MM-DD"
    DAY_FIRST_SLASHES = "D/M/YYYY"
    MONTH_FIRST_SLASHES = "M/D/YYYY"
    DAY_FIRST_HYPHENS = "D-M-YYYY"
    MONTH_FIRST_HYPHENS = "M-D-YYYY"
    DAY_FIRST_DOTS = "D.M.YYYY"
    MONTH_NAME = "D/MMM/YY"
    """English abbreviations; a year of two digits is one of this century."""


READ_ALIKE = (
    (DateNotation.DAY_FIRST_SLASHES, DateNotation.MONTH_FIRST_SLASHES),
    (DateNotation.DAY_FIRST_HYPHENS, DateNotation.MONTH_FIRST_HYPHENS),
)
"""Notations of which no file can have both: 5/3/2016 would be two dates."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_TIME = (
    r"[ T]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AP]M))?(?: ?(?P<offset>Z|UTC|[+-]\d\d(?::?\d\d)?))?"
)


def _pattern(notation: DateNotation) -> re.Pattern[str]:
    if notation is DateNotation.MONTH_NAME:
        names = rf"(?P<day>\d{{1,2}})/(?P<month>{'|'.join(MONTHS)})/(?P<year>\d{{2}}(?:\d{{2}})?)"
        return re.compile(names + _TIME, re.ASCII | re.IGNORECASE)
    year_first = notation is DateNotation.YEAR_FIRST
    date = re.escape(notation.value)
    for letters, name, digits in (
        ("YYYY", "year", r"\d{4}"),
        ("MM" if year_first else "M", "month", r"\d{1,2}"),
        ("DD" if year_first else "D", "day", r"\d{1,2}"),
    ):
        date = date.replace(letters, f"(?P<{name}>{digits})", 1)
    return re.compile(date + _TIME, re.ASCII | re.IGNORECASE)


PATTERNS = {notation: _pattern(notation) for notation in DateNotation}


class OtherNotation(Exception):
    """A date that is possible only with day and month exchanged: the file mixes two notations that read alike."""


def instant_reader(notations: Iterable[DateNotation], zone: ZoneInfo | None) -> Callable[[str], datetime]:
    """A function from written times to aware UTC instants; it raises ValueError saying what is wrong.

    It raises OtherNotation for a date that only the exchanged notation allows, such as 3/14/2016 among D/M/YYYY.
    Year-first dates (ISO 8601) are always understood. An offset in the text (`Z`, `+02:00`) wins over `zone`. A
    wall-clock time that a change to summer time skipped moves forward by what was skipped; one that occurs twice means
    its first occurrence. Results are remembered, because an export repeats the same minutes over and over.
    """
    known = tuple(dict.fromkeys((DateNotation.YEAR_FIRST, *notations)))
    exchanged = {one: other for pair in READ_ALIKE for one, other in (pair, pair[::-1])}

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> datetime:
        for notation in known:
            if found := PATTERNS[notation].fullmatch(text):
                if notation in exchanged and int(found["month"]) > 12 >= int(found["day"]) > 0:
                    raise OtherNotation(
                        f"{text!r} is possible as {exchanged[notation]} only, while the file's dates are {notation}: "
                        "with both in it, no date of the file can be trusted"
                    )
                return _instant(found, zone)
        raise ValueError(f"is not a date and time written as {' or '.join(known)} followed by HH:MM or HH:MM:SS")

    return read


def _instant(found: re.Match[str], zone: ZoneInfo | None) -> datetime:
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"lies outside the years {EARLIEST_YEAR} to {LATEST_YEAR}")
    tz = _offset(found["offset"]) if found["offset"] else zone
    if tz is None:
        raise ValueError("is a wall-clock time without an offset, and no time zone was given")
    try:
        written = datetime(
            year,
            _month(found["month"]),
            int(found["day"]),
            _hour(int(found["hour"]), found["half"]),
            int(found["minute"]),
            int(found["second"] or 0),
            int((found["fraction"] or "")[:6].ljust(6, "0")),
            tzinfo=tz,
        )
    except ValueError as error:
        raise ValueError(f"is not a possible date and time: {error}") from None
    return written.astimezone(UTC)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS.index(text.title()) + 1


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("with AM or PM the hour must be in 1..12")
    return hour % 12 + (12 if half.upper() == "PM" else 0)


def _offset(text: str) -> timezone:
    if text.upper() in ("Z", "UTC"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if hours > 15 or minutes > 59:
        raise ValueError(f"has the offset {text}, which no place uses")
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def has_offset(text: str) -> bool:
    """Whether a written time says its own offset from UTC, in any notation known here."""
    return any(found["offset"] for pattern in PATTERNS.values() if (found := pattern.fullmatch(text)))


def detect(values: Iterable[str]) -> tuple[DateNotation, ...]:
    """The notations in which every one of these values of the same shape is a possible date.

    Raises ValueError, with an example, where day and month could be exchanged or nothing fits: a file whose sample
    holds no day beyond the twelfth is for people to decide.
    """
    texts = tuple(dict.fromkeys(values))
    notations: list[DateNotation] = []
    for alike in ((DateNotation.YEAR_FIRST,), *READ_ALIKE, (DateNotation.DAY_FIRST_DOTS,), (DateNotation.MONTH_NAME,)):
        of_shape = [text for text in texts if PATTERNS[alike[0]].fullmatch(text)]
        if not of_shape:
            continue
        possible = [notation for notation in alike if len(alike) == 1 or _all_possible(notation, of_shape)]
        if len(possible) != 1:
            verdict = "all of its kind fit both" if possible else "not all of its kind fit"
            raise ValueError(f"a date such as {of_shape[0]!r}: {verdict} {' and '.join(alike)}")
        notations += possible
    if texts and not notations:
        raise ValueError(f"no date and time in a known notation, for example {texts[0]!r}")
    return tuple(notations)


def _all_possible(notation: DateNotation, texts: Iterable[str]) -> bool:
    matches = [found for text in texts if (found := PATTERNS[notation].fullmatch(text))]
    return all(1 <= int(found["month"]) <= 12 and 1 <= int(found["day"]) <= 31 for found in matches)
