"""Versions of calendars about to be published, for a preview and for good."""

from functools import partial

from schema.calendars.inputs import PublishCalendarVersionInput, ReviewHolidaysInput, definition_of, holidays_of
from schema.mutation import Change
from schema.references import referenced
from services.calendars import commands
from services.compliance.recomputing import Publication, Subject


def new_version(change: Change, given: PublishCalendarVersionInput) -> Publication:
    """The version a client describes."""
    session, actor, now = change
    calendar_id = referenced(actor, "Calendar", given.calendar_id)
    publish = partial(
        commands.publish_calendar_version,
        session,
        actor=actor,
        calendar_id=calendar_id,
        valid_from=given.valid_from,
        definition=definition_of(given.definition),
        expected_version=given.expected_version,
        now=now,
    )
    return Publication(Subject.CALENDAR, calendar_id, given.valid_from, publish)


def holiday_review(change: Change, given: ReviewHolidaysInput) -> Publication:
    """The version whose holidays somebody has looked at."""
    session, actor, now = change
    calendar_id = referenced(actor, "Calendar", given.calendar_id)
    since = given.valid_from or now
    publish = partial(
        commands.review_holidays,
        session,
        actor=actor,
        calendar_id=calendar_id,
        valid_from=since,
        holidays=None if given.holidays is None else holidays_of(given.holidays),
        expected_version=given.expected_version,
        now=now,
    )
    return Publication(Subject.CALENDAR, calendar_id, since, publish)
