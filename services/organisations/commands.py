"""Creating organisations, what they consist of, and the accounts and tokens that act for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.db import Database, WriteSession, new_id
from services.domain.inputs import Problems
from services.errors import Conflict, NotFound
from services.organisations.models import (
    Account,
    Department,
    Organisation,
    OrganisationKey,
    Party,
    Person,
    RoleAssignment,
)
from services.organisations.queries import find_organisation, role_holders, system_actor
from services.organisations.rules import (
    SYSTEM_ACCOUNT,
    AccessRole,
    Actor,
    GovernanceRole,
    PartyEntry,
    PartyKind,
    Permission,
    PersonEntry,
    Tenure,
)
from services.rows import (
    Outcome,
    add_entries,
    add_row,
    add_rows,
    add_rows_unless_taken,
    check_known,
    check_reference,
    existing_ids,
    sole,
)


async def create_organisation(
    session: WriteSession, *, organisation_id: UUID, key: str, name: str, time_zone: str, now: datetime
) -> Actor:
    """Create an organisation and the account it acts through; the session must be set to `organisation_id`.

    Raises Invalid, and Conflict when another organisation of this installation has the key.
    """
    problems = Problems()
    problems.text("name", name)
    problems.time_zone("time_zone", time_zone)
    await claim_key(session, organisation_id=organisation_id, key=key, problems=problems)
    actor = Actor(organisation_id, new_id(), SYSTEM_ACCOUNT, AccessRole.ADMINISTRATOR)
    account = {"id": actor.account_id, "name": actor.name, "role": actor.role, "person_id": None, "created_at": now}
    await add_rows(session, Account, [account], stamps=actor.stamps(now))
    said = {"key": key, "name": name, "time_zone": time_zone}
    await add_rows(session, Organisation, [said], stamps=actor.stamps(now))
    return actor


async def claim_key(
    session: WriteSession, *, organisation_id: UUID, key: str, problems: Problems | None = None
) -> None:
    """Let the organisation be found by this key. Raises Invalid with all `problems`, and Conflict for a taken key."""
    problems = problems or Problems()
    problems.key("key", key)
    problems.refuse("the organisation cannot be created")
    taken = insert(OrganisationKey).values(key=key, organisation_id=organisation_id).on_conflict_do_nothing()
    if (await session.execute(taken.returning(OrganisationKey.key))).scalar_one_or_none() is None:
        raise Conflict(f"an organisation with the key {key!r} exists already")


async def ensure_organisation(
    database: Database, *, key: str, now: datetime, name: str | None = None, time_zone: str = "UTC"
) -> Actor:
    """The system actor of the organisation with this key, which is created if there is none. Harmless to repeat."""
    async with database.reading(None) as session:
        known = await find_organisation(session, key=key)
    if known is None:
        created = new_id()
        try:
            async with database.writing(created) as writing:
                return await create_organisation(
                    writing, organisation_id=created, key=key, name=name or key, time_zone=time_zone, now=now
                )
        except Conflict:
            # Another process created it between our look and our insert: then it is there.
            pass
    async with database.reading(None) as session:
        organisation_id = known or await find_organisation(session, key=key)
        if organisation_id is None:
            raise NotFound(f"there is no organisation with the key {key!r}")
        return await system_actor(session, organisation_id=organisation_id)


async def create_department(
    session: WriteSession, *, actor: Actor, key: str, name: str, parent_id: UUID | None = None, now: datetime
) -> UUID:
    """Create a department, perhaps as part of another one."""
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.key("key", key)
    problems.text("name", name)
    await check_reference(session, problems, "parent_id", Department, actor.organisation_id, parent_id)
    problems.refuse("the department cannot be created")
    return await add_row(
        session,
        Department,
        {"key": key, "name": name, "parent_id": parent_id, **actor.stamps(now)},
        taken=f"a department with the key {key!r} exists already",
    )


async def create_party(
    session: WriteSession, *, actor: Actor, key: str, name: str, kind: PartyKind, now: datetime
) -> UUID:
    """Create a customer, an internal team or a supplier."""
    return sole(await create_parties(session, actor=actor, entries=[PartyEntry(key, name, kind)], now=now))


async def create_parties(
    session: WriteSession, *, actor: Actor, entries: Sequence[PartyEntry], now: datetime
) -> list[Outcome]:
    """Create customers, internal teams and suppliers, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.ADMINISTER)

    def check(entry: PartyEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)

    return await add_entries(
        session,
        Party,
        entries,
        check=check,
        values=vars,
        refusal="the party cannot be created",
        taken=lambda entry: f"a party with the key {entry.key!r} exists already",
        stamps=actor.stamps(now),
    )


async def create_person(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    email: str | None = None,
    department_id: UUID | None = None,
    party_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Create a person, perhaps of a department, perhaps working for a party."""
    entry = PersonEntry(key, name, email, department_id, party_id)
    return sole(await create_people(session, actor=actor, entries=[entry], now=now))


async def create_people(
    session: WriteSession, *, actor: Actor, entries: Sequence[PersonEntry], now: datetime
) -> list[Outcome]:
    """Create people, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.ADMINISTER)
    own = actor.organisation_id
    departments = await existing_ids(session, Department, own, (entry.department_id for entry in entries))
    parties = await existing_ids(session, Party, own, (entry.party_id for entry in entries))

    def check(entry: PersonEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        if entry.email is not None:
            problems.email("email", entry.email)
        check_known(problems, "department_id", Department, entry.department_id, departments)
        check_known(problems, "party_id", Party, entry.party_id, parties)

    return await add_entries(
        session,
        Person,
        entries,
        check=check,
        values=vars,
        refusal="the person cannot be created",
        taken=lambda entry: f"a person with the key {entry.key!r} exists already",
        stamps=actor.stamps(now),
    )


async def assign_role(
    session: WriteSession, *, actor: Actor, person_id: UUID, role: GovernanceRole, valid_from: datetime, now: datetime
) -> UUID:
    """A person holds a governance role from `valid_from` on. Conflict when the person holds it then already."""
    return await _record_tenure(session, actor, person_id, role, Tenure.HELD, valid_from, now)


async def end_role(
    session: WriteSession, *, actor: Actor, person_id: UUID, role: GovernanceRole, valid_from: datetime, now: datetime
) -> UUID:
    """A person no longer holds a governance role from `valid_from` on. Conflict when the person does not hold it."""
    return await _record_tenure(session, actor, person_id, role, Tenure.ENDED, valid_from, now)


async def _record_tenure(
    session: WriteSession,
    actor: Actor,
    person_id: UUID,
    role: GovernanceRole,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the role cannot be recorded")
    held = bool(await role_holders(session, actor.organisation_id, at=valid_from, role=role, person_id=person_id))
    if held is (tenure is Tenure.HELD):
        already = "holds" if held else "does not hold"
        raise Conflict(f"at {valid_from.isoformat()} the person {already} the role {role.value} already")
    return await add_row(
        session,
        RoleAssignment,
        {"person_id": person_id, "role": role, "tenure": tenure, "valid_from": valid_from, **actor.stamps(now)},
        taken=f"the role {role.value} of this person changes at {valid_from.isoformat()} already",
    )


async def create_account(
    session: WriteSession,
    *,
    actor: Actor,
    name: str,
    role: AccessRole,
    person_id: UUID | None = None,
    party_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Create an account of the actor's organisation, perhaps that of a person.

    With a party, it sees only what concerns the party, for good, and reads only: its role is that of a viewer.
    """
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.text("name", name)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    party_kind = None if party_id is None else await _party_kind(session, actor, party_id)
    if party_id is not None and party_kind is None:
        problems.add("party_id", "expected a known party, got an id of none")
    if party_id is not None and role is not AccessRole.VIEWER:
        problems.add("role", f"expected viewer for an account of a party, got {role.value}")
    problems.refuse("the account cannot be created")
    account = {
        "name": name,
        "role": role,
        "person_id": person_id,
        "party_id": party_id,
        "party_kind": party_kind,
        "created_at": now,
    }
    (created,) = await add_rows_unless_taken(session, Account, [account], stamps=actor.stamps(now))
    if created is None:
        raise Conflict(f"an account with the name {name!r} exists already")
    return created


async def _party_kind(session: WriteSession, actor: Actor, party_id: UUID) -> PartyKind | None:
    """The kind of a party, which stays so until the transaction ends; None when there is no such party."""
    own = (Party.organisation_id == actor.organisation_id, Party.id == party_id)
    kind: PartyKind | None = (await session.execute(select(Party.kind).where(*own).with_for_update(read=True))).scalar()
    return kind
