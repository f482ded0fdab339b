"""Makes a built schema read through the planner: no field of a planned type needs a resolver of its own."""

from collections.abc import Callable
from functools import partial
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from schema.planner.compile import TYPE_TAG
from schema.planner.execute import read_root_field, read_stored
from schema.planner.execution import mark_answered
from schema.planner.planned_types import model_of, permission_of
from schema.planner.plans import Column, Connected, Lookup, NodeById, NodesById, Plan, Stored
from schema.planner.selection import DEFINITION, plan_of_field
from schema.planner.spelling import spelled
from schema.planner.tables import table_of

Resolver = Callable[..., Any]


class DeclarationError(TypeError):
    """A type says something of its table that is not so."""


def install(schema: strawberry.Schema) -> GraphQLSchema:
    """Set the resolvers of every planned field. DeclarationError when a declaration contradicts its table."""
    built = schema._schema
    for type_ in built.type_map.values():
        if isinstance(type_, GraphQLInterfaceType) and any(map(plan_of_field, type_.fields.values())):
            type_.resolve_type = _type_of
        elif isinstance(type_, GraphQLObjectType):
            _install_type(type_, is_root=type_ is built.query_type)
    return built


def _install_type(type_: GraphQLObjectType, *, is_root: bool) -> None:
    if model_of(type_) is not None:
        type_.is_type_of = None  # our values are answers of the database, not instances of the Python class
        _check(type_)
    for field in type_.fields.values():
        plan = plan_of_field(field)
        if plan is not None:
            field.resolve = _resolver(plan, field, is_root=is_root)
            if not is_root and not isinstance(plan, Stored):
                mark_answered(field)


def _resolver(plan: Plan, field: GraphQLField, *, is_root: bool) -> Resolver:
    match plan:
        case Stored():
            return partial(_read_stored, name=field.extensions[DEFINITION].python_name)
        case NodeById() | NodesById():
            return read_root_field
        case Lookup() | Connected() if is_root:
            return read_root_field
    named = get_named_type(field.type)
    return partial(_enum_from_answer, type_=named) if isinstance(named, GraphQLEnumType) else _from_answer


async def _read_stored(source: object, info: GraphQLResolveInfo[Any], *, name: str) -> Any:
    return await read_stored(source, info, name)


def _from_answer(source: dict[str, Any], info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    return source[str(info.path.key)]


def _enum_from_answer(source: dict[str, Any], info: GraphQLResolveInfo[Any], *, type_: GraphQLEnumType) -> Any:
    answer = source[str(info.path.key)]
    if isinstance(answer, list):
        return [type_.values[name].value for name in answer]
    return None if answer is None else type_.values[answer].value


def _type_of(value: dict[str, Any], _info: GraphQLResolveInfo[Any], _type: object) -> str:
    return str(value[TYPE_TAG])


def _check(type_: GraphQLObjectType) -> None:
    """A column's field is nullable exactly when the column is, has a spelling, and enumerations are spelled alike."""
    table = table_of(model_of(type_))
    for name, field in type_.fields.items():
        plan = plan_of_field(field)
        where = f"{type_.name}.{name}"
        if plan is None:
            raise DeclarationError(f"{where}: expected a plan, got an ordinary field")
        if isinstance(plan, Column):
            attribute = plan.attribute or field.extensions[DEFINITION].python_name
            if attribute not in table.columns:
                raise DeclarationError(f"{where}: the table {table.name} has no column for {attribute!r}")
            if table.nullable(attribute) == isinstance(field.type, GraphQLNonNull):
                raise DeclarationError(f"{where}: nullable in one of schema and table {table.name}, but not in both")
        named = get_named_type(field.type)
        if is_leaf_type(named):
            _check_leaf(where, field)
        elif isinstance(named, GraphQLObjectType) and permission_of(named) not in {None, permission_of(type_)}:
            raise DeclarationError(f"{where}: leads to {named.name}, which not everybody may read who reads this")


def _check_leaf(where: str, field: GraphQLField) -> None:
    named = get_named_type(field.type)
    try:
        spelled(field.type, "value")
    except KeyError as missing:
        raise DeclarationError(f"{where}: no spelling for the type {missing}") from None
    if isinstance(named, GraphQLEnumType):
        for member, value in named.values.items():
            stored = getattr(value.value, "value", value.value)
            if member != str(stored).upper():
                raise DeclarationError(f"{where}: {named.name}.{member} is not its stored value in upper case")
