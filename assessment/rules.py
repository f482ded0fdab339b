"""What an answer in an assessment can be."""

from enum import StrEnum


class AnswerKind(StrEnum):
    """A level, a statement that the pattern does not apply, or nothing: the respondent was asked and did not say."""

    LEVEL = "level"
    NOT_APPLICABLE = "not_applicable"
    UNANSWERED = "unanswered"
