"""What procurement did about contracts, what was recommended, and what became of that: facts that only come to be."""

from datetime import datetime
from uuid import UUID

from services.agreements.contract_rules import AwardCriterion, ProcurementEventKind, RecommendationAnswer
from services.agreements.models import (
    Agreement,
    ProcurementEvent,
    ProcurementRecommendation,
    RecommendationDecision,
)
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import NotFound
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import add_row, check_reference, count_record, existing_ids


async def record_procurement_event(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    kind: ProcurementEventKind,
    occurred_at: datetime,
    criterion: AwardCriterion | None = None,
    person_id: UUID | None = None,
    note: str = "",
    now: datetime,
) -> UUID:
    """Record what happened to a contract, and who did it. Conflict when that is on record for the same instant."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("occurred_at", occurred_at, now)
    problems.text("note", note, longest=LONGEST_NOTE, required=False)
    if criterion is not None and kind is not ProcurementEventKind.AWARDED:
        problems.add("criterion", "expected none, because nothing was awarded")
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the event cannot be recorded")
    await _require_agreement(session, actor, agreement_id)
    event_id = await add_row(
        session,
        ProcurementEvent,
        {
            "agreement_id": agreement_id,
            "kind": kind,
            "criterion": criterion,
            "occurred_at": occurred_at,
            "person_id": person_id,
            "note": note,
            **actor.stamps(now),
        },
        taken=f"{kind.value} at {occurred_at.isoformat()} is on record already",
    )
    await count_record(session, Agreement, actor.organisation_id, agreement_id, "procurement_event_count")
    return event_id


async def recommend(
    session: WriteSession,
    *,
    actor: Actor,
    agreement_id: UUID,
    person_id: UUID,
    statement: str,
    recommended_at: datetime,
    now: datetime,
) -> UUID:
    """Record what a person recommends about a contract. Returns the recommendation's id."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("recommended_at", recommended_at, now)
    problems.text("statement", statement, longest=LONGEST_NOTE)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the recommendation cannot be recorded")
    await _require_agreement(session, actor, agreement_id)
    return await add_row(
        session,
        ProcurementRecommendation,
        {
            "agreement_id": agreement_id,
            "person_id": person_id,
            "recommended_at": recommended_at,
            "statement": statement,
            **actor.stamps(now),
        },
        taken="the person recommended something else at this instant",
    )


async def answer_recommendation(
    session: WriteSession,
    *,
    actor: Actor,
    recommendation_id: UUID,
    person_id: UUID,
    answer: RecommendationAnswer,
    reason: str,
    decided_at: datetime,
    now: datetime,
) -> UUID:
    """Record that a person accepts or rejects a recommendation, and why. Conflict when it was answered before."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("decided_at", decided_at, now)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the recommendation cannot be answered")
    if not await existing_ids(session, ProcurementRecommendation, actor.organisation_id, [recommendation_id]):
        raise NotFound("there is no such recommendation")
    return await add_row(
        session,
        RecommendationDecision,
        {
            "recommendation_id": recommendation_id,
            "person_id": person_id,
            "answer": answer,
            "decided_at": decided_at,
            "reason": reason,
            **actor.stamps(now),
        },
        taken="the recommendation was answered before",
    )


async def _require_agreement(session: WriteSession, actor: Actor, agreement_id: UUID) -> None:
    if not await existing_ids(session, Agreement, actor.organisation_id, [agreement_id]):
        raise NotFound("there is no such agreement")
