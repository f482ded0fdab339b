"""Runs compiled statements: one per root field, in a read-only transaction of the caller's organisation."""

from typing import Any, Protocol, cast

import orjson
from graphql import GraphQLResolveInfo
from graphql.execution.values import VariableValues

from schema.planner.given import Request
from schema.planner.operation_plan import Reading
from schema.planner.planned_types import object_type
from schema.planner.plans import StoredRow
from schema.planner.roots import compile_object
from schema.planner.selection import Operation
from services.db import Database
from services.errors import ServiceError
from services.organisations.rules import Actor
from services.reader import Statement


class ReadContext(Protocol):
    """What reading needs of the context of a request."""

    @property
    def database(self) -> Database:
        """Where the facts are."""

    @property
    def actor(self) -> Actor:
        """Who asks; only facts of the actor's organisation, and of its party if it has one, are read."""

    @property
    def reading(self) -> Reading | None:
        """What the query reads, compiled before it was executed."""

    @property
    def failed(self) -> ServiceError | None:
        """Why reading the same failed a moment ago."""


class NeverAbsent(RuntimeError):
    """A value that is declared as never absent is NULL: the schema says something of the data that is not so."""


async def read_root_field(_source: object, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    """Resolver of a planned root field."""
    reading: Reading = info.context.reading
    statement = reading.statement(str(info.path.key))
    return None if statement is None else await _run(statement, info)


async def read_stored(source: object, info: GraphQLResolveInfo[Any], name: str) -> Any:
    """Resolver of a `stored` field of a payload, whose attribute `name` holds the row's id (or None)."""
    left: StoredRow | None = getattr(source, name)
    if left is None:
        return None
    type_ = object_type(info.parent_type.fields[info.field_name])
    # Strawberry hands on only the coerced values; their sources matter to literals of custom scalars alone.
    request = Request(
        info.context.actor, VariableValues(sources={}, coerced=cast(dict[str, Any], info.variable_values))
    )
    operation = Operation.of(info.schema, info.operation, info.fragments.values(), request)
    field = f"{info.parent_type.name}.{info.field_name}"
    return await _run(compile_object(operation, type_, info.field_nodes, left.id, field=field).statement(request), info)


async def _run(statement: Statement, info: GraphQLResolveInfo[Any]) -> Any:
    context: ReadContext = info.context
    if context.failed is not None:
        raise context.failed
    actor = context.actor
    (answer,) = await context.database.reader.read(actor.organisation_id, [statement], caller=(actor, actor.token_id))
    if answer is None:
        return None
    parts = [part for part in answer if part is not None]
    if len(parts) < len(answer):
        raise NeverAbsent(statement.field)
    return orjson.loads(b"".join(parts))
