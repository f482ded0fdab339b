"""Who owns, negotiates and signs agreements, since when, and in which role."""

from datetime import datetime
from uuid import UUID

from services.agreements.contract_rules import Part
from services.agreements.models import Agreement, AgreementParticipation
from services.db import WriteSession
from services.domain.inputs import Problems
from services.organisations.histories import Holder, record_tenure
from services.organisations.models import Person
from services.organisations.rules import Actor, GovernanceRole, Permission, Tenure
from services.rows import check_reference


async def begin_participation(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    person_id: UUID,
    part: Part,
    role: GovernanceRole | None = None,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """The person owns, negotiates or signs the agreement from `valid_from` on. Conflict when they do so already."""
    return await _record(session, actor, agreement_id, person_id, part, role, Tenure.HELD, valid_from, now)


async def end_participation(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    person_id: UUID,
    part: Part,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """The person does so no longer. Conflict when they do not."""
    return await _record(session, actor, agreement_id, person_id, part, None, Tenure.ENDED, valid_from, now)


async def _record(
    session: WriteSession,
    actor: Actor,
    agreement_id: UUID,
    person_id: UUID,
    part: Part,
    role: GovernanceRole | None,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    actor.require(Permission.DEFINE)
    problems = Problems()
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the participation cannot be recorded")
    return await record_tenure(
        session,
        actor,
        AgreementParticipation,
        Holder(Agreement, agreement_id, "participation_count", "agreement"),
        {"agreement_id": agreement_id, "person_id": person_id, "part": part},
        tenure,
        valid_from,
        now,
        said={"role": role},
    )
