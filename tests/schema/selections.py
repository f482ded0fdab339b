"""Documents that select everything a caller may select, built from the schema as it is."""

from functools import cached_property
from typing import Any, cast

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLOutputType, get_named_type, is_leaf_type

from schema.planner.planned_types import model_of
from schema.planner.plans import Column, Embedded
from schema.planner.selection import DEFINITION, plan_of_field
from schema.planner.tables import table_of
from services.organisations.rules import Actor
from services.scope import party_view


def ids_in(value: Any) -> set[str]:
    """Every global id in an answer."""
    if isinstance(value, dict):
        own = {value["id"]} if "id" in value else set()
        return own.union(*map(ids_in, value.values()))
    return set().union(*map(ids_in, value)) if isinstance(value, list) else set()


def node_type(connection: GraphQLOutputType) -> GraphQLObjectType:
    """The type of the objects in a connection."""
    named = cast(GraphQLObjectType, get_named_type(connection))
    return cast(GraphQLObjectType, get_named_type(named.fields["nodes"].type))


class Selections:
    """What an actor may select: all of the schema, or what is shown to the kind of its party."""

    def __init__(self, schema: strawberry.Schema, actor: Actor) -> None:
        self.graphql, self.actor = schema._schema, actor

    @cached_property
    def lists(self) -> dict[str, GraphQLObjectType]:
        """The root fields that list objects the actor may see, with the type of these."""
        assert self.graphql.query_type is not None
        paged = {name: f.type for name, f in self.graphql.query_type.fields.items() if "after" in f.args}
        listed = {name: node_type(type_) for name, type_ in paged.items() if "nodes" in get_named_type(type_).fields}
        return {name: type_ for name, type_ in listed.items() if self.sees(type_)}

    def sees(self, type_: GraphQLObjectType) -> bool:
        """Whether objects of a type are shown to the actor; types without a table are."""
        model, party = model_of(type_), self.actor.party
        return model is None or party is None or party.kind in party_view(table_of(model).name).rows

    def hidden(self, type_: GraphQLObjectType) -> frozenset[str]:
        """The attributes of a type's rows that are not shown to the actor."""
        model = model_of(type_)
        return frozenset() if model is None or self.actor.party is None else party_view(table_of(model).name).hidden

    def model(self, type_: GraphQLObjectType) -> object:
        """The mapped class behind a type."""
        return model_of(type_)

    def list_of(self, name: str, *, first: int, depth: int) -> str:
        """A document that reads the beginning of a list, with all that can be selected to this depth."""
        nodes = self.selection(self.lists[name], depth)
        page = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        return (
            f"{{ {name}(first: {first}) {{ totalCount {page} edges {{ cursor node {{ id }} }} nodes {{ {nodes} }} }} }}"
        )

    def selection(self, type_: GraphQLObjectType, depth: int) -> str:
        """Every scalar of a type that is shown, and every relation while the depth lasts, by pages of three."""
        parts = ["__typename"]
        for name, field in type_.fields.items():
            named = get_named_type(field.type)
            if not self.shows(type_, field):
                continue
            if is_leaf_type(named):
                parts.append(name)
            elif depth > 0 and "first" in field.args:
                inner = node_type(field.type)
                if self.sees(inner):
                    parts.append(f"{name}(first: 3) {{ totalCount nodes {{ {self.selection(inner, depth - 1)} }} }}")
            elif depth > 0 and isinstance(named, GraphQLObjectType) and self.sees(named):
                parts.append(f"{name} {{ {self.selection(named, depth - 1)} }}")
        return " ".join(parts)

    def shows(self, type_: GraphQLObjectType, field: GraphQLField) -> bool:
        """Whether a column or an embedded list is shown to the actor."""
        model, plan = model_of(type_), plan_of_field(field)
        if model is None or self.actor.party is None or not isinstance(plan, Column | Embedded):
            return True
        attribute = plan.attribute or field.extensions[DEFINITION].python_name
        return attribute not in party_view(table_of(model).name).hidden
