"""Previewing and applying changed definitions over GraphQL, and signing results off."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.db import Database
from services.domain.vocabulary import TicketState
from services.organisations.rules import AccessRole, Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor, new_person
from tests.factories.tickets import event, happened, hours
from tests.schema.conftest import Execute
from tests.schema.mutating import Changes, fields_of
from tests.statements import Statements

MONDAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, 9, tzinfo=UTC)
PREVIEW = """... on ChangePreviewPayload { preview {
    facts madeAt tickets clocksChanged periodsChanged frozenPeriodsTouched breachesAdded breachesRemoved
    clocks { ticketKey targetKey cycle before { outcome dueAt } after { outcome dueAt elapsedSeconds } }
    periods { targetKey period periodStart before { outcome met } after { outcome met missed attainmentPercent } }
    frozenPeriods { targetKey after { outcome } }
    newBreaches { kind ticketKey period } lostBreaches { kind }
} }"""
APPLIED = """... on AgreementVersionPayload { factsArrived recomputation {
    tickets clocksChanged periodsChanged frozenPeriods breachesAdded breachesRemoved
    agreementVersion { reason } calendarVersion { id }
    supersededClocks { totalCount nodes { outcome ticket { key } } }
    supersededPeriodResults { nodes { outcome met periodResult { outcome met } } }
} }"""
PREVIEW_STATEMENTS = 64
"""Of a change to one target with the clocks of one chunk of tickets, whatever their number."""


@pytest.fixture
async def service_id(database: Database, actor: Actor) -> UUID:
    return await new_service(database, actor)


@pytest.fixture
async def given(database: Database, actor: Actor, service_id: UUID, execute: Execute) -> dict[str, Any]:
    """A version that halves the time allowed, since before two tickets that took two and six hours."""
    calendar_id = await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    events = [
        told
        for ticket, took in (("quick", 2), ("slow", 6))
        for told in (
            event(ticket, MONDAY, TicketState.NEW),
            event(ticket, MONDAY + hours(took), TicketState.CLOSED, sequence=1),
        )
    ]
    await happened(database, actor, service_id, events, JUNE)
    known = await answered(execute, actor, "{ agreements { nodes { id } } calendars { nodes { id } } }")
    faster = {
        "key": "resolve",
        "name": "Resolved in time",
        "calendarId": known["calendars"]["nodes"][0]["id"],
        "durationSeconds": 4 * 3600,
        "stopStates": ["RESOLVED", "CLOSED"],
        "pauseStates": ["AWAITING_CUSTOMER"],
        "objectivePercent": "95",
    }
    return {
        "agreementId": known["agreements"]["nodes"][0]["id"],
        "validFrom": "2026-05-01T00:00:00Z",
        "targets": [faster],
        "reason": "Renegotiated",
    }


async def answered(execute: Execute, actor: Actor, document: str, **variables: Any) -> dict[str, Any]:
    result = await execute(actor, document, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


async def test_a_preview_shows_tickets_periods_and_breaches(
    change: Changes, actor: Actor, given: dict[str, Any]
) -> None:
    preview = (await change(actor, "previewAgreementVersion", given, PREVIEW))["preview"]
    assert (preview["tickets"], preview["clocksChanged"], preview["periodsChanged"]) == (2, 2, 1)
    assert preview["clocks"][0] == {
        "ticketKey": "slow",
        "targetKey": "resolve",
        "cycle": 1,
        "before": {"outcome": "MET", "dueAt": "2026-05-04T16:00:00Z"},
        "after": {"outcome": "MISSED", "dueAt": "2026-05-04T12:00:00Z", "elapsedSeconds": 6 * 3600},
    }
    assert preview["periods"] == [
        {
            "targetKey": "resolve",
            "period": "MONTH",
            "periodStart": "2026-04-30T23:00:00Z",
            "before": {"outcome": "MET", "met": 2},
            "after": {"outcome": "MISSED", "met": 1, "missed": 1, "attainmentPercent": "50"},
        }
    ]
    assert preview["newBreaches"] == [
        {"kind": "CLOCK", "ticketKey": "slow", "period": None},
        {"kind": "PERIOD", "ticketKey": None, "period": "MONTH"},
    ]


async def test_a_preview_changes_nothing_and_applying_does_what_it_said(
    change: Changes, execute: Execute, actor: Actor, given: dict[str, Any]
) -> None:
    preview = (await change(actor, "previewAgreementVersion", given, PREVIEW))["preview"]
    assert (await answered(execute, actor, "{ recomputations { totalCount } }"))["recomputations"]["totalCount"] == 0
    applied = await change(actor, "publishAgreementVersion", given | {"previewedFacts": preview["facts"]}, APPLIED)
    assert applied["factsArrived"] is False
    recomputation = applied["recomputation"]
    counted = ("tickets", "clocksChanged", "periodsChanged", "breachesAdded", "breachesRemoved")
    assert [recomputation[name] for name in counted] == [preview[name] for name in counted]
    assert (recomputation["agreementVersion"], recomputation["calendarVersion"]) == ({"reason": "Renegotiated"}, None)
    assert [node["outcome"] for node in recomputation["supersededClocks"]["nodes"]] == ["MET", "MET"]
    assert recomputation["supersededPeriodResults"]["nodes"] == [
        {"outcome": "MET", "met": 2, "periodResult": {"outcome": "MISSED", "met": 1}}
    ]


async def test_facts_that_arrived_since_the_preview_are_told(
    change: Changes, actor: Actor, given: dict[str, Any]
) -> None:
    applied = await change(actor, "publishAgreementVersion", given | {"previewedFacts": "of yesterday"}, APPLIED)
    assert applied["factsArrived"] is True


async def test_what_a_clock_and_a_result_were_is_found_beside_what_they_are(
    change: Changes, execute: Execute, actor: Actor, given: dict[str, Any]
) -> None:
    await change(actor, "publishAgreementVersion", given)
    document = """{
        periodResults { nodes { outcome superseded { outcome computedAt recomputation { id } } } }
        clocks(filter: {outcome: [MISSED]}) { nodes { dueAt superseded { outcome dueAt timeline { kind } } } }
    }"""
    found = await answered(execute, actor, document)
    (result,) = found["periodResults"]["nodes"]
    assert (result["outcome"], [was["outcome"] for was in result["superseded"]]) == ("MISSED", ["MET"])
    (clock,) = found["clocks"]["nodes"]
    assert [was["dueAt"] for was in clock["superseded"]] == ["2026-05-04T16:00:00Z"]


async def test_a_preview_runs_as_many_statements_for_many_tickets_as_for_few(
    change: Changes, database: Database, actor: Actor, service_id: UUID, given: dict[str, Any], statements: Statements
) -> None:
    for more in (0, 10):
        events = [event(f"T{number}", MONDAY + hours(1), TicketState.NEW) for number in range(more)]
        closed = [event(f"T{number}", MONDAY + hours(2), TicketState.CLOSED, sequence=1) for number in range(more)]
        await happened(database, actor, service_id, events + closed, JUNE)
        statements.clear()
        preview = (await change(actor, "previewAgreementVersion", given, PREVIEW))["preview"]
        assert (preview["tickets"], len(statements.texts)) == (2 + more, PREVIEW_STATEMENTS)


@pytest.mark.parametrize(
    ("field", "different", "wrong"),
    [
        ("previewAgreementVersion", {"targets": []}, ["targets"]),
        ("previewAgreementEnd", {"reason": ""}, ["reason"]),
    ],
)
async def test_a_preview_is_refused_for_what_the_change_would_be_refused_for(
    change: Changes, actor: Actor, given: dict[str, Any], field: str, different: dict[str, Any], wrong: list[str]
) -> None:
    known = {"agreementId", "validFrom", "reason"} if field == "previewAgreementEnd" else set(given)
    asked = {name: value for name, value in (given | different).items() if name in known}
    assert fields_of(await change(actor, field, asked)) == wrong


async def test_more_than_can_be_told_is_refused(execute: Execute, actor: Actor, given: dict[str, Any]) -> None:
    document = """mutation($input: PublishAgreementVersionInput!) {
        previewAgreementVersion(input: $input, first: 501) { ... on InvalidProblem { problems { field } } }
    }"""
    answer = (await answered(execute, actor, document, input=given))["previewAgreementVersion"]
    assert answer == {"problems": [{"field": "first"}]}


async def test_an_agreement_of_another_organisation_is_not_previewed(
    change: Changes, database: Database, given: dict[str, Any]
) -> None:
    other = await new_actor(database)
    mine = {"agreementId": given["agreementId"], "reason": "r"}
    assert (await change(other, "previewAgreementEnd", mine))["__typename"] == "NotFoundProblem"


async def test_nobody_who_may_not_change_definitions_sees_a_preview(
    change: Changes, database: Database, actor: Actor, given: dict[str, Any]
) -> None:
    viewer = Actor(actor.organisation_id, actor.account_id, "viewer", AccessRole.VIEWER)
    assert (await change(viewer, "previewAgreementVersion", given))["__typename"] == "NotPermittedProblem"


RESULT = """periodResult { outcome met freeze { note signedBy { key } recordedAt } recomputed { outcome met }
    adjustments { number met missed outcome attainmentPercent reason signedBy { key } } }"""


async def test_a_signed_result_is_read_with_what_it_is_computed_to_be_and_what_it_was_adjusted_to(
    change: Changes, execute: Execute, database: Database, actor: Actor, given: dict[str, Any]
) -> None:
    await new_person(database, actor)
    document = "{ periodResults { nodes { id } } people { nodes { id } } }"
    known = await answered(execute, actor, document)
    signed = {
        "periodResultId": known["periodResults"]["nodes"][0]["id"],
        "signedById": known["people"]["nodes"][0]["id"],
    }
    frozen = await change(
        actor, "freezePeriodResult", signed | {"note": "seen"}, f"... on FreezePeriodResultPayload {{ {RESULT} }}"
    )
    assert frozen["periodResult"] == {
        "outcome": "MET",
        "met": 2,
        "freeze": {"note": "seen", "signedBy": {"key": "ann"}, "recordedAt": "2026-06-01T10:00:00Z"},
        "recomputed": None,
        "adjustments": [],
    }
    preview = (await change(actor, "previewAgreementVersion", given, PREVIEW))["preview"]
    assert (preview["periodsChanged"], preview["frozenPeriodsTouched"]) == (0, 1)
    assert preview["frozenPeriods"] == [{"targetKey": "resolve", "after": {"outcome": "MISSED"}}]
    await change(actor, "publishAgreementVersion", given)
    figures = {"figures": {"met": 1, "missed": 1}, "reason": "agreed anew", "expectedAdjustments": 0}
    adjusted = await change(
        actor, "adjustPeriodResult", signed | figures, f"... on AdjustPeriodResultPayload {{ {RESULT} }}"
    )
    result = adjusted["periodResult"]
    assert (result["outcome"], result["recomputed"]) == ("MET", {"outcome": "MISSED", "met": 1})
    assert result["adjustments"] == [
        {
            "number": 1,
            "met": 1,
            "missed": 1,
            "outcome": "MISSED",
            "attainmentPercent": "50",
            "reason": "agreed anew",
            "signedBy": {"key": "ann"},
        }
    ]
    again = await change(actor, "adjustPeriodResult", signed | figures)
    assert again["__typename"] == "ConflictProblem"
    counted = "{ frozen: periodResults(filter: {isFrozen: true}) { totalCount } }"
    assert (await answered(execute, actor, counted))["frozen"]["totalCount"] == 1
