"""Recording what happens to tickets: the clocks are right in the answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.planner.identity import encode_global_id
from services.db import Database, fetch
from services.organisations.rules import Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.schema.mutating import Changes, fields_of

OPENED = "2026-06-01T08:00:00Z"
TICKET = """... on RecordTicketEventPayload {
  isNew
  ticket { key state clocks { status outcome dueAt timeline { kind rule } } }
}"""
COUNTS = "... on RecordTicketEventsPayload { recorded known ticketIds }"


@pytest.fixture
async def service(database: Database, actor: Actor) -> str:
    """The global id of a service with an eight hour promise."""
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    return encode_global_id("Service", actor.organisation_id, service_id)


def reported(**different: Any) -> dict[str, Any]:
    return {"ticket": "INC1", "occurredAt": OPENED, "state": "NEW"} | different


async def test_a_recorded_event_opens_its_ticket_and_starts_its_clock(
    change: Changes, actor: Actor, service: str
) -> None:
    answer = await change(actor, "recordTicketEvent", {"serviceId": service, "event": reported()}, TICKET)
    assert answer["isNew"]
    (clock,) = answer["ticket"]["clocks"]
    assert (clock["status"], clock["outcome"], clock["dueAt"]) == ("RUNNING", "PENDING", "2026-06-01T16:00:00Z")
    assert clock["timeline"][0]["kind"] == "START"


async def test_recording_an_event_again_changes_nothing(change: Changes, actor: Actor, service: str) -> None:
    given = {"serviceId": service, "event": reported()}
    await change(actor, "recordTicketEvent", given, TICKET)
    again = await change(actor, "recordTicketEvent", given, TICKET)
    assert not again["isNew"]
    assert len(again["ticket"]["clocks"]) == 1


CONFLICT = "... on ConflictProblem { code message }"


async def test_another_event_under_the_same_key_is_refused_and_says_how_to_send_both(
    change: Changes, actor: Actor
) -> None:
    await change(actor, "recordTicketEvent", {"event": reported()}, TICKET)
    other = {"event": reported(state="RESOLVED", team="Second line")}
    refused = await change(actor, "recordTicketEvent", other, CONFLICT)
    assert refused["code"] == "CONFLICT"
    assert "'0|2026-06-01T08:00:00+00:00' of ticket 'INC1' is on record since 2026-06-01T10:00" in refused["message"]
    assert "with the state new at 2026-06-01T08:00:00+00:00, and differs in state, team:" in refused["message"]
    assert "`sequence` or a `key`" in refused["message"]
    for own in ({"sequence": 1}, {"key": "own"}):
        answer = await change(actor, "recordTicketEvent", {"event": other["event"] | own}, TICKET)
        assert answer["isNew"]


@pytest.mark.parametrize(
    "different",
    [
        {"occurredAt": "2026-06-01T08:30:00Z"},
        {"sequence": 1},
        {"priority": "High"},
        {"assignee": "Ann"},
        {"closedAt": OPENED},
        {"recordedOutcome": "MET"},
        {"attributes": [{"name": "n", "value": "v"}]},
    ],
)
async def test_whatever_differs_is_not_taken_for_known(
    change: Changes, actor: Actor, different: dict[str, Any]
) -> None:
    await change(actor, "recordTicketEvent", {"event": reported(key="k")}, TICKET)
    refused = await change(actor, "recordTicketEvent", {"event": reported(key="k", **different)})
    assert refused["__typename"] == "ConflictProblem"


async def test_two_events_of_one_call_under_one_key_are_refused_with_all_or_each_alone(
    change: Changes, actor: Actor
) -> None:
    events = [reported(), reported(state="RESOLVED"), reported(), reported(ticket="INC2")]
    refused = await change(actor, "recordTicketEvents", {"events": events}, CONFLICT)
    assert "comes before it in the same call" in refused["message"]
    selected = "... on RecordTicketEventsPayload { recorded known refused { index problem { code } } }"
    answer = await change(actor, "recordTicketEvents", {"events": events, "mode": "PER_ITEM"}, selected)
    assert (answer["recorded"], answer["known"]) == (2, 1)
    assert answer["refused"] == [{"index": 1, "problem": {"code": "CONFLICT"}}]


async def test_a_mutation_cannot_say_since_when_an_event_is_known(
    change: Changes, actor: Actor, service: str, database: Database
) -> None:
    await change(actor, "recordTicketEvent", {"event": reported()}, TICKET)
    async with database.reading(actor.organisation_id) as session:
        sql = "SELECT occurred_at, recorded_at, recorded_by FROM ticket_event WHERE organisation_id = $1"
        ((occurred_at, recorded_at, recorded_by),) = await fetch(session, sql, actor.organisation_id)
    assert occurred_at == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert recorded_at == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert recorded_by == actor.account_id


async def test_events_are_recorded_all_or_none(change: Changes, actor: Actor, service: str) -> None:
    events = [reported(ticket="INC1"), reported(ticket="INC2"), reported(ticket="INC2", state="RESOLVED", sequence=1)]
    answer = await change(actor, "recordTicketEvents", {"events": events}, COUNTS)
    assert (answer["recorded"], answer["known"], len(answer["ticketIds"])) == (3, 0, 2)
    refused = await change(actor, "recordTicketEvents", {"events": [reported(ticket="INC3"), reported(ticket=" ")]})
    assert fields_of(refused) == ["events.1.ticket"]
    again = await change(actor, "recordTicketEvents", {"events": [reported(ticket="INC3")]}, COUNTS)
    assert again["recorded"] == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ticket": ""}, "event.ticket"),
        ({"occurredAt": "2027-01-01T00:00:00Z"}, "event.occurredAt"),
        ({"openedAt": "2026-06-01T09:00:00Z"}, "event.openedAt"),
        ({"sequence": -1}, "event.sequence"),
        ({"priority": "x" * 256}, "event.priority"),
        ({"recordedOutcome": "NO_DATA"}, "event.recordedOutcome"),
        ({"attributes": [{"name": "n", "value": "v" * 10_001}]}, "event.attributes.n"),
    ],
)
async def test_what_cannot_be_recorded_is_refused_at_its_field(
    change: Changes, actor: Actor, wrong: dict[str, Any], field: str
) -> None:
    assert fields_of(await change(actor, "recordTicketEvent", {"event": reported(**wrong)})) == [field]


async def test_too_many_events_are_refused_before_any_is_looked_at(change: Changes, actor: Actor) -> None:
    events = [reported(ticket="")] * 1_001
    assert fields_of(await change(actor, "recordTicketEvents", {"events": events})) == ["events"]


async def test_a_service_of_another_organisation_does_not_exist(
    change: Changes, actor: Actor, database: Database
) -> None:
    other = await new_actor(database)
    foreign = encode_global_id("Service", other.organisation_id, await new_service(database, other))
    answer = await change(actor, "recordTicketEvent", {"serviceId": foreign, "event": reported()})
    assert answer["__typename"] == "NotFoundProblem"


async def test_each_event_that_can_be_is_recorded_and_the_others_say_why(actor: Actor, change: Changes) -> None:
    good = {"ticket": "INC1", "occurredAt": "2026-03-01T09:00:00Z", "state": "NEW"}
    events = [good | {"occurredAt": "2100-01-01T00:00:00Z"}, good, good | {"ticket": "", "sequence": -1}]
    selected = """... on RecordTicketEventsPayload { recorded known ticketIds refused { index id problem { code
        ... on InvalidProblem { problems { field } } } } }"""
    answer = await change(actor, "recordTicketEvents", {"events": events, "mode": "PER_ITEM"}, selected)
    assert (answer["recorded"], answer["known"], len(answer["ticketIds"])) == (1, 0, 1)
    assert [(item["index"], item["id"], item["problem"]["problems"]) for item in answer["refused"]] == [
        (0, None, [{"field": "events.0.occurredAt"}]),
        (2, None, [{"field": "events.2.ticket"}, {"field": "events.2.sequence"}]),
    ]
    nothing = await change(actor, "recordTicketEvents", {"events": events[:1], "mode": "PER_ITEM"}, selected)
    assert (nothing["recorded"], nothing["ticketIds"], len(nothing["refused"])) == (0, [], 1)
    strict = await change(actor, "recordTicketEvents", {"events": events}, selected)
    assert strict["__typename"] == "InvalidProblem"
