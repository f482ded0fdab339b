"""Creating services, changing what is said of them, and recording who owns them and what happened to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.catalogue.models import LifecycleEvent, Service, ServiceOwnership
from services.catalogue.queries import owners
from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind, ServiceEntry
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.organisations.models import Department, Person
from services.organisations.rules import Actor, Permission, Tenure
from services.rows import (
    Outcome,
    add_entries,
    add_row,
    change_row,
    check_known,
    check_reference,
    existing_ids,
    lock_row,
    sole,
)


async def create_service(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    description: str = "",
    criticality: Criticality = Criticality.STANDARD,
    department_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Create a service, perhaps provided by a department."""
    entry = ServiceEntry(key, name, description, criticality, department_id)
    return sole(await create_services(session, actor=actor, entries=[entry], now=now))


async def create_services(
    session: WriteSession, *, actor: Actor, entries: Sequence[ServiceEntry], now: datetime
) -> list[Outcome]:
    """Create services, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    wanted = (entry.department_id for entry in entries)
    departments = await existing_ids(session, Department, actor.organisation_id, wanted)

    def check(entry: ServiceEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        problems.text("description", entry.description, longest=LONGEST_NOTE, required=False)
        check_known(problems, "department_id", Department, entry.department_id, departments)

    return await add_entries(
        session,
        Service,
        entries,
        check=check,
        values=vars,
        refusal="the service cannot be created",
        taken=lambda entry: f"a service with the key {entry.key!r} exists already",
        stamps=actor.stamps(now),
    )


async def update_service(
    session: WriteSession,
    *,
    actor: Actor,
    service_id: UUID,
    name: str | None = None,
    description: str | None = None,
    criticality: Criticality | None = None,
    department_id: UUID | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> None:
    """Say something new of a service; what is None stays as it is. The key never changes.

    Conflict when somebody else changed it since the caller looked at `expected_version`.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    if name is not None:
        problems.text("name", name)
    if description is not None:
        problems.text("description", description, longest=LONGEST_NOTE, required=False)
    await check_reference(session, problems, "department_id", Department, actor.organisation_id, department_id)
    problems.refuse("the service cannot be changed")
    given = {"name": name, "description": description, "criticality": criticality, "department_id": department_id}
    service = await lock_row(
        session, Service, actor.organisation_id, service_id, noun="service", expected_version=expected_version
    )
    said = {column: value for column, value in given.items() if value is not None}
    await change_row(session, service, said, stamps=actor.stamps(now), recorded_anew=True)


async def assign_ownership(
    session: WriteSession,
    *,
    actor: Actor,
    service_id: UUID,
    person_id: UUID,
    kind: OwnershipKind,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """A person owns the service in this capacity from `valid_from` on. Conflict when the person does so already."""
    return await _record_tenure(session, actor, service_id, person_id, kind, Tenure.HELD, valid_from, now)


async def end_ownership(
    session: WriteSession,
    *,
    actor: Actor,
    service_id: UUID,
    person_id: UUID,
    kind: OwnershipKind,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """A person no longer owns the service in this capacity from `valid_from` on. Conflict when the person does not."""
    return await _record_tenure(session, actor, service_id, person_id, kind, Tenure.ENDED, valid_from, now)


async def record_lifecycle_event(
    session: WriteSession,
    *,
    actor: Actor,
    service_id: UUID,
    kind: LifecycleEventKind,
    occurred_at: datetime,
    note: str = "",
    now: datetime,
) -> UUID:
    """Record that something happened to a service; the same milestone at the same instant is a Conflict."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("occurred_at", occurred_at, now)
    problems.text("note", note, longest=LONGEST_NOTE, required=False)
    problems.refuse("the lifecycle event cannot be recorded")
    await _require_service(session, actor, service_id)
    return await add_row(
        session,
        LifecycleEvent,
        {"service_id": service_id, "kind": kind, "occurred_at": occurred_at, "note": note, **actor.stamps(now)},
        taken=f"{kind.value} of this service at {occurred_at.isoformat()} is recorded already",
    )


async def _record_tenure(
    session: WriteSession,
    actor: Actor,
    service_id: UUID,
    person_id: UUID,
    kind: OwnershipKind,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the ownership cannot be recorded")
    await _require_service(session, actor, service_id)
    holding = await owners(session, actor.organisation_id, service_id, at=valid_from)
    held = any(owner.person_id == person_id and owner.kind is kind for owner in holding)
    if held is (tenure is Tenure.HELD):
        already = "is" if held else "is not"
        raise Conflict(f"at {valid_from.isoformat()} the person {already} the {kind.value} of this service already")
    return await add_row(
        session,
        ServiceOwnership,
        {
            "service_id": service_id,
            "person_id": person_id,
            "kind": kind,
            "tenure": tenure,
            "valid_from": valid_from,
            **actor.stamps(now),
        },
        taken=f"this person's ownership of the service changes at {valid_from.isoformat()} already",
    )


async def _require_service(session: WriteSession, actor: Actor, service_id: UUID) -> None:
    if not await existing_ids(session, Service, actor.organisation_id, [service_id]):
        raise NotFound("there is no such service")
