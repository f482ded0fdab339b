"""The patterns themselves: static, from the files that come with the program."""

import strawberry

from assessment.definitions import Pattern, shipped_patterns
from schema.vocabulary import Family


@strawberry.type(description="What has to hold for a unit to stand at a level, given that it stands at the one below.")
class PatternPredicate:
    """See assessment.definitions.Predicate."""

    level: int = strawberry.field(description="The level, 2 to 5.")
    holds_when: str = strawberry.field(description="What has to hold.")
    fresh_days: int | None = strawberry.field(
        description="Older records count for nothing; null where things are judged as they stand."
    )


@strawberry.type(description="One way of working, good or bad, by which maturity is judged.")
class MaturityPattern:
    """See assessment.definitions.Pattern."""

    pattern: str = strawberry.field(description="Its id, such as G1.")
    family: Family = strawberry.field(description="What kind of pattern it is.")
    title: str = strawberry.field(description="Its name.")
    statement: str = strawberry.field(description="What is the case where it is present.")
    motivation: str = strawberry.field(description="Why it matters.")
    unit: str = strawberry.field(description="What it is judged on.")
    window: str = strawberry.field(description="Which span of time is looked at.")
    anchors: list[str] = strawberry.field(description="Levels 1 to 5 as people see them: choose the highest true one.")
    predicates: list[PatternPredicate] = strawberry.field(description="Levels 2 to 5 as records show them.")
    ask: list[str] = strawberry.field(description="Whom to ask.")
    data: list[str] = strawberry.field(description="Which records show it.")
    remedy: str = strawberry.field(description="What helps.")
    may_be_not_applicable: bool = strawberry.field(description="Whether it can be beside the point with live services.")
    evidence_up_to: int | None = strawberry.field(
        description="The highest level that records kept here can show; null where none can be told."
    )
    missing_records: list[str] = strawberry.field(description="Records that would be needed to tell more.")


def resolve_maturity_patterns() -> list[MaturityPattern]:
    """The shipped patterns in order."""
    return [_shown(pattern) for pattern in shipped_patterns().patterns.values()]


def _shown(pattern: Pattern) -> MaturityPattern:
    return MaturityPattern(
        pattern=pattern.id,
        family=pattern.family,
        title=pattern.title,
        statement=pattern.statement,
        motivation=pattern.motivation,
        unit=pattern.unit,
        window=pattern.window,
        anchors=list(pattern.anchors),
        predicates=[
            PatternPredicate(level=level, holds_when=each.holds_when, fresh_days=each.fresh_days)
            for level, each in enumerate(pattern.predicates, start=2)
        ],
        ask=list(pattern.ask),
        data=list(pattern.data),
        remedy=pattern.remedy,
        may_be_not_applicable=pattern.may_be_not_applicable,
        evidence_up_to=pattern.evidence.up_to,
        missing_records=list(pattern.evidence.missing),
    )
