"""Whether promises are backed, on the three reference organisations and through the public API alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.root import build_schema
from services.alignment.as_of import alignment_as_of
from services.alignment.gaps import accept_gap, withdraw_gap_acceptance
from services.db import Database, execute, fetch
from services.organisations.rules import Actor
from slm.alignment import align_organisation
from slm.reference.governed import CUSTOMER, OWNER, govern
from slm.reference.habits import BAD, GOOD, SILENT, Habits
from slm.reference.load_governed import load_governed
from tests.opening import database_on

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SEED = 7
LISTED = """{
  alignments(first: 100) { totalCount nodes {
    verdict target { key agreement { key } }
    judgement { valueState valueShortfall coverageState coverageShortfall termState termShortfall termReason
                scopeState scopeShortfall witness { componentKey note }
                nodes { key agreementKey problem } edges { fromKey toKey } } } }
  alignmentGaps(first: 100, filter: {isOpen: true}) { totalCount nodes { id axis hasOwner acceptedUntil } }
}"""
UNDERPINNED = """{ underpinning {
  headline promises backed notBacked impossibleAtFloor unknown notJudged missing
  axes { axis holds fails unknown } gaps { total withoutOwner overdue accepted } } }"""
LIABLE = """{ liabilities { promises liableServices missing services {
  key isLiability missing atRisk { currency credits }
  promises { agreementKey verdict because highestCredit valueAtRisk missing } } } }"""
NOTHING_PROMISED = ["a target promised to customers in force"]
UNSUPPORTED = {f"service-{number:02d}-sla" for number in range(2, 31, 2)}
"""Bad has agreed nothing about the desks of these; the others have each one of four faults in turn."""
TOO_LATE, OFFICE_HOURS, ENDS, EXCLUDES = (
    {f"service-{number:02d}-sla" for number in range(first, 31, 8)} for first in (1, 3, 5, 7)
)
PRICED = {f"service-{number:02d}" for number in range(1, 31, 3)}
"""Bad has put a price on its agreements about these; they end after a year."""


async def aligned(database: Database, habits: Habits) -> Actor:
    actor = await load_governed(database, govern(habits, SEED, UNTIL)[0])
    await align_organisation(database, actor=actor, now=UNTIL)
    return actor


async def asked(
    database: Database, actor: Actor, document: str, *, now: datetime = UNTIL, **variables: Any
) -> dict[str, Any]:
    context = Context(database=database, actor=actor, now=now, trace_id="t")
    answer = await build_schema().execute(document, variable_values=variables, context_value=context)
    assert isinstance(answer, ExecutionResult)
    assert answer.errors is None, answer.errors
    assert answer.data is not None
    return answer.data


@pytest.fixture(scope="module")
async def good(database: Database) -> Actor:
    return await aligned(database, GOOD)


@pytest.fixture(scope="module")
async def bad(database: Database) -> Actor:
    return await aligned(database, BAD)


@pytest.fixture(scope="module")
async def silent(database: Database) -> Actor:
    return await aligned(database, SILENT)


@pytest.mark.capability("S3")
async def test_what_supports_a_promise_is_compared_on_four_axes_each_with_what_it_is_short_by(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    at_good = (await asked(database, good, LISTED))["alignments"]
    assert (at_good["totalCount"], {node["verdict"] for node in at_good["nodes"]}) == (30, {"BACKED"})
    axes = ("value", "coverage", "term", "scope")
    assert {node["judgement"][f"{axis}State"] for node in at_good["nodes"] for axis in axes} == {"HOLDS"}
    nodes = (await asked(database, bad, LISTED))["alignments"]["nodes"]
    found = {node["target"]["agreement"]["key"]: node for node in nodes}
    assert len(found) == 30
    short = {
        axis: {key: node["judgement"][f"{axis}Shortfall"] for key, node in found.items()
               if node["judgement"][f"{axis}State"] == "FAILS"}
        for axis in axes
    }  # fmt: skip
    # Nothing is left of the 80 % promised where nothing, or nothing in time, is promised below.
    assert short["value"] == dict.fromkeys(UNSUPPORTED | TOO_LATE | OFFICE_HOURS, "80")
    # A year of 365 days less 261 working days of ten hours.
    assert short["coverage"] == dict.fromkeys(OFFICE_HOURS, str(365 * 24 - 261 * 10))
    # One promise ends a year from now, what supports it after ninety days; the others do not end.
    assert short["term"] == {**dict.fromkeys(ENDS), "service-13-sla": str(365 - 90)}
    assert all("ours has no end" in found[key]["judgement"]["termReason"] for key in ENDS - {"service-13-sla"})
    assert short["scope"] == dict.fromkeys(EXCLUDES, "1")
    for key, node in found.items():
        assert node["judgement"]["witness"], key
        below = node["judgement"]["nodes"][0]
        assert (below["agreementKey"], below["problem"]) == (
            (None, "no agreement") if key in UNSUPPORTED else (key.replace("-sla", "-ola"), None)
        )
    assert (await asked(database, silent, LISTED))["alignments"]["totalCount"] == 0
    assert (await asked(database, silent, UNDERPINNED))["underpinning"]["missing"] == NOTHING_PROMISED


@pytest.mark.capability("S3")
@pytest.mark.capability("G2")
async def test_the_share_that_is_underpinned_is_told_in_figures_and_words(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    told = {
        name: (await asked(database, actor, UNDERPINNED))["underpinning"]
        for name, actor in (("good", good), ("bad", bad), ("silent", silent))
    }
    verdicts = ("promises", "backed", "notBacked", "impossibleAtFloor", "unknown", "notJudged")
    assert [[each[name] for name in verdicts] for each in told.values()] == [
        [30, 30, 0, 0, 0, 0], [30, 0, 26, 4, 0, 0], [0, 0, 0, 0, 0, 0],
    ]  # fmt: skip
    assert [each["headline"] for each in told.values()] == [
        "30 of 30 targets promised to customers are fully underpinned.",
        "0 of 30 targets promised to customers are fully underpinned.",
        "It cannot be told what is underpinned: no target promised to customers is in force.",
    ]
    assert {axis["axis"]: (axis["holds"], axis["fails"], axis["unknown"]) for axis in told["bad"]["axes"]} == {
        "VALUE": (7, 23, 0), "COVERAGE": (11, 4, 15), "TERM": (11, 4, 15), "SCOPE": (12, 3, 15),
    }  # fmt: skip
    assert [each["missing"] for each in told.values()] == [[], [], NOTHING_PROMISED]


ASSIGN = """mutation($input: AssignAlignmentGapInput!) { assignAlignmentGap(input: $input) {
  ... on AlignmentGapEntryPayload { entry { gap { hasOwner dueOn } } } ... on Problem { message } } }"""
ACCEPT = """mutation($input: AcceptAlignmentGapInput!) { acceptAlignmentGap(input: $input) {
  ... on AlignmentGapEntryPayload { entry { kind reason gap { acceptedUntil } } } ... on Problem { message } } }"""


@pytest.mark.capability("S3b")
async def test_every_gap_waits_for_an_owner_a_day_or_a_risk_that_is_accepted_for_a_while(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    none = {"total": 0, "withoutOwner": 0, "overdue": 0, "accepted": 0}
    assert (await asked(database, good, UNDERPINNED))["underpinning"]["gaps"] == none
    gaps = (await asked(database, bad, LISTED))["alignmentGaps"]
    failing = len(UNSUPPORTED | TOO_LATE | OFFICE_HOURS) + len(OFFICE_HOURS) + len(ENDS) + len(EXCLUDES)
    assert gaps["totalCount"] == failing
    assert await counted(database, bad) == {**none, "total": failing, "withoutOwner": failing}
    person = (await asked(database, bad, "{ people(first: 1) { nodes { id } } }"))["people"]["nodes"][0]["id"]
    first, second = gaps["nodes"][0]["id"], gaps["nodes"][1]["id"]
    given = {"gapId": first, "personId": person, "dueOn": "2026-11-20"}
    answer = await asked(database, bad, ASSIGN, input=given)
    assert answer["assignAlignmentGap"]["entry"]["gap"] == {"hasOwner": True, "dueOn": "2026-11-20"}
    ends = UNTIL + timedelta(days=30)
    given = {"gapId": second, "personId": person, "expiresAt": ends.isoformat(), "reason": "Replaced in December"}
    answer = await asked(database, bad, ACCEPT, input=given)
    assert answer["acceptAlignmentGap"]["entry"]["gap"] == {"acceptedUntil": "2026-12-23T15:30:00Z"}
    owned = {"total": failing, "withoutOwner": failing - 1, "overdue": 1, "accepted": 1}
    assert await counted(database, bad) == owned
    # A risk is accepted for a while, then it is a gap like any other.
    assert await counted(database, bad, now=ends) == {**owned, "accepted": 0}
    assert (await asked(database, silent, UNDERPINNED))["underpinning"]["missing"] == NOTHING_PROMISED


async def counted(database: Database, actor: Actor, *, now: datetime = UNTIL) -> dict[str, int]:
    gaps: dict[str, int] = (await asked(database, actor, UNDERPINNED, now=now))["underpinning"]["gaps"]
    return gaps


GAP = """
SELECT g.id, g.target_id FROM alignment_gap g
JOIN target t ON t.organisation_id = $1::uuid AND t.id = g.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE g.organisation_id = $1::uuid AND g.axis = 'value' AND a.key = $2::text
"""
WITHDRAWN = "DELETE FROM alignment_gap_entry WHERE organisation_id = $1::uuid AND kind = 'withdrawn'"


@pytest.mark.capability("G2")
async def test_a_gap_counts_as_accepted_only_while_the_customer_says_so(
    database: Database, database_url: str, bad: Actor
) -> None:
    async with database.reading(bad.organisation_id) as session:
        [(gap_id, target_id)] = await fetch(session, GAP, bad.organisation_id, "service-01-sla")
        rows = await fetch(session, "SELECT key, id FROM person WHERE organisation_id = $1::uuid", bad.organisation_id)
    people: dict[str, UUID] = {row[0]: row[1] for row in rows}
    ends = UNTIL + timedelta(days=30)

    async def accepted(at: datetime) -> datetime | None:
        async with database.reading(bad.organisation_id) as session:
            chains, _ = await alignment_as_of(session, bad.organisation_id, as_of=at)
        (found,) = (chain.accepted_until for chain in chains if chain.target_id == target_id)
        return found

    by: dict[str, Any] = {"actor": bad, "gap_id": gap_id, "reason": "Known, and paid for"}
    for hours, person in enumerate((OWNER, CUSTOMER), start=1):
        async with database.writing(bad.organisation_id) as session:
            now = UNTIL + timedelta(hours=hours)
            await accept_gap(session, **by, person_id=people[person], expires_at=ends, now=now)
        assert await accepted(now) == (ends if person == CUSTOMER else None)
    assert await accepted(ends) is None
    async with database.writing(bad.organisation_id) as session:
        later = UNTIL + timedelta(hours=3)
        await withdraw_gap_acceptance(session, **by, person_id=people[CUSTOMER], now=later)
    assert (await accepted(now), await accepted(later)) == (ends, None)
    # That it was taken back shows even where the record of it is lost.
    owner = database_on(database_url, as_owner=True)
    async with owner.writing(bad.organisation_id) as session:
        await execute(session, WITHDRAWN, bad.organisation_id)
    await owner.close()
    assert await accepted(later) is None


@pytest.mark.capability("P2")
@pytest.mark.capability("H3")
async def test_what_is_not_backed_is_a_liability_of_its_service_with_the_amount_at_risk(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    assert (await asked(database, good, LIABLE))["liabilities"] == {
        "promises": 30, "liableServices": 0, "missing": [], "services": [],
    }  # fmt: skip
    found = (await asked(database, bad, LIABLE))["liabilities"]
    assert (found["promises"], found["liableServices"], found["missing"]) == (30, 30, [])
    services = {each["key"]: each for each in found["services"]}
    assert all(each["isLiability"] and each["promises"][0]["because"] for each in services.values())
    # A month costs 1,000; the worst month is credited with a fifth of it, which is the cap as well.
    assert {key: each["atRisk"] for key, each in services.items() if each["atRisk"]} == {
        key: [{"currency": "EUR", "credits": "200"}] for key in PRICED
    }
    assert {key: each["missing"] for key, each in services.items() if each["missing"]} == {
        key: [f"the terms of the agreement ({key}-sla)"] for key in services.keys() - PRICED
    }
    # What is known to be at risk comes first.
    assert {each["key"] for each in found["services"][: len(PRICED)]} == PRICED
    silence = (await asked(database, silent, LIABLE))["liabilities"]
    assert (silence["services"], silence["missing"]) == ([], NOTHING_PROMISED)


@pytest.mark.capability("B2")
@pytest.mark.capability("H3")
async def test_what_a_contract_would_do_is_told_before_it_is_signed(database: Database, good: Actor) -> None:
    found = await asked(database, good, '{ agreement(key: "service-01-ola") { id } calendars { nodes { id } } }')
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
    (changed,) = (await asked(database, good, document, p=proposal))["alignmentWhatIf"]
    assert (changed["agreementKey"], changed["before"]["verdict"]) == ("service-01-sla", "BACKED")
    assert changed["after"]["verdict"] == "IMPOSSIBLE_AT_FLOOR"
