"""What mutations of the assessment are given."""

from datetime import date, datetime

import strawberry

from assessment.commands import NotApplicableEntry
from schema.vocabulary import ReasonNotApplicable


@strawberry.input(description="An assessment to start.")
class StartAssessmentInput:
    """A campaign."""

    title: str = strawberry.field(description="Its name, at most 200 characters.")
    as_of: datetime | None = strawberry.field(
        default=None, description="The instant whose records answers are compared with, not in the future; null: now."
    )


@strawberry.input(description="That a pattern does not apply. That another department does it is no reason.")
class NotApplicableInput:
    """Why, and who approved it."""

    reason: ReasonNotApplicable = strawberry.field(description="Why.")
    explanation: str = strawberry.field(description="Why, in words, at most 4000 characters.")
    approved_by: str = strawberry.field(description="Who approved it: somebody other than the respondent.")
    approved_on: date = strawberry.field(description="When they did.")
    expires_on: date = strawberry.field(description="The last day on which it does not apply, within twelve months.")

    def entry(self) -> NotApplicableEntry:
        """The same in the terms of the assessment."""
        return NotApplicableEntry(self.reason, self.explanation, self.approved_by, self.approved_on, self.expires_on)


@strawberry.input(description="What somebody said about a pattern: a level, that it does not apply, or neither.")
class RecordAnswerInput:
    """An answer."""

    assessment_id: strawberry.ID = strawberry.field(description="The assessment.")
    pattern: str = strawberry.field(description="The id of the pattern, such as G1.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Who said it, if on record here.")
    respondent: str = strawberry.field(default="", description="The name of who said it, where no person is given.")
    role: str = strawberry.field(description="In what role they speak, at most 200 characters.")
    level: int | None = strawberry.field(default=None, description="The level, 1 to 5.")
    not_applicable: NotApplicableInput | None = strawberry.field(
        default=None, description="That it does not apply. Null without a level: they were asked and did not say."
    )


@strawberry.input(description="An assessment to score and close.")
class CompleteAssessmentInput:
    """A campaign."""

    assessment_id: strawberry.ID = strawberry.field(description="The assessment.")
