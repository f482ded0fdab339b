"""Every way in which the schema lets somebody read stored facts, as documents about a grown organisation.

What there is comes from the schema itself: a new list, order, filter, relation or lookup is walked without being named.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, cast
from uuid import UUID

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from schema.planner.cursors import Ordering
from schema.planner.identity import encode_global_id
from schema.planner.planned_types import model_of
from schema.planner.plans import Connected, Embedded, FilterKind, Lookup, Predicate, ToMany, ToOne, plan_of
from schema.planner.selection import DEFINITION, plan_of_field
from schema.planner.tables import Table, table_of
from services.db import Database, fetch
from services.organisations.rules import Actor
from tests.factories.growth import MADE
from tests.schema.selections import Selections, node_type

PAGE = 5
INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


@dataclass(frozen=True)
class Reading:
    """A document that reads one root field. `what` names what of the schema it tries, by type and field."""

    what: str
    document: str
    filtered: str | None = None
    """The type and field of the filter it tries, if one."""
    matches: int = 0
    """How many rows satisfy the filter."""


@dataclass(frozen=True)
class Listing:
    """A connection: below objects of a type, or at the root."""

    parent: GraphQLObjectType
    name: str
    field: GraphQLField

    @property
    def plan(self) -> Connected:
        """Where it lives."""
        return cast(Connected, plan_of_field(self.field))

    @property
    def type(self) -> GraphQLObjectType:
        """The type of the objects listed."""
        return node_type(self.field.type)

    @property
    def orders(self) -> list[Ordering]:
        """All it offers."""
        offered = cast(GraphQLEnumType, get_named_type(self.field.args["orderBy"].type))
        return [
            Ordering(name, getattr(member.value, "value", member.value), table(self.type))
            for name, member in offered.values.items()
        ]

    @property
    def filters(self) -> dict[str, Predicate]:
        """The fields of its filter."""
        if "filter" not in self.field.args:
            return {}
        named = cast(GraphQLInputObjectType, get_named_type(self.field.args["filter"].type))
        plans = {name: plan_of(field.extensions[DEFINITION]) for name, field in named.fields.items()}
        return {name: plan for name, plan in plans.items() if isinstance(plan, Predicate)}


def table(type_: GraphQLObjectType) -> Table:
    """The table behind a type."""
    return table_of(model_of(type_))


def planned_types(schema: strawberry.Schema) -> list[GraphQLObjectType]:
    """The types whose objects are rows."""
    types = schema._schema.type_map.values()
    return [type_ for type_ in types if isinstance(type_, GraphQLObjectType) and model_of(type_) is not None]


def listings(schema: strawberry.Schema) -> list[Listing]:
    """Every connection there is."""
    root = cast(GraphQLObjectType, schema._schema.query_type)
    return [
        Listing(parent, name, field)
        for parent in (root, *planned_types(schema))
        for name, field in parent.fields.items()
        if isinstance(plan_of_field(field), Connected)
    ]


def ordered_columns(schema: strawberry.Schema) -> set[tuple[str, str]]:
    """The columns by which lists are sorted, by table and name."""
    return {
        (order.table.name, order.table.columns[attribute].name)
        for listing in listings(schema)
        for order in listing.orders
        for attribute in order.order.attributes
    }


class Walk:
    """The documents that an actor may send about its organisation, whose rows the owner of the tables looks up."""

    def __init__(self, schema: strawberry.Schema, owner: Database, actor: Actor) -> None:
        self.schema, self.owner, self.actor = schema, owner, actor
        self.shown = Selections(schema, actor)

    async def readings(self) -> AsyncIterator[Reading]:
        """All of them."""
        for type_ in filter(self.shown.sees, planned_types(self.schema)):
            for id_ in await self._ids(type_):
                document = f'{{ node(id: "{id_}") {{ ... on {type_.name} {{ {self._selection(type_, 1)} }} }} }}'
                yield Reading(f"node {type_.name}", document)
        yield await self._nodes()
        for name, field in self._root.fields.items():
            if isinstance(plan := plan_of_field(field), Lookup) and self.shown.sees(get_named_type(field.type)):
                yield await self._lookup(name, field, plan)
        for listing in listings(self.schema):
            if self.shown.sees(listing.type) and self.shown.sees(listing.parent):
                async for reading in self._pages(listing):
                    yield reading
                if listing.parent is self._root:  # below an object, filters narrow what the object's index finds
                    async for reading in self._filtered(listing):
                        yield reading

    @cached_property
    def _root(self) -> GraphQLObjectType:
        return cast(GraphQLObjectType, self.schema._schema.query_type)

    async def _pages(self, listing: Listing) -> AsyncIterator[Reading]:
        for order in listing.orders:
            if self._hides(listing.type, order.order.attributes):
                continue
            asked = f"orderBy: {order.name}"
            what = f"{listing.parent.name}.{listing.name} {order.name}"
            nullable = order.table.nullable(order.order.attributes[0])
            cursors = [await self._cursor(listing, order, share) for share in ((0.5, 0.9) if nullable else (0.5,))]
            for where in (f"first: {PAGE}", f"last: {PAGE}"):
                yield Reading(what, await self._list(listing, f"{where}, {asked}"))
            for cursor in cursors:
                for where in (f'first: {PAGE}, after: "{cursor}"', f'last: {PAGE}, before: "{cursor}"'):
                    yield Reading(what, await self._list(listing, f"{where}, {asked}"))

    async def _filtered(self, listing: Listing) -> AsyncIterator[Reading]:
        for name, plan in listing.filters.items():
            if not self._hides(listing.type, (plan.attribute, *plan.reads)):
                for value, matches in (await self._values(listing.type, plan)).items():
                    what = f"{listing.parent.name}.{listing.name} {name}: {value}"
                    document = await self._list(listing, f"first: {PAGE}, filter: {{ {name}: {value} }}")
                    yield Reading(what, document, f"{listing.type.name}.{name}", matches)

    async def _list(self, listing: Listing, arguments: str) -> str:
        selected = f"{listing.name}({arguments}) {{ {INFO} nodes {{ {self._selection(listing.type, 0)} }} }}"
        if listing.parent is self._root:
            return f"{{ {selected} }}"
        id_ = encode_global_id(listing.parent.name, self.actor.organisation_id, await self._busiest(listing))
        return f'{{ node(id: "{id_}") {{ ... on {listing.parent.name} {{ {selected} }} }} }}'

    async def _lookup(self, name: str, field: GraphQLField, plan: Lookup) -> Reading:
        type_ = cast(GraphQLObjectType, get_named_type(field.type))
        found = [f"{given}: {json.dumps(await self._some(type_, attribute))}" for given, attribute in plan.columns]
        arguments = f"({', '.join(found)})" if found else ""
        return Reading(f"Query.{name}", f"{{ {name}{arguments} {{ {self._selection(type_, 1)} }} }}")

    async def _nodes(self) -> Reading:
        types = [type_ for type_ in planned_types(self.schema) if self.shown.sees(type_)]
        ids = [id_ for type_ in types for id_ in await self._ids(type_)][:100]
        return Reading("Query.nodes", f"{{ nodes(ids: {json.dumps(ids)}) {{ id }} }}")

    def _selection(self, type_: GraphQLObjectType, depth: int) -> str:
        """Every scalar that is shown, and to this depth every relation without pages."""
        return " ".join(["__typename", *self._selected(type_, depth)])

    def _selected(self, type_: GraphQLObjectType, depth: int) -> Iterator[str]:
        for name, field in type_.fields.items():
            named = get_named_type(field.type)
            if not self.shown.shows(type_, field):
                continue
            if is_leaf_type(named):
                yield name
            elif isinstance(plan_of_field(field), ToOne | ToMany | Embedded) and self.shown.sees(named):
                below = depth if isinstance(plan_of_field(field), Embedded) else depth - 1
                if depth > 0:
                    yield f"{name} {{ {self._selection(cast(GraphQLObjectType, named), below)} }}"

    def _hides(self, type_: GraphQLObjectType, attributes: tuple[str, ...]) -> bool:
        return self.actor.party is not None and bool(self.shown.hidden(type_) & set(attributes))

    async def _ids(self, type_: GraphQLObjectType) -> list[str]:
        """Global ids of a row with which the organisation was made, and of a copy."""
        listed = table(type_)
        if listed.id_attribute == "organisation_id":
            return [encode_global_id(type_.name, self.actor.organisation_id, self.actor.organisation_id)]
        column = listed.column("t", "")
        made = f"substr({column}::text, 15, 1) = '{MADE}'"
        rows = await self._rows(f"SELECT {column} FROM {listed.name} AS t WHERE {{own}} ORDER BY {made}, {column}")
        return [encode_global_id(type_.name, self.actor.organisation_id, id_) for (id_,) in (rows[0], rows[-1])]

    async def _some(self, type_: GraphQLObjectType, attribute: str) -> Any:
        column = table(type_).column("t", attribute)
        rows = await self._rows(f"SELECT {column} FROM {table(type_).name} AS t WHERE {{own}} ORDER BY {column}")
        return rows[len(rows) // 2][0]

    async def _busiest(self, listing: Listing) -> UUID:
        """The id of the object with the most rows in its list."""
        listed, [(_, attribute)] = table(listing.type), listing.plan.match
        column = listed.column("t", attribute)
        by_rows = f"WHERE {{own}} GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT 1"
        [(id_,)] = await self._rows(f"SELECT {column} FROM {listed.name} AS t {by_rows}")
        return cast(UUID, id_)

    async def _cursor(self, listing: Listing, order: Ordering, share: float) -> str:
        """The cursor of the row that has this share of the list before it, in ascending order; NULL comes last."""
        listed = table(listing.type)
        below = [f"{listed.column('t', remote)} = '{await self._busiest(listing)}'" for _, remote in listing.plan.match]
        where = " AND ".join(["{own}", *below])
        sorted_ = ", ".join(order.columns("t"))
        [(rows,)] = await self._rows(f"SELECT count(*) FROM {listed.name} AS t WHERE {where}")
        from_there = f"WHERE {where} ORDER BY {sorted_} OFFSET {int(rows * share)} LIMIT 1"
        [(cursor,)] = await self._rows(f"SELECT {order.cursor_sql('t')} FROM {listed.name} AS t {from_there}")
        return cast(str, cursor)

    async def _values(self, type_: GraphQLObjectType, plan: Predicate) -> dict[str, int]:
        """What a filter is tried with, as GraphQL spells it: the most frequent value there is and the rarest, and how
        many rows have it.
        """
        if plan.kind in (FilterKind.IS_SET, FilterKind.HOLDS):
            return {"true": 0, "false": 0}
        listed = table(type_)
        column = listed.column("t", plan.attribute)
        by_rows = f"{column} IS NOT NULL GROUP BY {column} ORDER BY count(*) DESC, {column}"
        found = await self._rows(f"SELECT {column}, count(*) FROM {listed.name} AS t WHERE {{own}} AND {by_rows}")
        return {self._spelled(type_, plan, value): rows for value, rows in (found[:1] + found[-1:])}

    def _spelled(self, type_: GraphQLObjectType, plan: Predicate, value: Any) -> str:
        match plan.kind:
            case FilterKind.ANY_ID_OF:
                return f'["{encode_global_id(plan.type_name or "Service", self.actor.organisation_id, value)}"]'
            case FilterKind.WITHIN:
                return f'{{ from: "{value.isoformat()}", before: "{(value + timedelta(hours=1)).isoformat()}" }}'
        column = table(type_).columns[plan.attribute]
        is_enum = getattr(column.type, "enums", None) is not None
        return f"[{value.upper()}]" if is_enum else json.dumps([value])

    async def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.owner.reading(self.actor.organisation_id) as session:
            rows = await fetch(session, sql.format(own="t.organisation_id = $1"), self.actor.organisation_id)
            return [tuple(row) for row in rows]
