"""Isolation: random operations of several callers among organisations with the same keys, by each fence alone.

Organisations have the same parties, services, agreements and ticket numbers. As an administrator of A, as a supplier
and as a customer, lists with filters, orders, cursors and nested lists, look-ups by key, `node` and `nodes`, computed
figures and mutations are put together at random, with ids and cursors of everybody. Every row that comes back is looked
up in a map of who may see which row, made without SQL; rows made on the way are looked up in the database at the end.
The fast path must answer what the ordinary one has answered.
The scope of a party has one fence, the planner's, and keeps it where the organisation's is taken away.

Two controls show that a foreign row would be found: no fence at all, and a party whose scope is taken away.
"""

import asyncio
import hashlib
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import strawberry
from sqlalchemy import Column, String, cast, func, select

from benchmarks.harness import Measurement
from schema.context import Context
from schema.fast import FastReads
from schema.planner.identity import decode_global_id
from schema.planner.plan_cache import PlanCache
from schema.root import build_schema
from services.db import Database
from services.models import metadata
from services.organisations.rules import Actor
from slm.database_url import normalise_database_url
from slm.local_database import provide_database
from tests.campaigns.asking import Cursors, Operation, Operations
from tests.factories.organisations import new_actor
from tests.factories.parties import PartyWorld, new_party_world
from tests.fences import Fences, database_behind
from tests.opening import database_on
from tests.schema.selections import ids_in
from tests.template_database import cloned_database

SEED = 20_261_127
OPERATIONS = 2_250
"""Of each of three callers behind each of three fences: more than 20,000 in all."""
LEAST_IN_ALL = 20_000
CONTROLS = 150
REFUSALS = frozenset(
    {"NOT_PERMITTED", "BAD_CURSOR", "BAD_ID", "BAD_FILTER", "BAD_PAGE", "BAD_TEXT", "TOO_COSTLY", "INVALID"}
)
"""Codes with which a query may be refused. Any other error is a defect and counts against the campaign."""
SERVER = Path(__file__).resolve().parents[2] / ".slm" / "tests"
NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


@dataclass
class Tally:
    """What came of operations; `made` are rows of which the map does not know."""

    operations: int = 0
    refused: int = 0
    rows: int = 0
    fast: int = 0
    """How many were answered by the fast path as well."""
    foreign: int = 0
    defects: int = 0
    made: set[UUID] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)

    def blame(self, why: str, operation: Operation) -> None:
        """Keep the first few documents that went wrong."""
        if len(self.examples) < 3:
            self.examples.append(f"{why}: {operation.document} {dict(operation.variables)}")


@dataclass(frozen=True)
class Caller:
    """Who asks, in which of two worlds, and by whose rights the answer is judged."""

    name: str
    actor: Actor
    worlds: tuple[PartyWorld, PartyWorld]
    judged_as: Actor

    def owns(self, id_: str) -> bool | None:
        """Whether the row of a global id may be shown; None when it was made since."""
        identity, (own, other) = decode_global_id(id_), self.worlds
        if identity.organisation_id != own.actor.organisation_id or identity.id in other.seen_by:
            return False
        if self.judged_as.party is None and identity.id not in own.seen_by:
            return None
        return own.may_see(self.judged_as, identity.id)


def run() -> list[Measurement]:
    """The whole campaign; its seed is in the result."""
    with _database_url() as url:
        return asyncio.run(campaign(url, seed=SEED, operations=OPERATIONS, controls=CONTROLS))


async def campaign(url: str, *, seed: int, operations: int, controls: int) -> list[Measurement]:
    """Run everything on a migrated database."""
    sys.stderr.write(f"seed {seed}\n")
    ordinary = database_on(url)
    edited, shared, theirs = [await new_party_world(ordinary, await new_actor(ordinary), copies=2) for _ in range(3)]
    await ordinary.close()
    supplier, customer = shared.of_party["cloud"], shared.of_party["acme"]
    callers = (
        Caller("organisation A", edited.actor, (edited, theirs), edited.actor),
        Caller("supplier S", supplier, (shared, theirs), supplier),
        Caller("customer C", customer, (shared, theirs), customer),
    )
    cursors: Cursors = {}
    other = Caller("organisation B", theirs.actor, (theirs, shared), theirs.actor)
    await explore(url, Fences.BOTH, other, cursors, seed=seed, operations=controls, mutate=False)
    before = [await _digests(url, world.actor.organisation_id) for world in (shared, theirs)]
    measured, total = [], 0
    for fences in (Fences.BOTH, Fences.PLANNER, Fences.ROW_SECURITY):
        for caller in callers:
            tally = await explore(url, fences, caller, cursors, seed=seed, operations=operations)
            tally.foreign += len(tally.made) - await _owned(url, tally.made, caller.actor.organisation_id)
            measured += _measurements(f"{caller.name}, {fences.value}", tally)
            total += tally.operations
    after = [await _digests(url, world.actor.organisation_id) for world in (shared, theirs)]
    touched = sum(
        found != known[table] for known, now in zip(before, after, strict=True) for table, found in now.items()
    )
    no_fence = await explore(url, Fences.NONE, callers[0], cursors, seed=seed, operations=controls, mutate=False)
    unbound = replace(callers[1], actor=replace(supplier, party=None))
    no_scope = await explore(url, Fences.BOTH, unbound, cursors, seed=seed, operations=controls, mutate=False)
    return [
        Measurement(f"operations in all, seed {seed}", total, "operations", floor=min(LEAST_IN_ALL, 9 * operations)),
        *measured,
        Measurement(
            "tables changed in organisations that A is not", touched, "tables", floor=0, smaller_is_better=True
        ),
        Measurement("control: organisation A without any fence", no_fence.foreign, "foreign rows", floor=1),
        Measurement("control: supplier S without its scope", no_scope.foreign, "foreign rows", floor=1),
    ]


async def explore(
    url: str, fences: Fences, caller: Caller, cursors: Cursors, *, seed: int, operations: int, mutate: bool = True
) -> Tally:
    """Run random operations of a caller and judge every row they return."""
    schema, tally, database = _schema(), Tally(), database_behind(url, fences)
    chance = random.Random(f"{seed} {caller.name} {fences}")  # noqa: S311 - repeatable, not secret
    drawn = Operations(schema, caller.actor, caller.worlds, chance, cursors, mutate=mutate)
    plans = PlanCache()
    reads = FastReads(plans)
    try:
        for _ in range(operations):
            operation = drawn.operation()
            given = dict(operation.variables)
            context = Context(database=database, actor=caller.actor, now=NOW, trace_id="campaign", plans=plans)
            result = await schema.execute(operation.document, variable_values=given, context_value=context)
            _judge(tally, operation, result, caller)
            fast = await reads.answer(database.reader, caller.actor, operation.document, None, given)
            if fast is not None and orjson.loads(fast.body()) != {"data": result.data}:
                tally.defects += 1
                tally.blame("the fast path answers otherwise", operation)
            tally.fast += fast is not None
            drawn.learn(operation, result.data)
    finally:
        await database.close()
    for example in tally.examples:
        sys.stderr.write(f"{caller.name}, {fences.value}: {example}\n")
    return tally


@cache
def _schema() -> strawberry.Schema:
    return build_schema()


def _judge(tally: Tally, operation: Operation, result: Any, caller: Caller) -> None:
    tally.operations += 1
    for error in result.errors or ():
        if (error.extensions or {}).get("code") in REFUSALS:
            tally.refused += 1
        else:
            tally.defects += 1
            tally.blame(f"defect, {error.message}", operation)
    foreign = 0
    for id_ in ids_in(result.data):
        tally.rows += 1
        owned = caller.owns(id_)
        if owned is None:
            tally.made.add(decode_global_id(id_).id)
        foreign += owned is False
    foreign += _surplus(operation, (result.data or {}).get("found"), caller)
    tally.foreign += foreign
    if foreign:
        tally.blame(f"{foreign} foreign rows", operation)


def _surplus(operation: Operation, found: Any, caller: Caller) -> int:
    """Rows that only a count gives away: in a group that must be empty, or in a list that is longer than it may be."""
    if operation.empty:
        return len(found or ())
    if not operation.lists or not found or caller.judged_as.party is None:
        return 0
    counted: int = found["totalCount"]
    return max(0, counted - caller.worlds[0].visible(caller.judged_as, operation.lists))


def _measurements(name: str, tally: Tally) -> list[Measurement]:
    asked = f"{tally.operations:,} operations, {tally.fast:,} by both paths, {tally.refused:,} refused"
    against = f"{tally.rows:,} rows of {asked}"
    return [
        Measurement(f"{name}: foreign rows", tally.foreign, "rows", against=against, floor=0, smaller_is_better=True),
        Measurement(f"{name}: defects", tally.defects, "errors", floor=0, smaller_is_better=True),
    ]


async def _owned(url: str, ids: set[UUID], organisation_id: UUID) -> int:
    """How many of these rows the organisation has, in any table."""
    owner = Database(url, as_owner=True)
    async with owner.reading(None) as session:
        found: set[UUID] = set()
        for table in metadata.sorted_tables:
            if {"organisation_id", "id"} <= set(table.columns.keys()):
                own = select(table.c.id).where(table.c.organisation_id == organisation_id, table.c.id.in_(ids))
                found |= set((await session.execute(own)).scalars())
    await owner.close()
    return len(found)


async def _digests(url: str, organisation_id: UUID) -> dict[str, str]:
    """What an organisation has in every table, as a digest."""
    owner, digests = Database(url, as_owner=True), {}
    async with owner.reading(None) as session:
        for table in metadata.sorted_tables:
            if "organisation_id" in table.columns:
                text: Column[Any] = cast(func.row(*table.columns), String)  # type: ignore[assignment]
                own = select(text).where(table.c.organisation_id == organisation_id).order_by(text)
                rows = "\n".join((await session.execute(own)).scalars())
                digests[str(table.name)] = hashlib.sha256(rows.encode()).hexdigest()
    await owner.close()
    return digests


@contextmanager
def _database_url() -> Iterator[str]:
    given = os.environ.get("DATABASE_URL")
    with (
        provide_database(normalise_database_url(given) if given else None, SERVER) as server,
        cloned_database(server, "isolation") as url,
    ):
        yield url
