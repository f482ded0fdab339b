"""What a type made by `planned` is: the mapped class behind it, and who may read it."""

from typing import cast

from graphql import GraphQLField, GraphQLObjectType, get_named_type

from schema.planner.fence import Fence
from schema.planner.selection import DEFINITION
from schema.planner.tables import table_of
from services.organisations.rules import Actor, Permission


def object_type(field: GraphQLField | None) -> GraphQLObjectType:
    """The object type a field returns, one or many of it."""
    return cast(GraphQLObjectType, get_named_type(cast(GraphQLField, field).type))


def model_of(type_: GraphQLObjectType) -> object | None:
    """The mapped class behind a type made by `planned`; None for other types."""
    definition = type_.extensions.get(DEFINITION)
    return getattr(getattr(definition, "origin", None), "__planned_model__", None)


def permission_of(type_: GraphQLObjectType) -> Permission | None:
    """What a role must include to read objects of a type; None: whoever reads may."""
    definition = type_.extensions.get(DEFINITION)
    return getattr(getattr(definition, "origin", None), "__permission__", None)


def may_see(actor: Actor, type_: GraphQLObjectType) -> bool:
    """Whether an actor may see any object of a type."""
    permission = permission_of(type_)
    return (permission is None or actor.has(permission)) and Fence(actor).sees(table_of(model_of(type_)))
