"""Campaigns, what people answered, and scores with every unit behind them."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Optional

import strawberry

from assessment import models
from schema.nodes import Node, Recorded
from schema.organisations.types import Person
from schema.pagination import Connection
from schema.planner.declarations import any_of, column, connection, planned, to_many, to_one
from schema.planner.ordering import Order, ascending, descending
from schema.vocabulary import (
    AnswerKind,
    Band,
    Family,
    ReasonNotApplicable,
    RespondentAgreement,
    Shortfall,
    Verdict,
)


@strawberry.enum(description="Orders of units.")
class AssessedUnitOrder(Enum):
    """As they were judged."""

    POSITION_ASC = ascending("position", description="In the order they were judged in.")


@strawberry.input(description="Conditions on units; all that are given must hold.")
class AssessedUnitFilter:
    """Which units."""

    shortfall: list[Shortfall] | None = any_of("shortfall", "Falling short in one of these ways.")


@planned(models.AssessedUnit, description="Something a pattern was judged on, with what was found of it.")
class AssessedUnit(Node):
    """A unit."""

    position: int = column("Its place among the units of the pattern, from 1.")
    kind: str = column("What it is, such as a live service or a breach.")
    name: str = column("Which one it is, for people.")
    state: int | None = column("1 to 5: one more than the nested predicates it meets; null for bad patterns.")
    bad: bool | None = column("Whether it shows the bad pattern; null for other patterns.")
    failed_level: int | None = column("The level whose predicate it fails first; null for bad patterns and at 5.")
    failed_predicate: str = column("What would have to hold, or what makes it bad; empty where nothing falls short.")
    shortfall: Shortfall | None = column("Whether a record is missing or contradicts; null where nothing falls short.")
    reason: str = column("What was found, in words; empty where nothing falls short.")


@planned(models.AssessmentPatternScore, description="How one pattern stands, with the units that show it.")
class PatternScore(Node):
    """A pattern of a score."""

    score: "AssessmentScore" = to_one("The score it belongs to.", "score_id")
    position: int = column("Its place in the set of patterns, from 1.")
    pattern: str = column("The id of the pattern, such as G1.")
    family: Family = column("What kind of pattern it is.")
    verdict: Verdict = column("How it stands in one word.")
    reason: str = column("Why it cannot be told; empty where it can.")
    missing: list[str] = column("The records for want of which it cannot be told; empty where it can.")
    census: int | None = column("The level today's records show, 1 to 5; null where it cannot be told.")
    confirmed: int | None = column("The level the units are enough to confirm, 1 to 5; null like the census level.")
    census_probability: Decimal | None = column(
        "Posterior probability, 0 to 1, that the process behind the units stands at the census level or above."
    )
    unit_count: int = column("How many units it was judged on.", "units")
    at_state_1: int | None = column("Units at state 1; null for bad patterns and where it cannot be told.")
    at_state_2: int | None = column("Units at state 2; null like those at 1.")
    at_state_3: int | None = column("Units at state 3; null like those at 1.")
    at_state_4: int | None = column("Units at state 4; null like those at 1.")
    at_state_5: int | None = column("Units at state 5; null like those at 1.")
    bad_units: int | None = column("Units that show a bad pattern; null for others and where it cannot be told.")
    share_low: Decimal | None = column("Lower end of the 80 % interval of the share of bad units, 0 to 1.")
    share_high: Decimal | None = column("Upper end of that interval.")
    band: Band | None = column("How frequent a bad pattern is, by that interval; null like the bad units.")
    claimed: int | None = column("The level people claim: the lower median; null where none may be published.")
    claim_least: int | None = column("The lowest level anybody gave; null where nobody gave one.")
    claim_most: int | None = column("The highest level anybody gave; null where nobody gave one.")
    gap: int | None = column("Claimed less confirmed level; null unless both are known.")
    units: Connection[AssessedUnit] = connection(
        "What it was judged on.",
        "pattern_score_id",
        order=AssessedUnitOrder.POSITION_ASC,
        filter_by=AssessedUnitFilter,
    )


@planned(
    models.AssessmentScore, description="The maturity that the records of an instant show, and what was claimed beside."
)
class AssessmentScore(Node, Recorded):
    """A score."""

    assessment: Optional["Assessment"] = to_one(
        "The assessment it completes; null for a score of the records alone.", "campaign_id"
    )
    as_of: datetime = column("The instant whose records it rests on.")
    pattern_set: str = column("The version of the patterns it was computed with.")
    limiting_lowest: int = column("The limiting level, the worst assumed of what cannot be told.")
    limiting_highest: int = column("The limiting level, the best assumed. It is told when both are equal.")
    limited_by: list[str] = column("The patterns that keep it from being higher.")
    limiting_unknown: list[str] = column("The patterns that cannot be told and could lower it.")
    rhythm_lowest: int = column("The least of the four rhythms, the worst assumed of what cannot be told.")
    rhythm_highest: int = column("The least of the four rhythms, the best assumed.")
    rhythm_limited_by: list[str] = column("The rhythms that keep it from being higher.")
    index_value: Decimal | None = column("The index from 0 to 100, for trends; null while a good pattern is unknown.")
    index_lowest: Decimal = column("The index, the worst assumed of what cannot be told.")
    index_highest: Decimal = column("The index, the best assumed.")
    coverage: Decimal = column("The share of patterns that can be told, 0 to 1.")
    greenwash: Decimal | None = column("How far claims exceed the evidence, 0 to 100; null where too little is known.")
    modesty: Decimal | None = column("How far claims stay below the evidence, 0 to 100; null like the other.")
    agreement: RespondentAgreement | None = column("What the agreement of respondents allows; null without answers.")
    findings_digest: str = column("SHA-256 of everything found of every unit: equal digests, equal evidence.")
    patterns: list[PatternScore] = to_many("All patterns in order.", "score_id", order=Order(("position",)))


@planned(models.AssessmentAnswer, description="What a respondent said about a pattern. A later answer takes its place.")
class AssessmentAnswer(Node, Recorded):
    """An answer; never changed."""

    assessment: "Assessment" = to_one("The assessment it was given in.", "campaign_id")
    pattern: str = column("The id of the pattern.")
    person: Person | None = to_one("Who said it; null where only a name is known.", "person_id")
    respondent: str = column("The name of who said it; empty where the person is known.")
    role: str = column("In what role they spoke.")
    kind: AnswerKind = column("A level, that the pattern does not apply, or nothing.")
    level: int | None = column("The level, 1 to 5; null for other answers.")
    reason_not_applicable: ReasonNotApplicable | None = column(
        "Why it does not apply; null for other answers.", "reason"
    )
    explanation: str = column("The reason in words; empty for other answers.")
    approved_by: str = column("Who approved that it does not apply; empty for other answers.")
    approved_on: date | None = column("When they did; null for other answers.")
    expires_on: date | None = column("The last day on which it does not apply; null for other answers.")


@planned(models.AssessmentCampaign, description="People are asked how they see themselves, to be held against records.")
class Assessment(Node, Recorded):
    """A campaign."""

    title: str = column("Its name, for people.")
    as_of: datetime = column("The instant whose records answers are compared with.")
    pattern_set: str = column("The version of the patterns people are asked about.")
    completed_at: datetime | None = column("When it was scored; null while it takes answers.")
    answers: list[AssessmentAnswer] = to_many(
        "Everything anybody said, oldest first.", "campaign_id", order=Order(("recorded_at",))
    )
    score: AssessmentScore | None = to_one(
        "Its score; null while it takes answers.", ("", "campaign_id"), optional=True
    )


@strawberry.enum(description="Orders of assessments and scores.")
class AsOfOrder(Enum):
    """By the instant they are about."""

    AS_OF_ASC = ascending("as_of", description="The earliest first.")
    AS_OF_DESC = descending("as_of", description="The latest first.")
