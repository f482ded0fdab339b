"""The three reference organisations: what is planted in them comes out, and silence is no verdict."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from strawberry.types import ExecutionResult

from assessment.commands import score_evidence
from assessment.definitions import shipped_patterns
from assessment.facts import gather
from assessment.findings import Checked, Findings, Shortfall
from assessment.probes import PROBES
from assessment.scoring import Score
from assessment.verdicts import Verdict, judge
from schema.context import Context
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import Actor
from slm.reference.governed import Governed, govern
from slm.reference.habits import BAD, GOOD, SILENT
from slm.reference.load_governed import load_governed

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SEED = 7
EVIDENCED = sorted(PROBES)
BAD_PATTERNS = [pattern for pattern in EVIDENCED if pattern.startswith("B")]
OTHER_PATTERNS = [pattern for pattern in EVIDENCED if not pattern.startswith("B")]


@dataclass(frozen=True)
class Assessed:
    """An organisation and its score."""

    governed: Governed
    actor: Actor
    score: Score
    findings: dict[str, Findings]

    def verdict(self, pattern: str) -> Verdict:
        return judge(self.score.patterns[pattern]).verdict


async def assessed(database: Database, governed: Governed) -> Assessed:
    actor = await load_governed(database, governed)
    async with database.reading(actor.organisation_id) as session:
        evidence = await gather(session, actor.organisation_id, as_of=UNTIL)
    return Assessed(governed, actor, *score_evidence(evidence))


@pytest.fixture(scope="module")
async def good(database: Database) -> Assessed:
    return await assessed(database, govern(GOOD, SEED, UNTIL)[0])


@pytest.fixture(scope="module")
async def bad(database: Database) -> Assessed:
    return await assessed(database, govern(BAD, SEED, UNTIL)[0])


@pytest.fixture(scope="module")
async def silent(database: Database) -> Assessed:
    return await assessed(database, govern(SILENT, SEED, UNTIL)[0])


@pytest.mark.capability("G6", partly=True)
@pytest.mark.capability("R1", partly=True)
@pytest.mark.capability("R2", partly=True)
@pytest.mark.capability("R3", partly=True)
@pytest.mark.capability("R4", partly=True)
@pytest.mark.capability("G1", partly=True)
@pytest.mark.capability("G2", partly=True)
@pytest.mark.capability("Q1", partly=True)
@pytest.mark.capability("Q2", partly=True)
@pytest.mark.capability("Q4", partly=True)
@pytest.mark.capability("Q5", partly=True)
@pytest.mark.parametrize("pattern", OTHER_PATTERNS)
async def test_what_is_done_well_is_met_at_good_and_not_at_bad(good: Assessed, bad: Assessed, pattern: str) -> None:
    assert (good.verdict(pattern), bad.verdict(pattern)) == (Verdict.MET, Verdict.NOT_MET)


@pytest.mark.capability("B1", partly=True)
@pytest.mark.capability("B2", partly=True)
@pytest.mark.capability("B5", partly=True)
@pytest.mark.capability("B6", partly=True)
@pytest.mark.capability("B7", partly=True)
@pytest.mark.capability("B8", partly=True)
@pytest.mark.parametrize("pattern", BAD_PATTERNS)
async def test_what_is_done_badly_is_detected_at_bad_and_not_at_good(
    good: Assessed, bad: Assessed, pattern: str
) -> None:
    assert (good.verdict(pattern), bad.verdict(pattern)) == (Verdict.NOT_DETECTED, Verdict.DETECTED)


@pytest.mark.parametrize("pattern", EVIDENCED)
async def test_of_silent_nothing_can_be_told(silent: Assessed, pattern: str) -> None:
    judgement = judge(silent.score.patterns[pattern])
    assert judgement.verdict is Verdict.CANNOT_TELL
    assert judgement.reason


async def test_patterns_without_records_name_what_is_missing(good: Assessed, bad: Assessed, silent: Assessed) -> None:
    others = {name: pattern for name, pattern in shipped_patterns().patterns.items() if name not in PROBES}
    assert others
    for organisation in (good, bad, silent):
        for name, pattern in others.items():
            judgement = judge(organisation.score.patterns[name])
            assert judgement.verdict is Verdict.CANNOT_TELL
            assert all(records in judgement.reason for records in pattern.evidence.missing)


async def test_an_approval_written_down_after_go_live_is_not_believed(bad: Assessed) -> None:
    units = bad.findings["B1"]
    assert isinstance(units, Checked)
    back_dated = [unit for unit in units.units if unit.shortfall is Shortfall.CONTRADICTED]
    never = [unit for unit in units.units if unit.shortfall is Shortfall.NOT_RECORDED]
    assert (len(back_dated), len(never)) == (15, 15)


ASSESS = """
mutation Assess($title: String!, $asOf: DateTime!) {
  startAssessment(input: {title: $title, asOf: $asOf}) {
    ... on AssessmentPayload { assessment { id } }
    ... on Problem { message }
  }
}
"""
COMPLETE = """
mutation Complete($id: ID!) {
  completeAssessment(input: {assessmentId: $id}) {
    ... on AssessmentScorePayload { score { patterns { pattern verdict reason } } }
    ... on Problem { message }
  }
}
"""


@pytest.mark.capability("B1", partly=True)
async def test_the_public_api_tells_the_three_apart_alike(
    good: Assessed, bad: Assessed, silent: Assessed, database: Database
) -> None:
    schema = build_schema()
    for organisation in (good, bad, silent):
        context = Context(database=database, actor=organisation.actor, now=UNTIL, trace_id="t")
        variables = {"title": "November", "asOf": UNTIL.isoformat()}
        started = await schema.execute(ASSESS, variable_values=variables, context_value=context)
        assert isinstance(started, ExecutionResult)
        assert started.errors is None
        assert started.data is not None
        given = {"id": started.data["startAssessment"]["assessment"]["id"]}
        completed = await schema.execute(COMPLETE, variable_values=given, context_value=context)
        assert isinstance(completed, ExecutionResult)
        assert completed.errors is None
        assert completed.data is not None
        told = {one["pattern"]: one["verdict"] for one in completed.data["completeAssessment"]["score"]["patterns"]}
        assert told == {name: organisation.verdict(name).name for name in organisation.score.patterns}


def test_a_seed_decides_an_organisation_and_what_is_planted() -> None:
    assert govern(BAD, SEED, UNTIL) == govern(BAD, SEED, UNTIL)
    assert govern(BAD, SEED, UNTIL)[0] != govern(BAD, SEED + 1, UNTIL)[0]
    assert govern(GOOD, SEED, UNTIL)[1].facts == ()
    assert len(govern(BAD, SEED, UNTIL)[1].facts) == 4
