"""What a party sees is found by indexes: no list of theirs reads a whole table, however large the organisation."""

from typing import Any

import pytest
import strawberry

from schema.context import Context
from services.db import Database, fetch
from tests.factories.organisations import new_actor
from tests.factories.parties import PartyWorld, new_party_world
from tests.schema.conftest import NOW
from tests.schema.selections import Selections


@pytest.fixture(scope="module")
async def shared(database: Database) -> PartyWorld:
    """An organisation that several parties share."""
    return await new_party_world(database, await new_actor(database))


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for below in plan.get("Plans", []) for inner in nodes_of(below))]


@pytest.mark.parametrize("party", ["acme", "desk", "cloud"])
async def test_every_list_of_a_party_is_served_by_indexes(
    schema: strawberry.Schema, database: Database, shared: PartyWorld, party: str
) -> None:
    actor = shared.of_party[party]
    selections = Selections(schema, actor)
    for name in selections.lists:
        context = Context(database=database, actor=actor, now=NOW, trace_id="trace-1")
        result = await schema.execute(selections.list_of(name, first=3, depth=0), context_value=context)
        assert not result.errors, result.errors
        assert context.reading is not None
        statement = context.reading.statement(name)
        assert statement is not None
        async with database.reading(actor.organisation_id) as session:
            # Small tables are read whole because that is cheaper; whether an index could serve is the question.
            await fetch(session, "SELECT set_config('enable_seqscan', 'off', true)")
            [(plan,)] = await fetch(session, f"EXPLAIN (FORMAT JSON) {statement.sql}", *statement.parameters)
        scanned = {node["Relation Name"] for node in nodes_of(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"}
        assert not scanned, (name, scanned)
