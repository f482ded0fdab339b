"""What is read grows with what is answered, not with the organisation: every way to read, at 1x, 10x and 100x data.

An organisation grows beside another one that is large already. Every statement runs as the runtime role behind
row-level security, by a plan made for its values and by one made for any, and PostgreSQL tells what its scans read.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry

from schema.context import Context
from services.db import Database, fetch
from services.organisations.rules import AccessRole, Actor, PartyKind, PartyScope
from services.reader import Statement
from tests.factories.growth import grow
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.opening import database_on
from tests.schema.conftest import NOW
from tests.schema.planner.explained import explain
from tests.schema.planner.walk import Reading, Walk, listings, ordered_columns

SIZES = (10, 100, 1_000)
"""Copies of everything an organisation was made with."""

FACTOR = 8
"""Rows read for each object answered: it, what its fields are worked out from, and what it refers to."""
MEANING = 18
"""More, where it is asked whether numbers mean anything: when a service went live, and who approved what by then."""
CONSTANT = 40
"""Rows read besides: PostgreSQL sorts what an index delivers almost in order in groups of 32."""

OF_A_PARTY = 30
"""How often what a party asks for may read a table: what concerns it, of each type, is found along with the rest."""

FEW = "few values, most of them common: read in the list's order, a page of them is soon full"
FLAG = "true or false of most: read in the list's order, a page of them is soon full"
DESK = "an index for each attribute of a ticket would cost every import more than these pages"
WORKED_OUT = "worked out from other rows when asked for: no column to index"

UNSERVED = {
    "Party.kind": FEW, "Account.role": FEW, "Service.criticality": FEW, "Agreement.kind": FEW, "Ticket.state": FEW,
    "TargetAlignment.verdict": FEW, "AlignmentGap.isOpen": FLAG, "AlignmentGap.axis": FEW,
    "Ticket.priority": DESK, "Ticket.category": DESK, "Ticket.team": DESK, "Ticket.assignee": DESK,
    "Ticket.resolved": DESK, "Ticket.recordedOutcome": FEW, "Ticket.isClosed": FLAG, "Clock.status": FEW,
    "Clock.outcome": FEW, "Clock.decided": "served in the orders by DECIDED_AT", "Clock.isBreached": FLAG,
    "Ticket.closed": "served in the orders by CLOSED_AT", "PeriodResult.period": FEW, "PeriodResult.outcome": FEW,
    "PeriodResult.ends": "a period ends soon after it starts: filter by `starts`", "PeriodResult.isFrozen": WORKED_OUT,
    "Breach.kind": FEW, "Breach.isRetracted": WORKED_OUT, "Breach.stillAgrees": WORKED_OUT,
    "Improvement.consequence": FEW, "Cadence.rhythm": FEW, "Action.isOpen": WORKED_OUT, "Forecast.isCurrent": FLAG,
    "Forecast.isSuperseded": FLAG, "Forecast.isDecided": FLAG, "Forecast.isAbstained": FLAG, "Forecast.subject": FEW,
    "Forecast.service": "asked with isCurrent, which has an index of its own", "Forecast.outcome": FEW,
    "Forecast.team": "asked with isCurrent, which has an index of its own",
    "Forecast.asOf": "served in the orders by AS_OF", "ForecastModel.moment": FEW, "ForecastModel.family": FEW,
    "ForecastScore.basis": FEW, "ForecastScore.moment": FEW, "ForecastScore.family": FEW,
    "AuditEntry.subjectType": FEW, "AuditEntry.kind": FEW, "AuditEntry.operation": FEW, "AssessedUnit.shortfall": FEW,
}  # fmt: skip
"""Filters that no index serves, and why that may be so."""

FEW_OF_EACH = frozenset({"Forecast.target", "Forecast.ticket", "ForecastScore.model"})
"""Filters whose index finds what there is of one thing, which is then sorted: as much as it was forecast, no more."""


@dataclass(frozen=True)
class Read:
    """What came of a document: how many rows were read for how many objects."""

    reading: Reading
    rows: int
    objects: int
    how: tuple[str, ...]

    @property
    def told(self) -> str:
        """All of it, to be read."""
        read = "\n".join(self.how)
        return f"{self.rows} rows for {self.objects} objects\n{read}\n{self.reading.what}: {self.reading.document}"

    @property
    def within_bounds(self) -> bool:
        """Whether the rows are a constant factor of the objects, or of what there is of the one thing filtered by."""
        sorted_ = self.reading.matches if self.reading.filtered in FEW_OF_EACH else 0
        factor = FACTOR + (MEANING if "meaningful" in self.reading.document else 0)
        return self.rows <= factor * (self.objects + 1) + 2 * sorted_ + CONSTANT


@pytest.fixture(scope="module")
async def owner(database_url: str) -> AsyncIterator[Database]:
    database = database_on(database_url, as_owner=True)
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def grown(database: Database, owner: Database, schema: strawberry.Schema) -> Actor:
    """The administrator of an organisation of the largest size."""
    actor = await new_actor(database)
    await new_world(database, actor)
    await grow(owner, actor, first=1, last=SIZES[-1], ordered=ordered_columns(schema))
    return actor


async def test_every_reading_is_bounded_by_what_it_answers_however_much_there_is(
    schema: strawberry.Schema, database: Database, owner: Database, grown: Actor
) -> None:
    actor, first = await new_actor(database), 1
    assert actor.organisation_id != grown.organisation_id
    await new_world(database, actor)
    for size in SIZES:
        await grow(owner, actor, first=first, last=size, ordered=ordered_columns(schema))
        first = size + 1
        async for reading in Walk(schema, owner, actor).readings():
            if reading.filtered in UNSERVED:
                continue
            answered, statement = await answer(schema, database, actor, reading.document)
            for generic in (False, True) if size == SIZES[-1] else (False,):
                explained = await explain(database, actor, statement, generic=generic)
                read = Read(reading, explained.rows, objects_in(answered), explained.by_node)
                assert read.within_bounds, f"{size} copies, {'any' if generic else 'its'} values: {read.told}"


@pytest.mark.parametrize(("key", "kind"), [("acme", PartyKind.CUSTOMER), ("cloud", PartyKind.SUPPLIER)])
async def test_a_party_with_half_of_everything_never_reads_something_once_for_each_row(
    schema: strawberry.Schema, database: Database, owner: Database, grown: Actor,
    key: str, kind: PartyKind,
) -> None:  # fmt: skip
    async with owner.reading(grown.organisation_id) as session:
        sql = "SELECT id FROM party WHERE organisation_id = $1 AND key = $2"
        [(party_id,)] = await fetch(session, sql, grown.organisation_id, key)
    actor = Actor(grown.organisation_id, grown.account_id, key, AccessRole.VIEWER, PartyScope(party_id, kind))
    async for reading in Walk(schema, owner, actor).readings():
        if reading.filtered is None:
            _, statement = await answer(schema, database, actor, reading.document)
            explained = await explain(database, actor, statement, generic=True)
            assert explained.rows <= OF_A_PARTY * SIZES[-1], (reading, explained)


async def test_every_exception_is_there_to_be_made(schema: strawberry.Schema) -> None:
    assert set(UNSERVED) <= {f"{listing.type.name}.{name}" for listing in listings(schema) for name in listing.filters}


async def answer(schema: strawberry.Schema, database: Database, actor: Actor, document: str) -> tuple[Any, Statement]:
    """What a document that must succeed answers, and the statement that read it."""
    context = Context(database=database, actor=actor, now=NOW, trace_id="trace-1")
    result = await schema.execute(document, context_value=context)
    assert not result.errors, (result.errors, document)
    assert result.data is not None
    assert context.reading is not None
    [name] = result.data
    statement = context.reading.statement(name)
    assert statement is not None
    return result.data, statement


def objects_in(answer: Any) -> int:
    """How many objects with an id an answer holds."""
    if isinstance(answer, dict):
        return ("id" in answer) + sum(map(objects_in, answer.values()))
    return sum(map(objects_in, answer)) if isinstance(answer, list) else 0
