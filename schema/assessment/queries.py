"""Root fields of the assessment."""

import strawberry

from schema.assessment.patterns import MaturityPattern, resolve_maturity_patterns
from schema.assessment.types import AsOfOrder, Assessment, AssessmentScore
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class Queries:
    """Patterns, assessments and scores."""

    maturity_patterns: list[MaturityPattern] = strawberry.field(
        resolver=resolve_maturity_patterns,
        description="The patterns by which maturity is judged, in order; the same for everybody.",
    )
    assessments: Connection[Assessment] = connection("All assessments.", order=AsOfOrder.AS_OF_DESC)
    assessment_scores: Connection[AssessmentScore] = connection("All maturity scores.", order=AsOfOrder.AS_OF_DESC)
