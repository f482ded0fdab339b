"""Asking people how they see themselves, and scoring what the records show beside it."""

from typing import Annotated

import strawberry

from assessment import commands
from schema.assessment.inputs import CompleteAssessmentInput, RecordAnswerInput, StartAssessmentInput
from schema.assessment.payloads import (
    AssessmentAnswerPayload,
    AssessmentPayload,
    AssessmentScorePayload,
    CompleteAssessmentResult,
    RecordAnswerResult,
    StartAssessmentResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Start an assessment. Managers and administrators.")
    async def start_assessment(
        self,
        change: Change,
        given: Annotated[StartAssessmentInput, strawberry.argument(name="input", description="The assessment.")],
    ) -> StartAssessmentResult:
        """See assessment.commands.start_campaign."""
        session, actor, now = change
        started = await commands.start_campaign(
            session, actor=actor, title=given.title, as_of=given.as_of or now, now=now
        )
        return AssessmentPayload(assessment=row(started))

    @mutation("Record what somebody said about a pattern. Every account but those of auditors and of parties.")
    async def record_answer(
        self,
        change: Change,
        given: Annotated[RecordAnswerInput, strawberry.argument(name="input", description="The answer.")],
    ) -> RecordAnswerResult:
        """See assessment.commands.record_answer."""
        session, actor, now = change
        answer = await commands.record_answer(
            session,
            actor=actor,
            campaign_id=referenced(actor, "Assessment", given.assessment_id),
            pattern=given.pattern,
            role=given.role,
            person_id=referenced_if_given(actor, "Person", given.person_id),
            respondent=given.respondent,
            level=given.level,
            not_applicable=None if given.not_applicable is None else given.not_applicable.entry(),
            now=now,
        )
        return AssessmentAnswerPayload(answer=row(answer))

    @mutation("Score an assessment by the records of its instant, and close it. Managers and administrators.")
    async def complete_assessment(
        self,
        change: Change,
        given: Annotated[CompleteAssessmentInput, strawberry.argument(name="input", description="The assessment.")],
    ) -> CompleteAssessmentResult:
        """See assessment.commands.complete_campaign."""
        session, actor, now = change
        completed = await commands.complete_campaign(
            session, actor=actor, campaign_id=referenced(actor, "Assessment", given.assessment_id), now=now
        )
        return AssessmentScorePayload(score=row(completed))
