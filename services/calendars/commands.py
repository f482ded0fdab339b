"""Creating calendars and publishing their versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from services.calendars.models import Calendar, CalendarClosure, CalendarHoliday, CalendarVersion, CalendarWindow
from services.calendars.public_holidays import public_holidays, source_text
from services.calendars.rules import (
    MOST_HOLIDAYS,
    Closure,
    Holiday,
    VersionDefinition,
    check_definition,
    check_holidays,
)
from services.db import WriteSession
from services.domain.business_time import Window
from services.domain.inputs import Problems
from services.errors import Conflict
from services.organisations.changes import replace_row
from services.organisations.rules import Actor, Permission
from services.rows import add_row, add_rows, count_version, lock_row

_Part = TypeVar("_Part", CalendarWindow, CalendarHoliday, CalendarClosure)


@dataclass(frozen=True)
class _Content:
    """A checked version, as it is stored."""

    time_zone: str
    windows: Sequence[Window]
    holidays: Sequence[Holiday]
    holiday_source: str | None
    holidays_reviewed: bool
    closures: Sequence[Closure]
    assumed: bool


async def create_calendar(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    valid_from: datetime,
    definition: VersionDefinition,
    now: datetime,
) -> UUID:
    """Create a calendar with its first version, which holds from `valid_from`. Returns the calendar's id."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.key("key", key)
    problems.text("name", name)
    problems.instant("valid_from", valid_from)
    content = _checked(definition, problems.under("definition"))
    problems.refuse("the calendar cannot be created")
    calendar_id = await add_row(
        session,
        Calendar,
        {"key": key, "name": name, **actor.stamps(now)},
        taken=f"a calendar with the key {key!r} exists already",
    )
    await _add_version(session, actor, calendar_id, valid_from, content, now)
    return calendar_id


async def publish_calendar_version(
    session: WriteSession,
    *,
    actor: Actor,
    calendar_id: UUID,
    valid_from: datetime,
    definition: VersionDefinition,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Say what the calendar says from `valid_from` on. Returns the version's id.

    Versions follow one another: Conflict when one starts at `valid_from` or later, because what held before a version
    was published must not change behind it; and when somebody else published one since `expected_version`.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    content = _checked(definition, problems.under("definition"))
    problems.refuse("the calendar version cannot be published")
    await _latest_version_before(session, actor, calendar_id, valid_from, expected_version, now)
    return await _add_version(session, actor, calendar_id, valid_from, content, now)


async def rename_calendar(session: WriteSession, *, actor: Actor, calendar_id: UUID, name: str, now: datetime) -> None:
    """Call the calendar something else; what it says is in its versions."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("name", name)
    problems.refuse("the calendar cannot be renamed")
    await replace_row(session, actor, Calendar, calendar_id, {"name": name}, now)


async def review_holidays(
    session: WriteSession,
    *,
    actor: Actor,
    calendar_id: UUID,
    valid_from: datetime,
    holidays: Sequence[Holiday] | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Publish the latest version again with holidays that a person has looked at: as they are, or as given here."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    if holidays is not None and problems.at_most("holidays", holidays, MOST_HOLIDAYS):
        check_holidays(holidays, problems.under("holidays"))
    problems.refuse("the holidays cannot be reviewed")
    latest = await _latest_version_before(session, actor, calendar_id, valid_from, expected_version, now)
    content = await _content(session, latest, holidays)
    return await _add_version(session, actor, calendar_id, valid_from, content, now)


def _checked(definition: VersionDefinition, problems: Problems) -> _Content:
    windows = check_definition(definition, problems)
    holidays: dict[date, Holiday] = {}
    source = definition.public_holidays
    if source is not None and source.has_sound_years:
        holidays = {holiday.date: holiday for holiday in public_holidays(source, problems.under("public_holidays"))}
    # A date the caller names wins over the library's word for it.
    holidays |= {holiday.date: holiday for holiday in definition.holidays}
    problems.at_most("public_holidays", holidays, MOST_HOLIDAYS)
    return _Content(
        time_zone=definition.time_zone,
        windows=windows,
        holidays=sorted(holidays.values(), key=lambda holiday: holiday.date),
        holiday_source=source_text(source) if source is not None and source.has_sound_years else None,
        holidays_reviewed=source is None and not definition.assumed,
        closures=definition.closures,
        assumed=definition.assumed,
    )


async def _latest_version_before(
    session: WriteSession,
    actor: Actor,
    calendar_id: UUID,
    valid_from: datetime,
    expected_version: int | None,
    now: datetime,
) -> CalendarVersion:
    """The latest version, if it starts before `valid_from`, and the next one counted.

    Publishers of one calendar wait for each other here.
    """
    calendar = await lock_row(
        session, Calendar, actor.organisation_id, calendar_id, noun="calendar", expected_version=expected_version
    )
    statement = (
        select(CalendarVersion)
        .where(CalendarVersion.organisation_id == actor.organisation_id, CalendarVersion.calendar_id == calendar_id)
        .order_by(CalendarVersion.valid_from.desc())
        .limit(1)
    )
    latest = (await session.execute(statement)).scalar_one()
    if latest.valid_from >= valid_from:
        raise Conflict(
            f"the calendar has a version from {latest.valid_from.isoformat()} already; a new one comes after"
        )
    await count_version(session, calendar, stamps=actor.stamps(now))
    return latest


async def _content(session: WriteSession, version: CalendarVersion, holidays: Sequence[Holiday] | None) -> _Content:
    """What a stored version says, with its holidays reviewed."""
    if holidays is None:
        holidays = [Holiday(known.date, known.name) for known in await _parts(session, CalendarHoliday, version)]
    windows = await _parts(session, CalendarWindow, version)
    closures = await _parts(session, CalendarClosure, version)
    return _Content(
        time_zone=version.time_zone,
        windows=[Window(window.weekday, window.opens, window.closes) for window in windows],
        holidays=holidays,
        holiday_source=version.holiday_source,
        holidays_reviewed=True,
        closures=[Closure(closure.starts_at, closure.ends_at, closure.reason) for closure in closures],
        assumed=version.assumed,
    )


async def _parts(session: WriteSession, table: type[_Part], version: CalendarVersion) -> Sequence[_Part]:
    statement = select(table).where(
        table.organisation_id == version.organisation_id, table.calendar_version_id == version.id
    )
    return (await session.execute(statement)).scalars().all()


async def _add_version(
    session: WriteSession, actor: Actor, calendar_id: UUID, valid_from: datetime, content: _Content, now: datetime
) -> UUID:
    version_id = await add_row(
        session,
        CalendarVersion,
        {
            "calendar_id": calendar_id,
            "valid_from": valid_from,
            "time_zone": content.time_zone,
            "holiday_source": content.holiday_source,
            "holidays_reviewed": content.holidays_reviewed,
            "assumed": content.assumed,
            **actor.stamps(now),
        },
        taken=f"the calendar has a version from {valid_from.isoformat()} already",
    )
    of, stamps = {"calendar_version_id": version_id}, actor.stamps(now)
    windows = [{"weekday": w.weekday, "opens": w.opens, "closes": w.closes, **of} for w in content.windows]
    await add_rows(session, CalendarWindow, windows, stamps=stamps)
    holidays = [{"date": h.date, "name": h.name, **of} for h in content.holidays]
    await add_rows(session, CalendarHoliday, holidays, stamps=stamps)
    closures = [{"starts_at": c.starts_at, "ends_at": c.ends_at, "reason": c.reason, **of} for c in content.closures]
    await add_rows(session, CalendarClosure, closures, stamps=stamps)
    return version_id
