"""Saying something new of an organisation, its departments, parties and people. Keys never change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.db import Base, WriteSession
from services.domain.inputs import Problems
from services.errors import Conflict
from services.organisations.models import Account, Department, Organisation, Party, Person
from services.organisations.rules import Actor, PartyKind, Permission
from services.rows import change_row, check_reference, lock_row


async def change_organisation(
    session: WriteSession,
    *,
    actor: Actor,
    name: str,
    time_zone: str,
    expected_version: int | None = None,
    now: datetime,
) -> None:
    """Name the organisation anew, or move its days and months to another zone: periods already judged stay as cut."""
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.text("name", name)
    problems.time_zone("time_zone", time_zone)
    problems.refuse("the organisation cannot be changed")
    said = {"name": name, "time_zone": time_zone}
    await replace_row(session, actor, Organisation, actor.organisation_id, said, now, expected_version)


async def change_department(
    session: WriteSession,
    *,
    actor: Actor,
    department_id: UUID,
    name: str,
    parent_id: UUID | None,
    expected_version: int | None = None,
    now: datetime,
) -> None:
    """Name a department anew, or make it part of another one, of which it must not be a parent itself."""
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.text("name", name)
    await check_reference(session, problems, "parent_id", Department, actor.organisation_id, parent_id)
    if parent_id is not None:
        # Of two who make departments part of each other the second waits here, and then reads what the first made.
        await lock_row(session, Organisation, actor.organisation_id, actor.organisation_id, noun="organisation")
    if parent_id is not None and department_id in await _line_of(session, actor, parent_id):
        problems.add("parent_id", "expected a department that is not a part of this one")
    problems.refuse("the department cannot be changed")
    said = {"name": name, "parent_id": parent_id}
    await replace_row(session, actor, Department, department_id, said, now, expected_version)


async def change_party(
    session: WriteSession,
    *,
    actor: Actor,
    party_id: UUID,
    name: str,
    kind: PartyKind,
    expected_version: int | None = None,
    now: datetime,
) -> None:
    """Name a party anew, or say that it is on another side. Conflict when accounts act for it on the side it is on."""
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.text("name", name)
    problems.refuse("the party cannot be changed")
    await replace_row(session, actor, Party, party_id, {"name": name, "kind": kind}, now, expected_version)
    # The row is locked now, and an account locks its party while it is made: none can come between.
    acting = select(Account.party_kind).where(
        Account.organisation_id == actor.organisation_id, Account.party_id == party_id, Account.party_kind != kind
    )
    other = (await session.execute(acting.limit(1))).scalar_one_or_none()
    if other is not None:
        raise Conflict(f"accounts act for this party as {other.value}; make another party for the other side")


async def change_person(
    session: WriteSession,
    *,
    actor: Actor,
    person_id: UUID,
    name: str,
    email: str | None,
    department_id: UUID | None,
    party_id: UUID | None,
    expected_version: int | None = None,
    now: datetime,
) -> None:
    """Say all there is to say of a person anew."""
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.text("name", name)
    if email is not None:
        problems.email("email", email)
    await check_reference(session, problems, "department_id", Department, actor.organisation_id, department_id)
    await check_reference(session, problems, "party_id", Party, actor.organisation_id, party_id)
    problems.refuse("the person cannot be changed")
    said = {"name": name, "email": email, "department_id": department_id, "party_id": party_id}
    await replace_row(session, actor, Person, person_id, said, now, expected_version)


async def _line_of(session: WriteSession, actor: Actor, department_id: UUID) -> set[UUID]:
    """The department and all those it is part of."""
    statement = select(Department.id, Department.parent_id).where(Department.organisation_id == actor.organisation_id)
    parents = {row.id: row.parent_id for row in await session.execute(statement)}
    line: set[UUID] = set()
    step: UUID | None = department_id
    while step is not None and step not in line:
        line.add(step)
        step = parents.get(step)
    return line


async def replace_row(
    session: WriteSession,
    actor: Actor,
    table: type[Base],
    id_: UUID,
    said: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Say something new in a row of the actor's organisation, by the actor at `now`.

    NotFound when there is none, Conflict when somebody else changed it since the caller looked at `expected_version`.
    """
    noun, own = table.__name__.lower(), actor.organisation_id
    row = await lock_row(session, table, own, id_, noun=noun, expected_version=expected_version)
    await change_row(session, row, said, stamps=actor.stamps(now), recorded_anew=True)
