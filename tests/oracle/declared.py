"""What the declarations of a schema say: of which table a type is, of which attribute a field."""

from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
)
from sqlalchemy import inspect
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.planner.plans import Plan, Predicate, plan_of
from services.organisations.rules import Permission

_DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


def plan_on(field: GraphQLField) -> Plan | None:
    """The plan on a field."""
    return plan_of(field.extensions.get(_DEFINITION))


def condition_of(field: GraphQLInputField) -> Predicate:
    """What a field of a filter compares."""
    return cast(Predicate, plan_of(field.extensions[_DEFINITION]))


def attribute_of(field: GraphQLField, said: str | None) -> str:
    """The attribute of a column's field: the one said, or the one called like the field."""
    return said or str(field.extensions[_DEFINITION].python_name)


def model_of(type_: object) -> Any:
    """The mapped class whose rows a type shows; None if it shows none."""
    return getattr(_origin(type_), "__planned_model__", None)


def permission_of(type_: object) -> Permission | None:
    """What a role must include to see objects of a type."""
    return getattr(_origin(type_), "__permission__", None)


def _origin(type_: object) -> object:
    definition = type_.extensions.get(_DEFINITION) if isinstance(type_, GraphQLObjectType) else None
    return getattr(definition, "origin", None)


def table_of(type_: object) -> str:
    """The name of the table whose rows a type shows."""
    return str(model_of(type_).__tablename__)


def columns_of(model: Any) -> dict[str, Any]:
    """The columns of a mapped class by the attributes they are known by; the empty attribute is the id."""
    columns = {attribute.key: attribute.columns[0] for attribute in inspect(model).column_attrs}
    return columns | {"": columns.get("id", columns["organisation_id"])}


def planned_types(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """The types that show rows of tables, by name."""
    types = schema.type_map.values()
    return {type_.name: type_ for type_ in types if isinstance(type_, GraphQLObjectType) and model_of(type_)}


def object_type(type_: GraphQLOutputType) -> GraphQLObjectType:
    """The object type within lists and non-nulls."""
    return cast(GraphQLObjectType, get_named_type(type_))


def node_type(connection: GraphQLOutputType) -> GraphQLObjectType:
    """The type of the objects a connection lists."""
    return object_type(object_type(connection).fields["nodes"].type)


def filter_type(field: GraphQLField) -> GraphQLInputObjectType | None:
    """The type of a connection's filter, if it has one."""
    argument = field.args.get("filter")
    return None if argument is None else cast(GraphQLInputObjectType, get_named_type(argument.type))
