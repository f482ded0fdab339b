"""What a profile promises is created where it is missing, and left alone where it is not."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from services.agreements.models import AgreementVersion
from services.agreements.queries import targets_in_force
from services.calendars.models import CalendarVersion
from services.db import Database
from services.domain.vocabulary import ReopenPolicy, TicketState
from services.errors import Invalid, NotPermitted
from services.organisations.rules import AccessRole, Actor
from services.tickets.definitions import ProfileDefinitions, ensure_profile_definitions
from services.tickets.sources.profile import Profile, shipped_profiles
from tests.factories.definitions import new_calendar
from tests.factories.organisations import NOW, new_actor

SHIPPED = next(profile for profile in shipped_profiles() if profile.name == "servicenow-incident-log")


async def ensure(database: Database, actor: Actor, profile: Profile = SHIPPED) -> ProfileDefinitions:
    async with database.writing(actor.organisation_id) as session:
        return await ensure_profile_definitions(session, actor=actor, profile=profile, now=NOW)


async def test_the_shipped_profile_creates_its_service_calendar_agreement_and_targets(database: Database) -> None:
    actor = await new_actor(database)
    made = await ensure(database, actor)
    assert made.created == [
        "service incident-handling",
        "calendar weekdays",
        "agreement incident-handling-sla",
        "target close-moderate",
        "target close-low",
    ]
    assert made.service_id is not None
    async with database.reading(actor.organisation_id) as session:
        targets = await targets_in_force(session, actor.organisation_id, service_ids=[made.service_id])
    moderate = next(target for target in targets if target.target_key == "close-moderate")
    assert moderate.duration_seconds == 153 * 3600
    assert moderate.priorities == ("3 - Moderate",)
    assert moderate.stop_states == (TicketState.CLOSED,)
    assert (moderate.objective_percent, moderate.reopen_policy) == (Decimal(80), ReopenPolicy.CONTINUOUS)
    assert all(target.assumed for target in targets)


async def test_a_second_time_nothing_is_created(database: Database) -> None:
    actor = await new_actor(database)
    first, second = await ensure(database, actor), await ensure(database, actor)
    assert second == ProfileDefinitions(first.service_id, first.agreement_id, [])
    async with database.reading(actor.organisation_id) as session:
        for table in (AgreementVersion, CalendarVersion):
            assert (await session.execute(select(func.count()).select_from(table))).scalar_one() == 1


async def test_a_calendar_that_exists_is_used_as_it_is(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor, key="weekdays")
    made = await ensure(database, actor)
    assert "calendar weekdays" not in made.created
    assert made.service_id is not None
    async with database.reading(actor.organisation_id) as session:
        targets = await targets_in_force(session, actor.organisation_id, service_ids=[made.service_id])
    assert {target.calendar_id for target in targets} == {calendar}


async def test_a_calendar_nobody_describes_is_named_and_nothing_stays(database: Database) -> None:
    actor = await new_actor(database)
    with pytest.raises(Invalid, match="'weekdays'"):
        await ensure(database, actor, SHIPPED.model_copy(update={"calendars": ()}))
    assert (await ensure(database, actor)).created[0] == "service incident-handling"


async def test_a_profile_without_service_defines_nothing(database: Database) -> None:
    actor = await new_actor(database, AccessRole.INGEST)
    assert await ensure(database, actor, Profile()) == ProfileDefinitions(None, None, [])


async def test_public_holidays_of_a_profile_are_copied_into_the_calendar(database: Database) -> None:
    actor = await new_actor(database)
    described = SHIPPED.model_dump(mode="json")
    described["calendars"][0]["holidays"] = {"country": "DE", "subdivision": "BY", "years": [2026]}
    await ensure(database, actor, Profile.model_validate(described))
    async with database.reading(actor.organisation_id) as session:
        source = (await session.execute(select(CalendarVersion.holiday_source))).scalar_one()
    assert source is not None
    assert source.endswith("DE-BY, 2026 to 2026")


async def test_who_only_ingests_cannot_bring_definitions_along(database: Database) -> None:
    actor = await new_actor(database, AccessRole.INGEST)
    with pytest.raises(NotPermitted):
        await ensure(database, actor)
