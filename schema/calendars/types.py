"""Service hours."""

from datetime import date, datetime

from schema.nodes import Node, Recorded, Versioned
from schema.planner.declarations import column, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.scalars import LocalTime
from services.calendars import models


@planned(models.CalendarWindow, description="A weekly opening of a calendar, in local time.")
class CalendarWindow(Node):
    """One opening."""

    weekday: int = column("The day on which it opens: 1 Monday to 7 Sunday.")
    opens: LocalTime = column("When it opens.")
    closes: LocalTime = column("When it closes: on the next day if this is not after `opens`.")


@planned(models.CalendarHoliday, description="A local date without service hours.")
class CalendarHoliday(Node):
    """A holiday, copied into the version."""

    day: date = column("The date, in the calendar's time zone.", "date", name="date")
    name: str = column("What is celebrated.")


@planned(models.CalendarClosure, description="A time without service hours, from one instant until before another.")
class CalendarClosure(Node):
    """A closure."""

    starts_at: datetime = column("The first instant that is closed.")
    ends_at: datetime = column("The first instant that is open again, if service hours say so.")
    reason: str = column("Why it is closed.")


@planned(models.CalendarVersion, description="What a calendar says from an instant on, until its next version.")
class CalendarVersion(Node, Recorded):
    """A version of a calendar."""

    calendar: "Calendar" = to_one("The calendar of which it is a version.", "calendar_id")
    valid_from: datetime = column("Since when it holds. It holds until the next version of the calendar begins.")
    time_zone: str = column("The IANA time zone of its hours and dates, such as `Europe/London`.")
    holiday_source: str | None = column("Where its public holidays were copied from; null if none were.")
    holidays_reviewed: bool = column("Whether a person has confirmed its holidays.")
    assumed: bool = column("Whether nobody has confirmed it yet, so that everything built on it is provisional.")
    windows: list[CalendarWindow] = to_many(
        "Its weekly openings, by weekday and hour.", "calendar_version_id", order=Order(("weekday", "opens"))
    )
    holidays: list[CalendarHoliday] = to_many(
        "Its holidays, earliest first.", "calendar_version_id", order=Order(("date",))
    )
    closures: list[CalendarClosure] = to_many(
        "Its closures, earliest first.", "calendar_version_id", order=Order(("starts_at",))
    )


@planned(models.Calendar, description="A named schedule of service hours, on which clocks count.")
class Calendar(Node, Recorded, Versioned):
    """A calendar."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    versions: list[CalendarVersion] = to_many(
        "Everything it has ever said, oldest first.", "calendar_id", order=Order(("valid_from",))
    )
