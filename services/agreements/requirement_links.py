"""Which service level requirements a target promises: an edge that lives here, with its upper end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from services.agreements.models import Agreement, Target, TargetRequirement
from services.agreements.record_counts import CountedRecord, count_records
from services.db import WriteSession
from services.domain.inputs import Problems
from services.errors import Conflict, NotFound
from services.organisations.rules import Actor, Permission, Tenure
from services.requirements.models import ServiceLevelRequirement
from services.rows import add_row


async def link_requirement(
    session: WriteSession, *, actor: Actor, target_id: UUID, requirement_id: UUID, valid_from: datetime, now: datetime
) -> UUID:
    """The target promises what the requirement asks for, from `valid_from` on. Conflict when it does so already."""
    return await _record_link(session, actor, target_id, requirement_id, Tenure.HELD, valid_from, now)


async def unlink_requirement(
    session: WriteSession, *, actor: Actor, target_id: UUID, requirement_id: UUID, valid_from: datetime, now: datetime
) -> UUID:
    """The target no longer promises what the requirement asks for. Conflict when it does not."""
    return await _record_link(session, actor, target_id, requirement_id, Tenure.ENDED, valid_from, now)


async def _record_link(
    session: WriteSession,
    actor: Actor,
    target_id: UUID,
    requirement_id: UUID,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    problems.refuse("the link cannot be recorded")
    await _check_link(session, actor, target_id, requirement_id)
    latest = (
        select(TargetRequirement.tenure, TargetRequirement.valid_from)
        .where(
            TargetRequirement.organisation_id == actor.organisation_id,
            TargetRequirement.target_id == target_id,
            TargetRequirement.requirement_id == requirement_id,
        )
        .order_by(TargetRequirement.valid_from.desc())
        .limit(1)
    )
    last = (await session.execute(latest)).one_or_none()
    if last is not None and last.valid_from >= valid_from:
        raise Conflict(f"the link changes at {last.valid_from.isoformat()} already; a new entry comes after")
    held = last is not None and last.tenure is Tenure.HELD
    if held is (tenure is Tenure.HELD):
        raise Conflict(f"the target {'promises' if held else 'does not promise'} this requirement already")
    link_id = await add_row(
        session,
        TargetRequirement,
        {
            "target_id": target_id,
            "requirement_id": requirement_id,
            "tenure": tenure,
            "valid_from": valid_from,
            **actor.stamps(now),
        },
        taken=f"the link changes at {valid_from.isoformat()} already",
    )
    await count_records(session, actor.organisation_id, CountedRecord.REQUIREMENT_LINK, {target_id: 1})
    return link_id


async def _check_link(session: WriteSession, actor: Actor, target_id: UUID, requirement_id: UUID) -> None:
    promised = (
        select(Agreement.service_id)
        .join(Target, and_(Target.agreement_id == Agreement.id, Target.organisation_id == Agreement.organisation_id))
        .where(
            Agreement.organisation_id == actor.organisation_id,
            Target.organisation_id == actor.organisation_id,
            Target.id == target_id,
        )
    )
    required = select(ServiceLevelRequirement.service_id).where(
        ServiceLevelRequirement.organisation_id == actor.organisation_id, ServiceLevelRequirement.id == requirement_id
    )
    service_id = (await session.execute(promised)).scalar_one_or_none()
    if service_id is None:
        raise NotFound("there is no such target")
    required_of = (await session.execute(required)).scalar_one_or_none()
    problems = Problems()
    if required_of is None:
        problems.add("requirement_id", "expected a known requirement, got an id of none")
    elif required_of != service_id:
        problems.add("requirement_id", "expected a requirement of the service the target's agreement is about")
    problems.refuse("the link cannot be recorded")
