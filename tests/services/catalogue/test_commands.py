"""Services, their owners and the events of their lives."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.catalogue.commands import (
    assign_ownership,
    create_service,
    end_ownership,
    record_lifecycle_event,
    update_service,
)
from services.catalogue.models import LifecycleEvent, Service
from services.catalogue.queries import owners, service_by_key
from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind
from services.db import Database, new_id
from services.errors import Conflict, NotFound, NotPermitted
from services.organisations.commands import create_department
from services.organisations.rules import AccessRole
from tests.factories.definitions import new_service
from tests.factories.organisations import NOW, new_actor, new_person
from tests.factories.refusals import refused_fields

OWNER = OwnershipKind.SERVICE_LEVEL_OWNER


async def test_a_service_is_found_by_its_key(database: Database) -> None:
    actor = await new_actor(database)
    created = await new_service(database, actor)
    async with database.reading(actor.organisation_id) as session:
        assert await service_by_key(session, actor.organisation_id, key="mail") == created
        assert await service_by_key(session, actor.organisation_id, key="phone") is None


async def test_an_update_changes_what_it_names_and_nothing_else(database: Database) -> None:
    actor = await new_actor(database)
    later = NOW + timedelta(hours=1)
    async with database.writing(actor.organisation_id) as session:
        department = await create_department(session, actor=actor, key="it", name="IT", now=NOW)
        created = await create_service(
            session, actor=actor, key="mail", name="Mail", description="Letters", department_id=department, now=NOW
        )
        await update_service(
            session, actor=actor, service_id=created, name="E-mail", criticality=Criticality.CRITICAL, now=later
        )
    async with database.reading(actor.organisation_id) as session:
        row = (await session.execute(select(Service).where(Service.id == created))).scalar_one()
    assert (row.key, row.name, row.description, row.criticality, row.department_id, row.recorded_at) == (
        "mail", "E-mail", "Letters", Criticality.CRITICAL, department, later,
    )  # fmt: skip


async def test_what_is_wrong_with_a_service_is_said_at_once(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("key", "name", "description", "department_id"):
            await create_service(
                session, actor=actor, key="", name="", description="x" * 5000, department_id=new_id(), now=NOW
            )
        with refused_fields("name", "description", "department_id"):
            await update_service(
                session,
                actor=actor,
                service_id=new_id(),
                name="",
                description="x" * 5000,
                department_id=new_id(),
                now=NOW,
            )


async def test_two_services_with_one_key_at_the_same_moment_make_one_and_a_conflict(database: Database) -> None:
    actor = await new_actor(database)
    both = await asyncio.gather(new_service(database, actor), new_service(database, actor), return_exceptions=True)
    assert sorted(type(result).__name__ for result in both) == ["Conflict", "UUID"]


async def test_services_and_people_of_another_organisation_are_unknown_here(database: Database) -> None:
    actor, stranger = await new_actor(database), await new_actor(database)
    foreign_service, foreign_person = await new_service(database, stranger), await new_person(database, stranger)
    service, person = await new_service(database, actor), await new_person(database, actor)
    own = {"actor": actor, "kind": OWNER, "valid_from": NOW, "now": NOW}
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotFound):
            await update_service(session, actor=actor, service_id=foreign_service, name="Mine", now=NOW)
        with pytest.raises(NotFound):
            await assign_ownership(session, service_id=foreign_service, person_id=person, **own)  # type: ignore[arg-type]
        with refused_fields("person_id"):
            await assign_ownership(session, service_id=service, person_id=foreign_person, **own)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await record_lifecycle_event(
                session,
                actor=actor,
                service_id=foreign_service,
                kind=LifecycleEventKind.GO_LIVE,
                occurred_at=NOW,
                now=NOW,
            )


async def test_a_service_is_owned_from_the_assignment_until_its_end(database: Database) -> None:
    actor = await new_actor(database)
    service, person = await new_service(database, actor), await new_person(database, actor)
    later = NOW + timedelta(days=1)
    async with database.writing(actor.organisation_id) as session:
        await assign_ownership(
            session, actor=actor, service_id=service, person_id=person, kind=OWNER, valid_from=NOW, now=NOW
        )
        await end_ownership(
            session, actor=actor, service_id=service, person_id=person, kind=OWNER, valid_from=later, now=NOW
        )
    async with database.reading(actor.organisation_id) as session:
        held = [
            [owner.person_id for owner in await owners(session, actor.organisation_id, service, at=at)]
            for at in (NOW - timedelta(seconds=1), NOW, later)
        ]
    assert held == [[], [person], []]


async def test_an_ownership_is_not_assigned_twice_nor_ended_unheld(database: Database) -> None:
    actor = await new_actor(database)
    service, person = await new_service(database, actor), await new_person(database, actor)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(Conflict, match="is not"):
            await end_ownership(
                session, actor=actor, service_id=service, person_id=person, kind=OWNER, valid_from=NOW, now=NOW
            )
        await assign_ownership(
            session, actor=actor, service_id=service, person_id=person, kind=OWNER, valid_from=NOW, now=NOW
        )
        with pytest.raises(Conflict):
            await assign_ownership(
                session, actor=actor, service_id=service, person_id=person, kind=OWNER, valid_from=NOW, now=NOW
            )
        await assign_ownership(
            session,
            actor=actor,
            service_id=service,
            person_id=person,
            kind=OwnershipKind.BUSINESS_OWNER,
            valid_from=NOW,
            now=NOW,
        )


async def test_a_milestone_is_recorded_once_with_its_note(database: Database) -> None:
    actor = await new_actor(database)
    service = await new_service(database, actor)
    event = {"actor": actor, "service_id": service, "kind": LifecycleEventKind.GO_LIVE, "occurred_at": NOW, "now": NOW}
    async with database.writing(actor.organisation_id) as session:
        created = await record_lifecycle_event(session, note="Finally", **event)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="go_live"):
            await record_lifecycle_event(session, **event)  # type: ignore[arg-type]
        row = (await session.execute(select(LifecycleEvent).where(LifecycleEvent.id == created))).scalar_one()
    assert (row.note, row.occurred_at, row.recorded_by) == ("Finally", NOW, actor.account_id)


async def test_a_milestone_cannot_lie_in_the_future(database: Database) -> None:
    actor = await new_actor(database)
    service = await new_service(database, actor)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("occurred_at", "note"):
            await record_lifecycle_event(
                session,
                actor=actor,
                service_id=service,
                kind=LifecycleEventKind.RETIRED,
                occurred_at=NOW + timedelta(seconds=1),
                note="x" * 5000,
                now=NOW,
            )


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST])
async def test_roles_below_manager_change_nothing_in_the_catalogue(database: Database, role: AccessRole) -> None:
    actor = await new_actor(database, role)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotPermitted):
            await create_service(session, actor=actor, key="mail", name="Mail", now=NOW)
        with pytest.raises(NotPermitted):
            await update_service(session, actor=actor, service_id=new_id(), now=NOW)
        with pytest.raises(NotPermitted):
            await assign_ownership(
                session, actor=actor, service_id=new_id(), person_id=new_id(), kind=OWNER, valid_from=NOW, now=NOW
            )
        with pytest.raises(NotPermitted):
            await record_lifecycle_event(
                session,
                actor=actor,
                service_id=new_id(),
                kind=LifecycleEventKind.GO_LIVE,
                occurred_at=NOW,
                now=NOW,
            )


async def test_a_manager_defines_services(database: Database) -> None:
    await new_service(database, await new_actor(database, AccessRole.MANAGER))
