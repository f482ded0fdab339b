"""Asking, answering and scoring over GraphQL."""

from collections.abc import Awaitable, Callable

from strawberry.types import ExecutionResult

from assessment.definitions import PATTERN_IDS
from schema.computed import STATEMENTS_OF_COMPUTED_FIELDS
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.schema.mutating import Changes, fields_of
from tests.statements import Statements

STARTED = "... on AssessmentPayload { assessment { id } }"
SCORED = """... on AssessmentScorePayload { score { limitingLowest limitingHighest
    patterns { pattern verdict missing claimed units(first: 5) { nodes { name } } } } }"""


async def started(change: Changes, actor: Actor) -> str:
    return str((await change(actor, "startAssessment", {"title": "Autumn"}, STARTED))["assessment"]["id"])


async def test_an_assessment_is_started_answered_and_scored(actor: Actor, change: Changes) -> None:
    assessment = await started(change, actor)
    given = {"assessmentId": assessment, "pattern": "R1", "respondent": "ann", "role": "manager", "level": 4}
    assert (await change(actor, "recordAnswer", given))["__typename"] == "AssessmentAnswerPayload"
    score = (await change(actor, "completeAssessment", {"assessmentId": assessment}, SCORED))["score"]
    assert (score["limitingLowest"], score["limitingHighest"]) == (1, 5)
    assert [each["pattern"] for each in score["patterns"]] == list(PATTERN_IDS)
    assert all(each["verdict"] == "CANNOT_TELL" and each["missing"] for each in score["patterns"])
    assert {each["pattern"]: each["claimed"] for each in score["patterns"]}["R1"] == 4


async def test_an_answer_names_what_is_wrong_with_it(actor: Actor, change: Changes) -> None:
    given = {"assessmentId": await started(change, actor), "pattern": "Z1", "role": "manager", "level": 9}
    assert fields_of(await change(actor, "recordAnswer", given)) == ["level", "pattern", "respondent"]


async def test_an_assessment_of_another_organisation_is_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    given = {"assessmentId": await started(change, actor)}
    assert (await change(await new_actor(database), "completeAssessment", given))["__typename"] == "NotFoundProblem"


async def test_the_patterns_are_listed_with_their_anchors_without_a_statement(
    actor: Actor, execute: Callable[..., Awaitable[ExecutionResult]], statements: Statements
) -> None:
    statements.clear()
    result = await execute(actor, "{ maturityPatterns { pattern anchors evidenceUpTo missingRecords } }")
    assert len(statements.texts) == STATEMENTS_OF_COMPUTED_FIELDS["maturityPatterns"]
    assert result.data is not None
    patterns = result.data["maturityPatterns"]
    assert [each["pattern"] for each in patterns] == list(PATTERN_IDS)
    assert all(len(each["anchors"]) == 5 for each in patterns)
