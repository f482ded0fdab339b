"""Registering improvements, linking them to breaches, and recording what was changed and what came of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.catalogue.models import Service
from services.compliance.models import Breach
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.improvement.models import (
    BreachAcceptance,
    ChangedObject,
    Improvement,
    ImprovementBreach,
    ImprovementStatusChange,
)
from services.improvement.rules import (
    MOST_BREACHES,
    MOST_CHANGED_OBJECTS,
    ChangedObjectEntry,
    Consequence,
    ImprovementEntry,
    ImprovementStatus,
    refusal_of,
)
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import (
    Outcome,
    add_entries,
    add_row,
    add_rows,
    added,
    check_known,
    check_reference,
    existing_ids,
    require_version,
    sole,
)


async def register_improvement(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    title: str,
    consequence: Consequence,
    registered_at: datetime,
    description: str = "",
    cause: str = "",
    service_id: UUID | None = None,
    owner_id: UUID | None = None,
    breach_ids: Sequence[UUID] = (),
    now: datetime,
) -> UUID:
    """Enter something into the register, perhaps in answer to breaches. Returns its id.

    `consequence` is what it is meant to be; what it amounts to is told from the record later.
    """
    entry = ImprovementEntry(
        key, title, consequence, registered_at, description, cause, service_id, owner_id, breach_ids
    )
    return sole(await register_improvements(session, actor=actor, entries=[entry], now=now))


async def register_improvements(
    session: WriteSession, *, actor: Actor, entries: Sequence[ImprovementEntry], now: datetime
) -> list[Outcome]:
    """Enter things into the register, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    own, stamps = actor.organisation_id, actor.stamps(now)
    services = await existing_ids(session, Service, own, (entry.service_id for entry in entries))
    owners = await existing_ids(session, Person, own, (entry.owner_id for entry in entries))
    answered = {breach_id for entry in entries for breach_id in entry.breach_ids[:MOST_BREACHES]}
    breaches = await existing_ids(session, Breach, own, answered)

    def check(entry: ImprovementEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("title", entry.title)
        problems.text("description", entry.description, longest=LONGEST_NOTE, required=False)
        problems.text("cause", entry.cause, longest=LONGEST_NOTE, required=False)
        problems.past("registered_at", entry.registered_at, now)
        if entry.consequence is Consequence.NONE:
            problems.add("consequence", "expected something that is done; a breach without an entry led to nothing")
        check_known(problems, "service_id", Service, entry.service_id, services)
        check_known(problems, "owner_id", Person, entry.owner_id, owners)
        if problems.at_most("breach_ids", entry.breach_ids, MOST_BREACHES):
            for position, breach_id in enumerate(entry.breach_ids):
                check_known(problems, f"breach_ids.{position}", Breach, breach_id, breaches)

    said = ("key", "title", "description", "cause", "consequence", "service_id", "owner_id")
    outcomes = await add_entries(
        session,
        Improvement,
        entries,
        check=check,
        values=lambda entry: {name: getattr(entry, name) for name in said},
        refusal="the improvement cannot be registered",
        taken=lambda entry: f"an improvement with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    registered = added(entries, outcomes)
    status = {"status": ImprovementStatus.REGISTERED, "note": ""}
    statuses = [{"improvement_id": id_, "occurred_at": entry.registered_at, **status} for entry, id_ in registered]
    await add_rows(session, ImprovementStatusChange, statuses, stamps=stamps)
    links = [
        {"improvement_id": id_, "breach_id": breach_id}
        for entry, id_ in registered
        for breach_id in dict.fromkeys(entry.breach_ids)
    ]
    await add_rows(session, ImprovementBreach, links, stamps=stamps)
    return outcomes


async def link_breach(
    session: WriteSession, *, actor: Actor, improvement_id: UUID, breach_id: UUID, now: datetime
) -> UUID:
    """The improvement answers this breach, too. Conflict when it is linked already. Returns the link's id."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    await check_reference(session, problems, "breach_id", Breach, actor.organisation_id, breach_id)
    problems.refuse("the breach cannot be linked")
    await _require_improvement(session, actor, improvement_id)
    return await add_row(
        session,
        ImprovementBreach,
        {"improvement_id": improvement_id, "breach_id": breach_id, **actor.stamps(now)},
        taken="the improvement is linked to this breach already",
    )


async def record_improvement_status(
    session: WriteSession,
    *,
    actor: Actor,
    improvement_id: UUID,
    status: ImprovementStatus,
    occurred_at: datetime,
    note: str = "",
    changed_objects: Sequence[ChangedObjectEntry] = (),
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Record that an improvement reached a status, with what was changed when it was implemented. Returns its id.

    Looking at the effect needs a note that says what was found. Conflict when the status does not follow what is on
    record: implemented or stopped after registered, verified or ineffective after implemented, each once.
    """
    actor.require(Permission.DEFINE)
    judged = status in {ImprovementStatus.VERIFIED, ImprovementStatus.INEFFECTIVE}
    problems = Problems()
    problems.past("occurred_at", occurred_at, now)
    problems.text("note", note, longest=LONGEST_NOTE, required=judged)
    _check_changed_objects(problems, status, changed_objects)
    problems.refuse("the status cannot be recorded")
    await _require_improvement(session, actor, improvement_id)
    reached = await _reached(session, actor, improvement_id)
    require_version(len(reached), expected_version, noun="improvement")
    if (refusal := refusal_of(status, reached)) is not None:
        raise Conflict(refusal)
    if occurred_at < max(reached.values()):
        problems.add("occurred_at", f"expected an instant not before {max(reached.values()).isoformat()}")
        problems.refuse("the status cannot be recorded")
    change_id = await _add_status(session, actor, improvement_id, status, occurred_at, note, now)
    rows = [{"improvement_id": improvement_id, **asdict(changed)} for changed in dict.fromkeys(changed_objects)]
    await add_rows(session, ChangedObject, rows, stamps=actor.stamps(now))
    return change_id


async def accept_breach(
    session: WriteSession,
    *,
    actor: Actor,
    breach_id: UUID,
    person_id: UUID,
    accepted_at: datetime,
    reason: str,
    now: datetime,
) -> UUID:
    """Record that a person accepts a breach without improvement, and why. Conflict when somebody did so before."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("accepted_at", accepted_at, now)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the breach cannot be accepted")
    if not await existing_ids(session, Breach, actor.organisation_id, [breach_id]):
        raise NotFound("there is no such breach")
    return await add_row(
        session,
        BreachAcceptance,
        {
            "breach_id": breach_id,
            "person_id": person_id,
            "accepted_at": accepted_at,
            "reason": reason,
            **actor.stamps(now),
        },
        taken="the breach was accepted before",
    )


def _check_changed_objects(
    problems: Problems, status: ImprovementStatus, changed_objects: Sequence[ChangedObjectEntry]
) -> None:
    if changed_objects and status is not ImprovementStatus.IMPLEMENTED:
        problems.add("changed_objects", "expected changed objects only with the status implemented")
    if problems.at_most("changed_objects", changed_objects, MOST_CHANGED_OBJECTS):
        for position, changed in enumerate(changed_objects):
            found = problems.under("changed_objects", position)
            found.text("name", changed.name)
            found.text("change_reference", changed.change_reference, required=False)


async def _require_improvement(session: WriteSession, actor: Actor, improvement_id: UUID) -> None:
    if not await existing_ids(session, Improvement, actor.organisation_id, [improvement_id]):
        raise NotFound("there is no such improvement")


async def _reached(session: WriteSession, actor: Actor, improvement_id: UUID) -> dict[ImprovementStatus, datetime]:
    statement = select(ImprovementStatusChange.status, ImprovementStatusChange.occurred_at).where(
        ImprovementStatusChange.organisation_id == actor.organisation_id,
        ImprovementStatusChange.improvement_id == improvement_id,
    )
    return {row.status: row.occurred_at for row in await session.execute(statement)}


async def _add_status(
    session: WriteSession,
    actor: Actor,
    improvement_id: UUID,
    status: ImprovementStatus,
    occurred_at: datetime,
    note: str,
    now: datetime,
) -> UUID:
    return await add_row(
        session,
        ImprovementStatusChange,
        {
            "improvement_id": improvement_id,
            "status": status,
            "occurred_at": occurred_at,
            "note": note,
            **actor.stamps(now),
        },
        taken="somebody else recorded a status of this improvement at the same moment",
    )
