"""Root fields that must be computed on request, and how many statements each may run.

Everything else reads stored facts through the planner: exactly one statement per root field.
"""

from services.attainment import review

STATEMENTS_OF_COMPUTED_FIELDS: dict[str, int] = {
    "attainment": 1,
    # From the files that come with the program.
    "maturityPatterns": 0,
    # The zone of the organisation's days, then the review itself.
    "serviceReview": 1 + review.STATEMENTS,
}
"""By the name of the root field."""
