"""Asking the API: documents executed by the real schema against the real database, their statements counted."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from graphql import FieldNode, OperationDefinitionNode, parse
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.planner.plan_cache import PlanCache
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.factories.world import World, new_world
from tests.schema.both_paths import compare_with_fast_path
from tests.schema.mutating import Changes
from tests.statements import Statements

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    """The schema as it is served."""
    return build_schema()


@pytest.fixture(scope="session")
async def world(database: Database) -> World:
    """An organisation with one of everything, which tests only read."""
    return await new_world(database, await new_actor(database))


Execute = Callable[..., Awaitable[ExecutionResult]]
Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def execute(schema: strawberry.Schema, database: Database) -> Execute:
    """Execute a document as an actor, a query by both paths; errors are in the result."""

    async def run(actor: Actor, document: str, **variables: Any) -> ExecutionResult:
        context = Context(database=database, actor=actor, now=NOW, trace_id="trace-1", plans=PlanCache())
        result = await schema.execute(document, variable_values=variables, context_value=context)
        assert isinstance(result, ExecutionResult)
        await compare_with_fast_path(context, document, variables, result)
        return result

    return run


@pytest.fixture
def ask(execute: Execute, statements: Statements) -> Ask:
    """The data of a document that must succeed, with exactly one statement for each of its root fields."""

    async def run(actor: Actor, document: str, **variables: Any) -> dict[str, Any]:
        statements.clear()
        result = await execute(actor, document, **variables)
        assert result.errors is None, result.errors
        assert result.data is not None
        assert len(statements.texts) == len(result.data) - _typenames(document), statements.texts
        return result.data

    return run


@pytest.fixture
def change(schema: strawberry.Schema, execute: Execute) -> Changes:
    """Run one mutation by the name of its field."""
    return Changes(schema, execute)


@pytest.fixture
def refused(execute: Execute) -> Callable[..., Awaitable[str]]:
    """The code of the one error with which a document is refused."""

    async def run(actor: Actor, document: str, **variables: Any) -> str:
        result = await execute(actor, document, **variables)
        assert result.errors is not None
        assert len(result.errors) == 1
        assert result.errors[0].message
        return str((result.errors[0].extensions or {}).get("code"))

    return run


def _typenames(document: str) -> int:
    """How many root fields are answered without reading anything."""
    operations = [node for node in parse(document).definitions if isinstance(node, OperationDefinitionNode)]
    return sum(
        isinstance(selection, FieldNode) and selection.name.value in {"__typename", "__schema", "__type"}
        for selection in operations[0].selection_set.selections
    )
