"""Generate a reference organisation: a seed and the end of its history decide it, and the truth about it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np

from services.domain.business_time import BusinessCalendar, CalendarDefinition, compile_calendar
from services.domain.instants import from_epoch, to_epoch
from slm.reference.behaviour import FIELD, STORES
from slm.reference.events import ticket_fact
from slm.reference.organisation import Blueprint
from slm.reference.plants import Span, pause_before_due, resolve_too_early, stall_closing
from slm.reference.tickets import stories
from slm.reference.truth import Truth
from slm.reference.wexcombe import definitions

HISTORY_DAYS = 92
STALL_FIRST_DAY_OF_MONTH = 8
STALL_DAYS = 10
STALL_SETTLED_DAYS = 12
"""The stall lies at least this long back, so that the days after it can be seen."""


def generate(seed: int, until: datetime, *, tickets: int = 3000) -> tuple[Blueprint, Truth]:
    """Wexcombe Stores with about that many tickets opened in the 92 days before `until` (aware), and its planted facts.

    Nothing but the arguments decides the result: the same ones give an equal organisation. Each concern draws from a
    stream of its own, so a new plant leaves the others as they were.
    """
    until = from_epoch(to_epoch(until))
    organisation = definitions(until)
    last_day = until.astimezone(ZoneInfo(organisation.time_zone)).date()
    first_day = last_day - timedelta(days=HISTORY_DAYS - 1)
    calendars = _compiled(organisation, first_day, last_day)
    told = stories(
        _stream(seed, "tickets"), first_day=first_day, last_day=last_day, tickets=tickets,
        time_zone=organisation.time_zone, calendars=calendars,
    )  # fmt: skip
    history = Span(_midnight(first_day, organisation.time_zone), to_epoch(until))
    planted = (
        pause_before_due(_stream(seed, "pauses"), told, calendars, team=STORES, strength=0.6, within=history),
        resolve_too_early(_stream(seed, "reopenings"), told, calendars, team=FIELD, strength=0.15, within=history),
        stall_closing(
            _stream(seed, "stall"), told, subject=organisation.key, within=_stall(last_day, organisation.time_zone)
        ),
    )
    facts = [ticket_fact(story, calendars[story.calendar], history.end) for story in told]
    known = tuple(fact for fact in facts if fact is not None)
    return replace(organisation, tickets=known), Truth(seed, until, tuple(planted))


def _stream(seed: int, concern: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(concern.encode())])


def _stall(last_day: date, zone: str) -> Span:
    """Ten days from the 8th of the latest month in which they lie far enough back."""
    first = last_day.replace(day=STALL_FIRST_DAY_OF_MONTH)
    while first + timedelta(days=STALL_DAYS + STALL_SETTLED_DAYS) > last_day:
        first = (first.replace(day=1) - timedelta(days=1)).replace(day=STALL_FIRST_DAY_OF_MONTH)
    return Span(_midnight(first, zone), _midnight(first + timedelta(days=STALL_DAYS), zone))


def _midnight(day: date, zone: str) -> int:
    return to_epoch(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC))


def _compiled(organisation: Blueprint, first: date, last: date) -> Mapping[str, BusinessCalendar]:
    """The calendars over the history and four years beyond, because stories are told to their end."""
    return {
        calendar.key: compile_calendar(
            CalendarDefinition(calendar.time_zone, calendar.windows, frozenset(day for day, _ in calendar.holidays)),
            first,
            last + timedelta(days=4 * 365),
        )
        for calendar in organisation.calendars
    }
