"""Runs compiled statements: one per root field, in a read-only transaction of the caller's organisation."""

from collections.abc import Sequence
from typing import Any, Protocol

import orjson
from graphql import GraphQLObjectType, GraphQLResolveInfo

from schema.planner.compile import (
    Statement,
    compile_field,
    compile_object,
    compile_objects,
    may_see,
    model_of,
    object_type,
    permission_of,
)
from schema.planner.identity import decode_global_id
from schema.planner.plans import Connected, StoredRow
from schema.planner.refusal import bad_id
from schema.planner.selection import Operation, Selected, selected_field
from services.db import FIELD, Database
from services.organisations.rules import Actor

MOST_NODES = 100


class ReadContext(Protocol):
    """What reading needs of the context of a request."""

    @property
    def database(self) -> Database:
        """Where the facts are."""

    @property
    def actor(self) -> Actor:
        """Who asks; only facts of the actor's organisation, and of its party if it has one, are read."""


async def read_root_field(_source: object, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    """Resolver of a planned root field."""
    operation = Operation.of(info)
    field = selected_field(operation, info.parent_type, str(info.path.key), info.field_nodes)
    if (permission := permission_of(_listed_type(field))) is not None:
        info.context.actor.require(permission)
    return await _run(compile_field(operation, field, info.context.actor), info)


async def read_node(_source: object, info: GraphQLResolveInfo[Any], *, id: str) -> Any:  # noqa: A002 - the argument's name
    """Resolver of `node`: null for objects that do not exist in the caller's organisation."""
    identity = decode_global_id(id)
    type_ = _node_types(info).get(identity.type_name)
    if type_ is None:
        raise bad_id("expected an id that this API gave")
    actor = info.context.actor
    if identity.organisation_id != actor.organisation_id or not may_see(actor, type_):
        return None
    statement = compile_object(Operation.of(info), type_, info.field_nodes, actor, identity.id)
    return await _run(statement, info)


async def read_nodes(_source: object, info: GraphQLResolveInfo[Any], *, ids: Sequence[str]) -> Any:
    """Resolver of `nodes`: null in the place of every object that does not exist in the caller's organisation."""
    if len(ids) > MOST_NODES:
        raise bad_id(f"expected at most {MOST_NODES} ids, got {len(ids)}")
    identities, types = [decode_global_id(text) for text in ids], _node_types(info)
    if any(identity.type_name not in types for identity in identities):
        raise bad_id("expected ids that this API gave")
    statement = compile_objects(Operation.of(info), types, info.field_nodes, info.context.actor, identities)
    return await _run(statement, info)


async def read_stored(source: object, info: GraphQLResolveInfo[Any], name: str) -> Any:
    """Resolver of a `stored` field of a payload, whose attribute `name` holds the row's id (or None)."""
    left: StoredRow | None = getattr(source, name)
    if left is None:
        return None
    type_ = object_type(info.parent_type.fields[info.field_name])
    statement = compile_object(Operation.of(info), type_, info.field_nodes, info.context.actor, left.id)
    return await _run(statement, info)


def _node_types(info: GraphQLResolveInfo[Any]) -> dict[str, GraphQLObjectType]:
    types = info.schema.type_map.values()
    return {type_.name: type_ for type_ in types if isinstance(type_, GraphQLObjectType) and model_of(type_)}


def _listed_type(field: Selected) -> GraphQLObjectType:
    type_ = object_type(field.definition)
    return object_type(type_.fields["nodes"]) if isinstance(field.plan, Connected) else type_


async def _run(statement: Statement, info: GraphQLResolveInfo[Any]) -> Any:
    context: ReadContext = info.context
    told = {FIELD: f"{info.parent_type.name}.{info.field_name}"}
    async with context.database.reading(context.actor.organisation_id) as session:
        connection = await session.connection()
        found = (await connection.exec_driver_sql(statement.sql, statement.parameters, told)).first()
    if found is None:
        return None
    if found[0] is None:
        raise RuntimeError("a value declared as never absent is NULL")
    return orjson.loads(found[0])
