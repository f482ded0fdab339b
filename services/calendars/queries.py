"""Which version of a calendar is in force, and what versions say, as the clock engine takes it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true

from services.calendars.models import Calendar, CalendarClosure, CalendarHoliday, CalendarVersion, CalendarWindow
from services.db import ReadSession
from services.domain.business_time import CalendarDefinition, Window
from services.domain.instants import to_epoch
from services.errors import NotFound


@dataclass(frozen=True)
class CalendarVersionInForce:
    """A version of a calendar and the instants it holds for: from `valid_from` until `until`, exclusive, if it ends."""

    calendar_id: UUID
    calendar_version_id: UUID
    valid_from: datetime
    until: datetime | None


async def calendar_by_key(session: ReadSession, organisation_id: UUID, *, key: str) -> UUID | None:
    """The id of the calendar with this key."""
    statement = select(Calendar.id).where(Calendar.organisation_id == organisation_id, Calendar.key == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def versions_in_force(
    session: ReadSession, organisation_id: UUID, calendar_id: UUID, *, known_by: datetime | None = None
) -> list[CalendarVersionInForce]:
    """Every version of a calendar, oldest first. No row: the calendar is unknown.

    With `known_by`, the versions as they stood then: those recorded later neither count nor end the ones before them.
    """
    recorded = true() if known_by is None else CalendarVersion.recorded_at <= known_by
    statement = (
        select(
            CalendarVersion.calendar_id,
            CalendarVersion.id,
            CalendarVersion.valid_from,
            func.lead(CalendarVersion.valid_from).over(order_by=CalendarVersion.valid_from),
        )
        .where(CalendarVersion.organisation_id == organisation_id, CalendarVersion.calendar_id == calendar_id, recorded)
        .order_by(CalendarVersion.valid_from)
    )
    return [CalendarVersionInForce(*row) for row in await session.execute(statement)]


async def version_in_force(
    session: ReadSession, organisation_id: UUID, calendar_id: UUID, *, at: datetime
) -> UUID | None:
    """The id of the version that holds at an instant; None before the first."""
    statement = (
        select(CalendarVersion.id)
        .where(
            CalendarVersion.organisation_id == organisation_id,
            CalendarVersion.calendar_id == calendar_id,
            CalendarVersion.valid_from <= at,
        )
        .order_by(CalendarVersion.valid_from.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def load_calendar_definitions(
    session: ReadSession, organisation_id: UUID, version_ids: Iterable[UUID]
) -> dict[UUID, CalendarDefinition]:
    """What these versions say, in four statements however many there are. Raises NotFound if one is unknown."""
    wanted = sorted(set(version_ids))
    zones: dict[UUID, str] = {
        row.id: row.time_zone
        for row in await session.execute(
            select(CalendarVersion.id, CalendarVersion.time_zone).where(
                CalendarVersion.organisation_id == organisation_id, CalendarVersion.id.in_(wanted)
            )
        )
    }
    if len(zones) < len(wanted):
        raise NotFound("there is no such calendar version")
    windows = await _parts(session, CalendarWindow, organisation_id, wanted)
    holidays = await _parts(session, CalendarHoliday, organisation_id, wanted)
    closures = await _parts(session, CalendarClosure, organisation_id, wanted)
    return {
        version: CalendarDefinition(
            zones[version],
            tuple(sorted((Window(w.weekday, w.opens, w.closes) for w in windows[version]), key=_first_opening)),
            frozenset(holiday.date for holiday in holidays[version]),
            tuple(sorted((to_epoch(c.starts_at), to_epoch(c.ends_at)) for c in closures[version])),
        )
        for version in wanted
    }


def _first_opening(window: Window) -> tuple[int, int]:
    return window.weekday, window.opens


async def _parts(
    session: ReadSession,
    table: type[CalendarWindow] | type[CalendarHoliday] | type[CalendarClosure],
    organisation_id: UUID,
    version_ids: Sequence[UUID],
) -> defaultdict[UUID, list[Any]]:
    parts: defaultdict[UUID, list[Any]] = defaultdict(list)
    statement = select(table.__table__).where(
        table.organisation_id == organisation_id, table.calendar_version_id.in_(version_ids)
    )
    for row in await session.execute(statement):
        parts[row.calendar_version_id].append(row)
    return parts
