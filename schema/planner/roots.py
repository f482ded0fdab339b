"""Compiles the fields at the top of a query: lists, look-ups, `node` and `nodes`; and the objects mutations return."""
# ruff: noqa: S608 - put together from names of our schema; values are bound

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from graphql import FieldNode, GraphQLObjectType, GraphQLSchema

from schema.planner.compile import Compiler
from schema.planner.cost import ONCE, Cost
from schema.planner.given import Given, Request
from schema.planner.identity import GlobalIdentity, decode_global_id
from schema.planner.json_text import concatenated, only_elements
from schema.planner.parameters import ORGANISATION, Bound
from schema.planner.planned_types import may_see, model_of, object_type, permission_of
from schema.planner.plans import Connected, Lookup, NodeById, NodesById
from schema.planner.refusal import bad_id, too_costly
from schema.planner.selection import Operation, Selected
from services.organisations.rules import Actor
from services.reader import Statement

MOST_OBJECTS = 50_000
"""Objects one root field may promise at most, every page taken as full."""
MOST_NODES = 100


@dataclass(frozen=True)
class Compiled:
    """One statement's text, and what must be found in a request to run it. Its one row is absent when the object is.

    `around`: if it has a row for each element of an array, see `services.reader.Statement`.
    """

    field: str
    sql: str
    bound: Bound
    cost: Cost
    around: tuple[bytes, bytes] | None = None

    def statement(self, request: Request) -> Statement:
        """The statement for a request. Refused when it gives what cannot be used."""
        return Statement(self.sql, self.bound.values_for(request), self.field, self.cost_of(request), self.around)

    def cost_of(self, request: Request) -> int:
        """The objects it may return to a request. Refused (TOO_COSTLY) when that is more than is allowed."""
        objects = self.cost.of(request)
        if objects > MOST_OBJECTS:
            raise too_costly(f"the query could return more than {MOST_OBJECTS} objects; ask for smaller pages")
        return objects


def compile_root(operation: Operation, field: Selected, *, finished: bool) -> Compiled | None:
    """The statement of a planned field of the query; None: null, without asking.

    Raises Refused or NotPermitted when it cannot be given.
    """
    compiler = Compiler(operation, finished=finished)
    name = f"Query.{field.name}"
    match field.plan:
        case Lookup(columns):
            type_ = _readable(compiler.actor, object_type(field.definition))
            row, bind = compiler.row(type_), compiler.parameters.bind
            predicates = [
                f"{row.value(attribute)} = {bind(field.arguments[argument], row.table.cast(attribute))}"
                for argument, attribute in columns
            ]
            return _compiled(compiler, compiler.object_query(type_, field.nodes, row, predicates, ONCE), name)
        case Connected():
            _readable(compiler.actor, object_type(object_type(field.definition).fields["nodes"]))
            pieces = compiler.connection(field, (), ONCE)
            if (apart := only_elements(pieces)) is None:
                return _compiled(compiler, f"SELECT {concatenated(pieces)}", name)
            before, elements, after = apart
            return _compiled(compiler, elements.rows, name, around=(before.encode(), after.encode()))
        case NodeById():
            return _node(compiler, field)
        case NodesById():
            return _nodes(compiler, field)
    raise AssertionError(f"no rule for {field.plan!r} at the top")


def compile_object(
    operation: Operation, type_: GraphQLObjectType, nodes: Sequence[FieldNode], id_: UUID, *, field: str
) -> Compiled:
    """The statement that reads one object by its id, for an executor; the operation then forgets its request."""
    compiler = Compiler(operation, finished=False)
    compiled = _object(compiler, type_, nodes, operation.inputs.constant(id_), field)
    operation.inputs.forget_request()
    return compiled


def _compiled(compiler: Compiler, sql: str, field: str, around: tuple[bytes, bytes] | None = None) -> Compiled:
    compiled = Compiled(field, compiler.statement(sql), compiler.parameters.bound, Cost(compiler.promised), around)
    compiled.cost_of(compiler.operation.inputs.request)
    return compiled


def _readable(actor: Actor, type_: GraphQLObjectType) -> GraphQLObjectType:
    if (permission := permission_of(type_)) is not None:
        actor.require(permission)
    return type_


def _object(
    compiler: Compiler, type_: GraphQLObjectType, nodes: Sequence[FieldNode], id_: Given, field: str
) -> Compiled:
    row = compiler.row(type_)
    predicate = f"{row.value('')} = {compiler.parameters.bind(id_, 'uuid')}"
    return _compiled(compiler, compiler.object_query(type_, nodes, row, [predicate], ONCE, of_interface=True), field)


def _node(compiler: Compiler, field: Selected) -> Compiled | None:
    id_ = field.arguments["id"]
    type_ = _node_types(compiler.operation.schema).get(id_.decided(_type_of))
    if type_ is None:
        raise bad_id("expected an id that this API gave")
    if not may_see(compiler.actor, type_):
        return None
    return _object(compiler, type_, field.nodes, id_.derived_for(_own_id), f"Query.{field.name}")


def _nodes(compiler: Compiler, field: Selected) -> Compiled:
    """Objects of any types, in order, null where there is none. One branch for each type among the ids."""
    ids, types = field.arguments["ids"].derived(_few), _node_types(compiler.operation.schema)
    named = ids.decided(_types_of)
    if not types.keys() >= named:
        raise bad_id("expected ids that this API gave")
    branches = []
    for name in sorted(named):
        if compiler.sees(types[name]):
            found = ids.derived_for(partial(_own_ids, name))
            branches.append(compiler.objects_query(types[name], field.nodes, found.item(0), found.item(1)))
    found_sql = " UNION ALL ".join(branches) or (
        f"SELECT 0::bigint AS position, NULL::text AS json WHERE {ORGANISATION} IS NULL"
    )
    wanted = compiler.parameters.bind(ids.derived(len), "bigint")
    return _compiled(
        compiler,
        "SELECT '[' || coalesce(string_agg(coalesce(found.json, 'null'), ',' ORDER BY wanted.position), '') || ']'"
        f" FROM generate_series(0::bigint, {wanted} - 1) AS wanted(position)"
        f" LEFT JOIN ({found_sql}) AS found ON found.position = wanted.position",
        f"Query.{field.name}",
    )


def _node_types(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    types = schema.type_map.values()
    return {type_.name: type_ for type_ in types if isinstance(type_, GraphQLObjectType) and model_of(type_)}


def _type_of(id_: str) -> str:
    return decode_global_id(id_).type_name


def _own_id(id_: str, actor: Actor) -> UUID | None:
    identity = decode_global_id(id_)
    return identity.id if identity.organisation_id == actor.organisation_id else None


def _few(ids: list[str]) -> list[GlobalIdentity]:
    if len(ids) > MOST_NODES:
        raise bad_id(f"expected at most {MOST_NODES} ids, got {len(ids)}")
    return [decode_global_id(id_) for id_ in ids]


def _types_of(identities: list[GlobalIdentity]) -> frozenset[str]:
    return frozenset(identity.type_name for identity in identities)


def _own_ids(type_name: str, identities: list[GlobalIdentity], actor: Actor) -> tuple[list[UUID], list[int]]:
    own = [
        (identity.id, position)
        for position, identity in enumerate(identities)
        if identity.type_name == type_name and identity.organisation_id == actor.organisation_id
    ]
    return [id_ for id_, _ in own], [position for _, position in own]
