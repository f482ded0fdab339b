"""Recording the terms of agreements, who takes part in them, and what procurement does."""

from typing import Annotated

import strawberry

from schema.contracts.inputs import (
    AnswerRecommendationInput,
    BeginParticipationInput,
    EndParticipationInput,
    RecommendInput,
    RecordAgreementTermsInput,
    RecordProcurementEventInput,
)
from schema.contracts.payloads import (
    AgreementParticipationPayload,
    AgreementTermsPayload,
    AnswerRecommendationResult,
    BeginParticipationResult,
    EndParticipationResult,
    ProcurementEventPayload,
    ProcurementRecommendationPayload,
    RecommendationDecisionPayload,
    RecommendResult,
    RecordAgreementTermsResult,
    RecordProcurementEventResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.agreements import participation, procurement, terms


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation(
        "Record what a version of an agreement says beside its targets, once. Without that its terms are unknown, and"
        " nothing that depends on them is called fine. Managers and administrators."
    )
    async def record_agreement_terms(
        self,
        change: Change,
        given: Annotated[RecordAgreementTermsInput, strawberry.argument(name="input", description="The terms.")],
    ) -> RecordAgreementTermsResult:
        """See services.agreements.terms.record_terms."""
        session, actor, now = change
        recorded = await terms.record_terms(
            session,
            actor=actor,
            agreement_version_id=referenced(actor, "AgreementVersion", given.agreement_version_id),
            terms=given.terms(actor),
            now=now,
        )
        return AgreementTermsPayload(terms=row(recorded))

    @mutation("Say that a person owns, negotiates or signs an agreement. Managers and administrators.")
    async def begin_participation(
        self,
        change: Change,
        given: Annotated[BeginParticipationInput, strawberry.argument(name="input", description="Who does what.")],
    ) -> BeginParticipationResult:
        """See services.agreements.participation.begin_participation."""
        session, actor, now = change
        begun = await participation.begin_participation(
            session,
            actor=actor,
            agreement_id=referenced(actor, "Agreement", given.agreement_id),
            person_id=referenced(actor, "Person", given.person_id),
            part=given.part,
            role=given.role,
            valid_from=given.valid_from or now,
            now=now,
        )
        return AgreementParticipationPayload(participation=row(begun))

    @mutation("Say that a person no longer owns, negotiates or signs an agreement. Managers and administrators.")
    async def end_participation(
        self,
        change: Change,
        given: Annotated[EndParticipationInput, strawberry.argument(name="input", description="Who, since when.")],
    ) -> EndParticipationResult:
        """See services.agreements.participation.end_participation."""
        session, actor, now = change
        ended = await participation.end_participation(
            session,
            actor=actor,
            agreement_id=referenced(actor, "Agreement", given.agreement_id),
            person_id=referenced(actor, "Person", given.person_id),
            part=given.part,
            valid_from=given.valid_from or now,
            now=now,
        )
        return AgreementParticipationPayload(participation=row(ended))

    @mutation("Record what happened to a contract between sourcing and its end. Managers and administrators.")
    async def record_procurement_event(
        self,
        change: Change,
        given: Annotated[RecordProcurementEventInput, strawberry.argument(name="input", description="The event.")],
    ) -> RecordProcurementEventResult:
        """See services.agreements.procurement.record_procurement_event."""
        session, actor, now = change
        recorded = await procurement.record_procurement_event(
            session,
            actor=actor,
            agreement_id=referenced(actor, "Agreement", given.agreement_id),
            kind=given.kind,
            occurred_at=given.occurred_at or now,
            criterion=given.criterion,
            person_id=referenced_if_given(actor, "Person", given.person_id),
            note=given.note,
            now=now,
        )
        return ProcurementEventPayload(event=row(recorded))

    @mutation("Record what a person recommends about a contract. Managers and administrators.")
    async def recommend(
        self,
        change: Change,
        given: Annotated[RecommendInput, strawberry.argument(name="input", description="The recommendation.")],
    ) -> RecommendResult:
        """See services.agreements.procurement.recommend."""
        session, actor, now = change
        recommended = await procurement.recommend(
            session,
            actor=actor,
            agreement_id=referenced(actor, "Agreement", given.agreement_id),
            person_id=referenced(actor, "Person", given.person_id),
            statement=given.statement,
            recommended_at=given.recommended_at or now,
            now=now,
        )
        return ProcurementRecommendationPayload(recommendation=row(recommended))

    @mutation("Record that a recommendation is followed or not, and why. Managers and administrators.")
    async def answer_recommendation(
        self,
        change: Change,
        given: Annotated[AnswerRecommendationInput, strawberry.argument(name="input", description="The answer.")],
    ) -> AnswerRecommendationResult:
        """See services.agreements.procurement.answer_recommendation."""
        session, actor, now = change
        answered = await procurement.answer_recommendation(
            session,
            actor=actor,
            recommendation_id=referenced(actor, "ProcurementRecommendation", given.recommendation_id),
            person_id=referenced(actor, "Person", given.person_id),
            answer=given.answer,
            reason=given.reason,
            decided_at=given.decided_at or now,
            now=now,
        )
        return RecommendationDecisionPayload(decision=row(answered))
