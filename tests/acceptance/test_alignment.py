"""Whether promises are backed, on the three reference organisations and through the public API alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import Actor
from slm.alignment import align_organisation
from slm.reference.governed import govern
from slm.reference.habits import BAD, GOOD, SILENT, Habits
from slm.reference.load_governed import load_governed

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SEED = 7
LISTED = """{
  alignments(first: 100) { totalCount nodes {
    verdict target { key agreement { key } }
    judgement { valueState valueShortfall coverageState termState scopeState witness { componentKey note }
                nodes { key agreementKey problem } edges { fromKey toKey } } } }
  alignmentGaps(first: 100, filter: {isOpen: true}) { totalCount nodes { id axis hasOwner owner { key } } }
  exposure { key targets { key agreementKey } }
}"""


async def aligned(database: Database, habits: Habits) -> Actor:
    actor = await load_governed(database, govern(habits, SEED, UNTIL)[0])
    await align_organisation(database, actor=actor, now=UNTIL)
    return actor


async def asked(database: Database, actor: Actor, document: str, **variables: Any) -> dict[str, Any]:
    context = Context(database=database, actor=actor, now=UNTIL, trace_id="t")
    answer = await build_schema().execute(document, variable_values=variables, context_value=context)
    assert isinstance(answer, ExecutionResult)
    assert answer.errors is None, answer.errors
    assert answer.data is not None
    return answer.data


@pytest.mark.capability("S3", partly=True)
@pytest.mark.capability("G2", partly=True)
@pytest.mark.capability("H3", partly=True)
async def test_promises_are_backed_at_good_not_at_bad_and_silent_promises_nothing(database: Database) -> None:
    good = (await asked(database, await aligned(database, GOOD), LISTED))["alignments"]
    assert (good["totalCount"], {node["verdict"] for node in good["nodes"]}) == (30, {"BACKED"})
    bad = (await asked(database, await aligned(database, BAD), LISTED))["alignments"]
    assert (bad["totalCount"], {node["verdict"] for node in bad["nodes"]}) == (
        30,
        {"NOT_BACKED", "IMPOSSIBLE_AT_FLOOR"},
    )
    for node in bad["nodes"]:
        judgement = node["judgement"]
        assert judgement["valueState"] == "FAILS"
        assert float(judgement["valueShortfall"]) > 0
        assert judgement["witness"]
    unsupported = [node for node in bad["nodes"] if node["judgement"]["nodes"][0]["agreementKey"] is None]
    assert {node["judgement"]["nodes"][0]["problem"] for node in unsupported} == {"no agreement"}
    silent = await asked(database, await aligned(database, SILENT), LISTED)
    assert (silent["alignments"]["totalCount"], silent["alignmentGaps"]["totalCount"]) == (0, 0)


ASSIGN = """mutation($input: AssignAlignmentGapInput!) { assignAlignmentGap(input: $input) {
  ... on AlignmentGapEntryPayload { entry { gap { hasOwner } } } ... on Problem { message } } }"""


@pytest.mark.capability("S3b", partly=True)
async def test_every_gap_at_bad_waits_for_an_owner_and_good_has_none(database: Database) -> None:
    good = (await asked(database, await aligned(database, GOOD), LISTED))["alignmentGaps"]
    assert good["totalCount"] == 0
    actor = await aligned(database, BAD)
    gaps = (await asked(database, actor, LISTED))["alignmentGaps"]
    assert gaps["totalCount"] == 30
    assert not any(gap["hasOwner"] for gap in gaps["nodes"])
    person = (await asked(database, actor, "{ people(first: 1) { nodes { id } } }"))["people"]["nodes"][0]["id"]
    given = {"gapId": gaps["nodes"][0]["id"], "personId": person}
    answer = await asked(database, actor, ASSIGN, input=given)
    assert answer["assignAlignmentGap"]["entry"]["gap"]["hasOwner"]
    listed = (await asked(database, actor, LISTED))["alignmentGaps"]["nodes"]
    assert [gap["hasOwner"] for gap in listed] == [False] * 29 + [True]


@pytest.mark.capability("P2", partly=True)
async def test_what_is_not_backed_is_listed_worst_first_beside_what_each_service_has_at_stake(
    database: Database,
) -> None:
    answer = await asked(database, await aligned(database, BAD), LISTED)
    verdicts = [node["verdict"] for node in answer["alignments"]["nodes"]]
    assert verdicts == sorted(verdicts, key=["IMPOSSIBLE_AT_FLOOR", "NOT_BACKED"].index)
    at_stake = {each["key"]: each["targets"] for each in answer["exposure"]}
    liable = {node["target"]["agreement"]["key"].removesuffix("-sla") for node in answer["alignments"]["nodes"]}
    assert liable <= at_stake.keys()


@pytest.mark.capability("B2", partly=True)
async def test_what_a_contract_would_do_is_told_before_it_is_signed(database: Database) -> None:
    actor = await aligned(database, GOOD)
    found = await asked(database, actor, '{ agreement(key: "service-01-ola") { id } calendars { nodes { id } } }')
    proposal = {
        "agreementId": found["agreement"]["id"],
        "targets": [
            {
                "key": "repair", "name": "Repaired", "calendarId": found["calendars"]["nodes"][0]["id"],
                "durationSeconds": 86_400, "stopStates": ["RESOLVED", "CLOSED"], "objectivePercent": "95",
            }
        ],
    }  # fmt: skip
    document = """query($p: AlignmentProposalInput!) { alignmentWhatIf(proposal: $p) {
        agreementKey before { verdict } after { verdict axes { axis state } } } }"""
    (changed,) = (await asked(database, actor, document, p=proposal))["alignmentWhatIf"]
    assert (changed["agreementKey"], changed["before"]["verdict"]) == ("service-01-sla", "BACKED")
    assert changed["after"]["verdict"] == "IMPOSSIBLE_AT_FLOOR"
