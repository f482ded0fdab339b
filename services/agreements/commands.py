"""Creating agreements, publishing their versions with the targets they promise, and ending them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.agreements.models import Agreement, AgreementVersion
from services.agreements.rules import (
    MOST_TARGETS,
    AgreementEntry,
    AgreementKind,
    AvailabilityDefinition,
    Definition,
    TargetDefinition,
    VersionStatus,
    check_targets,
)
from services.agreements.target_rows import add_definitions, add_new_targets, add_targets, calendars_named
from services.calendars.models import Calendar
from services.catalogue.models import Service
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict
from services.organisations.changes import replace_row
from services.organisations.models import Party
from services.organisations.rules import Actor, Permission
from services.rows import (
    Outcome,
    add_entries,
    add_row,
    add_rows,
    added,
    check_known,
    count_version,
    existing_ids,
    lock_row,
    sole,
)


async def create_agreement(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    kind: AgreementKind,
    service_id: UUID,
    valid_from: datetime,
    targets: Sequence[TargetDefinition],
    availability_targets: Sequence[AvailabilityDefinition] = (),
    customer_id: UUID | None = None,
    provider_id: UUID | None = None,
    reason: str = "",
    assumed: bool = False,
    now: datetime,
) -> UUID:
    """Create an agreement about a service with its first version, in force from `valid_from`. Returns its id."""
    entry = AgreementEntry(
        key,
        name,
        kind,
        service_id,
        valid_from,
        targets,
        customer_id,
        provider_id,
        reason,
        assumed,
        availability_targets,
    )
    return sole(await create_agreements(session, actor=actor, entries=[entry], now=now))


async def create_agreements(
    session: WriteSession, *, actor: Actor, entries: Sequence[AgreementEntry], now: datetime
) -> list[Outcome]:
    """Create agreements with their first versions and targets, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    own, stamps = actor.organisation_id, actor.stamps(now)
    services = await existing_ids(session, Service, own, (entry.service_id for entry in entries))
    sides = (id_ for entry in entries for id_ in (entry.customer_id, entry.provider_id))
    parties = await existing_ids(session, Party, own, sides)
    named = (id_ for entry in entries for id_ in calendars_named(entry.targets, entry.availability_targets))
    calendars = await existing_ids(session, Calendar, own, named)

    def check(entry: AgreementEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        check_known(problems, "service_id", Service, entry.service_id, services)
        check_known(problems, "customer_id", Party, entry.customer_id, parties)
        check_known(problems, "provider_id", Party, entry.provider_id, parties)
        _check_version(problems, entry.valid_from, entry.reason, entry.targets, entry.availability_targets, calendars)

    said = ("key", "name", "kind", "service_id", "customer_id", "provider_id")
    outcomes = await add_entries(
        session,
        Agreement,
        entries,
        check=check,
        values=lambda entry: {name: getattr(entry, name) for name in said},
        refusal="the agreement cannot be created",
        taken=lambda entry: f"an agreement with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    created = added(entries, outcomes)
    first = {"status": VersionStatus.IN_FORCE}
    versions = [
        {"agreement_id": id_, "valid_from": entry.valid_from, "reason": entry.reason, "assumed": entry.assumed, **first}
        for entry, id_ in created
    ]
    version_ids = await add_rows(session, AgreementVersion, versions, stamps=stamps)
    promised: list[tuple[UUID, UUID, Definition]] = [
        (id_, version_id, target)
        for (entry, id_), version_id in zip(created, version_ids, strict=True)
        for targets in (entry.targets, entry.availability_targets)
        for target in targets
    ]
    target_ids = await add_new_targets(session, [(id_, target) for id_, _, target in promised], stamps=stamps)
    defined = [(id_, version_id, target) for id_, (_, version_id, target) in zip(target_ids, promised, strict=True)]
    await add_definitions(session, defined, stamps=stamps)
    return outcomes


async def publish_agreement_version(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    valid_from: datetime,
    targets: Sequence[TargetDefinition],
    availability_targets: Sequence[AvailabilityDefinition] = (),
    reason: str,
    assumed: bool = False,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Agree anew from `valid_from` on: the full set of targets, so one left out is no longer promised.

    Targets are the same as before where their keys are; Invalid where such a one is of another kind. Versions follow
    one another: Conflict when one starts at `valid_from` or later, or when somebody else published one since the caller
    looked at `expected_version`. Returns the version's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    named = calendars_named(targets, availability_targets)
    calendars = await existing_ids(session, Calendar, actor.organisation_id, named)
    _check_version(problems, valid_from, reason, targets, availability_targets, calendars)
    problems.refuse("the agreement version cannot be published")
    await _next_version(session, actor, agreement_id, valid_from, expected_version, now)
    version_id = await _add_version(
        session, actor, agreement_id, valid_from, VersionStatus.IN_FORCE, reason, assumed, now
    )
    stamps = actor.stamps(now)
    await add_targets(session, agreement_id, version_id, targets, availability_targets, stamps=stamps)
    return version_id


async def rename_agreement(
    session: WriteSession, *, actor: Actor, agreement_id: UUID, name: str, now: datetime
) -> None:
    """Call the agreement something else; what it says is in its versions."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("name", name)
    problems.refuse("the agreement cannot be renamed")
    await replace_row(session, actor, Agreement, agreement_id, {"name": name}, now)


async def end_agreement(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    valid_from: datetime,
    reason: str,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Nothing of the agreement is promised from `valid_from` on. Returns the id of the version that says so."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    problems.refuse("the agreement cannot be ended")
    latest = await _next_version(session, actor, agreement_id, valid_from, expected_version, now)
    if latest is VersionStatus.ENDED:
        raise Conflict("the agreement has ended already")
    return await _add_version(session, actor, agreement_id, valid_from, VersionStatus.ENDED, reason, False, now)


def _check_version(
    problems: Problems,
    valid_from: datetime,
    reason: str,
    targets: Sequence[TargetDefinition],
    availability_targets: Sequence[AvailabilityDefinition],
    calendars: Collection[UUID],
) -> None:
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE, required=False)
    check_targets(targets, availability_targets, problems)
    lists: dict[str, Sequence[Definition]] = {"targets": targets, "availability_targets": availability_targets}
    for field, definitions in lists.items():
        for position, target in enumerate(definitions[:MOST_TARGETS]):
            check_known(problems, f"{field}.{position}.calendar_id", Calendar, target.calendar_id, calendars)


async def _next_version(
    session: WriteSession,
    actor: Actor,
    agreement_id: UUID,
    valid_from: datetime,
    expected_version: int | None,
    now: datetime,
) -> VersionStatus:
    """Count the next version, to start at `valid_from`, and return the status of the one before it.

    Publishers of one agreement wait for each other here.
    """
    agreement = await lock_row(
        session, Agreement, actor.organisation_id, agreement_id, noun="agreement", expected_version=expected_version
    )
    statement = (
        select(AgreementVersion.valid_from, AgreementVersion.status)
        .where(AgreementVersion.organisation_id == actor.organisation_id, AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.valid_from.desc())
        .limit(1)
    )
    latest_from, status = (await session.execute(statement)).one()
    if latest_from >= valid_from:
        raise Conflict(f"the agreement has a version from {latest_from.isoformat()} already; a new one comes after")
    await count_version(session, agreement, stamps=actor.stamps(now))
    return VersionStatus(status)


async def _add_version(
    session: WriteSession,
    actor: Actor,
    agreement_id: UUID,
    valid_from: datetime,
    status: VersionStatus,
    reason: str,
    assumed: bool,
    now: datetime,
) -> UUID:
    return await add_row(
        session,
        AgreementVersion,
        {
            "agreement_id": agreement_id,
            "valid_from": valid_from,
            "status": status,
            "reason": reason,
            "assumed": assumed,
            **actor.stamps(now),
        },
        taken=f"the agreement has a version from {valid_from.isoformat()} already",
    )
