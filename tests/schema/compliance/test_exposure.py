"""What promises are worth, over GraphQL."""

from typing import Any

from schema.computed import STATEMENTS_OF_COMPUTED_FIELDS
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.factories.world import World
from tests.schema.compliance.test_mutations import breach
from tests.schema.conftest import Execute
from tests.schema.mutating import Changes, fields_of
from tests.schema.organisations.test_mutations import person_id
from tests.statements import Statements

assert breach  # a fixture
EXPOSURE = """query($service: String) { exposure(service: $service) { key
    targets { key kind valueAtRisk valueCurrency highestCredit missing costs { amount currency basis priority } }
    agreements { key currency owed provisional cap stillAtRisk missing
        periods { periodStart isSignedOff amount isCapped claimableUntil targets } } } }"""


async def exposed(execute: Execute, actor: Actor, service: str | None = None) -> list[dict[str, Any]]:
    result = await execute(actor, EXPOSURE, service=service)
    assert result.errors is None, result.errors
    assert result.data is not None
    return list(result.data["exposure"])


async def test_credits_are_owed_for_what_was_signed_off_and_failing_has_its_price(
    execute: Execute, world: World, statements: Statements
) -> None:
    statements.clear()
    [service] = await exposed(execute, world.actor, "mail")
    assert len(statements.texts) == STATEMENTS_OF_COMPUTED_FIELDS["exposure"]
    resolve, available = service["targets"]
    assert resolve == {
        "key": "resolve",
        "kind": "CLOCK",
        "valueAtRisk": "48000",
        "valueCurrency": "EUR",
        "highestCredit": "100",
        "missing": [],
        "costs": [{"amount": "100", "currency": "EUR", "basis": "MINUTE", "priority": "HIGH"}],
    }
    assert (available["valueAtRisk"], available["missing"]) == (None, ["what failing costs"])
    [agreement] = service["agreements"]
    assert agreement == {
        "key": "mail-sla",
        "currency": "EUR",
        "owed": "100",
        "provisional": "0",
        "cap": "150",
        "stillAtRisk": "100",
        "missing": [],
        "periods": [
            {
                "periodStart": "2026-03-01T00:00:00Z",
                "isSignedOff": True,
                "amount": "100",
                "isCapped": False,
                "claimableUntil": "2026-05-01T00:00:00Z",
                "targets": ["resolve"],
            }
        ],
    }


async def test_unknown_terms_are_missing_and_never_nothing(
    execute: Execute, change: Changes, actor: Actor, breach: str
) -> None:
    [service] = await exposed(execute, actor)
    [agreement] = service["agreements"]
    assert (agreement["owed"], agreement["stillAtRisk"]) == (None, None)
    assert "the terms of the agreement" in agreement["missing"]
    assert service["targets"][0]["missing"] == ["what failing costs", "the terms of the agreement"]


async def test_an_organisation_without_promises_has_no_exposure(execute: Execute, database: Database) -> None:
    assert await exposed(execute, await new_actor(database)) == []


async def test_who_answers_for_a_breach_is_decided_with_a_reason_and_what_was_said_stays(
    change: Changes, actor: Actor, breach: str
) -> None:
    ann = await person_id(change, actor)
    given = {"breachId": breach, "role": "SERVICE_LEVEL_MANAGER", "decidedById": ann, "reason": "Nobody else was there"}
    payload = """... on BreachAccountabilityPayload { accountability { role reason person { name } decidedBy { name }
        breach { accountabilities { role } } } }"""
    first = await change(actor, "holdAccountable", given | {"decidedAt": "2026-05-05T00:00:00Z"}, payload)
    assert first["accountability"]["person"] is None
    second = await change(actor, "holdAccountable", given | {"role": "VENDOR_MANAGER", "personId": ann}, payload)
    assert second["accountability"] == {
        "role": "VENDOR_MANAGER",
        "reason": "Nobody else was there",
        "person": {"name": "Ann"},
        "decidedBy": {"name": "Ann"},
        "breach": {"accountabilities": [{"role": "SERVICE_LEVEL_MANAGER"}, {"role": "VENDOR_MANAGER"}]},
    }
    assert fields_of(await change(actor, "holdAccountable", given | {"reason": ""})) == ["reason"]
