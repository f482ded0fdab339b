"""Calendar periods: half-open, in a time zone, so that a month has the hours it really had there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.domain.vocabulary import PeriodKind

MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True)
class Period:
    """From `start` until before `end`, both aware UTC instants."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def first_day(kind: PeriodKind, day: date) -> date:
    """The local date on which the period around `day` begins; weeks begin on Monday (ISO 8601)."""
    if kind is PeriodKind.WEEK:
        return day - timedelta(days=day.weekday())
    months = MONTHS[kind]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def following_day(kind: PeriodKind, first: date) -> date:
    """The local date on which the next period begins."""
    if kind is PeriodKind.WEEK:
        return first + timedelta(days=7)
    month = first.month - 1 + MONTHS[kind]
    return date(first.year + month // 12, month % 12 + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant a local date begins, in UTC; where a clock change skips midnight, the first instant after it."""
    local = datetime.combine(day, time.min, tzinfo=zone)
    return local.astimezone(UTC)


def period_around(kind: PeriodKind, instant: datetime, zone: ZoneInfo) -> Period:
    """The period that contains an instant."""
    first = first_day(kind, instant.astimezone(zone).date())
    return Period(midnight(first, zone), midnight(following_day(kind, first), zone))


def periods_between(kind: PeriodKind, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Period]:
    """Every period that has an instant in common with the half-open span from `start` to `end`, in order."""
    period = period_around(kind, start, zone)
    while period.start < end:
        yield period
        period = period_around(kind, period.end, zone)
