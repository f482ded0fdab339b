"""Compiles the selections below one field into one SQL statement that returns the field's finished JSON text.

Every level carries the organisation as a literal predicate, and for an account of a party the party's scope; every
value and every alias of the client is bound. The compilation is a pure function of the operation, the field and the
caller. It stands in one file because its functions call each other: objects hold lists, and lists hold objects.
"""
# ruff: noqa: S608 - put together from names of our schema; values are bound

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from graphql import FieldNode, GraphQLField, GraphQLInputObjectType, GraphQLNonNull, GraphQLObjectType, get_named_type

from schema.planner.cursors import Ordering
from schema.planner.fence import Fence
from schema.planner.filters import filter_predicates, filtered_attributes
from schema.planner.identity import GlobalIdentity, any_global_id_sql, global_id_sql
from schema.planner.json_text import Literal, Piece, Value, concatenated
from schema.planner.ordering import order_clause
from schema.planner.page_sql import POSITION, PageSql
from schema.planner.pages import page_of
from schema.planner.parameters import ORGANISATION, Parameters
from schema.planner.plans import (
    AnyGlobalId,
    Column,
    Connected,
    Embedded,
    Expression,
    GlobalId,
    Lookup,
    Match,
    Member,
    Part,
    ToMany,
    ToOne,
)
from schema.planner.refusal import too_costly
from schema.planner.rows import EmbeddedRow, Row, TableRow, where
from schema.planner.selection import DEFINITION, Operation, Selected, select
from schema.planner.spelling import spelled, spelled_member
from schema.planner.tables import table_of
from services.organisations.rules import Actor, Permission

TYPE_TAG = "@type"
"""Key under which an object of an interface names its type; no GraphQL name can collide with it."""
MOST_OBJECTS = 50_000
"""Objects one root field may promise at most, every page taken as full."""
USUAL_LIST = 10
"""Length at which a list without pages enters that bound."""
PARTS_OF_ROWS = frozenset({Part.EDGES, Part.NODES, Part.PAGE_INFO})
"""Without any of these selected, a connection reads no rows."""

Members = list[tuple[Selected, list[Piece]]]


@dataclass(frozen=True)
class Statement:
    """SQL text for the driver, and its parameters."""

    sql: str
    parameters: tuple[Any, ...]


def compile_field(operation: Operation, field: Selected, actor: Actor) -> Statement:
    """The statement of a root field: a `lookup` or a `connection`. Its one row is absent when the object is."""
    compiler = _Compiler(operation, actor)
    if isinstance(field.plan, Connected):
        return compiler.statement(f"SELECT {compiler.connection(field, [], 1)}")
    assert isinstance(field.plan, Lookup)  # noqa: S101 - the installer routes no other plan here
    type_ = object_type(field.definition)
    row = compiler.row(type_)
    predicates = [
        f"{row.value(attribute)} = {compiler.parameters.bind(field.arguments[name], row.table.cast(attribute))}"
        for name, attribute in field.plan.columns
    ]
    return compiler.statement(compiler.object_query(type_, field.nodes, row, predicates, 1))


def compile_object(
    operation: Operation, type_: GraphQLObjectType, nodes: Sequence[FieldNode], actor: Actor, id_: UUID
) -> Statement:
    """The statement that reads one object by its id, tagged with its type."""
    compiler = _Compiler(operation, actor)
    row = compiler.row(type_)
    predicate = f"{row.value('')} = {compiler.parameters.bind(id_, 'uuid')}"
    return compiler.statement(compiler.object_query(type_, nodes, row, [predicate], 1, tagged=True))


def compile_objects(
    operation: Operation,
    types: dict[str, GraphQLObjectType],
    nodes: Sequence[FieldNode],
    actor: Actor,
    identities: Sequence[GlobalIdentity],
) -> Statement:
    """The statement that reads objects of any types by their ids, in order, null where there is none."""
    compiler = _Compiler(operation, actor)
    wanted: dict[str, list[tuple[int, UUID]]] = {}
    for position, identity in enumerate(identities):
        if identity.organisation_id == actor.organisation_id and compiler.sees(types[identity.type_name]):
            wanted.setdefault(identity.type_name, []).append((position, identity.id))
    branches = [compiler.objects_query(types[name], nodes, found) for name, found in wanted.items()]
    found = " UNION ALL ".join(branches) or (
        f"SELECT 0::bigint AS position, NULL::text AS json WHERE {ORGANISATION} IS NULL"
    )
    count = compiler.parameters.bind(len(identities), "bigint")
    return compiler.statement(
        "SELECT '[' || coalesce(string_agg(coalesce(found.json, 'null'), ',' ORDER BY wanted.position), '') || ']'"
        f" FROM generate_series(0::bigint, {count} - 1) AS wanted(position)"
        f" LEFT JOIN ({found}) AS found ON found.position = wanted.position"
    )


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


class _Compiler:
    """Holds what is counted while one statement is compiled: aliases, parameters, promised objects.

    `times` is how many objects the enclosing lists can hold, every page taken as full.
    """

    def __init__(self, operation: Operation, actor: Actor) -> None:
        self.operation = operation
        self.fence = Fence(actor)
        self.parameters = Parameters(actor.organisation_id, actor.party.party_id if actor.party else None)
        self._aliases = 0
        self._objects = 0

    def statement(self, sql: str) -> Statement:
        """The finished statement. PostgreSQL insists that every parameter occurs, even where no row is read."""
        unused = [f"{placeholder} IS NOT NULL" for placeholder in self.parameters.given if placeholder not in sql]
        if unused:
            sql = f"SELECT * FROM ({sql}) AS answer WHERE {' AND '.join(unused)}"
        return Statement(sql, self.parameters.values)

    def row(self, type_: GraphQLObjectType) -> TableRow:
        """A row of the table behind a type, under a new alias. Refused when the caller sees none of them."""
        model = model_of(type_)
        assert model is not None, type_.name  # noqa: S101 - checked when the schema is installed
        alias, table = self._alias(), table_of(model)
        return TableRow(alias, table, self.fence.predicates(table, alias, type_.name))

    def sees(self, type_: GraphQLObjectType) -> bool:
        """Whether the caller may see any object of the type."""
        return may_see(self.fence.actor, type_)

    def object_query(
        self,
        type_: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        row: TableRow,
        predicates: list[str],
        times: int,
        *,
        tagged: bool = False,
    ) -> str:
        """SELECT of the JSON text of the rows that satisfy the predicates."""
        json = self._object(type_, nodes, row, times, tagged=tagged)
        return f"SELECT {json} FROM {row.table.name} AS {row.alias} WHERE {where(row, predicates)}"

    def objects_query(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], found: list[tuple[int, UUID]]) -> str:
        """SELECT of positions and JSON texts of the rows with these ids."""
        row, wanted = self.row(type_), self._alias()
        json = self._object(type_, nodes, row, len(found), tagged=True)
        ids = self.parameters.bind([id_ for _, id_ in found], "uuid[]")
        positions = self.parameters.bind([position for position, _ in found], "bigint[]")
        same = f"{row.value('')} = {wanted}.id"
        return (
            f"SELECT {wanted}.position, {json} AS json FROM unnest({ids}, {positions}) AS {wanted}(id, position)"
            f" JOIN {row.table.name} AS {row.alias} ON {where(row, [same])}"
        )

    def connection(self, field: Selected, matched: list[str], times: int, row: TableRow | None = None) -> str:
        """Scalar sub-select of the JSON text of one page of the rows that satisfy the predicates."""
        type_ = object_type(field.definition)
        node_type = object_type(type_.fields["nodes"])
        row = row or self.row(node_type)
        page, chosen = page_of(field.arguments), field.arguments["orderBy"]
        for attribute in chosen.value.attributes:
            self.fence.check(row.table, attribute, f"The order {chosen.name}")
        conditions = [*matched, *self._filtered(field, row)]
        reads_rows = any(part.plan in PARTS_OF_ROWS for part in self._selected(field))
        size = self.parameters.bind(page.size, "bigint") if reads_rows else ""
        shown = PageSql(page, Ordering(chosen.name, chosen.value, row.table), row, conditions, size)
        json = concatenated(self._connection(field, node_type, shown, times * page.size))
        return f"(SELECT {json} FROM {shown.rows(self.parameters)})" if reads_rows else f"({json})"

    def _connection(self, field: Selected, node_type: GraphQLObjectType, shown: PageSql, times: int) -> list[Piece]:
        members: Members = []
        for selected in self._selected(field):
            match selected.plan:
                case Part.EDGES:
                    edge = concatenated(self._edge(selected, node_type, shown, times))
                    members.append((selected, [Value(shown.listed(edge))]))
                case Part.NODES:
                    node = self._object(node_type, selected.nodes, shown.row, times)
                    members.append((selected, [Value(shown.listed(node))]))
                case Part.PAGE_INFO:
                    members.append((selected, self._page_info(selected, shown)))
                case Part.TOTAL_COUNT:
                    members.append((selected, [Value(shown.total)]))
                case _:
                    members.append((selected, _typename(field)))
        return self._braced(members)

    def _edge(self, field: Selected, node_type: GraphQLObjectType, shown: PageSql, times: int) -> list[Piece]:
        members: Members = []
        for selected in self._selected(field):
            match selected.plan:
                case Part.NODE:
                    members.append((selected, [Value(self._object(node_type, selected.nodes, shown.row, times))]))
                case Part.CURSOR:
                    members.append((selected, [Literal('"'), Value(shown.cursor), Literal('"')]))
                case _:
                    members.append((selected, _typename(field)))
        return self._braced(members)

    def _page_info(self, field: Selected, shown: PageSql) -> list[Piece]:
        members: Members = []
        for selected in self._selected(field):
            match selected.plan:
                case Part.HAS_NEXT_PAGE | Part.HAS_PREVIOUS_PAGE:
                    ahead = (selected.plan is Part.HAS_PREVIOUS_PAGE) == shown.page.backward
                    passed = Literal("true" if shown.page.cursor is not None else "false")
                    members.append((selected, [Value(shown.more) if ahead else passed]))
                case Part.START_CURSOR | Part.END_CURSOR:
                    earliest = selected.plan is Part.START_CURSOR
                    members.append((selected, [Value(shown.outer_cursor(earliest=earliest))]))
                case _:
                    members.append((selected, _typename(field)))
        return self._braced(members)

    def _object(
        self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], row: Row, times: int, *, tagged: bool = False
    ) -> str:
        self._promise(times)
        members: Members = [
            (selected, self._field(type_, selected, row, times)) for selected in select(self.operation, type_, nodes)
        ]
        tag = f'"{TYPE_TAG}":"{type_.name}"' + ("," if members else "") if tagged else ""
        return concatenated([Literal("{" + tag), *self._braced(members)[1:]])

    def _field(self, type_: GraphQLObjectType, field: Selected, row: Row, times: int) -> list[Piece]:
        match field.plan:
            case None:
                return [Literal(f'"{type_.name}"')]
            case GlobalId():
                return [Literal('"'), Value(global_id_sql(type_.name, ORGANISATION, row.value(""))), Literal('"')]
            case AnyGlobalId(type_attribute, id_attribute):
                id_ = (
                    f"coalesce({row.value(id_attribute)}, {ORGANISATION})"  # only the organisation itself has no other
                )
                named = any_global_id_sql(row.value(type_attribute), ORGANISATION, id_)
                return [Literal('"'), Value(named), Literal('"')]
            case Column(attribute):
                self._check_shown(type_, row, attribute or _attribute(field), field.name)
                return [Value(spelled(_type(field), row.value(attribute or _attribute(field))))]
            case Expression(sql):
                return [Value(spelled(_type(field), sql(row.alias)))]
            case Member(key):
                return [Value(spelled_member(_type(field), f"{row.alias}.value -> '{key}'"))]
            case ToOne():
                return [Value(self._to_one(field, field.plan, row, times))]
            case ToMany():
                return [Value(self._to_many(field, field.plan, row, times))]
            case Connected(match):
                listed = self.row(object_type(object_type(field.definition).fields["nodes"]))
                return [Value(self.connection(field, _matched(match, row, listed), times, listed))]
            case Embedded(attribute):
                self._check_shown(type_, row, attribute, field.name)
                return [Value(self._embedded(field, row.value(attribute), times))]
        raise AssertionError(f"no rule for {field.plan!r}")

    def _to_one(self, field: Selected, plan: ToOne, row: Row, times: int) -> str:
        type_ = object_type(field.definition)
        other = self.row(type_)
        query = f"({self.object_query(type_, field.nodes, other, _matched(plan.match, row, other), times)})"
        hidden = self.fence.actor.party is not None and not isinstance(_type(field), GraphQLNonNull)
        if plan.optional or hidden:  # a party may see the one and not the other
            return f"coalesce({query}, 'null')"
        absent = [f"{row.value(local)} IS NULL" for local, _ in plan.match if row.nullable(local)]
        return f"(CASE WHEN {' OR '.join(absent)} THEN 'null' ELSE {query} END)" if absent else query

    def _to_many(self, field: Selected, plan: ToMany, row: Row, times: int) -> str:
        type_ = object_type(field.definition)
        other = self.row(type_)
        json = self._object(type_, field.nodes, other, times * USUAL_LIST)
        columns = [other.value(attribute) for attribute in (*plan.order.attributes, "")]
        order = order_clause(columns, reverse=plan.order.descending)
        return (
            f"(SELECT '[' || coalesce(string_agg({json}, ',' ORDER BY {order}), '') || ']'"
            f" FROM {other.table.name} AS {other.alias} WHERE {where(other, _matched(plan.match, row, other))})"
        )

    def _embedded(self, field: Selected, array: str, times: int) -> str:
        row = EmbeddedRow(self._alias())
        json = self._object(object_type(field.definition), field.nodes, row, times * USUAL_LIST)
        return (
            f"(SELECT '[' || coalesce(string_agg({json}, ',' ORDER BY {row.alias}.{POSITION}), '') || ']'"
            f" FROM jsonb_array_elements({array}) WITH ORDINALITY AS {row.alias}(value, {POSITION}))"
        )

    def _filtered(self, field: Selected, row: TableRow) -> list[str]:
        given = field.arguments.get("filter")
        if given is None:
            return []
        named = get_named_type(cast(GraphQLField, field.definition).args["filter"].type)
        filter_type = cast(GraphQLInputObjectType, named)
        for name, value in given.items():
            if value is not None:
                for attribute in filtered_attributes(filter_type, name):
                    self.fence.check(row.table, attribute, f"The filter {name}")
        return filter_predicates(filter_type, given, row, self.parameters, self._refers)

    def _refers(self, type_name: str, column: str) -> list[str]:
        """That an account of a party sees the object to which a column refers: a filter tells of no other."""
        if self.fence.actor.party is None:
            return []
        other = self.row(cast(GraphQLObjectType, self.operation.schema.type_map[type_name]))
        same = f"{other.value('')} = {column}"
        return [f"EXISTS (SELECT FROM {other.table.name} AS {other.alias} WHERE {where(other, [same])})"]

    def _check_shown(self, type_: GraphQLObjectType, row: Row, attribute: str, name: str) -> None:
        if isinstance(row, TableRow):
            self.fence.check(row.table, attribute, f"{type_.name}.{name}")

    def _selected(self, field: Selected) -> list[Selected]:
        return select(self.operation, object_type(field.definition), field.nodes)

    def _braced(self, members: Members) -> list[Piece]:
        """A JSON object. A response key that the client chose is bound; a field's own name is ours."""
        pieces: list[Piece] = [Literal("{")]
        for number, (field, value) in enumerate(members):
            comma = "," if number else ""
            if field.key == field.name:
                pieces.append(Literal(f'{comma}"{field.key}":'))
            else:
                pieces += [Literal(f'{comma}"'), Value(self.parameters.bind(field.key, "text")), Literal('":')]
            pieces.extend(value)
        return [*pieces, Literal("}")]

    def _promise(self, objects: int) -> None:
        self._objects += objects
        if self._objects > MOST_OBJECTS:
            raise too_costly(f"the query could return more than {MOST_OBJECTS} objects; ask for smaller pages")

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"


def _matched(match: Match, referring: Row, row: TableRow) -> list[str]:
    return [f"{row.value(remote)} = {referring.value(local)}" for local, remote in match]


def _typename(field: Selected) -> list[Piece]:
    return [Literal(f'"{object_type(field.definition).name}"')]


def _attribute(field: Selected) -> str:
    return str(cast(GraphQLField, field.definition).extensions[DEFINITION].python_name)


def _type(field: Selected) -> Any:
    return cast(GraphQLField, field.definition).type
