"""Changing service hours."""

from typing import Annotated

import strawberry

from schema.calendars.inputs import (
    CreateCalendarInput,
    PublishCalendarVersionInput,
    ReviewHolidaysInput,
    definition_of,
)
from schema.calendars.payloads import (
    CalendarPayload,
    CalendarVersionPayload,
    CreateCalendarResult,
    PublishCalendarVersionResult,
    ReviewHolidaysResult,
)
from schema.calendars.publications import holiday_review, new_version
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from services.calendars import commands
from services.compliance.recomputing import Effect, apply_version


def _published(effect: Effect, previewed_facts: str | None) -> CalendarVersionPayload:
    return CalendarVersionPayload(
        version=row(effect.version_id),
        recomputation=row(effect.recomputation_id),
        facts_arrived=effect.facts_arrived_since(previewed_facts),
    )


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
        " Tickets opened since then are judged anew; previewCalendarVersion shows how."
        " Managers and administrators."
    )
    async def publish_calendar_version(
        self,
        change: Change,
        given: Annotated[PublishCalendarVersionInput, strawberry.argument(name="input", description="The version.")],
    ) -> PublishCalendarVersionResult:
        """See services.compliance.recomputing.apply_version."""
        session, actor, now = change
        effect = await apply_version(session, actor=actor, publication=new_version(change, given), now=now)
        return _published(effect, given.previewed_facts)

    @mutation(
        "Confirm or correct the holidays of a calendar's latest version, by publishing it again as reviewed."
        " Managers and administrators."
    )
    async def review_holidays(
        self,
        change: Change,
        given: Annotated[ReviewHolidaysInput, strawberry.argument(name="input", description="The review.")],
    ) -> ReviewHolidaysResult:
        """See services.compliance.recomputing.apply_version."""
        session, actor, now = change
        effect = await apply_version(session, actor=actor, publication=holiday_review(change, given), now=now)
        return _published(effect, given.previewed_facts)
