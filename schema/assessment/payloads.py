"""What mutations of the assessment answer."""

from typing import Annotated

import strawberry

from schema.assessment.types import Assessment, AssessmentAnswer, AssessmentScore
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="An assessment was started.")
class AssessmentPayload:
    """See startAssessment."""

    assessment: Assessment = stored("The assessment.")


@strawberry.type(description="An answer was recorded.")
class AssessmentAnswerPayload:
    """See recordAnswer."""

    answer: AssessmentAnswer = stored("The answer.")


@strawberry.type(description="An assessment was scored and closed.")
class AssessmentScorePayload:
    """See completeAssessment."""

    score: AssessmentScore = stored("The score.")


StartAssessmentResult = Annotated[
    AssessmentPayload | Refusal,
    strawberry.union("StartAssessmentResult", description="What came of starting an assessment."),
]
RecordAnswerResult = Annotated[
    AssessmentAnswerPayload | Refusal,
    strawberry.union("RecordAnswerResult", description="What came of recording an answer."),
]
CompleteAssessmentResult = Annotated[
    AssessmentScorePayload | Refusal,
    strawberry.union("CompleteAssessmentResult", description="What came of scoring an assessment."),
]
