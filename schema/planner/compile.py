"""Compiles the selections below one field into one SQL statement that returns the field's finished JSON text.

Every level carries the organisation as a literal predicate, and for an account of a party the party's scope; every
value and every alias of the client is bound. The compilation is a pure function of the operation and what a request
gives to it. It stands in one file because its functions call each other: objects hold lists, and lists hold objects.
"""
# ruff: noqa: S608 - put together from names of our schema; values are bound

from collections.abc import Sequence
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from schema.planner.cost import ONCE, Times
from schema.planner.cursors import Ordering
from schema.planner.fence import Fence
from schema.planner.filters import conditions, filter_predicates, filtered_attributes
from schema.planner.given import Given
from schema.planner.identity import any_global_id_sql, global_id_end_sql, id_beginning
from schema.planner.json_text import Literal, Piece, Value, concatenated
from schema.planner.ordering import order_clause
from schema.planner.page_sql import POSITION, PageSql, array_of
from schema.planner.pages import page_of
from schema.planner.parameters import ORGANISATION, Parameters
from schema.planner.planned_types import may_see, model_of, object_type
from schema.planner.plans import (
    AnyGlobalId,
    Column,
    Connected,
    Embedded,
    Expression,
    GlobalId,
    Match,
    Member,
    Part,
    ToMany,
    ToOne,
)
from schema.planner.rows import EmbeddedRow, Row, TableRow, where
from schema.planner.selection import DEFINITION, Operation, Selected, select
from schema.planner.spelling import quoted, spelled, spelled_member
from schema.planner.tables import table_of

TYPE_TAG = "@type"
"""Key under which an object of an interface names its type; no GraphQL name can collide with it."""
PARTS_OF_ROWS = frozenset({Part.EDGES, Part.NODES, Part.PAGE_INFO})
"""Without any of these selected, a connection reads no rows."""
CURSORS = frozenset({Part.CURSOR, Part.START_CURSOR, Part.END_CURSOR})

Members = list[tuple[Selected, list[Piece]]]


class Compiler:
    """Holds what is counted while one statement is compiled: aliases, parameters, promised objects.

    `times` is how many objects the enclosing lists can hold, every page taken as full.
    """

    def __init__(self, operation: Operation, *, finished: bool) -> None:
        """`finished`: the text goes to the client as it is. Otherwise an executor reads it: objects of an interface
        then say which type they are, and a number too large for an Int is left for it to refuse.
        """
        self.operation = operation
        self.actor = operation.inputs.request.actor
        self.fence = Fence(self.actor)
        self.parameters = Parameters(operation.inputs)
        self.promised: list[Times] = []
        self._id_beginnings: dict[str, str] = {}
        self._finished = finished
        self._aliases = 0

    def statement(self, sql: str) -> str:
        """The finished statement. PostgreSQL insists that every parameter occurs, even where no row is read."""
        unused = [
            f"({placeholder} IS NULL OR true)" for placeholder in self.parameters.placeholders if placeholder not in sql
        ]
        return f"SELECT * FROM ({sql}) AS answer WHERE {' AND '.join(unused)}" if unused else sql

    def row(self, type_: GraphQLObjectType) -> TableRow:
        """A row of the table behind a type, under a new alias. Refused when the caller sees none of them."""
        model = model_of(type_)
        assert model is not None, type_.name  # noqa: S101 - checked when the schema is installed
        alias, table = self._alias(), table_of(model)
        return TableRow(alias, table, self.fence.predicates(table, alias, type_.name))

    def sees(self, type_: GraphQLObjectType) -> bool:
        """Whether the caller may see any object of the type."""
        return may_see(self.actor, type_)

    def object_query(
        self,
        type_: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        row: TableRow,
        predicates: list[str],
        times: Times,
        *,
        of_interface: bool = False,
    ) -> str:
        """SELECT of the JSON text of the rows that satisfy the predicates."""
        json = self._object(type_, nodes, row, times, of_interface=of_interface)
        return f"SELECT {json} FROM {row.table.name} AS {row.alias} WHERE {where(row, predicates)}"

    def objects_query(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], ids: Given, positions: Given) -> str:
        """SELECT of positions and JSON texts of the rows with the ids of one array, at the positions of another."""
        row, wanted, found = self.row(type_), self._alias(), self._alias()
        json = self._object(type_, nodes, row, ONCE.pages(ids.derived(len)), of_interface=True)
        arrays = f"{self.parameters.bind(ids, 'uuid[]')}, {self.parameters.bind(positions, 'bigint[]')}"
        same = f"{row.value('')} = {wanted}.id"
        # The limit keeps each id a look-up of its own: joined, a generic plan would read all rows of the organisation.
        one = f"SELECT {json} AS json FROM {row.table.name} AS {row.alias} WHERE {where(row, [same])} LIMIT 1"
        return (
            f"SELECT {wanted}.position, {found}.json FROM unnest({arrays}) AS {wanted}(id, position)"
            f" CROSS JOIN LATERAL ({one}) AS {found}"
        )

    def connection(self, field: Selected, match: Match, times: Times, referred: Row | None = None) -> list[Piece]:
        """The JSON text of one page of the rows that refer to a row; without one, of all."""
        type_ = object_type(field.definition)
        node_type = object_type(type_.fields["nodes"])
        row = self.row(node_type)
        matched = [] if referred is None else _matched(match, referred, row)
        page = page_of(field.arguments, self.operation.inputs)
        chosen = field.arguments["orderBy"].decided(_itself)
        for attribute in chosen.value.attributes:
            self.fence.check(row.table, attribute, f"The order {chosen.name}")
        conditions = [*matched, *self._filtered(field, row)]
        ordering, fixed = Ordering(chosen.name, chosen.value, row.table), frozenset(remote for _, remote in match)
        position = None if page.cursor is None else ordering.position(page.cursor)
        of_rows = [part for part in self._selected(field) if part.plan in PARTS_OF_ROWS]
        size = self.parameters.bind(page.size, "bigint") if of_rows else ""
        asks = self._asked_for(of_rows)
        shown = PageSql(
            page, position, ordering, row, conditions, fixed, size,
            asks_for_more=(Part.HAS_PREVIOUS_PAGE if page.backward else Part.HAS_NEXT_PAGE) in asks,
            asks_for_cursors=not asks.isdisjoint(CURSORS),
        )  # fmt: skip
        # A list alone needs no aggregate: its rows are read in the order in which they are shown.
        alone = len(of_rows) == 1 and not page.backward and asks.isdisjoint({Part.PAGE_INFO, *CURSORS})
        pieces = self._connection(field, node_type, shown, times.pages(page.size), alone=alone)
        if not of_rows or alone:
            return pieces
        return [Value(f"(SELECT {concatenated(pieces)} FROM {shown.rows(self.parameters)})")]

    def _asked_for(self, of_rows: Sequence[Selected]) -> set[Any]:
        """The parts selected within the edges and the page information of a list, and those themselves."""
        within = [inner.plan for part in of_rows if part.plan is not Part.NODES for inner in self._selected(part)]
        return {plan for plan in (*within, *(part.plan for part in of_rows)) if isinstance(plan, Part)}

    def _connection(
        self, field: Selected, node_type: GraphQLObjectType, shown: PageSql, times: Times, *, alone: bool
    ) -> list[Piece]:
        def listed(json: str) -> list[Piece]:
            return shown.listed_alone(json, self.parameters) if alone else shown.listed(json)

        members: Members = []
        for selected in self._selected(field):
            match selected.plan:
                case Part.EDGES:
                    members.append((selected, listed(concatenated(self._edge(selected, node_type, shown, times)))))
                case Part.NODES:
                    members.append((selected, listed(self._object(node_type, selected.nodes, shown.row, times))))
                case Part.PAGE_INFO:
                    members.append((selected, self._page_info(selected, shown)))
                case Part.TOTAL_COUNT:
                    members.append((selected, [Value(shown.total)]))
                case _:
                    members.append((selected, _typename(field)))
        return self._braced(members)

    def _edge(self, field: Selected, node_type: GraphQLObjectType, shown: PageSql, times: Times) -> list[Piece]:
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
        self,
        type_: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        row: Row,
        times: Times,
        *,
        of_interface: bool = False,
    ) -> str:
        self.promised.append(times)
        members: Members = [
            (selected, self._field(type_, selected, row, times)) for selected in select(self.operation, type_, nodes)
        ]
        tag = f'"{TYPE_TAG}":"{type_.name}"' + ("," if members else "") if of_interface and not self._finished else ""
        return concatenated([Literal("{" + tag), *self._braced(members)[1:]])

    def _field(self, type_: GraphQLObjectType, field: Selected, row: Row, times: Times) -> list[Piece]:
        match field.plan:
            case None:
                return [Literal(f'"{type_.name}"')]
            case GlobalId():
                return quoted(*self._global_id(type_.name, row))
            case AnyGlobalId(type_attribute, id_attribute):
                id_ = (
                    f"coalesce({row.value(id_attribute)}, {ORGANISATION})"  # only the organisation itself has no other
                )
                named = any_global_id_sql(row.value(type_attribute), ORGANISATION, id_)
                return quoted(Value(named))
            case Column(attribute):
                self._check_shown(type_, row, attribute or _attribute(field), field.name)
                return self._column(field, row.value(attribute or _attribute(field)))
            case Expression(sql):
                return spelled(_type(field), sql(row.alias))
            case Member(key):
                return spelled_member(_type(field), f"{row.alias}.value -> '{key}'")
            case ToOne():
                return [Value(self._to_one(field, field.plan, row, times))]
            case ToMany():
                return self._to_many(field, field.plan, row, times)
            case Connected(match):
                return self.connection(field, match, times, row)
            case Embedded(attribute):
                self._check_shown(type_, row, attribute, field.name)
                return [Value(self._embedded(field, row.value(attribute), times))]
        raise AssertionError(f"no rule for {field.plan!r}")

    def _column(self, field: Selected, column: str) -> list[Piece]:
        is_int = self._finished and get_named_type(_type(field)) is GraphQLInt
        return spelled(_type(field), f"{column}::int4" if is_int else column)

    def _to_one(self, field: Selected, plan: ToOne, row: Row, times: Times) -> str:
        type_ = object_type(field.definition)
        other = self.row(type_)
        query = f"({self.object_query(type_, field.nodes, other, _matched_one(plan, row, other), times)})"
        hidden = self.actor.party is not None and not isinstance(_type(field), GraphQLNonNull)
        if plan.optional or hidden:  # a party may see the one and not the other
            return f"coalesce({query}, 'null')"
        absent = [f"{row.value(local)} IS NULL" for local, _ in plan.match if row.nullable(local)]
        return f"(CASE WHEN {' OR '.join(absent)} THEN 'null' ELSE {query} END)" if absent else query

    def _to_many(self, field: Selected, plan: ToMany, row: Row, times: Times) -> list[Piece]:
        type_ = object_type(field.definition)
        other = self.row(type_)
        json = self._object(type_, field.nodes, other, times.lists())
        told_apart = other.table.tells_apart({*plan.order.attributes, *(remote for _, remote in plan.match)})
        columns = [other.value(attribute) for attribute in (*plan.order.attributes, *(() if told_apart else ("",)))]
        order = order_clause(columns, reverse=plan.order.descending)
        condition = where(other, _matched(plan.match, row, other))
        return array_of(f"SELECT {json} FROM {other.table.name} AS {other.alias} WHERE {condition} ORDER BY {order}")

    def _embedded(self, field: Selected, array: str, times: Times) -> str:
        row = EmbeddedRow(self._alias())
        json = self._object(object_type(field.definition), field.nodes, row, times.lists())
        return (
            f"(SELECT '[' || coalesce(string_agg({json}, ',' ORDER BY {row.alias}.{POSITION}), '') || ']'"
            f" FROM jsonb_array_elements({array}) WITH ORDINALITY AS {row.alias}(value, {POSITION}))"
        )

    def _filtered(self, field: Selected, row: TableRow) -> list[str]:
        given = field.arguments.get("filter")
        if given is None or given.absent:
            return []
        named = get_named_type(cast(GraphQLField, field.definition).args["filter"].type)
        filter_type = cast(GraphQLInputObjectType, named)
        for name in conditions(given):
            for attribute in filtered_attributes(filter_type, name):
                self.fence.check(row.table, attribute, f"The filter {name}")
        return filter_predicates(filter_type, given, row, self.parameters, self._refers)

    def _refers(self, type_name: str, column: str) -> list[str]:
        """That an account of a party sees the object to which a column refers: a filter tells of no other."""
        if self.actor.party is None:
            return []
        other = self.row(cast(GraphQLObjectType, self.operation.schema.type_map[type_name]))
        same = f"{other.value('')} = {column}"
        return [f"EXISTS (SELECT FROM {other.table.name} AS {other.alias} WHERE {where(other, [same])})"]

    def _check_shown(self, type_: GraphQLObjectType, row: Row, attribute: str, name: str) -> None:
        if isinstance(row, TableRow):
            self.fence.check(row.table, attribute, f"{type_.name}.{name}")

    def _global_id(self, type_name: str, row: Row) -> list[Piece]:
        """The global id of a row. What it begins with is the same for all rows of a type, and bound."""
        if type_name not in self._id_beginnings:
            beginning = self.operation.inputs.constant(type_name).derived_for(id_beginning, kept=False)
            self._id_beginnings[type_name] = self.parameters.bind(beginning, "text")
        return [Value(self._id_beginnings[type_name]), Value(global_id_end_sql(row.value("")))]

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

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"


def _matched(match: Match, referring: Row, row: TableRow) -> list[str]:
    return [f"{row.value(remote)} = {referring.value(local)}" for local, remote in match]


def _matched_one(plan: ToOne, referring: Row, row: TableRow) -> list[str]:
    if plan.found_by is None:
        return _matched(plan.match, referring, row)
    # No index serves this comparison, which is equality where neither side is NULL.
    comparisons = {remote: "=" if remote == plan.found_by else "IS NOT DISTINCT FROM" for _, remote in plan.match}
    return [f"{row.value(remote)} {comparisons[remote]} {referring.value(local)}" for local, remote in plan.match]


def _typename(field: Selected) -> list[Piece]:
    return [Literal(f'"{object_type(field.definition).name}"')]


def _attribute(field: Selected) -> str:
    return str(cast(GraphQLField, field.definition).extensions[DEFINITION].python_name)


def _type(field: Selected) -> Any:
    return cast(GraphQLField, field.definition).type


def _itself(value: Any) -> Any:
    return value
