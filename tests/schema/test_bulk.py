"""Many things at once: all or nothing, or each that can be, with the place of every problem, in few statements."""

from typing import Any

import pytest

from schema.bulk import MOST_ITEMS
from services.db import Database
from services.organisations.rules import Actor
from tests.schema.agreements.test_mutations import target
from tests.schema.calendars.test_mutations import calendar_id
from tests.schema.catalogue.test_mutations import service_id
from tests.schema.conftest import Execute
from tests.schema.mutating import Changes, fields_of
from tests.statements import Statements
from tests.trail import replayed, stored

ITEMS = """... on BulkPayload { written refused items { index id problem { __typename code message
    ... on InvalidProblem { problems { field message } } } } }"""
INSTANT = "2026-01-01T00:00:00Z"


def service(number: int, **different: Any) -> dict[str, Any]:
    return {"key": f"service-{number}", "name": f"Service {number}"} | different


async def test_each_item_that_can_be_is_written_and_the_others_say_why(actor: Actor, change: Changes) -> None:
    items = [service(0), service(1, name=""), service(0), service(2, departmentId="nothing"), service(3)]
    answer = await change(actor, "createServices", {"items": items, "mode": "PER_ITEM"}, ITEMS)
    assert (answer["written"], answer["refused"]) == (2, 3)
    assert [item["index"] for item in answer["items"]] == [0, 1, 2, 3, 4]
    assert [item["id"] is None for item in answer["items"]] == [False, True, True, True, False]
    problems = [item["problem"] for item in answer["items"]]
    assert problems[0] is None
    assert problems[4] is None
    assert problems[1]["problems"] == [{"field": "items.1.name", "message": "expected some text"}]
    assert (problems[2]["__typename"], problems[2]["code"]) == ("ConflictProblem", "CONFLICT")
    assert [problem["field"] for problem in problems[3]["problems"]] == ["items.3.departmentId"]


async def test_all_or_nothing_is_nothing_when_one_item_cannot_be(
    actor: Actor, change: Changes, database: Database
) -> None:
    items = [service(0), service(1, name="", key="A B"), service(0)]
    answer = await change(actor, "createServices", {"items": items}, ITEMS)
    assert fields_of(answer) == ["items.1.key", "items.1.name", "items.2"]
    again = await change(actor, "createServices", {"items": items[:1]}, ITEMS)
    assert again["written"] == 1
    assert await replayed(database, actor.organisation_id) == await stored(database, actor.organisation_id)


async def test_ids_of_what_was_written_are_found_by_nodes(actor: Actor, change: Changes, execute: Execute) -> None:
    answer = await change(actor, "createServices", {"items": [service(number) for number in range(3)]}, ITEMS)
    ids = [item["id"] for item in answer["items"]]
    found = await execute(actor, "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Service { key } } }", ids=ids)
    assert found.data == {"nodes": [{"key": "service-0"}, {"key": "service-1"}, {"key": "service-2"}]}


async def test_a_thousand_items_take_as_many_statements_as_one(
    actor: Actor, change: Changes, statements: Statements
) -> None:
    counts = []
    for size, start in ((1, 0), (MOST_ITEMS - 1, 1)):
        statements.clear()
        items = [service(number) for number in range(start, start + size)]
        answer = await change(actor, "createServices", {"items": items}, "... on BulkPayload { written }")
        assert answer["written"] == size
        counts.append(len(statements.texts))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("size", [0, MOST_ITEMS + 1])
async def test_no_item_and_too_many_are_refused(actor: Actor, change: Changes, size: int) -> None:
    items = [service(number) for number in range(size)]
    assert fields_of(await change(actor, "createServices", {"items": items}, ITEMS)) == ["items"]


async def test_repeated_under_a_key_the_items_are_answered_as_before(actor: Actor, execute: Execute) -> None:
    document = f"""mutation($input: CreateServicesInput!) {{
        createServices(input: $input, idempotencyKey: "m-1") {{ __typename {ITEMS} }} }}"""
    given = {"items": [service(0), service(1, name="")], "mode": "PER_ITEM"}
    first, second = await execute(actor, document, input=given), await execute(actor, document, input=given)
    assert first.errors is None
    assert first.data == second.data
    assert first.data is not None
    assert first.data["createServices"]["written"] == 1


async def test_a_migration_writes_parties_people_requirements_agreements_and_improvements(
    actor: Actor, change: Changes, database: Database, execute: Execute
) -> None:
    calendar, about = await calendar_id(change, actor), await service_id(change, actor)
    numbers = range(3)
    party = [{"key": f"party-{number}", "name": "Party", "kind": "CUSTOMER"} for number in numbers]
    parties = await change(actor, "createParties", {"items": party}, ITEMS)
    customer = parties["items"][0]["id"]
    person = [{"key": f"person-{number}", "name": "Person", "partyId": customer} for number in numbers]
    people = await change(actor, "createPeople", {"items": person}, ITEMS)
    requirement = [
        {"key": f"r-{number}", "serviceId": about, "validFrom": INSTANT, "definition": {"statement": "Be fast"}}
        for number in numbers
    ]
    agreement = [
        {
            "key": f"a-{number}",
            "name": "Agreement",
            "kind": "SLA",
            "serviceId": about,
            "customerId": customer,
            "validFrom": INSTANT,
            "targets": [target(calendar, key=f"target-{place}") for place in range(number + 1)],
        }
        for number in numbers
    ]
    improvement = [
        {"key": f"i-{number}", "title": "Better", "consequence": "CORRECTIVE", "ownerId": people["items"][0]["id"]}
        for number in numbers
    ]
    for field, items in (
        ("createRequirements", requirement),
        ("createAgreements", agreement),
        ("registerImprovements", improvement),
    ):
        answer = await change(actor, field, {"items": items}, ITEMS)
        assert answer.get("written") == len(numbers), answer
    found = await execute(actor, "{ agreements { nodes { key targets { key versions { durationSeconds } } } } }")
    assert found.data is not None
    nodes = found.data["agreements"]["nodes"]
    assert [[promised["key"] for promised in node["targets"]] for node in nodes] == [
        ["target-0"], ["target-0", "target-1"], ["target-0", "target-1", "target-2"]
    ]  # fmt: skip
    assert all(len(promised["versions"]) == 1 for node in nodes for promised in node["targets"])
    assert await replayed(database, actor.organisation_id) == await stored(database, actor.organisation_id)


async def test_what_is_wrong_deep_inside_an_item_is_named_by_its_path(actor: Actor, change: Changes) -> None:
    about = await service_id(change, actor)
    good = {"key": "a-1", "name": "A", "kind": "SLA", "serviceId": about, "validFrom": INSTANT, "targets": []}
    broken = good | {"key": "a-2", "targets": [target("nothing", durationSeconds=0)]}
    answer = await change(actor, "createAgreements", {"items": [good, broken], "mode": "PER_ITEM"}, ITEMS)
    found = [[problem["field"] for problem in item["problem"]["problems"]] for item in answer["items"]]
    assert found == [["items.0.targets"], ["items.1.targets.0.durationSeconds", "items.1.targets.0.calendarId"]]
