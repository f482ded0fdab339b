"""Creating agreements, publishing their versions with the targets they promise, and ending them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.agreements.models import Agreement, AgreementVersion, Target, TargetVersion
from services.agreements.rules import (
    MOST_TARGETS,
    AgreementEntry,
    AgreementKind,
    TargetDefinition,
    VersionStatus,
    check_targets,
)
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
    change_row,
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
    customer_id: UUID | None = None,
    provider_id: UUID | None = None,
    reason: str = "",
    assumed: bool = False,
    now: datetime,
) -> UUID:
    """Create an agreement about a service with its first version, in force from `valid_from`. Returns its id."""
    entry = AgreementEntry(key, name, kind, service_id, valid_from, targets, customer_id, provider_id, reason, assumed)
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
    promised = (target for entry in entries for target in entry.targets[:MOST_TARGETS])
    calendars = await existing_ids(session, Calendar, own, (target.calendar_id for target in promised))

    def check(entry: AgreementEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        check_known(problems, "service_id", Service, entry.service_id, services)
        check_known(problems, "customer_id", Party, entry.customer_id, parties)
        check_known(problems, "provider_id", Party, entry.provider_id, parties)
        _check_version(problems, entry.valid_from, entry.reason, entry.targets, calendars)

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
    named = [
        {"agreement_id": id_, "key": target.key, "name": target.name}
        for entry, id_ in created
        for target in entry.targets
    ]
    target_ids = await add_rows(session, Target, named, stamps=stamps)
    defined = [
        {"agreement_version_id": version_id, **_definition(target)}
        for (entry, _), version_id in zip(created, version_ids, strict=True)
        for target in entry.targets
    ]
    identified = [{"target_id": id_, **what} for id_, what in zip(target_ids, defined, strict=True)]
    await add_rows(session, TargetVersion, identified, stamps=stamps)
    return outcomes


async def publish_agreement_version(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    valid_from: datetime,
    targets: Sequence[TargetDefinition],
    reason: str,
    assumed: bool = False,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Agree anew from `valid_from` on: the full set of targets, so one left out is no longer promised.

    Targets are the same as before where their keys are. Versions follow one another: Conflict when one starts at
    `valid_from` or later, or when somebody else published one since the caller looked at `expected_version`. Returns
    the version's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    promised = (target.calendar_id for target in targets[:MOST_TARGETS])
    calendars = await existing_ids(session, Calendar, actor.organisation_id, promised)
    _check_version(problems, valid_from, reason, targets, calendars)
    problems.refuse("the agreement version cannot be published")
    await _next_version(session, actor, agreement_id, valid_from, expected_version, now)
    version_id = await _add_version(
        session, actor, agreement_id, valid_from, VersionStatus.IN_FORCE, reason, assumed, now
    )
    await _add_targets(session, actor, agreement_id, version_id, targets, now)
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
    calendars: Collection[UUID],
) -> None:
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE, required=False)
    check_targets(targets, problems.under("targets"))
    for position, target in enumerate(targets[:MOST_TARGETS]):
        check_known(problems, f"targets.{position}.calendar_id", Calendar, target.calendar_id, calendars)


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


async def _add_targets(
    session: WriteSession,
    actor: Actor,
    agreement_id: UUID,
    version_id: UUID,
    targets: Sequence[TargetDefinition],
    now: datetime,
) -> None:
    stamps = actor.stamps(now)
    own = (Target.organisation_id == actor.organisation_id, Target.agreement_id == agreement_id)
    known = {target.key: target for target in (await session.execute(select(Target).where(*own))).scalars()}
    new = [target for target in targets if target.key not in known]
    named = [{"agreement_id": agreement_id, "key": target.key, "name": target.name} for target in new]
    ids = {key: target.id for key, target in known.items()}
    ids |= zip((target.key for target in new), await add_rows(session, Target, named, stamps=stamps), strict=True)
    for target in targets:
        if target.key in known:
            await change_row(session, known[target.key], {"name": target.name}, stamps=stamps)
    defined = [
        {"target_id": ids[target.key], "agreement_version_id": version_id, **_definition(target)} for target in targets
    ]
    await add_rows(session, TargetVersion, defined, stamps=stamps)


def _definition(target: TargetDefinition) -> dict[str, Any]:
    return {
        "calendar_id": target.calendar_id,
        "duration_seconds": target.duration_seconds,
        "limit_inclusive": target.limit_inclusive,
        "start_rule": target.start_rule,
        "start_states": list(target.start_states),
        "stop_states": list(target.stop_states),
        "pause_states": list(target.pause_states),
        "resume_states": list(target.resume_states),
        "cancel_states": list(target.cancel_states),
        "retroactive_pause": target.retroactive_pause,
        "reopen_policy": target.reopen_policy,
        "priorities": list(target.priorities),
        "categories": list(target.categories),
        "objective_percent": target.objective_percent,
        "period": target.period,
        "assumed": target.assumed,
    }
