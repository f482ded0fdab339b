"""What mutations of contracts answer."""

from typing import Annotated

import strawberry

from schema.contracts.types import (
    AgreementParticipation,
    AgreementTerms,
    ProcurementEvent,
    ProcurementRecommendation,
    RecommendationDecision,
)
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="The terms of a version of an agreement were recorded.")
class AgreementTermsPayload:
    """See recordAgreementTerms."""

    terms: AgreementTerms = stored("The terms.")


@strawberry.type(description="An entry was added to the history of who takes part in an agreement.")
class AgreementParticipationPayload:
    """See beginParticipation and endParticipation."""

    participation: AgreementParticipation = stored("The entry.")


@strawberry.type(description="An event of a contract was recorded.")
class ProcurementEventPayload:
    """See recordProcurementEvent."""

    event: ProcurementEvent = stored("The event.")


@strawberry.type(description="A recommendation was recorded.")
class ProcurementRecommendationPayload:
    """See recommend."""

    recommendation: ProcurementRecommendation = stored("The recommendation.")


@strawberry.type(description="A recommendation was answered.")
class RecommendationDecisionPayload:
    """See answerRecommendation."""

    decision: RecommendationDecision = stored("The answer.")


RecordAgreementTermsResult = Annotated[
    AgreementTermsPayload | Refusal,
    strawberry.union("RecordAgreementTermsResult", description="What came of recording terms."),
]
BeginParticipationResult = Annotated[
    AgreementParticipationPayload | Refusal,
    strawberry.union("BeginParticipationResult", description="What came of beginning to take part."),
]
EndParticipationResult = Annotated[
    AgreementParticipationPayload | Refusal,
    strawberry.union("EndParticipationResult", description="What came of ending to take part."),
]
RecordProcurementEventResult = Annotated[
    ProcurementEventPayload | Refusal,
    strawberry.union("RecordProcurementEventResult", description="What came of recording an event."),
]
RecommendResult = Annotated[
    ProcurementRecommendationPayload | Refusal,
    strawberry.union("RecommendResult", description="What came of a recommendation."),
]
AnswerRecommendationResult = Annotated[
    RecommendationDecisionPayload | Refusal,
    strawberry.union("AnswerRecommendationResult", description="What came of answering a recommendation."),
]
