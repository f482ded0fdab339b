"""The trace on the reference organisations, through the API: met at Good, not met at Bad, cannot tell at Silent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import Actor
from slm.reference.governed import govern
from slm.reference.habits import BAD, GOOD, SILENT
from slm.reference.load_governed import load_governed
from tests.factories.organisations import unique_key
from tests.statements import recorded

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SEED = 7
SCHEMA = build_schema()


@pytest.fixture(scope="module")
async def good(database: Database) -> Actor:
    return await load_governed(database, govern(GOOD, SEED, UNTIL)[0])


@pytest.fixture(scope="module")
async def bad(database: Database) -> Actor:
    return await load_governed(database, govern(BAD, SEED, UNTIL)[0])


@pytest.fixture(scope="module")
async def silent(database: Database) -> Actor:
    return await load_governed(database, govern(SILENT, SEED, UNTIL)[0])


async def ask(database: Database, actor: Actor, document: str, now: datetime = UNTIL, **variables: Any) -> Any:
    context = Context(database=database, actor=actor, now=now, trace_id="t")
    result = await SCHEMA.execute(document, variable_values=variables, context_value=context)
    assert isinstance(result, ExecutionResult)
    assert result.errors is None, result.errors
    return result.data


COVERAGE = """query($asOf: DateTime) { coverage(asOf: $asOf, gaps: 500) {
  headline timings { timing services }
  figures { code numerator denominator percent because missingCount missing { name because } }
} }"""
EDGE = "{ state fault because by }"
MATRIX = f"""query($asOf: DateTime, $after: String, $first: Int = 100) {{
  traceMatrix(asOf: $asOf, after: $after, first: $first) {{
    totalCount hasNextPage endCursor rows {{
      requirement {{ id key }} service {{ key }} timing isBackDated approvedAt approvalRecordedAt waivedUntil
      monitoredBy {EDGE} promisedIn {EDGE} contractedIn {EDGE}
      hops {{ hop present reached because }} hopsPresent brokenHop
    }}
  }}
}}"""
TILES = """query($asOf: DateTime) { tileTraces(asOf: $asOf, first: 100) {
  totalCount rows { tile { key } traces brokenAt irrelevant designGates because requirements { key } services { key } }
} }"""
Q1 = """query($asOf: DateTime) { designTraceability(asOf: $asOf) {
  inDesign { numerator denominator percent because } traceable { numerator denominator percent because }
  tiles { numerator denominator percent because } ask data missing
} }"""


async def figures(database: Database, actor: Actor) -> dict[str, Any]:
    found = await ask(database, actor, COVERAGE)
    return {each["code"]: each for each in found["coverage"]["figures"]}


@pytest.mark.capability("S0")
@pytest.mark.capability("S0a")
@pytest.mark.capability("S0b")
@pytest.mark.capability("S1")
@pytest.mark.capability("S1b")
@pytest.mark.capability("G1")
@pytest.mark.capability("Q1")
@pytest.mark.capability("P0")
@pytest.mark.capability("H1")
@pytest.mark.parametrize(
    ("code", "of_good", "of_bad"),
    [
        ("OWNED", (30, 30), (0, 30)),
        ("REQUIRED", (30, 30), (15, 30)),
        ("TRACEABLE", (120, 120), (30, 60)),
        ("REQUIRED_IN_DESIGN", (30, 30), (0, 30)),
        ("DESIGNED_WITH_SERVICE_LEVEL_MANAGEMENT", (30, 30), (0, 30)),
        ("MONITORED_PROMISED_CONTRACTED", (30, 30), (0, 15)),
        ("TILES_TRACEABLE", (30, 30), (0, 30)),
        ("MANAGED_AS_DESIGNED", (30, 30), (0, 30)),
    ],
)
async def test_a_figure_is_full_at_good_not_at_bad_and_cannot_be_told_at_silent(
    database: Database,
    good: Actor,
    bad: Actor,
    silent: Actor,
    code: str,
    of_good: tuple[int, int],
    of_bad: tuple[int, int],
) -> None:
    told = [(await figures(database, actor))[code] for actor in (good, bad, silent)]
    counted = [(each["numerator"], each["denominator"]) for each in told]
    assert counted == [of_good, of_bad, (None, None)]
    assert told[0]["missing"] == []
    assert all(gap["because"] for gap in told[1]["missing"])
    assert len(told[1]["missing"]) == told[1]["missingCount"] > 0
    assert told[2]["percent"] is None
    assert told[2]["because"]


@pytest.mark.capability("S1")
async def test_the_timing_of_approval_is_counted_by_service(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    told = [(await ask(database, actor, COVERAGE))["coverage"]["timings"] for actor in (good, bad, silent)]
    counted = [[each["services"] for each in timings] for timings in told]
    assert [each["timing"] for each in told[0]] == ["IN_DESIGN", "BEFORE_GO_LIVE", "AFTER_GO_LIVE", "NEVER"]
    assert counted == [[30, 0, 0, 0], [0, 0, 15, 15], [0, 0, 0, 0]]


@pytest.mark.capability("P0")
async def test_the_headline_joins_what_is_managed_to_what_was_designed(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    told = [(await ask(database, actor, COVERAGE))["coverage"]["headline"] for actor in (good, bad, silent)]
    assert [each.split(" live")[0] for each in told[:2]] == ["30 of 30", "0 of 30"]
    assert told[2] == ("It cannot be told what is managed as it was designed: no go-live of any service is on record.")


@pytest.mark.capability("G1")
@pytest.mark.capability("S0b")
async def test_the_matrix_says_of_each_requirement_what_is_in_force_and_what_is_not(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    edges = ("monitoredBy", "promisedIn", "contractedIn")
    of_good, of_bad, of_silent = [
        (await ask(database, actor, MATRIX))["traceMatrix"]["rows"] for actor in (good, bad, silent)
    ]
    assert (len(of_good), len(of_bad), of_silent) == (30, 15, [])
    for row in of_good:
        assert [row[edge]["state"] for edge in edges] == ["IN_FORCE"] * 3, row
        assert (row["hopsPresent"], row["brokenHop"], row["timing"]) == (4, None, "IN_DESIGN")
        assert not row["isBackDated"]
    for row in of_bad:
        assert [row[edge]["state"] for edge in edges] == ["MISSING", "IN_FORCE", "MISSING"], row
        assert (row["monitoredBy"]["fault"], row["contractedIn"]["fault"]) == ("NO_MONITOR", "NOT_BINDING")
        assert (row["hopsPresent"], row["brokenHop"], row["timing"]) == (2, "MONITOR", "AFTER_GO_LIVE")
        assert "was removed at" in row["monitoredBy"]["because"]


@pytest.mark.capability("S1")
async def test_a_back_dated_requirement_is_shown_as_such(database: Database, bad: Actor) -> None:
    (row, *_) = (await ask(database, bad, MATRIX))["traceMatrix"]["rows"]
    assert row["isBackDated"]
    claimed, recorded = (datetime.fromisoformat(row[name]) for name in ("approvedAt", "approvalRecordedAt"))
    assert recorded - claimed == timedelta(days=260)
    before_it_was_recorded = (recorded - timedelta(seconds=1)).isoformat()
    found = await ask(database, bad, MATRIX, asOf=before_it_was_recorded)
    assert found["traceMatrix"]["rows"] == []


async def test_the_matrix_comes_by_pages_of_one_statement_each(database: Database, good: Actor) -> None:
    seen: list[str] = []
    after, more = None, True
    while more:
        with recorded(database) as counted:
            page = (await ask(database, good, MATRIX, first=7, after=after))["traceMatrix"]
        assert (len(counted.texts), page["totalCount"]) == (1, 30)
        seen += [row["requirement"]["key"] for row in page["rows"]]
        after, more = page["endCursor"], page["hasNextPage"]
    assert seen == [f"requirement-{number:02d}" for number in range(1, 31)]


@pytest.mark.capability("P1")
async def test_tiles_of_services_designed_without_service_level_management_are_irrelevant(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    of_good, of_bad, of_silent = [(await ask(database, actor, TILES))["tileTraces"] for actor in (good, bad, silent)]
    assert {(row["traces"], row["irrelevant"], row["designGates"]) for row in of_good["rows"]} == {
        (True, False, "PRESENT")
    }
    assert {(row["traces"], row["irrelevant"], row["brokenAt"]) for row in of_bad["rows"]} == {
        (False, True, "INDICATOR")
    }
    assert all("absent from every design gate" in row["because"] for row in of_bad["rows"])
    assert of_silent == {"totalCount": 0, "rows": []}


@pytest.mark.capability("Q1")
async def test_the_question_is_answered_with_its_shares_whom_to_ask_and_what_is_missing(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    of_good, of_bad, of_silent = [
        (await ask(database, actor, Q1))["designTraceability"] for actor in (good, bad, silent)
    ]
    shares = ("inDesign", "traceable", "tiles")
    assert [of_good[name]["percent"] for name in shares] == ["100", "100", "100"]
    assert [of_bad[name]["percent"] for name in shares] == ["0", None, "0"]
    assert [of_silent[name]["percent"] for name in shares] == [None, None, None]
    for answer in (of_good, of_bad, of_silent):
        assert answer["ask"] == ["service design lead", "service level manager"]
        assert answer["data"]
    assert of_good["missing"] == []
    assert of_bad["missing"] == ["no requirement approved in design is on record"]
    assert len(of_silent["missing"]) == 3


MEANING = """{
  services(first: 100) { nodes { key meaningful meaninglessBecause gateStanding } }
  periodResults(first: 100) { nodes { meaningful meaninglessBecause designGates } }
  attainment(by: [SERVICE], first: 100) { values { value } meaningful meaninglessServices }
  serviceReview { targets { meaningful meaninglessBecause designGates } }
}"""
DESK = "service-desk"
"""What teams owe each other is about their own work, which nobody designs as a service or launches."""


@pytest.mark.capability("B1")
@pytest.mark.capability("S1b")
async def test_every_number_of_a_service_says_whether_it_means_anything(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    of_good, of_bad, of_silent = [await ask(database, actor, MEANING) for actor in (good, bad, silent)]
    for answer, meaningful, standing in ((of_good, True, "PRESENT"), (of_bad, False, "ABSENT_FROM_EVERY_GATE")):
        results, reviewed = answer["periodResults"]["nodes"], answer["serviceReview"]["targets"]
        assert results
        assert reviewed
        for row in (*results, *reviewed):
            assert (row["meaningful"], row["designGates"]) == (meaningful, standing)
            assert (row["meaninglessBecause"] is None) is meaningful
        for row in answer["services"]["nodes"]:
            if row["key"] == DESK:
                continue
            assert (row["meaningful"], row["gateStanding"]) == (meaningful, standing)
        for group in answer["attainment"]:
            if group["values"][0]["value"] == DESK:
                assert group["meaningful"] is None
                continue
            assert group["meaningful"] is meaningful
            assert group["meaninglessServices"] == ([] if meaningful else [group["values"][0]["value"]])
    reasons = {row["meaninglessBecause"] for row in of_bad["services"]["nodes"] if row["key"] != DESK}
    assert reasons == {"NO_REQUIREMENT", "APPROVED_AFTER_GO_LIVE"}
    (silent_service,) = of_silent["services"]["nodes"]
    assert silent_service == {
        "key": silent_service["key"],
        "meaningful": None, "meaninglessBecause": "GO_LIVE_UNKNOWN", "gateStanding": "CANNOT_TELL",
    }  # fmt: skip


CHANGED_AT = datetime(2026, 11, 1, tzinfo=UTC)
LAST, BEFORE = CHANGED_AT.isoformat(), (CHANGED_AT - timedelta(seconds=1)).isoformat()


@pytest.fixture
async def changing(database: Database) -> Actor:
    """Another Good, in which something is removed."""
    habits = replace(GOOD, key=unique_key("traced"))
    return await load_governed(database, govern(habits, SEED, UNTIL)[0])


async def change(database: Database, actor: Actor, document: str, now: datetime, **given: Any) -> None:
    (answer,) = (await ask(database, actor, document, now, **given)).values()
    assert not answer["__typename"].endswith("Problem"), answer


REMOVE_MONITOR = """mutation($id: ID!, $at: DateTime!) {
  removeMonitor(input: {monitorId: $id, validFrom: $at}) { __typename ... on Problem { message } }
}"""
REMOVE_TILE = """mutation($id: ID!, $at: DateTime!) {
  removeDashboardTile(input: {tileId: $id, validFrom: $at}) { __typename ... on Problem { message } }
}"""


@pytest.mark.capability("G1")
async def test_removing_a_monitor_turns_one_cell_red_from_that_date_only(database: Database, changing: Actor) -> None:
    found = await ask(database, changing, '{ monitor(key: "service-07-resolution") { id } }')
    when = {"id": found["monitor"]["id"], "at": LAST}
    before = (await ask(database, changing, MATRIX))["traceMatrix"]["rows"]
    await change(database, changing, REMOVE_MONITOR, CHANGED_AT, **when)
    earlier = (await ask(database, changing, MATRIX, asOf=BEFORE))["traceMatrix"]["rows"]
    later = (await ask(database, changing, MATRIX))["traceMatrix"]["rows"]
    edges = ("monitoredBy", "promisedIn", "contractedIn")
    red = [
        (row["requirement"]["key"], edge)
        for row, was in zip(later, before, strict=True)
        for edge in edges
        if row[edge] != was[edge]
    ]
    assert red == [("requirement-07", "monitoredBy")]
    assert later[6]["monitoredBy"] | {"because": ""} == {
        "state": "MISSING", "fault": "NO_MONITOR", "because": "", "by": [],
    }  # fmt: skip
    assert later[6]["monitoredBy"]["because"] == (
        "monitor service-07-resolution was removed at 2026-11-01T00:00:00+00:00"
    )
    assert (later[6]["hopsPresent"], later[6]["brokenHop"]) == (2, "MONITOR")
    assert {(row["brokenHop"], row[edge]["state"]) for row in earlier for edge in edges} == {(None, "IN_FORCE")}


@pytest.mark.capability("Q1")
async def test_taking_a_tile_off_lowers_only_the_second_share_of_the_question(
    database: Database, changing: Actor
) -> None:
    found = await ask(database, changing, '{ dashboardTile(key: "service-03") { id } }')
    await change(database, changing, REMOVE_TILE, CHANGED_AT, id=found["dashboardTile"]["id"], at=LAST)
    later, earlier = [
        (await ask(database, changing, Q1, asOf=instant))["designTraceability"]
        for instant in (UNTIL.isoformat(), BEFORE)
    ]
    counts = [
        [(answer[name]["numerator"], answer[name]["denominator"]) for name in ("inDesign", "traceable", "tiles")]
        for answer in (earlier, later)
    ]
    assert counts == [[(30, 30), (30, 30), (30, 30)], [(30, 30), (29, 30), (29, 29)]]


BACK_DATE = """mutation($service: ID!, $at: DateTime!) {
  createRequirement(input: {
    key: "late", serviceId: $service, validFrom: $at,
    definition: {
      statement: "Up", metric: "availability", comparison: AT_LEAST, targetValue: "99", unit: "percent"
    }
  }) { __typename ... on RequirementPayload { requirement { versions { id } } } ... on Problem { message } }
}"""
APPROVE = """mutation($version: ID!, $person: ID!, $at: DateTime!) {
  approveRequirement(input: {requirementVersionId: $version, personId: $person, approvedAt: $at}) {
    __typename ... on Problem { message }
  }
}"""


@pytest.mark.capability("S1")
async def test_a_requirement_dated_back_to_design_is_shown_as_such(database: Database, changing: Actor) -> None:
    found = await ask(database, changing, '{ service(key: "service-05") { id } person(key: "carla-romano") { id } }')
    claimed = "2024-06-01T00:00:00+00:00"
    given = {"person": found["person"]["id"], "at": claimed}
    created = await ask(database, changing, BACK_DATE, CHANGED_AT, service=found["service"]["id"], at=claimed)
    (version,) = created["createRequirement"]["requirement"]["versions"]
    await change(database, changing, APPROVE, CHANGED_AT, version=version["id"], **given)
    rows = (await ask(database, changing, MATRIX))["traceMatrix"]["rows"]
    late = next(row for row in rows if row["requirement"]["key"] == "late")
    assert (late["isBackDated"], late["timing"]) == (True, "AFTER_GO_LIVE")
    assert (late["approvedAt"], late["approvalRecordedAt"]) == ("2024-06-01T00:00:00Z", "2026-11-01T00:00:00Z")
    earlier = (await ask(database, changing, MATRIX, asOf=BEFORE))["traceMatrix"]["rows"]
    assert "late" not in {row["requirement"]["key"] for row in earlier}


BLAME = "{ designBlame(first: 500) { key designGates breaches blamed undecided sentence } }"


@pytest.mark.capability("B8")
async def test_absence_from_design_stands_beside_blame(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    of_good, of_bad, of_silent = [(await ask(database, actor, BLAME))["designBlame"] for actor in (good, bad, silent)]
    launched = [row for row in of_good if row["key"] != DESK]
    assert {(row["designGates"], row["blamed"]) for row in launched} == {("PRESENT", 0)}
    blamed = [row for row in of_bad if row["breaches"] and row["key"] != DESK]
    assert blamed
    assert {(row["designGates"], row["blamed"]) for row in blamed} == {("ABSENT_FROM_EVERY_GATE", 1)}
    assert all(row["sentence"].startswith("absent at design, blamed 1 time") for row in blamed)
    assert [(row["designGates"], row["sentence"]) for row in of_silent] == [
        ("CANNOT_TELL", "it cannot be told who was at its design, blamed 0 times")
    ]
