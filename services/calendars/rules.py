"""What a calendar version may say, and the spelling of times of day people write and read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.domain.business_time import Window
from services.domain.inputs import Problems

MOST_WINDOWS = 200
MOST_HOLIDAYS = 2_000
MOST_CLOSURES = 500
MOST_YEARS = 50
FIRST_YEAR, LAST_YEAR = 1970, 2100

DAY = 86_400
WEEK = 7 * DAY

_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True)
class WeeklyHours:
    """Opening hours of one ISO weekday (1 Monday to 7 Sunday) as people write them: "09:00" to "17:30".

    Hours that close at or before they open close on the next day; "24:00" is the midnight that ends the day.
    """

    weekday: int
    opens: str
    closes: str


@dataclass(frozen=True)
class Holiday:
    """A local date without service hours."""

    date: date
    name: str


@dataclass(frozen=True)
class PublicHolidays:
    """Whose public holidays to copy: an ISO 3166 country code, perhaps one of its subdivisions, for these years."""

    country: str
    subdivision: str | None
    years: Sequence[int]

    @property
    def has_sound_years(self) -> bool:
        """Whether the years are few and near enough to be looked up."""
        return 0 < len(self.years) <= MOST_YEARS and all(FIRST_YEAR <= year <= LAST_YEAR for year in self.years)


@dataclass(frozen=True)
class Closure:
    """A closed interval between two instants, half-open, with its reason."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class VersionDefinition:
    """Everything one version of a calendar says. `assumed`: nobody has confirmed it yet."""

    time_zone: str
    windows: Sequence[WeeklyHours]
    holidays: Sequence[Holiday] = ()
    public_holidays: PublicHolidays | None = None
    closures: Sequence[Closure] = field(default_factory=tuple)
    assumed: bool = False


def parse_time_of_day(text: str) -> int:
    """Seconds from midnight of "HH:MM", "24:00" included. Raises ValueError for anything else."""
    if not _TIME_OF_DAY.fullmatch(text):
        raise ValueError(f'expected a time of day from "00:00" to "24:00", got {text[:20]!r}')
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def format_time_of_day(seconds: int) -> str:
    """ "HH:MM" of seconds from midnight; beyond 24:00 the time on the next day."""
    hours, rest = divmod(seconds if seconds <= DAY else seconds - DAY, 3600)
    return f"{hours:02d}:{rest // 60:02d}"


def windows_of(hours: Sequence[WeeklyHours], problems: Problems) -> list[Window]:
    """The windows that hours mean, each problem added under its position. Hours must not overlap; they may touch."""
    if not hours:
        problems.add("", "expected at least one opening")
    if not problems.at_most("", hours, MOST_WINDOWS):
        return []
    found = [(position, _window(entry, problems.under(position))) for position, entry in enumerate(hours)]
    windows = [(position, window) for position, window in found if window is not None]
    for position, other in _overlaps(windows):
        problems.add(str(position), f"expected hours that do not overlap those of entry {other}")
    return [window for _, window in windows]


def check_definition(definition: VersionDefinition, problems: Problems) -> list[Window]:
    """The windows of a version, with every problem of the whole definition added under its field."""
    problems.time_zone("time_zone", definition.time_zone)
    windows = windows_of(definition.windows, problems.under("windows"))
    if problems.at_most("holidays", definition.holidays, MOST_HOLIDAYS):
        check_holidays(definition.holidays, problems.under("holidays"))
    if definition.public_holidays is not None:
        _check_years(definition.public_holidays, problems.under("public_holidays"))
    if problems.at_most("closures", definition.closures, MOST_CLOSURES):
        _check_closures(definition.closures, problems.under("closures"))
    return windows


def check_holidays(holidays: Sequence[Holiday], problems: Problems) -> None:
    """Each date once, each with a name."""
    seen: set[date] = set()
    for position, holiday in enumerate(holidays):
        here = problems.under(position)
        here.text("name", holiday.name)
        if holiday.date in seen:
            here.add("date", f"expected each date once, got {holiday.date.isoformat()} again")
        seen.add(holiday.date)


def _window(hours: WeeklyHours, problems: Problems) -> Window | None:
    if not 1 <= hours.weekday <= 7:
        problems.add("weekday", f"expected 1 (Monday) to 7 (Sunday), got {hours.weekday}")
    seconds: dict[str, int] = {}
    for name, text in (("opens", hours.opens), ("closes", hours.closes)):
        try:
            seconds[name] = parse_time_of_day(text)
        except ValueError as wrong:
            problems.add(name, str(wrong))
    if seconds.get("opens") == DAY:
        problems.add("opens", 'expected a time before "24:00"; write "00:00" of the next day')
    elif len(seconds) == 2 and seconds["opens"] == seconds["closes"]:
        problems.add("closes", 'expected another time than opens; a whole day is "00:00" to "24:00"')
    elif len(seconds) == 2 and 1 <= hours.weekday <= 7:
        over_midnight = DAY if seconds["closes"] < seconds["opens"] else 0
        return Window(hours.weekday, seconds["opens"], seconds["closes"] + over_midnight)
    return None


def _overlaps(windows: Sequence[tuple[int, Window]]) -> list[tuple[int, int]]:
    """(position, position of an earlier opening it overlaps), going around the week."""
    spans = sorted(
        ((window.weekday - 1) * DAY + window.opens, (window.weekday - 1) * DAY + window.closes, position)
        for position, window in windows
    )
    found: list[tuple[int, int]] = []
    reach, reaching = 0, -1
    for starts, ends, position in spans:
        if starts < reach:
            found.append((position, reaching))
        if ends > reach:
            reach, reaching = ends, position
    if len(spans) > 1 and reach - WEEK > spans[0][0]:
        found.append((spans[0][2], reaching))
    return found


def _check_years(source: PublicHolidays, problems: Problems) -> None:
    if not source.years:
        problems.add("years", "expected at least one year")
    if problems.at_most("years", source.years, MOST_YEARS):
        for position, year in enumerate(source.years):
            if not FIRST_YEAR <= year <= LAST_YEAR:
                problems.add(f"years.{position}", f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, got {year}")


def _check_closures(closures: Sequence[Closure], problems: Problems) -> None:
    seen: set[datetime] = set()
    for position, closure in enumerate(closures):
        here = problems.under(position)
        here.text("reason", closure.reason)
        here.instant("starts_at", closure.starts_at)
        here.instant("ends_at", closure.ends_at)
        if closure.starts_at.tzinfo is None or closure.ends_at.tzinfo is None:
            continue
        if closure.ends_at <= closure.starts_at:
            here.add("ends_at", "expected an instant after starts_at")
        if closure.starts_at in seen:
            here.add("starts_at", "expected each closure to start at an instant of its own")
        seen.add(closure.starts_at)
