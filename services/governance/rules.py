"""Which meetings a rhythm asks for, and when one was kept on time."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.domain.inputs import Problems
from services.domain.period import first_day, following_day, midnight
from services.domain.vocabulary import Outcome, PeriodKind

MOST_ATTENDEES = 200
MOST_DECISIONS = 100
MOST_ACTIONS = 100
MOST_BREACHES = 1_000
MOST_FIGURES = 1_000
LONGEST_TOLERANCE_DAYS = 90
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 12, 31)
PERCENT_PLACES = 6
LARGEST_DIFFERENCE = Decimal("0.1")
"""Percentage points by which a reported figure may differ from the recomputed one (methods A.11, B5)."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Rhythm(StrEnum):
    """How often something is to happen."""

    DAILY = "daily"
    """Every working day: Monday to Friday without holidays."""
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


PERIODS = {Rhythm.WEEKLY: PeriodKind.WEEK, Rhythm.MONTHLY: PeriodKind.MONTH, Rhythm.QUARTERLY: PeriodKind.QUARTER}

USUAL_TOLERANCE_DAYS = {Rhythm.DAILY: 0, Rhythm.WEEKLY: 1, Rhythm.MONTHLY: 5, Rhythm.QUARTERLY: 15}
"""Days after its period by which an occurrence is still on time (methods A.10, G5)."""


class AttendeeRole(StrEnum):
    """For whom somebody is in a meeting."""

    SERVICE_LEVEL_MANAGER = "service_level_manager"
    SERVICE_OWNER = "service_owner"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    INTERNAL_TEAM = "internal_team"
    OTHER = "other"


class DecisionKind(StrEnum):
    """What a decision does."""

    CHANGE = "change"
    NO_CHANGE = "no_change"
    """A reasoned statement that nothing needs to change."""
    RISK_ACCEPTED = "risk_accepted"


class ActionStatus(StrEnum):
    """What became of an action. Without any of these it is open."""

    CARRIED_OVER = "carried_over"
    DONE = "done"
    DROPPED = "dropped"


class AcknowledgementKind(StrEnum):
    """What a person did with a daily snapshot."""

    OPENED = "opened"
    ACTED = "acted"


@dataclass(frozen=True)
class AttendeeEntry:
    """Somebody who was invited, and whether they came."""

    person_id: UUID
    role: AttendeeRole
    present: bool = True


@dataclass(frozen=True)
class DecisionEntry:
    """What was decided."""

    kind: DecisionKind
    statement: str


@dataclass(frozen=True)
class ActionEntry:
    """What somebody is to do by when."""

    statement: str
    owner_id: UUID
    due_at: datetime


@dataclass(frozen=True)
class FigureEntry:
    """A result of a target over a period as a report showed it; with an adjustment, why it was changed and by whom."""

    target_id: UUID
    period: PeriodKind
    period_start: datetime
    outcome: Outcome
    attainment_percent: Decimal | None = None
    adjustment_reason: str = ""
    adjusted_by_id: UUID | None = None


@dataclass(frozen=True)
class Occurrence:
    """One time a rhythm asks for: the local days it may happen on, `until` exclusive, and when it becomes late."""

    first_day: date
    until: date
    late_from: datetime


def occurrence_day(rhythm: Rhythm, day: date) -> date:
    """The first day of the occurrence a day belongs to: what identifies the occurrence."""
    return day if rhythm is Rhythm.DAILY else first_day(PERIODS[rhythm], day)


def occurrence_span(rhythm: Rhythm, day: date, time_zone: str) -> tuple[datetime, datetime]:
    """The instants at which the occurrence of a local day begins and ends."""
    zone, first = ZoneInfo(time_zone), occurrence_day(rhythm, day)
    return midnight(first, zone), midnight(_following_day(rhythm, first), zone)


def expected_occurrences(
    rhythm: Rhythm,
    *,
    starts_on: date,
    ends_on: date | None,
    time_zone: str,
    tolerance_days: int,
    holidays: Collection[date] = (),
    since: datetime,
    as_of: datetime,
) -> list[Occurrence]:
    """Every occurrence that begins at `since` or later and is late unless kept by `as_of`, in order.

    Only whole periods count: the first begins on `starts_on` or after it, the last ends by `ends_on` (the first day on
    which the rhythm no longer holds). Days are local to the zone.
    """
    zone = ZoneInfo(time_zone)
    until = as_of.astimezone(zone).date()
    return [
        Occurrence(first, following, late_from)
        for first, following in _periods(rhythm, max(starts_on, since.astimezone(zone).date()), until)
        if first >= starts_on and midnight(first, zone) >= since and (ends_on is None or following <= ends_on)
        if not (rhythm is Rhythm.DAILY and (first.weekday() >= 5 or first in holidays))
        if (late_from := midnight(following + timedelta(days=tolerance_days), zone)) <= as_of
    ]


def _periods(rhythm: Rhythm, start: date, until: date) -> Iterator[tuple[date, date]]:
    first = occurrence_day(rhythm, start)
    while first <= until:
        following = _following_day(rhythm, first)
        yield first, following
        first = following


def _following_day(rhythm: Rhythm, first: date) -> date:
    return first + timedelta(days=1) if rhythm is Rhythm.DAILY else following_day(PERIODS[rhythm], first)


def figure_contradicts(
    *,
    reported: Outcome,
    reported_percent: Decimal | None,
    recomputed: Outcome | None,
    recomputed_percent: Decimal | None,
    is_adjusted: bool,
) -> bool | None:
    """Whether a reported figure says something else than the records; None when there is nothing to compare it with.

    A signed adjustment with a reason explains any difference (methods A.11, B5). Met or missed without a percentage is
    half a figure: equal words alone do not show that it is right.
    """
    if recomputed is None or recomputed in {Outcome.CANNOT_TELL, Outcome.PENDING}:
        return None
    if is_adjusted:
        return False
    if reported is not recomputed:
        return True
    if reported_percent is None or recomputed_percent is None:
        return None if reported in {Outcome.MET, Outcome.MISSED} else False
    return abs(reported_percent - recomputed_percent) > LARGEST_DIFFERENCE


def check_day(problems: Problems, field: str, day: date) -> None:
    """Add a problem when a date lies outside the years the program computes with."""
    if not FIRST_DAY <= day <= LAST_DAY:
        problems.add(field, f"expected a date from {FIRST_DAY} to {LAST_DAY}, got {day}")


def check_percent(problems: Problems, field: str, percent: Decimal) -> None:
    """Add a problem when this is no percentage that can be stored without rounding."""
    if not percent.is_finite() or not 0 <= percent <= 100:
        problems.add(field, "expected a percentage from 0 to 100")
    elif percent != round(percent, PERCENT_PLACES):
        problems.add(field, f"expected at most {PERCENT_PLACES} decimal places")


def check_sha256(problems: Problems, field: str, value: str) -> None:
    """Add a problem when this is no SHA-256 in lower-case hexadecimal."""
    if not _SHA256.fullmatch(value):
        problems.add(field, "expected a SHA-256 as 64 lower-case hexadecimal digits")
