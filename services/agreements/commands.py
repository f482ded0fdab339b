"""Creating agreements, publishing their versions with the targets they promise, and ending them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.agreements.models import Agreement, AgreementVersion, Target, TargetVersion
from services.agreements.rules import MOST_TARGETS, AgreementKind, TargetDefinition, VersionStatus, check_targets
from services.calendars.models import Calendar
from services.catalogue.models import Service
from services.db import WriteSession, new_id
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.organisations.changes import replace_row
from services.organisations.models import Party
from services.organisations.rules import Actor, Permission
from services.rows import add_row, check_reference, existing_ids


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
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.key("key", key)
    problems.text("name", name)
    await check_reference(session, problems, "service_id", Service, actor.organisation_id, service_id)
    await check_reference(session, problems, "customer_id", Party, actor.organisation_id, customer_id)
    await check_reference(session, problems, "provider_id", Party, actor.organisation_id, provider_id)
    await _check_version(session, actor, problems, valid_from, reason, targets)
    problems.refuse("the agreement cannot be created")
    agreement_id = await add_row(
        session,
        Agreement,
        {
            "key": key,
            "name": name,
            "kind": kind,
            "service_id": service_id,
            "customer_id": customer_id,
            "provider_id": provider_id,
            **actor.stamps(now),
        },
        taken=f"an agreement with the key {key!r} exists already",
    )
    version_id = await _add_version(
        session, actor, agreement_id, valid_from, VersionStatus.IN_FORCE, reason, assumed, now
    )
    await _add_targets(session, actor, agreement_id, version_id, targets, now)
    return agreement_id


async def publish_agreement_version(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    valid_from: datetime,
    targets: Sequence[TargetDefinition],
    reason: str,
    assumed: bool = False,
    now: datetime,
) -> UUID:
    """Agree anew from `valid_from` on: the full set of targets, so one left out is no longer promised.

    Targets are the same as before where their keys are. Versions follow one another: Conflict when one starts at
    `valid_from` or later. Returns the version's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    await _check_version(session, actor, problems, valid_from, reason, targets)
    problems.refuse("the agreement version cannot be published")
    await _latest_status_before(session, actor, agreement_id, valid_from)
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
    session: WriteSession, *, actor: Actor, agreement_id: UUID, valid_from: datetime, reason: str, now: datetime
) -> UUID:
    """Nothing of the agreement is promised from `valid_from` on. Returns the id of the version that says so."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    problems.refuse("the agreement cannot be ended")
    if await _latest_status_before(session, actor, agreement_id, valid_from) is VersionStatus.ENDED:
        raise Conflict("the agreement has ended already")
    return await _add_version(session, actor, agreement_id, valid_from, VersionStatus.ENDED, reason, False, now)


async def _check_version(
    session: WriteSession,
    actor: Actor,
    problems: Problems,
    valid_from: datetime,
    reason: str,
    targets: Sequence[TargetDefinition],
) -> None:
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE, required=False)
    check_targets(targets, problems.under("targets"))
    looked_at = targets[:MOST_TARGETS]
    calendars = await existing_ids(
        session, Calendar, actor.organisation_id, {target.calendar_id for target in looked_at}
    )
    for position, target in enumerate(looked_at):
        if target.calendar_id not in calendars:
            problems.add(f"targets.{position}.calendar_id", "expected a known calendar, got an id of none")


async def _latest_status_before(
    session: WriteSession, actor: Actor, agreement_id: UUID, valid_from: datetime
) -> VersionStatus:
    """The latest version's status, if it starts before `valid_from`; publishers of one agreement wait here."""
    own = (Agreement.organisation_id == actor.organisation_id, Agreement.id == agreement_id)
    locked = select(Agreement.id).where(*own).with_for_update(key_share=True)
    if (await session.execute(locked)).scalar_one_or_none() is None:
        raise NotFound("there is no such agreement")
    statement = (
        select(AgreementVersion.valid_from, AgreementVersion.status)
        .where(AgreementVersion.organisation_id == actor.organisation_id, AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.valid_from.desc())
        .limit(1)
    )
    latest_from, status = (await session.execute(statement)).one()
    if latest_from >= valid_from:
        raise Conflict(f"the agreement has a version from {latest_from.isoformat()} already; a new one comes after")
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
    named = insert(Target).values(
        [
            {"id": new_id(), "agreement_id": agreement_id, "key": target.key, "name": target.name, **stamps}
            for target in targets
        ]
    )
    kept = named.on_conflict_do_update(
        index_elements=[Target.organisation_id, Target.agreement_id, Target.key], set_={"name": named.excluded.name}
    ).returning(Target.key, Target.id)
    ids = {row.key: row.id for row in await session.execute(kept)}
    await session.execute(
        plain_insert(TargetVersion),
        [
            {
                "id": new_id(),
                "target_id": ids[target.key],
                "agreement_version_id": version_id,
                **_definition(target),
                **stamps,
            }
            for target in targets
        ],
    )


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
