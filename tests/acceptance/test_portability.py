"""An organisation that moved answers as before; the campaign of the same name shows it at size M."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from schema.root import build_schema
from services.compliance.settlement import settle
from services.db import Database, fetch
from services.organisations.rules import Actor
from slm.invariants.check import broken, check
from slm.reference.sized import Size, sized
from tests.campaigns.portability import FEWEST_QUERIES, SEED, UNTIL, Installation, compare, loaded, moved
from tests.factories.organisations import unique_key
from tests.template_database import cloned_database

TICKETS = "SELECT id FROM ticket WHERE organisation_id = $1::uuid"
CONCLUSIONS = {
    "clock": "SELECT to_jsonb(c) - 'computed_at' FROM clock c WHERE organisation_id = $1::uuid ORDER BY id",
    "period": "SELECT to_jsonb(r) - 'computed_at' FROM period_result r WHERE organisation_id = $1::uuid ORDER BY id",
    "breach": "SELECT to_jsonb(b) FROM breach b WHERE organisation_id = $1::uuid ORDER BY id",
}


@pytest.fixture(scope="module")
async def elsewhere(database_server: str) -> AsyncIterator[Database]:
    """Another installation."""
    with cloned_database(database_server, "elsewhere") as url:
        opened = Database(url)
        yield opened
        await opened.close()


@pytest.fixture(scope="module")
async def both(
    database: Database, elsewhere: Database, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Actor, Actor]:
    """A small organisation here, and what it is elsewhere."""
    key = unique_key("small")
    actor = await loaded(database, sized(Size(key, services=4, targets=9, tickets=3), SEED, UNTIL))
    return actor, await moved(database, elsewhere, actor, tmp_path_factory.mktemp("moved") / "bundle.zip", key)


async def test_every_query_is_answered_as_before(
    database: Database, elsewhere: Database, both: tuple[Actor, Actor]
) -> None:
    schema, (here, there) = build_schema(), both
    compared = await compare(Installation(schema, database, here), Installation(schema, elsewhere, there), schema)
    assert compared.different == []
    assert compared.answered > FEWEST_QUERIES


async def test_an_organisation_and_its_accounts_are_found_by_the_ids_they_had(both: tuple[Actor, Actor]) -> None:
    here, there = both
    assert (there.organisation_id, there.account_id) == (here.organisation_id, here.account_id)


async def test_every_invariant_holds_elsewhere(elsewhere: Database, both: tuple[Actor, Actor]) -> None:
    _, there = both
    results = await check(elsewhere, there.organisation_id, now=datetime.now(UTC), tickets=None)
    assert [result.invariant.name for result in broken(results)] == []


async def test_what_was_taken_along_is_what_the_facts_give_again(
    elsewhere: Database, both: tuple[Actor, Actor]
) -> None:
    _, actor = both
    async with elsewhere.writing(actor.organisation_id) as session:
        before = {name: await fetch(session, sql, actor.organisation_id) for name, sql in CONCLUSIONS.items()}
        tickets = [row[0] for row in await fetch(session, TICKETS, actor.organisation_id)]
        assert await settle(session, actor=actor, ticket_ids=tickets, now=UNTIL) == 0
        after = {name: await fetch(session, sql, actor.organisation_id) for name, sql in CONCLUSIONS.items()}
    assert all(len(rows) > 3 for rows in before.values())
    assert after == before
