"""Operations put together at random from the schema: what a caller may ask, with ids and cursors of everybody."""

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from schema.planner.identity import encode_global_id
from schema.planner.planned_types import model_of
from schema.planner.plans import Connected, FilterKind, Lookup, Predicate, plan_of
from schema.planner.selection import DEFINITION, plan_of_field
from schema.planner.tables import table_of
from services.organisations.rules import Actor
from tests.factories.parties import PartyWorld
from tests.schema.selections import Selections, node_type
from tests.schema.test_mutation_roles import ID, MUTATIONS

KEYS = ("mail", "web", "backup", "acme", "globex", "desk", "cloud", "pipes", "office", "night", "it", "acme-mail",
        "cloud-mail", "pipes-web", "INC0", "INC7", "INC31", "boss", "cloud-ann", "spare-server", "review")  # fmt: skip
NAMED_BY = {
    "tokenId": "ApiToken",
    "requirementId": "ServiceLevelRequirement",
    "snapshotId": "DailySnapshot",
}
"""Types of the ids of inputs that are not called like them."""
INSTANT, DAY = '"2026-03-01T00:00:00Z"', '"2026-03-01"'
STRAYING = 0.05
"""How often a caller asks for what is not shown to it at all."""


@dataclass(frozen=True)
class Operation:
    """A document, and what is needed to judge its answer."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    changes: bool = False
    lists: str = ""
    """The table of a list at the root, whose length can be checked."""
    cursors_of: str = ""
    """The order by which the cursors in the answer were given."""
    empty: bool = False
    """Whether the answer must be an empty list."""


Cursors = dict[str, list[str]]


class Operations:
    """Draws operations for an actor of the first of two worlds; `cursors` are those anybody was given."""

    def __init__(
        self,
        schema: strawberry.Schema,
        actor: Actor,
        worlds: tuple[PartyWorld, PartyWorld],
        draw: random.Random,
        cursors: Cursors,
        *,
        mutate: bool,
    ) -> None:
        self._graphql, self._draw, self._cursors, self._mutate = schema._schema, draw, cursors, mutate
        self._shown = Selections(schema, actor)
        self._ids = _all_ids(self._graphql.type_map, worlds)
        assert self._graphql.query_type is not None
        self._roots = self._graphql.query_type.fields
        self._lists = [name for name, root in self._roots.items() if isinstance(plan_of_field(root), Connected)]
        self._lookups = [name for name, root in self._roots.items() if isinstance(plan_of_field(root), Lookup)]
        every = self._graphql.type_map.values()
        self._nodes = [type_ for type_ in every if isinstance(type_, GraphQLObjectType) and model_of(type_) is not None]

    def operation(self) -> Operation:
        """The next operation."""
        kinds = [self._list, self._nodes_by_id, self._lookup, self._computed, self._mutation]
        return self._draw.choices(kinds, weights=[50, 25, 10, 3, 12 if self._mutate else 0])[0]()

    def learn(self, operation: Operation, data: Any) -> None:
        """Keep the cursors of an answer for everybody."""
        if operation.cursors_of and data and data["found"]:
            info = data["found"]["pageInfo"]
            kept = self._cursors.setdefault(operation.cursors_of, [])
            kept.extend(filter(None, (info["startCursor"], info["endCursor"])))
            del kept[:-50]

    def _list(self) -> Operation:
        name = self._draw.choice(self._lists if self._strays() else list(self._shown.lists))
        root = self._roots[name]
        type_ = node_type(root.type)
        arguments, order = self._arguments(root, type_)
        nodes = self._selection(type_, self._draw.choice((1, 1, 2)))
        parts = f"totalCount pageInfo {{ startCursor endCursor }} edges {{ node {{ id }} }} nodes {{ {nodes} }}"
        return Operation(f"{{ found: {name}({arguments}) {{ {parts} }} }}", lists=_table(type_), cursors_of=order)

    def _nodes_by_id(self) -> Operation:
        types = self._draw.sample(self._nodes, k=3)
        ids = [self._id(type_.name) for type_ in types for _ in range(3)]
        shown = [type_ for type_ in types if self._shown.sees(type_)]
        fragments = " ".join(
            f"... on {type_.name} {{ {self._selection(type_, 1, own_names=True)} }}" for type_ in shown
        )
        if self._draw.random() < 0.5:
            return Operation(f"{{ found: node(id: {json.dumps(ids[0])}) {{ id {fragments} }} }}")
        return Operation(f"{{ found: nodes(ids: {json.dumps(ids)}) {{ id {fragments} }} }}")

    def _lookup(self) -> Operation:
        name = self._draw.choice(self._lookups)
        root = self._roots[name]
        type_ = cast(GraphQLObjectType, get_named_type(root.type))
        given = "".join(f"({argument}: {json.dumps(self._draw.choice(KEYS))})" for argument in root.args)
        return Operation(f"{{ found: {name}{given} {{ {self._selection(type_, 2)} }} }}")

    def _computed(self) -> Operation:
        if self._draw.random() < 0.2:
            return Operation("{ found: serviceReview { findings { sentence } } }")
        foreign = self._draw.choice(self._ids["Target"][1:])
        target = json.dumps(self._draw.choice(foreign))
        return Operation(f"{{ found: attainment(by: [TEAM], target: {target}) {{ pending }} }}", empty=True)

    def _mutation(self) -> Operation:
        name = self._draw.choice(list(MUTATIONS))
        assert self._graphql.mutation_type is not None
        mutation = self._graphql.mutation_type.fields[name]
        union = cast(GraphQLUnionType, get_named_type(mutation.type))
        payload = next(member for member in union.types if not member.interfaces)
        parts = " ".join(self._part(payload, part, 2) for part in payload.fields if part != "secret")
        document = f"""mutation($input: {mutation.args["input"].type}) {{ found: {name}(input: $input) {{
            __typename ... on {payload.name} {{ {parts} }} ... on Problem {{ code }} }} }}"""
        return Operation(document, {"input": self._filled(deepcopy(MUTATIONS[name]))}, changes=True)

    def _filled(self, given: Any, name: str = "") -> Any:
        if isinstance(given, dict):
            return {key: self._filled(value, key) for key, value in given.items()}
        if isinstance(given, list):
            return [self._filled(value, name) for value in given]
        if given == ID and name.endswith("Id"):
            stem = name.removesuffix("Id")
            return self._id(NAMED_BY.get(name, stem[0].upper() + stem[1:]))
        return f"{given}{self._draw.randrange(10**9)}" if name in ("key", "name", "label") else given

    def _selection(self, type_: GraphQLObjectType, depth: int, *, own_names: bool = False) -> str:
        """Some fields of a type, under names of the type's own where fragments of several types must not conflict."""
        names = [name for name, made in type_.fields.items() if self._strays() or self._is_shown(type_, made)]
        chosen = self._draw.sample(names, k=min(len(names), self._draw.randint(1, 5)))
        parts = [(f"{type_.name}_{name}: " if own_names else "", name) for name in chosen if name != "id"]
        selected = [f"{alias}{part}" for alias, name in parts if (part := self._part(type_, name, depth))]
        return " ".join(["__typename", "id", *selected])

    def _part(self, type_: GraphQLObjectType, name: str, depth: int) -> str:
        made = type_.fields[name]
        named = get_named_type(made.type)
        if is_leaf_type(named):
            return name
        if depth == 0:
            return ""
        if isinstance(plan_of_field(made), Connected):
            inner = node_type(made.type)
            arguments, _ = self._arguments(made, inner)
            return f"{name}({arguments}) {{ totalCount nodes {{ {self._selection(inner, depth - 1)} }} }}"
        if isinstance(named, GraphQLObjectType) and model_of(named) is not None:
            return f"{name} {{ {self._selection(named, depth - 1)} }}"
        return f"{name} {{ __typename }}"

    def _is_shown(self, type_: GraphQLObjectType, made: GraphQLField) -> bool:
        named = get_named_type(made.type)
        if isinstance(plan_of_field(made), Connected):
            named = node_type(made.type)
        return self._shown.shows(type_, made) and (not isinstance(named, GraphQLObjectType) or self._shown.sees(named))

    def _arguments(self, made: GraphQLField, type_: GraphQLObjectType) -> tuple[str, str]:
        order = self._draw.choice(list(cast(GraphQLEnumType, get_named_type(made.args["orderBy"].type)).values))
        size, place = self._draw.choice((("first", "after"), ("last", "before")))
        given = [f"{size}: {self._draw.randint(0, 8)}", f"orderBy: {order}"]
        known = self._cursors.get(f"{type_.name}.{order}", [])
        if known and self._draw.random() < 0.4:
            given.append(f"{place}: {json.dumps(self._draw.choice(known))}")
        if "filter" in made.args and self._draw.random() < 0.5:
            given.append(
                f"filter: {self._filter(cast(GraphQLInputObjectType, get_named_type(made.args['filter'].type)))}"
            )
        return ", ".join(given), f"{type_.name}.{order}"

    def _filter(self, type_: GraphQLInputObjectType) -> str:
        names = self._draw.sample(list(type_.fields), k=self._draw.randint(1, min(2, len(type_.fields))))
        return "{" + ", ".join(f"{name}: {self._condition(type_, name)}" for name in names) + "}"

    def _condition(self, type_: GraphQLInputObjectType, name: str) -> str:
        made = type_.fields[name]
        plan, named = plan_of(made.extensions[DEFINITION]), get_named_type(made.type)
        assert isinstance(plan, Predicate)
        match plan.kind:
            case FilterKind.ANY_ID_OF:
                return json.dumps([self._id(plan.type_name or self._draw.choice(list(self._ids))) for _ in range(3)])
            case FilterKind.WITHIN:
                bounds = cast(GraphQLInputObjectType, named).fields
                return f"{{from: {DAY if get_named_type(bounds['from'].type).name == 'Date' else INSTANT}}}"
            case FilterKind.ANY_OF if isinstance(named, GraphQLEnumType):
                return f"[{', '.join(self._draw.sample(list(named.values), k=min(3, len(named.values))))}]"
            case FilterKind.ANY_OF:
                return '["3 - Moderate", "desk"]'
        return self._draw.choice(("true", "false"))

    def _id(self, type_name: str) -> str:
        """An id of the caller's organisation, of the other one, or of the other one's row in the caller's name."""
        pools = [pool for pool in self._ids.get(type_name, []) if pool]
        return self._draw.choice(self._draw.choice(pools)) if pools else "nothing"

    def _strays(self) -> bool:
        return self._draw.random() < STRAYING


def _table(type_: GraphQLObjectType) -> str:
    return table_of(model_of(type_)).name


def _all_ids(type_map: Mapping[str, object], worlds: tuple[PartyWorld, PartyWorld]) -> dict[str, list[list[str]]]:
    own, other = (world.actor.organisation_id for world in worlds)
    found = {}
    for name, type_ in type_map.items():
        if isinstance(type_, GraphQLObjectType) and (model := model_of(type_)) is not None:
            mine, theirs = ([id_ for id_, of in world.types.items() if of is model] for world in worlds)
            found[name] = [
                [encode_global_id(name, own, id_) for id_ in mine],
                [encode_global_id(name, other, id_) for id_ in theirs],
                [encode_global_id(name, own, id_) for id_ in theirs],
            ]
    return found
