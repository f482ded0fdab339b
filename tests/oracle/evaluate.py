"""Answers operations by graphql-core's own execution over naive resolvers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    get_operation_ast,
    parse,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields
from graphql.execution.values import VariableValues, get_variable_values

from schema.planner import plans
from schema.planner.plans import Match, Part
from schema.root import build_schema
from services.errors import NotPermitted
from services.organisations.rules import Actor
from tests.oracle.declared import (
    attribute_of,
    node_type,
    object_type,
    permission_of,
    plan_on,
    planned_types,
    table_of,
)
from tests.oracle.facts import Facts, Row
from tests.oracle.lists import Page, filtered, in_order, page_of
from tests.oracle.opaque import Identity, decoded_id, encoded_id
from tests.oracle.refusals import BAD_ID, Refusal, Refusals
from tests.oracle.values import spelled

MOST_IDS = 100


@dataclass(frozen=True)
class Asked:
    """What a client sends."""

    document: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


ANY_OF = "anyOf"
"""Key in the extensions of an error: pairs of a code and a message, one of which the API may answer."""


@lru_cache(maxsize=16)
def parsed(document: str) -> DocumentNode:
    """The document, which is asked several times."""
    return parse(document)


class _Refused(GraphQLError):
    def __init__(self, found: set[Refusal]) -> None:
        super().__init__("refused", extensions={ANY_OF: sorted(found, key=str)})


@dataclass(frozen=True)
class Caller:
    """Who asks, and everything there is in their organisation."""

    actor: Actor
    facts: Facts

    def seen(self, rows: Sequence[Row]) -> list[Row]:
        """Those of rows that the caller sees."""
        party = self.actor.party
        if party is None:
            return list(rows)
        return [row for row in rows if row[""] in self.facts.seen.get((party, row.table), ())]

    def related(self, row: Any, match: Match, type_: GraphQLObjectType) -> list[Row]:
        """The rows of a type that a row is related to."""
        remote = tuple(remote for _, remote in match)
        values = tuple(row.id_of(local) if isinstance(row, _Element) else row[local] for local, _ in match)
        return self.seen(self.facts.matching(table_of(type_), remote, values))


class Oracle:
    """The API's answers by the naive way. Operations must be valid."""

    def __init__(self) -> None:
        self.schema: strawberry.Schema = build_schema()
        self.graphql: GraphQLSchema = self.schema._schema
        self._types = planned_types(self.graphql)
        self._names = {table_of(type_): name for name, type_ in self._types.items()}
        for type_ in self.graphql.type_map.values():
            if isinstance(type_, GraphQLInterfaceType) and any(map(plan_on, type_.fields.values())):
                type_.resolve_type = self._type_of
            elif isinstance(type_, GraphQLObjectType):
                for made in type_.fields.values():
                    if plan_on(made) is not None:
                        made.resolve = self._resolver(type_, made)
        self._required = set(_made_nullable(self.graphql))

    def answer(self, caller: Caller, asked: Asked) -> ExecutionResult:
        """What the API must answer. Errors of refusals say in their extensions what they may be."""
        document = parsed(asked.document)
        result = execute_sync(
            self.graphql,
            document,
            context_value=caller,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
        )
        if result.data is not None and any(result.data[key] is None for key in self._required_keys(document, asked)):
            return ExecutionResult(None, result.errors)
        return result

    def _required_keys(self, document: DocumentNode, asked: Asked) -> list[str]:
        """The keys of an answer whose values must not be null."""
        operation = get_operation_ast(document, asked.operation_name)
        query = self.graphql.query_type
        assert operation is not None
        assert query is not None
        variables = get_variable_values(self.graphql, operation.variable_definitions or (), asked.variables)
        assert isinstance(variables, VariableValues)
        named = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        fragments = {node.name.value: FragmentDetails(node) for node in named}
        grouped = collect_fields(self.graphql, fragments, variables, query, operation).grouped_field_set
        return [key for key, found in grouped.items() if found[0].node.name.value in self._required]

    def _type_of(self, row: Row, _info: Any, _type: Any) -> str:
        return self._names[row.table]

    def _resolver(self, type_: GraphQLObjectType, field: GraphQLField) -> Any:
        plan, is_root = plan_on(field), type_ is self.graphql.query_type
        match plan:
            case plans.GlobalId():
                return lambda row, info: encoded_id(type_.name, info.context.facts.organisation_id, row[""])
            case plans.AnyGlobalId(named, id_):
                return lambda row, info: encoded_id(
                    row[named],
                    info.context.facts.organisation_id,
                    info.context.facts.organisation_id if row[id_] is None else row[id_],
                )
            case plans.Column(said):
                attribute = attribute_of(field, said)
                return lambda row, _info: spelled(field.type, row[attribute])
            case plans.Expression(sql):
                return lambda row, info: spelled(field.type, info.context.facts.expressions[row.table, sql][row[""]])
            case plans.Member(key):
                return lambda element, _info: spelled(field.type, element.get(key))
            case plans.Embedded(attribute):
                return lambda row, _info: [_Element(each) for each in row[attribute]]
            case plans.ToOne(match):
                return lambda row, info: _only(info.context.related(row, match, object_type(field.type)))
            case plans.ToMany(match, order):
                return lambda row, info: in_order(info.context.related(row, match, object_type(field.type)), order)
            case plans.Connected(match):
                return _root_connection(field) if is_root else _nested_connection(field, match)
            case plans.Lookup(columns):
                return _lookup(field, columns)
            case plans.NodeById():
                return self._node
            case plans.NodesById():
                return self._nodes
            case plans.Stored():
                return _stored(object_type(field.type), attribute_of(field, None))
            case Part():
                return lambda source, _info: _part(plan, source)
        return field.resolve

    def _node(self, _source: Any, info: Any, id: str) -> Row | None:  # noqa: A002 - the argument's name
        identity = self._identity(id, BAD_ID)
        self._refuse(info, {identity.type_name: 1})
        return self._by_id(info.context, identity)

    def _nodes(self, _source: Any, info: Any, ids: list[str]) -> list[Row | None]:
        if len(ids) > MOST_IDS:
            raise _Refused({("BAD_ID", f"expected at most {MOST_IDS} ids, got {len(ids)}")})
        identities = [self._identity(text, ("BAD_ID", "expected ids that this API gave")) for text in ids]
        own = [each.organisation_id == info.context.facts.organisation_id for each in identities]
        asked = Counter({each.type_name: 0 for each in identities})
        for identity, is_own in zip(identities, own, strict=True):
            asked[identity.type_name] += is_own
        self._refuse(info, asked)
        return [self._by_id(info.context, identity) for identity in identities]

    def _identity(self, text: str, of_no_type: Refusal) -> Identity:
        try:
            identity = decoded_id(text)
        except ValueError:
            raise _Refused({BAD_ID, of_no_type}) from None
        if identity.type_name not in self._types:
            raise _Refused({BAD_ID, of_no_type})
        return identity

    def _refuse(self, info: Any, asked: Mapping[str, int]) -> None:
        """Refuse what is asked of so many objects of types (by name) that the caller sees, if there are any or not."""
        refusals = Refusals(info, info.context.actor)
        for name, times in asked.items():
            if refusals.sees(self._types[name]):
                refusals.objects(self._types[name], info.field_nodes, times)
        if refusals.found:
            raise _Refused(refusals.found)

    def _by_id(self, caller: Caller, identity: Identity) -> Row | None:
        type_ = self._types[identity.type_name]
        permission = permission_of(type_)
        permitted = permission is None or caller.actor.has(permission)
        if identity.organisation_id != caller.facts.organisation_id or not permitted:
            return None
        return _only(caller.seen(caller.facts.matching(table_of(type_), ("",), (identity.id,))))


def _made_nullable(schema: GraphQLSchema) -> Iterator[str]:
    """The names of the fields at the top that must not be null, which from now on may.

    All errors of the fields beside one are asked for, as nobody knows which of them an API meets first.
    """
    assert schema.query_type is not None
    for name, made in schema.query_type.fields.items():
        if isinstance(made.type, GraphQLNonNull) and plan_on(made) is not None:
            made.type = made.type.of_type
            yield name


class _Element(dict[str, Any]):
    """An object of an embedded array; what it refers to by a key is an id."""

    def id_of(self, key: str) -> UUID | None:
        found = self.get(key)
        return None if found is None else UUID(found)


def _only(rows: Sequence[Row]) -> Row | None:
    assert len(rows) < 2, rows
    return rows[0] if rows else None


def _permit(caller: Caller, type_: GraphQLObjectType) -> None:
    try:
        if (permission := permission_of(type_)) is not None:
            caller.actor.require(permission)
    except NotPermitted as refused:
        raise _Refused({(refused.code, refused.message)}) from None


def _lookup(field: GraphQLField, columns: tuple[tuple[str, str], ...]) -> Any:
    type_ = object_type(field.type)

    def resolve(_source: Any, info: Any, **arguments: Any) -> Row | None:
        _permit(info.context, type_)
        refusals = Refusals(info, info.context.actor)
        for value in arguments.values():
            refusals.text(value)
        refusals.objects(type_, info.field_nodes, 1)
        if refusals.found:
            raise _Refused(refusals.found)
        attributes, values = tuple(name for _, name in columns), tuple(arguments[name] for name, _ in columns)
        return _only(info.context.seen(info.context.facts.matching(table_of(type_), attributes, values)))

    return resolve


def _stored(type_: GraphQLObjectType, attribute: str) -> Any:
    def resolve(source: Any, info: Any) -> Row | None:
        left, refusals = getattr(source, attribute), Refusals(info, info.context.actor)
        if left is None:
            return None
        refusals.objects(type_, info.field_nodes, 1)
        if refusals.found:
            raise _Refused(refusals.found)
        return _only(info.context.seen(info.context.facts.matching(table_of(type_), ("",), (left.id,))))

    return resolve


def _root_connection(field: GraphQLField) -> Any:
    type_ = node_type(field.type)

    def resolve(_source: Any, info: Any, **arguments: Any) -> Page:
        _permit(info.context, type_)
        refusals = Refusals(info, info.context.actor)
        refusals.connection(field, info.field_nodes, 1)
        if refusals.found:
            raise _Refused(refusals.found)
        return _page(info.context, field, info.context.facts.rows[table_of(type_)], arguments, info.schema)

    return resolve


def _nested_connection(field: GraphQLField, match: Match) -> Any:
    type_ = node_type(field.type)

    def resolve(row: Row, info: Any, **arguments: Any) -> Page:
        return _page(info.context, field, info.context.related(row, match, type_), arguments, info.schema)

    return resolve


def _page(caller: Caller, field: GraphQLField, rows: Sequence[Row], arguments: dict[str, Any], schema: Any) -> Page:
    def refers(type_name: str, id_: Any) -> bool:
        if caller.actor.party is None:
            return True
        return bool(caller.seen(caller.facts.matching(table_of(schema.type_map[type_name]), ("",), (id_,))))

    listed = filtered(caller.seen(rows), arguments.get("filter"), field, caller.facts, refers)
    return page_of(listed, arguments, node_type(field.type))


def _part(part: Part, source: Any) -> Any:
    match part:
        case Part.NODES:
            return source.rows
        case Part.EDGES:
            return list(zip(source.rows, source.cursors, strict=True))
        case Part.NODE:
            return source[0]
        case Part.CURSOR:
            return source[1]
        case Part.PAGE_INFO:
            return source
        case Part.TOTAL_COUNT:
            return source.total
        case Part.HAS_NEXT_PAGE:
            return source.passed if source.backward else source.more
        case Part.HAS_PREVIOUS_PAGE:
            return source.more if source.backward else source.passed
        case Part.START_CURSOR:
            return source.cursors[0] if source.cursors else None
        case Part.END_CURSOR:
            return source.cursors[-1] if source.cursors else None
