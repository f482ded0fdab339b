"""What must be refused of a root field: everything wrong with it, of which the API names one.

A refusal is of what is asked, never of what is found, so it is known before a row is read.
"""

from collections.abc import Sequence
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from schema.planner.plans import Column, Connected, Embedded, FilterKind, Part, Predicate, ToMany, ToOne
from services.organisations.rules import Actor
from services.scope import party_view
from tests.oracle.declared import (
    attribute_of,
    condition_of,
    filter_type,
    model_of,
    node_type,
    object_type,
    permission_of,
    plan_on,
    table_of,
)
from tests.oracle.opaque import decoded_cursor, decoded_id, position

Refusal = tuple[str | None, str]
"""A code and a message."""

MOST_OBJECTS, USUAL_LIST = 50_000, 10
LARGEST_PAGE, LONGEST_LIST = 100, 100
BAD_ID: Refusal = ("BAD_ID", "expected an id that this API gave")
BAD_TEXT: Refusal = ("BAD_TEXT", "expected text without NUL characters and lone surrogates")


class Refusals:
    """Collects what is wrong below one root field, and counts the objects it may return."""

    def __init__(self, info: Any, actor: Actor) -> None:
        self._info, self._actor, self._objects = info, actor, 0
        self._fragments = {name: FragmentDetails(node) for name, node in info.fragments.items()}
        self._variables: VariableValues = info.variable_values
        self._types = info.schema.type_map
        self.found: set[Refusal] = set()

    def say(self, code: str | None, message: str) -> None:
        """Something is wrong."""
        self.found.add((code, message))

    def sees(self, type_: GraphQLObjectType) -> bool:
        """Whether the caller sees any object of a type."""
        party, permission = self._actor.party, permission_of(type_)
        shown = party is None or party.kind in party_view(table_of(type_)).rows
        return shown and (permission is None or self._actor.has(permission))

    def text(self, value: str) -> None:
        """A text to compare with."""
        if "\0" in value:
            self.found.add(BAD_TEXT)

    def objects(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], times: int) -> None:
        """What is selected of so many objects of a type with a table or of an embedded one."""
        if model_of(type_) is not None:
            self._seen(type_)
        self._objects += times
        if self._objects > MOST_OBJECTS:
            self.say("TOO_COSTLY", f"the query could return more than {MOST_OBJECTS} objects; ask for smaller pages")
        for found in self._selected(type_, nodes):
            field = type_.fields.get(found[0].name.value)
            if field is not None:
                self._field(type_, field, found, times)

    def connection(self, field: GraphQLField, nodes: Sequence[FieldNode], times: int) -> None:
        """What is asked of a list by pages."""
        arguments = self._arguments(field, nodes[0])
        if arguments is None:
            return
        type_, listed = object_type(field.type), node_type(field.type)
        self._seen(listed)
        parts = [(plan_on(type_.fields[found[0].name.value]), found) for found in self._selected(type_, nodes)
                 if found[0].name.value in type_.fields]  # fmt: skip
        size = self._page(arguments)
        self._order(listed, arguments)
        self._filter(field, listed, arguments.get("filter"))
        for part, found in parts:
            if part is Part.NODES:
                self.objects(listed, found, times * size)
            elif part is Part.EDGES:
                edge = object_type(type_.fields["edges"].type)
                for inner in self._selected(edge, found):
                    if inner[0].name.value == "node":
                        self.objects(listed, inner, times * size)
            elif part is Part.PAGE_INFO:
                self._selected(object_type(type_.fields["pageInfo"].type), found)

    def _field(self, type_: GraphQLObjectType, field: GraphQLField, nodes: list[FieldNode], times: int) -> None:
        match plan_on(field):
            case Column(said):
                self._shown(type_, attribute_of(field, said), f"{type_.name}.{nodes[0].name.value}")
            case ToOne():
                self.objects(object_type(field.type), nodes, times)
            case ToMany():
                self.objects(object_type(field.type), nodes, times * USUAL_LIST)
            case Embedded(attribute):
                self._shown(type_, attribute, f"{type_.name}.{nodes[0].name.value}")
                self.objects(object_type(field.type), nodes, times * USUAL_LIST)
            case Connected():
                self.connection(field, nodes, times)

    def _page(self, arguments: dict[str, Any]) -> int:
        first, last = arguments.get("first"), arguments.get("last")
        if first is not None and last is not None:
            self.say("BAD_PAGE", "expected `first` or `last`, got both")
        elif arguments.get("before" if last is None else "after") is not None:
            self.say("BAD_PAGE", "expected `after` with `first` only, and `before` with `last` only")
        name, size = ("first", first) if last is None else ("last", last)
        if size is not None and not 0 <= size <= LARGEST_PAGE:
            self.say("BAD_PAGE", f"expected `{name}` between 0 and {LARGEST_PAGE}, got {size}")
        return 20 if size is None else max(0, size)

    def _order(self, type_: GraphQLObjectType, arguments: dict[str, Any]) -> None:
        chosen = arguments["orderBy"]
        for attribute in chosen.value.attributes:
            self._shown(type_, attribute, f"The order {chosen.name}")
        cursor = arguments.get("after" if arguments.get("last") is None else "before")
        if cursor is None:
            return
        malformed = ("BAD_CURSOR", "expected a cursor that this connection gave")
        try:
            name, values = decoded_cursor(cursor)
            if name != chosen.name:
                self.say("BAD_CURSOR", f"expected a cursor given in the order {chosen.name}")
            position(model_of(type_), chosen.value, values)
        except ValueError:
            self.found.add(malformed)

    def _filter(self, field: GraphQLField, listed: GraphQLObjectType, given: dict[str, Any] | None) -> None:
        type_ = filter_type(field)
        for name, value in (given or {}).items():
            if value is not None and type_ is not None:
                plan = condition_of(type_.fields[name])
                for attribute in plan.reads if plan.kind is FilterKind.HOLDS else (plan.attribute,):
                    self._shown(listed, attribute, f"The filter {name}")
                self._condition(name, plan, value)

    def _condition(self, name: str, plan: Predicate, value: Any) -> None:
        if plan.kind in (FilterKind.ANY_OF, FilterKind.ANY_ID_OF) and len(value) > LONGEST_LIST:
            self.say("BAD_FILTER", f"filter.{name}: expected at most {LONGEST_LIST} values, got {len(value)}")
        if plan.kind is FilterKind.ANY_OF:
            for each in value:
                if isinstance(each, str):
                    self.text(each)
        elif plan.kind is FilterKind.WITHIN:
            start, end = value.get("from"), value.get("before")
            if start is not None and end is not None and end < start:
                self.say("BAD_FILTER", f"filter.{name}: expected `before` not to precede `from`")
        elif plan.kind is FilterKind.ANY_ID_OF:
            for text in value:
                try:
                    if decoded_id(text).type_name != plan.type_name and plan.type_name is not None:
                        self.say("BAD_ID", f"expected an id of a {plan.type_name}")
                except ValueError:
                    self.found.add(BAD_ID)
            if plan.type_name is not None and self._actor.party is not None:
                self._seen(self._types[plan.type_name])

    def _seen(self, type_: GraphQLObjectType) -> None:
        party = self._actor.party
        if party is not None and party.kind not in party_view(table_of(type_)).rows:
            self._not_shown(type_.name)

    def _shown(self, type_: GraphQLObjectType, attribute: str, what: str) -> None:
        if self._actor.party is not None and model_of(type_) and attribute in party_view(table_of(type_)).hidden:
            self._not_shown(what)

    def _not_shown(self, what: str) -> None:
        self.say("NOT_PERMITTED", f"{what} is not shown to accounts of a party of this kind")

    def _arguments(self, field: GraphQLField, node: FieldNode) -> dict[str, Any] | None:
        try:
            return get_argument_values(field, node, self._variables)
        except GraphQLError as malformed:
            self.say(None, malformed.message)
            return None

    def _selected(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> list[list[FieldNode]]:
        try:
            grouped = collect_subfields(
                self._info.schema, self._fragments, self._variables, self._info.operation, type_,
                [FieldDetails(node, None) for node in nodes],
            ).grouped_field_set  # fmt: skip
        except GraphQLError as malformed:
            self.say(None, malformed.message)
            return []
        return [[details.node for details in found] for found in grouped.values()]
