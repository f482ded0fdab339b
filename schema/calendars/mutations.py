"""Changing service hours."""

from typing import Annotated

import strawberry

from schema.calendars.inputs import (
    CreateCalendarInput,
    PublishCalendarVersionInput,
    ReviewHolidaysInput,
    definition_of,
    holidays_of,
)
from schema.calendars.payloads import (
    CalendarPayload,
    CalendarVersionPayload,
    CreateCalendarResult,
    PublishCalendarVersionResult,
    ReviewHolidaysResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced
from services.calendars import commands


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create a calendar with its first version. Managers and administrators.")
    async def create_calendar(
        self,
        change: Change,
        given: Annotated[CreateCalendarInput, strawberry.argument(name="input", description="The calendar.")],
    ) -> CreateCalendarResult:
        """See services.calendars.commands.create_calendar."""
        session, actor, now = change
        created = await commands.create_calendar(
            session,
            actor=actor,
            key=given.key,
            name=given.name,
            valid_from=given.valid_from,
            definition=definition_of(given.definition),
            now=now,
        )
        return CalendarPayload(calendar=row(created))

    @mutation(
        "Say what a calendar says from an instant on. Versions follow one another: what held before stays as it was."
        " Managers and administrators."
    )
    async def publish_calendar_version(
        self,
        change: Change,
        given: Annotated[PublishCalendarVersionInput, strawberry.argument(name="input", description="The version.")],
    ) -> PublishCalendarVersionResult:
        """See services.calendars.commands.publish_calendar_version."""
        session, actor, now = change
        published = await commands.publish_calendar_version(
            session,
            actor=actor,
            calendar_id=referenced(actor, "Calendar", given.calendar_id),
            valid_from=given.valid_from,
            definition=definition_of(given.definition),
            expected_version=given.expected_version,
            now=now,
        )
        return CalendarVersionPayload(version=row(published))

    @mutation(
        "Confirm or correct the holidays of a calendar's latest version, by publishing it again as reviewed."
        " Managers and administrators."
    )
    async def review_holidays(
        self,
        change: Change,
        given: Annotated[ReviewHolidaysInput, strawberry.argument(name="input", description="The review.")],
    ) -> ReviewHolidaysResult:
        """See services.calendars.commands.review_holidays."""
        session, actor, now = change
        published = await commands.review_holidays(
            session,
            actor=actor,
            calendar_id=referenced(actor, "Calendar", given.calendar_id),
            valid_from=given.valid_from or now,
            holidays=None if given.holidays is None else holidays_of(given.holidays),
            expected_version=given.expected_version,
            now=now,
        )
        return CalendarVersionPayload(version=row(published))
