"""The computed fields: the figures of the services, in their stated number of statements."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schema.computed import STATEMENTS_OF_COMPUTED_FIELDS
from services.db import Database, new_id
from services.domain.vocabulary import Outcome, TicketState
from services.organisations.rules import AccessRole, Actor, PartyKind, PartyScope
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.factories.tickets import event, happened, hours
from tests.schema.conftest import Execute
from tests.statements import Statements

MONDAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)

REVIEW = """
query Review($month: String, $from: Date) {
  serviceReview(month: $month, openedFrom: $from) {
    selectedBy timeZone
    tickets { tickets recordedBreaches { count total percent } }
    clocks { attainment { count total percent lowPercent highPercent } }
    targets { key assumed clocks { attainment { count } } }
    groups(by: PRIORITY) { value tickets { tickets } }
    findings { code sentence }
    closingStalls { firstDay }
  }
}
"""


@pytest.fixture
async def judged(database: Database, actor: Actor) -> Actor:
    """An organisation with one kept and one broken promise."""
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    events = [
        event("kept", MONDAY, TicketState.NEW, team="blue"),
        event("kept", MONDAY + hours(1), TicketState.CLOSED, sequence=1, outcome=Outcome.MET, team="blue"),
        event("broken", MONDAY, TicketState.NEW, priority="1 - Critical"),
        event(
            "broken",
            MONDAY + hours(30),
            TicketState.CLOSED,
            sequence=1,
            priority="1 - Critical",
            outcome=Outcome.MISSED,
        ),
    ]
    await happened(database, actor, service_id, events, LATER)
    return actor


async def answered(execute: Execute, actor: Actor, document: str, **variables: Any) -> dict[str, Any]:
    result = await execute(actor, document, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


@pytest.mark.capability("I2", partly=True)
async def test_the_review_shows_recorded_outcomes_beside_our_own_clocks(execute: Execute, judged: Actor) -> None:
    review = (await answered(execute, judged, REVIEW, month="2026-05"))["serviceReview"]
    assert review["selectedBy"] == "CLOSED"
    assert review["tickets"] == {"tickets": 2, "recordedBreaches": {"count": 1, "total": 2, "percent": "50"}}
    assert review["clocks"]["attainment"]["count"] == 1
    assert [group["value"] for group in review["groups"]] == ["1 - Critical", "3 - Moderate"]


async def test_a_review_of_nothing_says_so(execute: Execute, judged: Actor) -> None:
    review = (await answered(execute, judged, REVIEW, month="2020-01"))["serviceReview"]
    assert [finding["code"] for finding in review["findings"]] == ["NO_TICKETS"]
    assert review["clocks"]["attainment"] == {
        "count": 0,
        "total": 0,
        "percent": None,
        "lowPercent": None,
        "highPercent": None,
    }


async def test_the_computed_fields_run_their_stated_number_of_statements(
    execute: Execute, judged: Actor, statements: Statements
) -> None:
    documents = {
        "serviceReview": REVIEW,
        "alignmentWhatIf": "{ alignmentWhatIf(proposal: {}) { targetKey } }",
        "attainment": "{ attainment(by: [TEAM]) { pending } }",
        "maturityPatterns": "{ maturityPatterns { __typename } }",
        "contractMatrix": "{ contractMatrix { rows { __typename } } }",
        "contractSignatures": "{ contractSignatures { missing } }",
        "exposure": "{ exposure { key } }",
        "liabilities": "{ liabilities { missing } }",
        "underpinning": "{ underpinning { headline } }",
        "renewals": "{ renewals { contracts { __typename } } }",
        "coverage": "{ coverage { headline } }",
        "designBlame": "{ designBlame { key } }",
        "designTraceability": "{ designTraceability { ask } }",
        "tileTraces": "{ tileTraces { totalCount } }",
        "traceMatrix": "{ traceMatrix { totalCount } }",
        "viewer": "{ viewer { account { name } organisation { name } party { name } } }",
    }
    assert documents.keys() == STATEMENTS_OF_COMPUTED_FIELDS.keys()
    supplier = replace(judged, role=AccessRole.VIEWER, party=PartyScope(new_id(), PartyKind.SUPPLIER))
    for field, document in documents.items():
        statements.clear()
        await answered(execute, supplier if field == "viewer" else judged, document)
        assert len(statements.texts) == STATEMENTS_OF_COMPUTED_FIELDS[field], field


async def test_attainment_is_counted_by_any_grouping(execute: Execute, judged: Actor) -> None:
    document = """{
      attainment(by: [PRIORITY, TEAM]) { values { dimension value } attainment { count total } }
    }"""
    groups = (await answered(execute, judged, document))["attainment"]
    assert [([value["value"] for value in group["values"]], group["attainment"]) for group in groups] == [
        (["1 - Critical", "desk"], {"count": 0, "total": 1}),
        (["3 - Moderate", "blue"], {"count": 1, "total": 1}),
    ]


async def test_attainment_sees_one_organisation_only(execute: Execute, judged: Actor, database: Database) -> None:
    other = await new_actor(database)
    assert (await answered(execute, other, "{ attainment(by: [TEAM]) { pending } }"))["attainment"] == []


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("{ attainment(by: []) { pending } }", "by"),
        ("{ attainment(by: [TEAM, TEAM]) { pending } }", "by"),
        ("{ attainment(by: [TEAM], first: 501) { pending } }", "first"),
        ('{ serviceReview(month: "May") { madeAt } }', "month"),
        ('{ serviceReview(month: "2026-05", openedFrom: "2026-05-01") { madeAt } }', "month"),
        ("{ serviceReview(quicklyHours: 0) { madeAt } }", "quicklyHours"),
        ("{ traceMatrix(first: 0) { totalCount } }", "first"),
        ("{ tileTraces(first: 101) { totalCount } }", "first"),
        ('{ traceMatrix(asOf: "2199-01-01T00:00:00Z") { totalCount } }', "asOf"),
        ("{ coverage(gaps: 501) { headline } }", "gaps"),
        ("{ designBlame(first: 0) { key } }", "first"),
    ],
)
async def test_a_wrong_question_is_refused_at_its_field(
    execute: Execute, judged: Actor, document: str, field: str
) -> None:
    result = await execute(judged, document)
    assert result.errors is not None
    extensions = result.errors[0].extensions or {}
    assert extensions["code"] == "INVALID"
    assert [problem["field"] for problem in extensions["problems"]] == [field]
