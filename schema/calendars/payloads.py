"""What mutations of service hours answer."""

from typing import Annotated

import strawberry

from schema.attainment.recomputations import Recomputation
from schema.calendars.types import Calendar, CalendarVersion
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="A calendar was written.")
class CalendarPayload:
    """See createCalendar."""

    calendar: Calendar = stored("The calendar as it stands.")


@strawberry.type(description="A version of a calendar was published.")
class CalendarVersionPayload:
    """See publishCalendarVersion and reviewHolidays."""

    version: CalendarVersion = stored("The version.")
    recomputation: Recomputation = stored("What became of what was recorded before.")
    facts_arrived: bool | None = strawberry.field(
        description="Whether facts have arrived since the preview, so that more than it said may have changed; null if"
        " you did not name one."
    )


CreateCalendarResult = Annotated[
    CalendarPayload | Refusal,
    strawberry.union("CreateCalendarResult", description="What came of creating a calendar."),
]
PublishCalendarVersionResult = Annotated[
    CalendarVersionPayload | Refusal,
    strawberry.union("PublishCalendarVersionResult", description="What came of publishing a version."),
]
ReviewHolidaysResult = Annotated[
    CalendarVersionPayload | Refusal,
    strawberry.union("ReviewHolidaysResult", description="What came of reviewing holidays."),
]
