"""The clauses of agreements, and which requirements they carry (capability G1)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.agreements.models import Agreement, ClauseRequirement, ContractClause
from services.agreements.rules import ClauseEntry, check_clause
from services.db import WriteSession
from services.domain.inputs import Problems
from services.organisations.histories import Holder, record_tenure
from services.organisations.rules import Actor, Permission, Tenure
from services.requirements.models import ServiceLevelRequirement
from services.rows import Outcome, add_entries, check_known, check_reference, existing_ids, sole


async def record_clause(session: WriteSession, *, actor: Actor, entry: ClauseEntry, now: datetime) -> UUID:
    """Record a clause of an agreement. Conflict when one of this reference is recorded. Returns its id."""
    return sole(await record_clauses(session, actor=actor, entries=[entry], now=now))


async def record_clauses(
    session: WriteSession, *, actor: Actor, entries: Sequence[ClauseEntry], now: datetime
) -> list[Outcome]:
    """Record clauses, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    wanted = (entry.agreement_id for entry in entries)
    agreements = await existing_ids(session, Agreement, actor.organisation_id, wanted)

    def check(entry: ClauseEntry, problems: Problems) -> None:
        check_known(problems, "agreement_id", Agreement, entry.agreement_id, agreements)
        check_clause(entry, problems)

    return await add_entries(
        session,
        ContractClause,
        entries,
        check=check,
        values=vars,
        refusal="the clause cannot be recorded",
        taken=lambda entry: f"the agreement has a clause {entry.reference!r} already",
        stamps=actor.stamps(now),
    )


async def link_clause(
    session: WriteSession,
    *,
    actor: Actor,
    clause_id: UUID,
    requirement_id: UUID,
    binding: bool,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """The clause carries the requirement from `valid_from` on; `binding`: so that it can be enforced.

    Conflict when it does so already: to say it differently, end the link first.
    """
    return await _record_link(session, actor, clause_id, requirement_id, binding, Tenure.HELD, valid_from, now)


async def unlink_clause(
    session: WriteSession, *, actor: Actor, clause_id: UUID, requirement_id: UUID, valid_from: datetime, now: datetime
) -> UUID:
    """The clause no longer carries the requirement from `valid_from` on. Conflict when it does not."""
    return await _record_link(session, actor, clause_id, requirement_id, False, Tenure.ENDED, valid_from, now)


async def _record_link(
    session: WriteSession,
    actor: Actor,
    clause_id: UUID,
    requirement_id: UUID,
    binding: bool,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    actor.require(Permission.DEFINE)
    problems = Problems()
    await check_reference(
        session, problems, "requirement_id", ServiceLevelRequirement, actor.organisation_id, requirement_id
    )
    problems.refuse("the link cannot be recorded")
    holder = Holder(ContractClause, clause_id, "requirement_link_count", "clause")
    identity = {"clause_id": clause_id, "requirement_id": requirement_id}
    return await record_tenure(
        session, actor, ClauseRequirement, holder, identity, tenure, valid_from, now, said={"binding": binding}
    )
