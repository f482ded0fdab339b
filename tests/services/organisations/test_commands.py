"""Organisations and what they consist of."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.db import Database, new_id
from services.errors import Conflict, NotFound, NotPermitted
from services.organisations.changes import change_department
from services.organisations.commands import (
    assign_role,
    create_account,
    create_department,
    create_organisation,
    create_party,
    create_person,
    end_role,
    ensure_organisation,
)
from services.organisations.models import Department, Organisation, Person
from services.organisations.queries import find_organisation, role_holders, system_actor
from services.organisations.rules import AccessRole, Actor, GovernanceRole, PartyKind
from tests.factories.organisations import NOW, new_actor, new_person, unique_key
from tests.factories.refusals import refused_fields


async def test_a_new_organisation_is_found_by_its_key_and_has_an_account_to_act_as(database: Database) -> None:
    key = unique_key("acme")
    actor = await ensure_organisation(database, key=key, name="Acme", time_zone="Europe/Paris", now=NOW)
    async with database.reading(None) as session:
        assert await find_organisation(session, key=key) == actor.organisation_id
        assert await system_actor(session, organisation_id=actor.organisation_id) == actor
    async with database.reading(actor.organisation_id) as session:
        organisation = (await session.execute(select(Organisation))).scalar_one()
    assert (organisation.key, organisation.name, organisation.time_zone) == (key, "Acme", "Europe/Paris")
    assert actor.role is AccessRole.ADMINISTRATOR


async def test_ensuring_an_organisation_from_several_sides_at_once_makes_one(database: Database) -> None:
    key = unique_key("acme")
    actors = await asyncio.gather(*(ensure_organisation(database, key=key, now=NOW) for _ in range(4)))
    assert len(set(actors)) == 1


async def test_the_key_of_another_organisation_is_a_conflict_and_leaves_nothing_behind(database: Database) -> None:
    taken = unique_key("acme")
    await ensure_organisation(database, key=taken, now=NOW)
    other = new_id()
    with pytest.raises(Conflict, match=taken):
        async with database.writing(other) as session:
            await create_organisation(session, organisation_id=other, key=taken, name="Acme", time_zone="UTC", now=NOW)
    async with database.reading(other) as session:
        with pytest.raises(NotFound):
            await system_actor(session, organisation_id=other)


async def test_all_that_is_wrong_with_an_organisation_is_said_at_once(database: Database) -> None:
    with refused_fields("key", "name", "time_zone"):
        await ensure_organisation(database, key="No Key", name=" ", time_zone="Mars", now=NOW)


async def test_an_unknown_key_finds_no_organisation(database: Database) -> None:
    async with database.reading(None) as session:
        assert await find_organisation(session, key=unique_key("nobody")) is None


async def test_departments_form_a_tree_and_carry_their_stamps(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        parent = await create_department(session, actor=actor, key="it", name="IT", now=NOW)
        child = await create_department(session, actor=actor, key="desk", name="Desk", parent_id=parent, now=NOW)
    async with database.reading(actor.organisation_id) as session:
        row = (await session.execute(select(Department).where(Department.id == child))).scalar_one()
    assert (row.parent_id, row.recorded_at, row.recorded_by) == (parent, NOW, actor.account_id)
    assert row.received_at > NOW


async def test_a_person_belongs_to_a_department_and_a_party(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        department = await create_department(session, actor=actor, key="it", name="IT", now=NOW)
        party = await create_party(session, actor=actor, key="cloud", name="Cloud", kind=PartyKind.SUPPLIER, now=NOW)
        person = await create_person(
            session,
            actor=actor,
            key="ann",
            name="Ann",
            email="ann@example.org",
            department_id=department,
            party_id=party,
            now=NOW,
        )
    async with database.reading(actor.organisation_id) as session:
        row = (await session.execute(select(Person).where(Person.id == person))).scalar_one()
    assert (row.department_id, row.party_id, row.email) == (department, party, "ann@example.org")


async def test_ids_of_another_organisation_are_unknown_here(database: Database) -> None:
    actor, stranger = await new_actor(database), await new_actor(database)
    async with database.writing(stranger.organisation_id) as session:
        department = await create_department(session, actor=stranger, key="it", name="IT", now=NOW)
        party = await create_party(session, actor=stranger, key="p", name="P", kind=PartyKind.CUSTOMER, now=NOW)
    person = await new_person(database, stranger)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("department_id", "party_id"):
            await create_person(
                session, actor=actor, key="ann", name="Ann", department_id=department, party_id=party, now=NOW
            )
        with refused_fields("parent_id"):
            await create_department(session, actor=actor, key="d", name="D", parent_id=department, now=NOW)
        with refused_fields("person_id"):
            await create_account(session, actor=actor, name="ann", role=AccessRole.VIEWER, person_id=person, now=NOW)
        with refused_fields("person_id"):
            await assign_role(session, actor=actor, person_id=person, role=GovernanceRole.CIO, valid_from=NOW, now=NOW)


async def test_two_people_with_one_key_at_the_same_moment_make_one_and_a_conflict(database: Database) -> None:
    actor = await new_actor(database)
    results = await asyncio.gather(new_person(database, actor), new_person(database, actor), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "UUID"]
    async with database.reading(actor.organisation_id) as session:
        assert (await session.execute(select(func.count()).select_from(Person))).scalar_one() == 1


async def test_another_organisation_may_use_the_same_key(database: Database) -> None:
    for actor in (await new_actor(database), await new_actor(database)):
        await new_person(database, actor, key="ann")


async def test_an_account_name_is_taken_once_per_organisation(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        await create_account(session, actor=actor, name="robot", role=AccessRole.INGEST, now=NOW)
        with pytest.raises(Conflict, match="robot"):
            await create_account(session, actor=actor, name="robot", role=AccessRole.VIEWER, now=NOW)


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST, AccessRole.MANAGER])
async def test_only_administrators_change_people_and_accounts(database: Database, role: AccessRole) -> None:
    actor = await new_actor(database, role)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotPermitted):
            await create_department(session, actor=actor, key="it", name="IT", now=NOW)
        with pytest.raises(NotPermitted):
            await create_party(session, actor=actor, key="p", name="P", kind=PartyKind.CUSTOMER, now=NOW)
        with pytest.raises(NotPermitted):
            await create_person(session, actor=actor, key="ann", name="Ann", now=NOW)
        with pytest.raises(NotPermitted):
            await create_account(session, actor=actor, name="x", role=AccessRole.ADMINISTRATOR, now=NOW)
        with pytest.raises(NotPermitted):
            await assign_role(
                session, actor=actor, person_id=new_id(), role=GovernanceRole.CIO, valid_from=NOW, now=NOW
            )


async def test_a_role_is_held_from_its_assignment_until_its_end(database: Database) -> None:
    actor = await new_actor(database)
    person = await new_person(database, actor)
    role, later = GovernanceRole.SERVICE_LEVEL_MANAGER, NOW + timedelta(days=30)
    async with database.writing(actor.organisation_id) as session:
        await assign_role(session, actor=actor, person_id=person, role=role, valid_from=NOW, now=NOW)
        await end_role(session, actor=actor, person_id=person, role=role, valid_from=later, now=NOW)
    second = timedelta(seconds=1)
    async with database.reading(actor.organisation_id) as session:
        held = {
            at: [holder.person_id for holder in await role_holders(session, actor.organisation_id, at=at, role=role)]
            for at in (NOW - second, NOW, later - second, later)
        }
        others = await role_holders(session, actor.organisation_id, at=NOW, role=GovernanceRole.CIO)
    assert held == {NOW - second: [], NOW: [person], later - second: [person], later: []}
    assert others == []


async def test_a_role_is_not_assigned_twice_nor_ended_unheld(database: Database) -> None:
    actor = await new_actor(database)
    person = await new_person(database, actor)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(Conflict, match="does not hold"):
            await end_role(session, actor=actor, person_id=person, role=GovernanceRole.CIO, valid_from=NOW, now=NOW)
        await assign_role(session, actor=actor, person_id=person, role=GovernanceRole.CIO, valid_from=NOW, now=NOW)
        with pytest.raises(Conflict, match="holds"):
            await assign_role(session, actor=actor, person_id=person, role=GovernanceRole.CIO, valid_from=NOW, now=NOW)
        with pytest.raises(Conflict, match="changes at"):
            await end_role(session, actor=actor, person_id=person, role=GovernanceRole.CIO, valid_from=NOW, now=NOW)


async def test_a_refused_command_takes_the_rest_of_its_transaction_with_it(database: Database) -> None:
    actor = await new_actor(database)
    with refused_fields("key", "name"):
        async with database.writing(actor.organisation_id) as session:
            await create_department(session, actor=actor, key="kept", name="Kept", now=NOW)
            await create_department(session, actor=actor, key="", name="", now=NOW)
    async with database.reading(actor.organisation_id) as session:
        assert (await session.execute(select(func.count()).select_from(Department))).scalar_one() == 0


async def test_two_editors_at_the_same_moment_do_not_make_departments_part_of_each_other(
    database: Database, actor: Actor
) -> None:
    async with database.writing(actor.organisation_id) as session:
        it, desk = [await create_department(session, actor=actor, key=key, name=key, now=NOW) for key in ("it", "desk")]

    async def move(department: UUID, parent: UUID) -> None:
        async with database.writing(actor.organisation_id) as other:
            await change_department(other, actor=actor, department_id=department, name="x", parent_id=parent, now=NOW)

    async with database.writing(actor.organisation_id) as session:
        await change_department(session, actor=actor, department_id=it, name="x", parent_id=desk, now=NOW)
        second = asyncio.create_task(move(desk, it))
        done, _ = await asyncio.wait({second}, timeout=0.5)
        assert not done, "the second waits for the first"
    with refused_fields("parent_id"):
        await second
