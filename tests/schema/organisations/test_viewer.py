"""Who asks."""

from dataclasses import replace

from schema.planner.identity import encode_global_id
from services.db import Database
from services.organisations.commands import create_party
from services.organisations.rules import AccessRole, Actor, PartyKind, PartyScope
from tests.factories.organisations import NOW, new_actor
from tests.schema.conftest import Execute
from tests.statements import Statements

WHO = "{ viewer { name role permissions account { id name } organisation { id timeZone } party { key kind } } }"


async def test_a_viewer_learns_who_they_are_and_what_they_may_do(
    execute: Execute, database: Database, statements: Statements
) -> None:
    manager = await new_actor(database, AccessRole.MANAGER)
    statements.clear()
    result = await execute(manager, WHO)
    assert result.errors is None
    assert result.data == {
        "viewer": {
            "name": "manager",
            "role": "MANAGER",
            "permissions": ["DEFINE", "INGEST", "ANSWER"],
            "account": {
                "id": encode_global_id("Account", manager.organisation_id, manager.account_id),
                "name": "manager",
            },
            "organisation": {
                "id": encode_global_id("Organisation", manager.organisation_id, manager.organisation_id),
                "timeZone": "UTC",
            },
            "party": None,
        }
    }
    assert len([text for text in statements.texts if text.startswith("SELECT")]) == 2


async def test_what_the_token_says_costs_no_statement(execute: Execute, actor: Actor, statements: Statements) -> None:
    statements.clear()
    result = await execute(actor, "{ viewer { name role permissions } }")
    assert result.data is not None
    assert result.data["viewer"]["permissions"] == ["DEFINE", "INGEST", "ADMINISTER", "ANSWER", "AUDIT"]
    assert statements.texts == []


async def test_an_account_of_a_party_learns_to_what_it_is_confined(
    execute: Execute, actor: Actor, database: Database
) -> None:
    async with database.writing(actor.organisation_id) as session:
        party = await create_party(session, actor=actor, key="cloud", name="Cloud", kind=PartyKind.SUPPLIER, now=NOW)
    supplier = replace(actor, role=AccessRole.VIEWER, party=PartyScope(party, PartyKind.SUPPLIER))
    result = await execute(supplier, "{ viewer { permissions party { key kind } } }")
    assert result.data == {"viewer": {"permissions": [], "party": {"key": "cloud", "kind": "SUPPLIER"}}}


async def test_the_anonymous_caller_of_a_demo_has_no_account(execute: Execute, actor: Actor) -> None:
    anonymous = replace(actor, account_id=actor.organisation_id, name="anonymous (demo)", anonymous=True)
    result = await execute(anonymous, "{ viewer { name permissions account { id } } }")
    assert result.data == {"viewer": {"name": "anonymous (demo)", "permissions": [], "account": None}}
