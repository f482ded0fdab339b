"""The campaign of random operations in short, and that it would find a planner that errs."""

from collections.abc import Sequence
from typing import Any

import pytest

from schema.planner import page_sql
from schema.planner.given import Guard
from schema.planner.ordering import order_clause
from schema.planner.spelling import SCALARS, spell_quoted
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import Actor
from tests.campaigns.operations import FAST, FAST_BEFORE, ORDINARY, Setting, both_paths, explore, prepared
from tests.factories.stored import Rows, store
from tests.factories.world import World
from tests.oracle.arguments import MALFORMED_CURSORS
from tests.oracle.evaluate import Asked
from tests.schema.conftest import Ask, Execute

SEED = 20_261_127


@pytest.fixture(scope="module")
async def setting(database_url: str, database: Database) -> Setting:
    """Organisations of which the oracle knows everything."""
    return await prepared(database_url, database, SEED, rows_each=6)


async def test_every_path_answers_random_operations_like_the_oracle(setting: Setting, database: Database) -> None:
    tally = await explore(setting, both_paths(database, build_schema()), seed=SEED, operations=250)
    assert not tally.examples, (SEED, "\n\n".join(tally.examples))
    assert not tally.different, (SEED, tally.different)
    assert tally.left_to_others == 0, SEED
    assert tally.invalid < tally.operations, SEED
    assert tally.answered[ORDINARY] == tally.operations + tally.not_executed
    assert tally.answered[FAST] > tally.operations / 2, SEED
    assert tally.answered[FAST_BEFORE] > tally.operations / 20, SEED
    assert {"BAD_PAGE", "BAD_CURSOR", "NOT_PERMITTED"} <= tally.refused.keys(), SEED


async def test_another_spelling_is_found(setting: Setting, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCALARS, "DateTime", spell_quoted)
    tally = await explore(setting, both_paths(database, build_schema()), seed=SEED, operations=60, examples=0)
    assert tally.different[ORDINARY], SEED
    assert tally.different[FAST], SEED


async def test_another_order_is_found(setting: Setting, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def reversed_clause(columns: Sequence[str], *, reverse: bool) -> str:
        return order_clause(columns, reverse=not reverse)

    monkeypatch.setattr(page_sql, "order_clause", reversed_clause)
    tally = await explore(setting, both_paths(database, build_schema()), seed=SEED, operations=60, examples=0)
    assert tally.different[ORDINARY], SEED


async def test_a_plan_that_serves_whom_it_should_not_is_found(
    setting: Setting, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Guard, "holds", lambda *_: True)
    tally = await explore(setting, both_paths(database, build_schema()), seed=SEED, operations=100, examples=0)
    assert tally.different[FAST_BEFORE], SEED


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (
            "query($value: Boolean = false) { services { totalCount __typename @skip(if: $value) } }",
            {"value": None},
        ),
        ("query($value: Int) { services(first: $value) { totalCount } }", {"value": 101}),
        ("query($value: Int) { services(last: $value) { __typename } }", {"value": -1}),
        ("query($value: String) { services(after: $value) { totalCount } }", {"value": "nothing"}),
        ("query($value: String) { services(after: $value) { totalCount } }", {"value": MALFORMED_CURSORS[-1]}),
    ],
)
async def test_what_is_refused_is_refused_where_a_plan_is_known_too(
    setting: Setting, database: Database, document: str, variables: dict[str, Any]
) -> None:
    paths, caller = both_paths(database, build_schema()), setting.callers[0][1][0]
    for sound in ({}, {"value": False}, {"value": 1}):
        await paths[ORDINARY](caller, Asked(document, sound))
    assert await paths[FAST](caller, Asked(document)) is not None
    assert await paths[FAST](caller, Asked(document, variables)) is None


@pytest.mark.parametrize(
    ("field", "order"),
    [("forecasts", "PROBABILITY_ASC"), ("forecasts", "PROBABILITY_DESC"), ("dailySnapshots", "DAY_ASC")],
)
async def test_cursors_of_numbers_and_days_are_taken_back(world: World, ask: Ask, field: str, order: str) -> None:
    document = f"""query($after: String) {{
        found: {field}(first: 1, after: $after, orderBy: {order}) {{
            totalCount nodes {{ id }} pageInfo {{ endCursor hasNextPage }}
        }}
    }}"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await ask(world.actor, document, after=after))["found"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(seen) == len(set(seen)) == page["totalCount"]


async def test_a_number_beyond_32_bits_is_an_error_by_both_paths(
    database: Database, actor: Actor, execute: Execute
) -> None:
    await store(database, Rows(actor).ticket("INC1", event_count=2**31))
    result = await execute(actor, '{ ticket(key: "INC1") { key eventCount } }')
    assert result.errors is not None
    assert result.errors[0].path == ["ticket", "eventCount"]
