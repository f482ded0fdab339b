"""Reading: random operations of several callers, every path of the API against the oracle.

An organisation shared by several parties is crowded with rows that are awkward to spell, to sort and to compare. Its
administrator, a viewer, a customer, a team and a supplier ask whatever GraphQL lets them say of it. What each path
answers is compared with what a naive evaluator answers, which shares only the declarations with the planner: data, the
order of keys, and errors by path, code and message. A control shows that a planner that errs would be found.
"""

import asyncio
import json
import logging
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import strawberry
import structlog
from graphql import GraphQLError, get_operation_ast, specified_rules, validate

from benchmarks.harness import Measurement
from schema.context import Context
from schema.fast import FastReads
from schema.limits import faults
from schema.planner.plan_cache import PlanCache
from schema.planner.spelling import SCALARS, spell_quoted
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import AccessRole
from slm.database_url import normalise_database_url
from slm.local_database import provide_database
from tests.factories.crowd import crowd
from tests.factories.organisations import new_actor
from tests.factories.parties import new_party_world
from tests.factories.world import new_world
from tests.opening import database_on
from tests.oracle.arguments import Pool
from tests.oracle.comparing import difference
from tests.oracle.drawn import Operations
from tests.oracle.evaluate import Asked, Caller, Oracle, parsed
from tests.oracle.facts import Facts, load_facts
from tests.oracle.shrinking import shrunk
from tests.template_database import cloned_database

SEED = 20_261_127
OPERATIONS, CONTROLS = 20_500, 200
LEAST_IN_ALL = 20_000
SERVER = Path(__file__).resolve().parents[2] / ".slm" / "tests"
NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
MOST_EXAMPLES = 10
UNPLANNED = re.compile(r"\b(viewer|__schema|__type)\b")
"""Fields that no plan covers: a query with one is always left to the ordinary path."""
ORDINARY, FAST, FAST_BEFORE = "ordinary path", "fast path", "fast path, by the plan of another request"

Ask = Callable[[Caller, Asked], Awaitable[dict[str, Any] | None]]
"""From who asks what to the answer as a client's JSON parser has it; None where another path has to give it."""


@dataclass
class Tally:
    """What came of operations; `answered` and `different` by path."""

    most_examples: int = MOST_EXAMPLES
    operations: int = 0
    """Those that were executed: valid, with variables of their types."""
    not_executed: int = 0
    """Valid ones with a variable that is not of its type."""
    invalid: int = 0
    values: int = 0
    left_to_others: int = 0
    """Operations that the fast path should have answered and did not."""
    refused: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def tell(self, example: str) -> None:
        """Keep one of the first examples, and no other that differs by its numbers alone."""
        if len(self.examples) < self.most_examples and _gist(example) not in map(_gist, self.examples):
            self.examples.append(example)


@dataclass(frozen=True)
class Setting:
    """Who asks of what: callers that share plans stand together."""

    oracle: Oracle
    callers: Sequence[tuple[str, Sequence[Caller]]]
    other: Facts


def run() -> list[Measurement]:
    """The whole campaign; its seed is in the result."""
    # Defects are counted and shown below; their tracebacks would bury them.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with _database_url() as url:
        return asyncio.run(campaign(url, seed=SEED, operations=OPERATIONS))


async def campaign(url: str, *, seed: int, operations: int) -> list[Measurement]:
    """Run everything on a migrated database."""
    sys.stderr.write(f"seed {seed}\n")
    database = database_on(url)
    try:
        setting = await prepared(url, database, seed)
        paths = both_paths(database, build_schema())
        tally = await explore(setting, paths, seed=seed, operations=operations)
        with patch.dict(SCALARS, {"DateTime": spell_quoted}):
            erring = await explore(
                setting, both_paths(database, build_schema()), seed=seed, operations=CONTROLS, examples=0
            )
    finally:
        await database.close()
    for example in tally.examples:
        sys.stderr.write(f"{example}\n\n")
    refused = ", ".join(f"{code} {count:,}" for code, count in sorted(tally.refused.items()))
    told = f"{tally.values:,} values; {tally.not_executed:,} more with variables of a wrong type; errors: {refused}"
    least = min(LEAST_IN_ALL, operations)
    return [
        Measurement(f"operations, seed {seed}", tally.operations, "operations", against=told, floor=least),
        *(
            Measurement(
                f"{name}: answered otherwise than by the oracle", tally.different[name], "operations",
                against=f"{tally.answered[name]:,} answered", floor=0, smaller_is_better=True,
            )
            for name in paths
        ),
        Measurement(
            "left to the ordinary path without need", tally.left_to_others, "operations",
            floor=0, smaller_is_better=True,
        ),
        *(
            Measurement(f"control, instants spelled otherwise: {name}", erring.different[name], "operations", floor=1)
            for name in paths
        ),
    ]  # fmt: skip


async def prepared(url: str, database: Database, seed: int, *, rows_each: int = 24) -> Setting:
    """Two crowded organisations, their callers, and the oracle that knows all of both."""
    world = await new_party_world(database, await new_actor(database))
    neighbour = await new_world(database, await new_actor(database))
    await crowd(database, world.actor, seed, rows_each=rows_each)
    await crowd(database, neighbour.actor, seed, rows_each=3)
    oracle = Oracle()
    scopes = [actor.party for actor in world.of_party.values() if actor.party is not None]
    own = await load_facts(url, oracle.graphql, world.actor.organisation_id, scopes)
    other = await load_facts(url, oracle.graphql, neighbour.actor.organisation_id)
    administrators = [Caller(world.actor, own), Caller(neighbour.actor, other)]
    viewers = [replace(each, actor=replace(each.actor, role=AccessRole.VIEWER)) for each in administrators]
    parties = {name: Caller(actor, own) for name, actor in world.of_party.items()}
    callers = [
        ("administrator", administrators),
        ("viewer", viewers),
        ("customer", [parties["acme"], parties["globex"]]),
        ("internal team", [parties["desk"], parties["network"]]),
        ("supplier", [parties["cloud"], parties["pipes"]]),
    ]
    return Setting(oracle, callers, other)


def both_paths(database: Database, schema: strawberry.Schema) -> dict[str, Ask]:
    """The ordinary path, and the fast one by plans that were made for other requests, or for this one."""
    plans = PlanCache()
    reads = FastReads(plans)

    async def ordinary(caller: Caller, asked: Asked) -> dict[str, Any]:
        context = Context(database=database, actor=caller.actor, now=NOW, trace_id="campaign", plans=plans)
        result: Any = await schema.execute(
            asked.document,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
        )
        errors = [error.formatted for error in result.errors or ()]
        return _read(orjson.dumps({"data": result.data} | ({"errors": errors} if errors else {})))

    async def fast(caller: Caller, asked: Asked) -> dict[str, Any] | None:
        try:
            answer = await reads.answer(
                database.reader, caller.actor, asked.document, asked.operation_name, asked.variables
            )
        except Exception as defect:
            return {"data": None, "errors": [{"message": repr(defect)}]}
        return None if answer is None else _read(answer.body())

    return {FAST_BEFORE: fast, ORDINARY: ordinary, FAST: fast}


async def explore(
    setting: Setting, paths: Mapping[str, Ask], *, seed: int, operations: int, examples: int = MOST_EXAMPLES
) -> Tally:
    """Ask random operations by every path and by the oracle."""
    tally = Tally(most_examples=examples)
    draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
    drawn = {
        name: Operations(Pool(setting.oracle.schema, callers[0].facts, setting.other), callers[0].actor, draw)
        for name, callers in setting.callers
    }
    while tally.operations < operations:
        name, callers = draw.choice(setting.callers)
        for number, asked in enumerate(drawn[name].next()):
            if number == 0 and invalid(setting.oracle, asked):
                tally.invalid += 1
                break
            caller = callers[0] if number == 0 else draw.choice(callers)
            await _ask(setting, paths, name, caller, asked, tally)
    return tally


async def _ask(
    setting: Setting, paths: Mapping[str, Ask], name: str, caller: Caller, asked: Asked, tally: Tally
) -> None:
    expected = setting.oracle.answer(caller, asked)
    executed = expected.data is not None or any(error.path for error in expected.errors or ())
    tally.operations += executed
    tally.not_executed += not executed
    for path, ask in paths.items():
        answer = await ask(caller, asked)
        if answer is None:
            if path == FAST and not expected.errors and not UNPLANNED.search(asked.document):
                tally.left_to_others += 1
                tally.tell(f"{path}, {name}: no answer\n{asked.document}\nvariables: {json.dumps(asked.variables)}")
            continue
        tally.answered[path] += 1
        tally.values += _count(answer.get("data"))
        tally.refused.update(_code(error) for error in answer.get("errors", ()))
        if difference(answer, expected) is not None:
            tally.different[path] += 1
            if len(tally.examples) < tally.most_examples:
                tally.tell(await _example(setting, caller, f"{path}, {name}", ask, asked))


async def _example(setting: Setting, caller: Caller, who: str, ask: Ask, asked: Asked) -> str:
    async def different(smaller: Asked) -> str | None:
        if invalid(setting.oracle, smaller) or (answer := await ask(caller, smaller)) is None:
            return None
        return difference(answer, setting.oracle.answer(caller, smaller))

    least = await shrunk(asked, different)
    answer, expected = await ask(caller, least), setting.oracle.answer(caller, least)
    return "\n".join(
        (
            f"{who}: {await different(least)}",
            least.document,
            f"variables: {json.dumps(least.variables)}, operationName: {least.operation_name}",
            f"answer: {json.dumps(answer)[:2_000]}",
            f"oracle: {json.dumps(expected.formatted)[:2_000]}",
        )
    )


def invalid(oracle: Oracle, asked: Asked) -> list[GraphQLError]:
    """What makes an operation invalid or larger than the API takes, whatever is stored."""
    try:
        document = parsed(asked.document)
    except GraphQLError as malformed:
        return [malformed]
    if get_operation_ast(document, asked.operation_name) is None:
        return [GraphQLError("there is no such operation")]
    return list(faults(document)) or validate(oracle.graphql, document, specified_rules)


def _read(body: bytes) -> dict[str, Any]:
    return dict(json.loads(body, object_pairs_hook=_unique))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs), f"a key occurs twice: {pairs}"
    return found


def _gist(example: str) -> str:
    return re.sub(r"[0-9]+|\"[^\"]*\"", "", example.partition("\nvariables")[0].partition("\n")[2])


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    return sum(map(_count, value)) if isinstance(value, list) else 1


def _code(error: Mapping[str, Any]) -> str:
    return str((error.get("extensions") or {}).get("code", "GraphQL's own"))


@contextmanager
def _database_url() -> Iterator[str]:
    given = os.environ.get("DATABASE_URL")
    with (
        provide_database(normalise_database_url(given) if given else None, SERVER) as server,
        cloned_database(server, "operations") as url,
    ):
        yield url
