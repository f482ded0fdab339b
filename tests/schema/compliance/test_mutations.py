from datetime import UTC, datetime

import pytest

from services.db import Database
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.factories.tickets import event, happened
from tests.schema.conftest import Execute
from tests.schema.mutating import Changes, fields_of

MONDAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
LATER = datetime(2026, 5, 6, tzinfo=UTC)
BREACH = "... on RetractBreachPayload { breach { stillAgrees retraction { reason } } }"


@pytest.fixture
async def breach(database: Database, actor: Actor, execute: Execute) -> str:
    """The global id of a recorded breach."""
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], LATER)
    result = await execute(actor, "{ breaches(filter: {kind: [CLOCK]}) { nodes { id } } }")
    assert result.data is not None
    return str(result.data["breaches"]["nodes"][0]["id"])


async def test_a_retraction_stands_beside_the_breach(change: Changes, actor: Actor, breach: str) -> None:
    answer = await change(actor, "retractBreach", {"breachId": breach, "reason": "opened twice"}, BREACH)
    assert answer["breach"] == {"stillAgrees": True, "retraction": {"reason": "opened twice"}}


async def test_a_breach_is_retracted_once(change: Changes, actor: Actor, breach: str) -> None:
    await change(actor, "retractBreach", {"breachId": breach, "reason": "opened twice"})
    again = await change(actor, "retractBreach", {"breachId": breach, "reason": "again"})
    assert again["__typename"] == "ConflictProblem"


async def test_a_retraction_needs_a_reason(change: Changes, actor: Actor, breach: str) -> None:
    assert fields_of(await change(actor, "retractBreach", {"breachId": breach, "reason": ""})) == ["reason"]


async def test_a_breach_of_another_organisation_does_not_exist(
    change: Changes, breach: str, database: Database
) -> None:
    other = await new_actor(database)
    answer = await change(other, "retractBreach", {"breachId": breach, "reason": "not mine"})
    assert answer["__typename"] == "NotFoundProblem"
