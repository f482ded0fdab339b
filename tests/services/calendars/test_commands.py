"""Calendars and the versions that follow one another."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.calendars.commands import create_calendar, publish_calendar_version, review_holidays
from services.calendars.models import Calendar, CalendarVersion
from services.calendars.queries import load_calendar_definitions, version_in_force, versions_in_force
from services.calendars.rules import Closure, Holiday, PublicHolidays, WeeklyHours
from services.db import Database, new_id
from services.domain.business_time import CalendarDefinition, Window
from services.domain.instants import to_epoch
from services.errors import Conflict, NotFound, NotPermitted
from services.organisations.rules import AccessRole, Actor
from tests.factories.definitions import OFFICE_HOURS, SINCE, new_calendar
from tests.factories.organisations import NOW, new_actor
from tests.factories.refusals import refused_fields

CLOSURE = Closure(NOW, NOW + timedelta(hours=2), "Stocktaking")
EVERYTHING = replace(
    OFFICE_HOURS,
    windows=[WeeklyHours(1, "22:00", "06:00"), WeeklyHours(1, "09:00", "17:00")],
    holidays=[Holiday(date(2026, 12, 25), "Christmas")],
    closures=[CLOSURE],
)
BAVARIA = replace(OFFICE_HOURS, public_holidays=PublicHolidays("DE", "BY", [2026]))


async def in_force(database: Database, actor: Actor, calendar_id: UUID, at: datetime) -> CalendarDefinition:
    async with database.reading(actor.organisation_id) as session:
        version = await version_in_force(session, actor.organisation_id, calendar_id, at=at)
        assert version is not None
        return (await load_calendar_definitions(session, actor.organisation_id, [version]))[version]


async def latest(database: Database, actor: Actor, calendar_id: UUID) -> CalendarVersion:
    statement = (
        select(CalendarVersion)
        .where(CalendarVersion.calendar_id == calendar_id)
        .order_by(CalendarVersion.valid_from.desc())
        .limit(1)
    )
    async with database.reading(actor.organisation_id) as session:
        return (await session.execute(statement)).scalar_one()


async def publish(
    database: Database, actor: Actor, calendar_id: UUID, valid_from: datetime = NOW, time_zone: str = "Europe/Paris"
) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await publish_calendar_version(
            session,
            actor=actor,
            calendar_id=calendar_id,
            valid_from=valid_from,
            definition=replace(OFFICE_HOURS, time_zone=time_zone),
            now=NOW,
        )


async def test_a_new_calendar_says_what_was_asked_in_the_clock_engines_terms(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor, definition=EVERYTHING)
    assert await in_force(database, actor, calendar, SINCE) == CalendarDefinition(
        "Europe/London",
        (Window(1, 32_400, 61_200), Window(1, 79_200, 108_000)),
        frozenset({date(2026, 12, 25)}),
        ((to_epoch(CLOSURE.starts_at), to_epoch(CLOSURE.ends_at)),),
    )


async def test_a_version_holds_until_the_next_one_starts(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor)
    published = await publish(database, actor, calendar)
    async with database.reading(actor.organisation_id) as session:
        first, second = await versions_in_force(session, actor.organisation_id, calendar)
        at = {
            moment: await version_in_force(session, actor.organisation_id, calendar, at=moment)
            for moment in (SINCE - timedelta(seconds=1), SINCE, NOW - timedelta(seconds=1), NOW)
        }
    assert (first.valid_from, first.until, second.valid_from, second.until) == (SINCE, NOW, NOW, None)
    assert list(at.values()) == [None, first.calendar_version_id, first.calendar_version_id, published]
    assert (await in_force(database, actor, calendar, NOW)).time_zone == "Europe/Paris"
    assert (await in_force(database, actor, calendar, SINCE)).time_zone == "Europe/London"


async def test_public_holidays_are_copied_and_wait_for_a_review(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor, definition=BAVARIA)
    version = await latest(database, actor, calendar)
    assert version.holidays_reviewed is False
    assert version.holiday_source is not None
    assert version.holiday_source.startswith("holidays ")
    assert version.holiday_source.endswith("DE-BY, 2026 to 2026")
    definition = await in_force(database, actor, calendar, NOW)
    assert date(2026, 11, 1) in definition.holidays  # All Saints: closed in Bavaria, not in Berlin
    assert all(day.year == 2026 for day in definition.holidays)


async def test_a_review_publishes_the_same_hours_and_holidays_as_reviewed(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor, definition=replace(BAVARIA, closures=[CLOSURE]))
    async with database.writing(actor.organisation_id) as session:
        await review_holidays(session, actor=actor, calendar_id=calendar, valid_from=NOW, now=NOW)
    before, after = await in_force(database, actor, calendar, SINCE), await in_force(database, actor, calendar, NOW)
    version = await latest(database, actor, calendar)
    assert before == after
    assert version.holidays_reviewed
    assert version.holiday_source is not None


async def test_a_review_may_correct_the_holidays(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor, definition=BAVARIA)
    corrected = [Holiday(date(2026, 8, 8), "Peace festival")]
    async with database.writing(actor.organisation_id) as session:
        await review_holidays(session, actor=actor, calendar_id=calendar, valid_from=NOW, holidays=corrected, now=NOW)
    assert (await in_force(database, actor, calendar, NOW)).holidays == {date(2026, 8, 8)}


async def test_hours_stated_by_a_person_need_no_review_and_assumed_ones_do(database: Database) -> None:
    actor = await new_actor(database)
    stated = await new_calendar(database, actor, key="stated")
    assumed = await new_calendar(database, actor, key="assumed", definition=replace(OFFICE_HOURS, assumed=True))
    assert (await latest(database, actor, stated)).holidays_reviewed
    assert not (await latest(database, actor, assumed)).holidays_reviewed


async def test_everything_wrong_with_a_calendar_is_said_at_once_and_nothing_is_written(database: Database) -> None:
    actor = await new_actor(database)
    nowhere = replace(OFFICE_HOURS, time_zone="Mars", public_holidays=PublicHolidays("XX", None, [2026]))
    with refused_fields("key", "name", "valid_from", "definition.time_zone", "definition.public_holidays.country"):
        async with database.writing(actor.organisation_id) as session:
            await create_calendar(
                session,
                actor=actor,
                key="No key",
                name="",
                valid_from=SINCE.replace(tzinfo=None),
                definition=nowhere,
                now=NOW,
            )
    async with database.reading(actor.organisation_id) as session:
        assert (await session.execute(select(func.count()).select_from(Calendar))).scalar_one() == 0


@pytest.mark.parametrize("subdivision", ["QQ", "", "BE; DROP TABLE calendar"])
async def test_an_unknown_subdivision_is_refused_with_examples(database: Database, subdivision: str) -> None:
    actor = await new_actor(database)
    with refused_fields("definition.public_holidays.subdivision"):
        await new_calendar(
            database,
            actor,
            definition=replace(OFFICE_HOURS, public_holidays=PublicHolidays("DE", subdivision, [2026])),
        )


async def test_two_calendars_with_one_key_at_the_same_moment_make_one_and_a_conflict(database: Database) -> None:
    actor = await new_actor(database)
    both = await asyncio.gather(new_calendar(database, actor), new_calendar(database, actor), return_exceptions=True)
    assert sorted(type(result).__name__ for result in both) == ["Conflict", "UUID"]


async def test_the_second_of_two_publishers_gets_a_conflict(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor)
    both = await asyncio.gather(
        publish(database, actor, calendar, time_zone="Europe/Paris"),
        publish(database, actor, calendar, time_zone="Europe/Rome"),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in both) == ["Conflict", "UUID"]
    async with database.reading(actor.organisation_id) as session:
        assert len(await versions_in_force(session, actor.organisation_id, calendar)) == 2


@pytest.mark.parametrize("valid_from", [SINCE, SINCE - timedelta(days=1)])
async def test_a_version_cannot_change_what_held_before_the_latest_one(
    database: Database, valid_from: datetime
) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor)
    with pytest.raises(Conflict, match="comes after"):
        await publish(database, actor, calendar, valid_from)


async def test_calendars_of_another_organisation_are_unknown_here(database: Database) -> None:
    actor, stranger = await new_actor(database), await new_actor(database)
    foreign = await new_calendar(database, stranger)
    with pytest.raises(NotFound):
        await publish(database, actor, foreign)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotFound):
            await review_holidays(session, actor=actor, calendar_id=foreign, valid_from=NOW, now=NOW)
        assert await versions_in_force(session, actor.organisation_id, foreign) == []
    version = await latest(database, stranger, foreign)
    async with database.reading(actor.organisation_id) as session:
        with pytest.raises(NotFound):
            await load_calendar_definitions(session, actor.organisation_id, [version.id])


async def test_no_versions_asked_for_gives_no_definitions(database: Database) -> None:
    actor = await new_actor(database)
    async with database.reading(actor.organisation_id) as session:
        assert await load_calendar_definitions(session, actor.organisation_id, []) == {}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(AccessRole.VIEWER, False), (AccessRole.INGEST, False), (AccessRole.MANAGER, True)],
)
async def test_managers_define_calendars_and_lower_roles_do_not(
    database: Database, role: AccessRole, allowed: bool
) -> None:
    actor = await new_actor(database, role)
    if allowed:
        await publish(database, actor, await new_calendar(database, actor), datetime(2027, 1, 1, tzinfo=UTC))
        return
    with pytest.raises(NotPermitted):
        await new_calendar(database, actor)
    with pytest.raises(NotPermitted):
        await publish(database, actor, new_id())
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotPermitted):
            await review_holidays(session, actor=actor, calendar_id=new_id(), valid_from=NOW, now=NOW)
