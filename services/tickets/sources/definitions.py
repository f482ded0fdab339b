"""Calendars, service, agreement and targets as a profile writes them, to be created where they are missing."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState

DAY_SECONDS = 86_400
LONGEST_DURATION_SECONDS = 3_660 * DAY_SECONDS


def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name; ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # not found is a KeyError, a directory an OSError, a path a ValueError
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin or UTC") from None


def _zone_name(name: str) -> str:
    return zone(name).key


def _as_word(value: object) -> object:
    """Numbers in YAML need no quotes where a word of the source is meant (`-100: unknown`)."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _no_clock_number(value: object) -> object:
    """YAML reads an unquoted 22:00 as the number 1320."""
    if isinstance(value, int):
        raise ValueError('write the time of day in quotes, such as "22:00"')
    return value


def _no_none(value: object) -> object:
    return () if value in (None, "none") else value


ZoneName = Annotated[str, AfterValidator(_zone_name)]
SourceWord = Annotated[str, BeforeValidator(_as_word), StringConstraints(max_length=255)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Opening = Annotated[str, BeforeValidator(_no_clock_number), StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Closing = Annotated[
    str, BeforeValidator(_no_clock_number), StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")
]


class Part(BaseModel):
    """A piece of a profile: unchangeable, and a misspelt setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Weekday(StrEnum):
    """Days of the week; `iso` is 1 for Monday to 7 for Sunday."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def iso(self) -> int:
        return list(Weekday).index(self) + 1


class WindowDefinition(Part):
    """Opening hours of one or several weekdays. A window that closes at or before it opens ends on the next day."""

    weekday: Weekday | None = None
    weekdays: tuple[Weekday, ...] = ()
    opens: Opening
    closes: Closing

    @model_validator(mode="after")
    def _names_its_days_once(self) -> Self:
        if (self.weekday is None) == (not self.weekdays):
            raise ValueError("name either one weekday or a list of weekdays")
        if self.opens == self.closes:
            raise ValueError('a window needs a length; a whole day is "00:00" to "24:00"')
        return self

    @property
    def iso_weekdays(self) -> tuple[int, ...]:
        """The days the window opens on, 1 for Monday to 7 for Sunday."""
        days = self.weekdays or ((self.weekday,) if self.weekday else ())
        return tuple(dict.fromkeys(day.iso for day in days))

    @property
    def opens_seconds(self) -> int:
        """Seconds from local midnight, 0..86399."""
        return _seconds(self.opens)

    @property
    def closes_seconds(self) -> int:
        """Seconds from the local midnight of the day it opens on; above 86400 for a window over midnight."""
        closes = _seconds(self.closes)
        return closes if closes > self.opens_seconds else closes + DAY_SECONDS


def _seconds(time_of_day: str) -> int:
    hours, minutes = time_of_day.split(":")
    return int(hours) * 3600 + int(minutes) * 60


class PublicHolidays(Part):
    """Public holidays of a country (ISO 3166-1 alpha-2), or of one of its subdivisions, in these years."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    subdivision: Annotated[str, StringConstraints(min_length=1, max_length=10)] | None = None
    years: Annotated[tuple[Annotated[int, Field(ge=1970, le=2100)], ...], Field(min_length=1)]


class CalendarDefinition(Part):
    """Service hours. `holidays` is a list of local dates (`none` for no dates), or whose public holidays to take."""

    key: Key
    name: Name
    time_zone: ZoneName
    windows: Annotated[tuple[WindowDefinition, ...], Field(min_length=1)]
    holidays: PublicHolidays | Annotated[tuple[date, ...], BeforeValidator(_no_none)] = ()
    assumed: bool = False


class ServiceDefinition(Part):
    """The service whose tickets the export holds."""

    key: Key
    name: Name


class AgreementDefinition(Part):
    """The agreement that promises the targets, in force from `valid_from`."""

    key: Key
    name: Name
    kind: Literal["sla"] = "sla"
    assumed: bool = False
    valid_from: AwareDatetime


class Duration(Part):
    """A span of open time of the calendar. Days are no unit: a working day and a calendar day differ."""

    hours: Annotated[int, Field(ge=0)] = 0
    minutes: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[int, Field(ge=0)] = 0

    @property
    def total_seconds(self) -> int:
        return self.hours * 3600 + self.minutes * 60 + self.seconds

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not 0 < self.total_seconds <= LONGEST_DURATION_SECONDS:
            raise ValueError(f"a duration lies above 0 and within {LONGEST_DURATION_SECONDS // 3600} hours")
        return self


class TargetDefinition(Part):
    """A promise about every ticket that `priorities` and `categories` select (empty: all)."""

    key: Key
    name: Name
    calendar: Key
    duration: Duration
    limit_inclusive: bool = True
    start: StartRule = StartRule.FROM_OPENING
    start_states: tuple[TicketState, ...] = ()
    stop_states: Annotated[tuple[TicketState, ...], Field(min_length=1)]
    pause_states: tuple[TicketState, ...] = ()
    resume_states: tuple[TicketState, ...] = ()
    cancel_states: tuple[TicketState, ...] = ()
    retroactive_pause: bool = False
    reopen: ReopenPolicy = ReopenPolicy.CONTINUOUS
    priorities: tuple[SourceWord, ...] = ()
    categories: tuple[SourceWord, ...] = ()
    objective_percent: Annotated[Decimal, Field(gt=0, le=100, max_digits=9, decimal_places=6)]
    period: PeriodKind = PeriodKind.MONTH
    assumed: bool = False
