"""Recording contract clauses and the requirements they carry over GraphQL."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.db import Database
from services.organisations.rules import Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import NOW
from tests.factories.requirements import new_requirement
from tests.schema.mutating import Changes, fields_of

SINCE = "2026-02-01T00:00:00Z"
IDS = '{ agreement(key: "mail-sla") { id } requirement(key: "mail-restored") { id } }'


async def ids(database: Database, actor: Actor, execute: Callable[..., Awaitable[Any]]) -> tuple[str, str]:
    service = await new_service(database, actor)
    await new_agreement(database, actor, service, target(await new_calendar(database, actor)))
    await new_requirement(database, actor, service, at=NOW)
    found = (await execute(actor, IDS)).data
    return str(found["agreement"]["id"]), str(found["requirement"]["id"])


async def test_a_clause_carries_a_requirement_from_one_instant_to_another(
    actor: Actor, change: Changes, database: Database, execute: Callable[..., Awaitable[Any]]
) -> None:
    agreement, requirement = await ids(database, actor, execute)
    said = {
        "agreementId": agreement, "reference": "4.2", "text": "Back within four hours", "metric": "time to restore",
        "comparison": "AT_MOST", "value": "4.5", "unit": "hours",
    }  # fmt: skip
    selected = "... on ContractClausePayload { clause { id reference value comparison agreement { key } } }"
    clause = (await change(actor, "recordContractClause", said, selected))["clause"]
    assert (clause["reference"], clause["value"], clause["agreement"]) == ("4.2", "4.5", {"key": "mail-sla"})
    assert (await change(actor, "recordContractClause", said))["__typename"] == "ConflictProblem"
    link = {"clauseId": clause["id"], "requirementId": requirement}
    selected = "... on ClauseRequirementPayload { link { binding tenure clause { requirementLinks { tenure } } } }"
    held = await change(actor, "linkClause", link | {"validFrom": SINCE, "binding": True}, selected)
    assert held["link"] == {"binding": True, "tenure": "HELD", "clause": {"requirementLinks": [{"tenure": "HELD"}]}}
    assert (await change(actor, "linkClause", link))["__typename"] == "ConflictProblem"
    ended = await change(actor, "unlinkClause", link, selected)
    assert (ended["link"]["tenure"], ended["link"]["binding"]) == ("ENDED", False)
    read = await execute(actor, '{ requirement(key: "mail-restored") { clauseLinks { tenure clause { reference } } } }')
    assert [each["tenure"] for each in read.data["requirement"]["clauseLinks"]] == ["HELD", "ENDED"]


async def test_what_is_wrong_with_a_clause_is_named(
    actor: Actor, change: Changes, database: Database, execute: Callable[..., Awaitable[Any]]
) -> None:
    agreement, _ = await ids(database, actor, execute)
    given = {"agreementId": agreement, "reference": " ", "text": "", "value": "1"}
    assert fields_of(await change(actor, "recordContractClause", given)) == [
        "comparison", "metric", "reference", "text", "unit",
    ]  # fmt: skip
    unknown = {"agreementId": "nothing", "reference": "1", "text": "t"}
    assert fields_of(await change(actor, "recordContractClause", unknown)) == ["agreementId"]
    several = {"items": [unknown | {"agreementId": agreement}, unknown], "mode": "PER_ITEM"}
    answer = await change(actor, "recordContractClauses", several, "... on BulkPayload { written refused }")
    assert (answer["written"], answer["refused"]) == (1, 1)
