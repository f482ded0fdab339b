"""Service hours: a row for each version of a calendar."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.calendars.commands import create_calendar, publish_calendar_version, rename_calendar
from services.calendars.public_holidays import public_holidays
from services.calendars.rules import (
    Closure,
    Holiday,
    PublicHolidays,
    VersionDefinition,
    WeeklyHours,
    format_time_of_day,
)
from services.compliance.recomputing import Publication, Subject, apply_version
from services.db import ReadSession, fetch
from services.domain.inputs import Problems
from slm.bundles.definitions import columns
from slm.bundles.definitions.columns import Column, read_day, read_instant, spell_instant
from slm.bundles.definitions.kinds import Kind, Row, Run, Values
from slm.bundles.definitions.versions import Versioned

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

VERSIONS = """
SELECT c.id, c.key, c.name, v.id, v.valid_from, v.time_zone, v.assumed FROM calendar_version v
JOIN calendar c ON c.organisation_id = $1::uuid AND c.id = v.calendar_id
WHERE v.organisation_id = $1::uuid ORDER BY c.key, v.valid_from
"""
WINDOWS = """
SELECT calendar_version_id, weekday, opens, closes FROM calendar_window
WHERE organisation_id = $1::uuid ORDER BY weekday, opens
"""
HOLIDAYS = "SELECT calendar_version_id, date, name FROM calendar_holiday WHERE organisation_id = $1::uuid ORDER BY date"
CLOSURES = """
SELECT calendar_version_id, starts_at, ends_at, reason FROM calendar_closure
WHERE organisation_id = $1::uuid ORDER BY starts_at
"""

_HOURS = re.compile(r"([a-z, -]+?)\s+([0-9:]{5})\s*-\s*([0-9:]{5})", re.IGNORECASE)
_PUBLIC = re.compile(r"([A-Z]{2})(?:-(\S+))?\s+(\d{4})(?:\s*-\s*(\d{4}))?")


def read_hours(cells: Sequence[str], _zone: ZoneInfo) -> tuple[WeeklyHours, ...]:
    """Openings such as `monday-friday 09:00-17:30`, `saturday,sunday 22:00-06:00`; three letters name a day, too."""
    found = [WeeklyHours(weekday, opens, closes) for cell in cells for weekday, opens, closes in _openings(cell)]
    return tuple(sorted(found, key=_by_day))


def spell_hours(hours: Sequence[WeeklyHours]) -> list[str]:
    """Days with equal hours together."""
    days: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in hours:
        days[entry.opens, entry.closes].append(entry.weekday)
    return [f"{_days_of(weekdays)} {opens}-{closes}" for (opens, closes), weekdays in days.items()]


def _openings(cell: str) -> list[tuple[int, str, str]]:
    found = _HOURS.fullmatch(cell.strip())
    if found is None:
        raise ValueError('expected openings such as "monday-friday 09:00-17:30"')
    return [(weekday, found[2], found[3]) for part in found[1].split(",") for weekday in _weekdays(part)]


def _weekdays(part: str) -> range:
    first, _, last = (step.strip().lower() for step in part.partition("-"))
    begin, end = _weekday(first), _weekday(last or first)
    if end < begin:
        raise ValueError(f"expected days in the order of the week, got {part.strip()!r}")
    return range(begin, end + 1)


def _weekday(name: str) -> int:
    matching = [place for place, known in enumerate(DAYS, start=1) if len(name) >= 3 and known.startswith(name)]
    if not matching:
        raise ValueError(f"expected a day from monday to sunday, got {name[:20]!r}")
    return matching[0]


def _days_of(weekdays: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for weekday in weekdays:
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    return ",".join(DAYS[run[0] - 1] if len(run) == 1 else f"{DAYS[run[0] - 1]}-{DAYS[run[-1] - 1]}" for run in runs)


def _by_day(hours: WeeklyHours) -> tuple[int, str]:
    return hours.weekday, hours.opens


def _read_holidays(cells: Sequence[str], _zone: ZoneInfo) -> tuple[Holiday, ...]:
    # A name is kept as it is, blanks at its ends included: what an export says of it must read as the same again.
    split = [cell.lstrip().partition(" ") for cell in cells]
    if any(not name.strip() for _, _, name in split):
        raise ValueError("expected a day with its name, such as 2026-12-25 Christmas Day")
    return tuple(sorted((Holiday(read_day(day), name) for day, _, name in split), key=_by_date))


def _by_date(holiday: Holiday) -> date:
    return holiday.date


def _read_closures(cells: Sequence[str], zone: ZoneInfo) -> tuple[Closure, ...]:
    found = []
    for cell in cells:
        begin, _, rest = cell.lstrip().partition("/")
        end, _, reason = rest.partition(" ")
        if not reason.strip():
            raise ValueError("expected closures such as 2026-12-24T12:00Z/2026-12-24T18:00Z Christmas party")
        found.append(Closure(read_instant(begin, zone), read_instant(end, zone), reason))
    return tuple(sorted(found, key=lambda closure: closure.starts_at))


def _read_public(cell: str, _zone: ZoneInfo) -> PublicHolidays:
    found = _PUBLIC.fullmatch(cell.strip())
    if found is None:
        raise ValueError("expected a country with years, such as GB-ENG 2025-2027")
    first, last = int(found[3]), int(found[4] or found[3])
    return PublicHolidays(found[1], found[2], tuple(range(first, min(last, first + 60) + 1)))


async def _stored(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    windows, holidays, closures = (defaultdict[UUID, list[Any]](list) for _ in range(3))
    for version, weekday, opens, closes in await fetch(session, WINDOWS, organisation_id):
        windows[version].append(WeeklyHours(weekday, format_time_of_day(opens), format_time_of_day(closes)))
    for version, day, name in await fetch(session, HOLIDAYS, organisation_id):
        holidays[version].append(Holiday(day, name))
    for version, starts_at, ends_at, reason in await fetch(session, CLOSURES, organisation_id):
        closures[version].append(Closure(starts_at, ends_at, reason))
    return [
        {
            "id": id_,
            "key": key,
            "name": name,
            "valid_from": valid_from,
            "time_zone": time_zone,
            "hours": tuple(sorted(windows[version], key=_by_day)),
            "holidays": tuple(holidays[version]),
            "closures": tuple(closures[version]),
            "assumed": assumed,
        }
        for id_, key, name, version, valid_from, time_zone, assumed in await fetch(session, VERSIONS, organisation_id)
    ]


def _with_public_holidays(_kind: Kind, _run: Run, row: Row, _before: Values) -> Row:
    """A row that names whose holidays to take is compared by the days these are; a day it names itself wins."""
    source = row.values.get("public_holidays")
    if source is None or not source.has_sound_years:
        return row
    problems = Problems()
    days = {holiday.date: holiday for holiday in public_holidays(source, problems)}
    days |= {holiday.date: holiday for holiday in row.values.get("holidays") or ()}
    return replace(row, values={**row.values, "holidays": tuple(sorted(days.values(), key=_by_date))})


def _definition(row: Row, content: Values) -> VersionDefinition:
    source = row.values.get("public_holidays")
    return VersionDefinition(
        time_zone=content["time_zone"] or "",
        windows=content.get("hours") or (),
        holidays=content.get("holidays") or (),
        public_holidays=source,
        closures=content.get("closures") or (),
        assumed=content.get("assumed") or False,
    )


async def _create(run: Run, row: Row, content: Values) -> UUID:
    return await create_calendar(
        **run.by, key=row.values["key"], name=row.values["name"], valid_from=content["valid_from"],
        definition=_definition(row, content),
    )  # fmt: skip


async def _publish(run: Run, row: Row, calendar_id: UUID, content: Values) -> None:
    since = content["valid_from"]
    publish = partial(
        publish_calendar_version,
        **run.by,
        calendar_id=calendar_id,
        valid_from=since,
        definition=_definition(row, content),
    )
    await apply_version(**run.by, publication=Publication(Subject.CALENDAR, calendar_id, since, publish))


async def _rename(run: Run, calendar_id: UUID, name: str) -> None:
    await rename_calendar(**run.by, calendar_id=calendar_id, name=name)


KINDS = (
    Kind(
        "calendars",
        "Service hours. A row that differs from the latest version is a new version.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.instant("valid_from", "From when on this version holds; blank: the latest, or one from now on."),
            columns.text("time_zone", "The IANA zone its hours are in, such as Europe/London.", required=True),
            Column("hours", "Openings such as `monday-friday 09:00-17:30`.", read_hours, spell_hours, True, many=True),
            Column(
                "holidays", "Days without service hours, such as `2026-12-25 Christmas Day`.", _read_holidays,
                lambda days: [f"{day.date.isoformat()} {day.name}" for day in days], many=True,
            ),
            Column(
                "public_holidays", "Whose public holidays to take beside those, such as `GB-ENG 2025-2027`.",
                _read_public, lambda source: f"{source.country} {source.years[0]}-{source.years[-1]}",
            ),
            Column(
                "closures", "Closed intervals, such as `2026-12-24T12:00Z/2026-12-24T18:00Z Christmas party`.",
                _read_closures,
                lambda closed: [f"{spell_instant(c.starts_at)}/{spell_instant(c.ends_at)} {c.reason}" for c in closed],
                many=True,
            ),
            columns.flag("assumed", "Whether nobody has confirmed it yet."),
        ),
        ("key", "valid_from"),
        _stored,
        Versioned(
            ("time_zone", "hours", "holidays", "closures", "assumed"), _create, _publish, _rename, has_reason=False,
            prepare=_with_public_holidays,
        ).bring(),
        keyed_by=("key",),
        optional_identity=frozenset({"valid_from"}),
    ),
)  # fmt: skip
