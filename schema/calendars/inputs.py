"""What mutations of service hours are given."""

from datetime import date, datetime

import strawberry

from schema.agreements.inputs import PREVIEWED_FACTS
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY, NAME
from schema.scalars import LocalTime
from services.calendars.rules import Closure, Holiday, PublicHolidays, VersionDefinition, WeeklyHours


@strawberry.input(description="A weekly opening, in local time. Openings may touch but not overlap.")
class CalendarWindowInput:
    """One opening."""

    weekday: int = strawberry.field(description="The day on which it opens: 1 Monday to 7 Sunday.")
    opens: LocalTime = strawberry.field(description="When it opens.")
    closes: LocalTime = strawberry.field(
        description="When it closes: on the next day if this is before `opens`. A whole day is 00:00 to 24:00."
    )


@strawberry.input(description="A local date without service hours.")
class HolidayInput:
    """A holiday."""

    day: date = strawberry.field(name="date", description="The date, in the calendar's time zone.")
    name: str = strawberry.field(description="What is celebrated, at most 200 characters.")


@strawberry.input(description="Whose public holidays to copy into the version, to be reviewed by a person afterwards.")
class PublicHolidaysInput:
    """Public holidays."""

    country: str = strawberry.field(description="The ISO 3166-1 alpha-2 code of the country, such as `DE`.")
    subdivision: str | None = strawberry.field(
        default=None, description="A subdivision of it, such as `BY`; null: what is celebrated everywhere."
    )
    years: list[int] = strawberry.field(description="The years, at most 50, from 1970 to 2100.")


@strawberry.input(description="A time without service hours, from one instant until before another.")
class ClosureInput:
    """A closure."""

    starts_at: datetime = strawberry.field(description="The first instant that is closed.")
    ends_at: datetime = strawberry.field(description="The first instant that is open again, if service hours say so.")
    reason: str = strawberry.field(description="Why it is closed, at most 200 characters.")


@strawberry.input(description="Everything one version of a calendar says.")
class CalendarDefinitionInput:
    """A definition."""

    time_zone: str = strawberry.field(description="The IANA time zone of its hours and dates: `Europe/London`.")
    windows: list[CalendarWindowInput] = strawberry.field(description="Its weekly openings, 1 to 200.")
    holidays: list[HolidayInput] = strawberry.field(
        default_factory=list, description="Holidays by date, at most 2000; each wins over a public one of its date."
    )
    public_holidays: PublicHolidaysInput | None = strawberry.field(
        default=None, description="Whose public holidays to copy besides; null: nobody's."
    )
    closures: list[ClosureInput] = strawberry.field(default_factory=list, description="Closures, at most 500.")
    assumed: bool = strawberry.field(
        default=False, description="Whether nobody has confirmed it yet, so that what is built on it is provisional."
    )


@strawberry.input(description="A calendar to create, with its first version.")
class CreateCalendarInput:
    """A calendar."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    valid_from: datetime = strawberry.field(description="Since when it holds; may lie in the past.")
    definition: CalendarDefinitionInput = strawberry.field(description="What it says.")


@strawberry.input(description="A version of a calendar to publish.")
class PublishCalendarVersionInput:
    """A version."""

    calendar_id: strawberry.ID = strawberry.field(description="The calendar.")
    valid_from: datetime = strawberry.field(description="Since when it holds; after the start of its latest version.")
    definition: CalendarDefinitionInput = strawberry.field(description="What it says from then on.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    previewed_facts: str | None = strawberry.field(default=None, description=PREVIEWED_FACTS)


@strawberry.input(description="A review of the holidays of a calendar's latest version.")
class ReviewHolidaysInput:
    """A review."""

    calendar_id: strawberry.ID = strawberry.field(description="The calendar.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="Since when the reviewed version holds; null: from now on."
    )
    holidays: list[HolidayInput] | None = strawberry.field(
        default=None, description="The holidays as they should be; null: those of the latest version are right."
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    previewed_facts: str | None = strawberry.field(default=None, description=PREVIEWED_FACTS)


def definition_of(given: CalendarDefinitionInput) -> VersionDefinition:
    """The definition in the terms of the domain."""
    public = given.public_holidays
    return VersionDefinition(
        time_zone=given.time_zone,
        windows=[WeeklyHours(window.weekday, window.opens, window.closes) for window in given.windows],
        holidays=holidays_of(given.holidays),
        public_holidays=None if public is None else PublicHolidays(public.country, public.subdivision, public.years),
        closures=[Closure(closure.starts_at, closure.ends_at, closure.reason) for closure in given.closures],
        assumed=given.assumed,
    )


def holidays_of(given: list[HolidayInput]) -> list[Holiday]:
    """The holidays in the terms of the domain."""
    return [Holiday(holiday.day, holiday.name) for holiday in given]
