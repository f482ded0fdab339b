"""Written spans of time, in the few notations exports use, as whole seconds."""

import re
from datetime import datetime

LONGEST_SECONDS = 100 * 366 * 86_400
UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}

_SECONDS = re.compile(r"\d{1,12}(?:\.0+)?", re.ASCII)
_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,6}) days? )?(?P<hours>\d{1,4}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)",
    re.ASCII | re.IGNORECASE,
)
_SINCE_EPOCH = re.compile(r"19(?P<year>7\d)-(?P<month>\d\d)-(?P<day>\d\d) (?P<time>\d\d:\d\d:\d\d)", re.ASCII)
_WORDS = re.compile(r"(?:\d{1,6} (?:day|hour|minute|second)s?(?: |$))+", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"(\d+) (day|hour|minute|second)", re.ASCII | re.IGNORECASE)


def seconds(text: str) -> int:
    """The seconds of a written span. A day is 24 hours, as ServiceNow counts them.

    Understood are whole seconds (`5400`, as its CSV exports write them), a time since 1970 (`1970-01-01 01:30:00`, as
    its API does), `1:30:00` or `1 day 1:30:00`, and words (`1 Hour 30 Minutes`, as its lists show them). Raises
    ValueError.
    """
    if _SECONDS.fullmatch(text):
        found = int(text.partition(".")[0])
    elif since := _SINCE_EPOCH.fullmatch(text):
        found = _since_epoch(since)
    elif clock := _CLOCK.fullmatch(text):
        hours, minutes, rest = int(clock["hours"]), int(clock["minutes"]), int(clock["seconds"])
        found = int(clock["days"] or 0) * 86_400 + hours * 3_600 + minutes * 60 + rest
    elif _WORDS.fullmatch(text):
        found = sum(int(count) * UNITS[unit.lower()] for count, unit in _WORD.findall(text))
    else:
        raise ValueError("is not a span such as 5400 (seconds), 1:30:00 or 1 Hour 30 Minutes")
    if found > LONGEST_SECONDS:
        raise ValueError("is longer than a hundred years")
    return found


def milliseconds(text: str) -> int:
    """The whole seconds of a number of milliseconds; a part of a second is dropped. Raises ValueError."""
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise ValueError("is not a whole number of milliseconds from 0")
    if int(text) > LONGEST_SECONDS * 1_000:
        raise ValueError("is longer than a hundred years")
    return int(text) // 1_000


def _since_epoch(found: re.Match[str]) -> int:
    try:
        written = datetime.fromisoformat(found[0])
    except ValueError as error:
        raise ValueError(f"is not a possible time since 1970: {error}") from None
    return round((written - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 - a difference, no instant
