"""Random arguments: values said literally or by variables, within objects and lists, with defaults, absent or null."""

import json
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from schema.planner.ordering import Order
from schema.planner.plans import FilterKind, Lookup, Predicate
from tests.oracle.declared import condition_of, filter_type, node_type, plan_on, planned_types, table_of
from tests.oracle.facts import Facts
from tests.oracle.opaque import encoded_cursor, encoded_id
from tests.oracle.values import spelled_instant

MALFORMED_CURSORS = (
    "", "nothing", "bm90aGluZw", "W10", "WyJLRVlfQVNDIl0", "e30", "WyJLRVlfQVNDIiwgMSwgMl0=", "%%%", "ü",
    "WyJLRVlfQVNDIiwgIlx1MDAwMCIsICIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ",
)  # fmt: skip
"""Among them a key with a NUL in it."""
MALFORMED_IDS = ("", "nothing", "VGlja2V0Og", "U2VydmljZTo=", "ü", "a" * 201, "\0")
ODD_VALUES: tuple[Any, ...] = (
    3.0, 2.5, 7, "3", True, "true", 10**12, "KEY_ASC", [], ["KEY_DESC", 1], {}, {"from": "yesterday"}, {"no": 1},
)  # fmt: skip
"""Values of some type: of another they are an error, or are taken for one of it."""
MANY_VARIABLES, MANY_VALUES = 14, 40


class Name(str):
    """The name of an enumeration's member: in a document it has no quotes."""


def literal(value: Any) -> str:
    """A value as a document says it."""
    match value:
        case Name():
            return str(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{name}: {literal(each)}' for name, each in value.items())}}}"
    return json.dumps(value)


@dataclass(frozen=True)
class Pool:
    """What arguments are drawn from: facts of the caller's organisation and of another one."""

    schema: strawberry.Schema
    own: Facts
    other: Facts
    said: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(partial(deque, maxlen=MANY_VALUES)))
    """Values that were drawn before, by their types."""


@dataclass
class Arguments:
    """Draws the arguments of one operation, and keeps the variables they refer to."""

    pool: Pool
    draw: random.Random
    prefix: str
    values: dict[str, Any] = field(default_factory=dict)
    _declared: list[str] = field(default_factory=list)
    _types: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Of each variable, the type without its exclamation mark, and whether it may be left out."""

    @property
    def declared(self) -> str:
        """The variables of the operation, as its head declares them."""
        return f"({', '.join(self._declared)})" if self._declared else ""

    def given(self, value: Any, type_: Any, *, has_default: bool = False) -> str:
        """A value in a document: itself, a variable, or itself with variables in it."""
        if len(self._declared) < MANY_VARIABLES and self.draw.random() < 0.3:
            return self._variable(value, type_, has_default=has_default)
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(bare, GraphQLList) and isinstance(value, list):
            items = [self.given(each, bare.of_type) for each in value]
            return items[0] if len(items) == 1 and self.draw.random() < 0.2 else f"[{', '.join(items)}]"
        if isinstance(bare, GraphQLInputObjectType) and isinstance(value, dict):
            said = [f"{name}: {self.given(each, bare.fields[name].type)}" for name, each in value.items()]
            return f"{{{', '.join(said)}}}"
        return literal(value)

    def _variable(self, value: Any, type_: Any, *, has_default: bool) -> str:
        name = f"{self.prefix}v{len(self._declared)}"
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        ways = ["default", "overridden"] if value is not None else []
        if bare is type_ or has_default:
            ways += ["plain", "plain", "absent", "null" if bare is type_ or self.draw.random() < 0.1 else "plain"]
        if value is not None:
            ways += ["required", "required"]
        way = self.draw.choice(ways)
        default = f" = {literal(value)}" if way in ("default", "overridden") else ""
        self._declared.append(f"${name}: {bare}{'!' if way == 'required' else ''}{default}")
        self._types[name] = str(bare), way != "required"
        if value is not None:
            self.pool.said[str(bare)].append(value)
        if way in ("plain", "required") or (way == "overridden" and isinstance(type_, GraphQLNonNull)):
            self.values[name] = value
        elif way in ("null", "overridden"):
            self.values[name] = None
        if isinstance(value, list) and len(value) == 1 and name in self.values and self.draw.random() < 0.2:
            self.values[name] = value[0]  # which is a list of one, too
        return f"${name}"

    def varied(self) -> dict[str, Any]:
        """Other values for the same variables: some as they were, some left out, null, or said elsewhere."""
        varied = {}
        for name, (type_, may_lack) in self._types.items():
            chance = self.draw.random()
            if chance < 0.3 and name in self.values:
                varied[name] = self.values[name]
            elif chance < 0.31:
                varied[name] = self.draw.choice(ODD_VALUES)
            elif chance > 0.5 or not may_lack:
                varied[name] = self.draw.choice(self.pool.said[type_] or [None])
            elif chance > 0.4:
                varied[name] = None
        return varied

    def id_of(self, type_name: str) -> str:
        """An id of the caller's organisation, of the other, of the other's row in the caller's name, or none at all."""
        pool, chance = self.pool, self.draw.random()
        if chance < 0.02:
            return self.draw.choice(MALFORMED_IDS)
        if chance < 0.03:
            type_name = self.draw.choice(list(planned_types(pool.schema._schema)))
        table = table_of(pool.schema._schema.type_map[type_name])
        facts = pool.other if chance > 0.9 else pool.own
        if not facts.rows[table]:
            return encoded_id(type_name, facts.organisation_id, facts.organisation_id)
        row = self.draw.choice(facts.rows[table])
        organisation_id = pool.own.organisation_id if chance > 0.95 else facts.organisation_id
        return encoded_id(type_name, organisation_id, row[""])

    def of_lookup(self, type_: GraphQLObjectType, made: GraphQLField) -> str:
        """The arguments of a look-up: a key there is, or none."""
        plan = cast(Lookup, plan_on(made))
        rows = self.pool.own.rows[table_of(type_)]
        row = self.draw.choice(rows) if rows else None
        given = []
        for name, attribute in plan.columns:
            chance = self.draw.random()
            key = "\0" if chance < 0.03 else "nothing" if chance < 0.1 or row is None else row[attribute]
            given.append(f"{name}: {self.given(key, made.args[name].type)}")
        return ", ".join(given)

    def of_connection(self, made: GraphQLField, times: int) -> tuple[str, int]:
        """The arguments of a connection, and the size of the page they ask for."""
        listed, orders = node_type(made.type), cast(GraphQLEnumType, get_named_type(made.args["orderBy"].type))
        given, size = self._page(times)
        name = self.draw.choice(list(orders.values))
        if self.draw.random() < 0.7:
            given["orderBy"] = Name(name)
        else:
            name = made.args["orderBy"].default_value.name
        forward = "last" not in given or "first" in given
        if self.draw.random() < 0.4:
            backward_cursor = self.draw.random() < 0.02
            given["after" if forward != backward_cursor else "before"] = self._cursor(listed, orders, name)
        if "filter" in made.args and self.draw.random() < 0.5:
            given["filter"] = self._filter(cast(GraphQLInputObjectType, filter_type(made)), listed)
        if self.draw.random() < 0.1:
            given[self.draw.choice([name for name in ("after", "before", "filter") if name in made.args])] = None
        items = list(given.items())
        self.draw.shuffle(items)
        said = [
            f"{name}: {self.given(value, made.args[name].type, has_default=name == 'orderBy')}" for name, value in items
        ]
        return ", ".join(said), size

    def _page(self, times: int) -> tuple[dict[str, Any], int]:
        chance, name = self.draw.random(), self.draw.choice(("first", "last"))
        if chance < 0.02:
            return {name: self.draw.choice((-1, 101, 2**31 - 1, -(2**31)))}, 1
        if chance < 0.03:
            return {"first": 1, "last": 2}, 1
        if chance < 0.2 and times < 20:
            return ({} if chance < 0.15 else {name: None}), 20
        size = self.draw.randint(6, 100) if chance > 0.95 and times < 10 else self.draw.randint(0, 5)
        return {name: size}, size

    def _cursor(self, listed: GraphQLObjectType, orders: GraphQLEnumType, name: str) -> str:
        """Usually one of a row of the list in its order."""
        chance, rows = self.draw.random(), self.pool.own.rows[table_of(listed)]
        if chance < 0.04 or not rows:
            return self.draw.choice(MALFORMED_CURSORS)
        if chance < 0.08:
            name = self.draw.choice(list(orders.values))
        cursor = encoded_cursor(name, cast(Order, orders.values[name].value), self.draw.choice(rows))
        return cursor[: self.draw.randrange(len(cursor))] if chance < 0.1 else cursor

    def _filter(self, type_: GraphQLInputObjectType, listed: GraphQLObjectType) -> dict[str, Any]:
        names = self.draw.sample(list(type_.fields), k=min(len(type_.fields), self.draw.choice((0, 1, 1, 1, 2, 3))))
        return {
            name: None
            if self.draw.random() < 0.05
            else self._condition(condition_of(type_.fields[name]), get_named_type(type_.fields[name].type), listed)
            for name in names
        }

    def _condition(self, plan: Predicate, named: Any, listed: GraphQLObjectType) -> Any:
        draw, rows = self.draw, self.pool.own.rows[table_of(listed)]
        count = 101 if draw.random() < 0.02 else draw.randint(0, 3)
        match plan.kind:
            case FilterKind.ANY_ID_OF:
                types = list(planned_types(self.pool.schema._schema))
                return [
                    self._referred(plan, rows) or self.id_of(plan.type_name or draw.choice(types)) for _ in range(count)
                ]
            case FilterKind.WITHIN:
                known = [row[plan.attribute] for row in rows if row[plan.attribute] is not None]
                bounds = sorted(draw.choices(known, k=2)) if known else []
                if draw.random() < 0.1:
                    bounds.reverse()
                given = dict(zip(("from", "before"), map(self._instant, bounds), strict=False))
                return {name: value for name, value in given.items() if draw.random() < 0.8}
            case FilterKind.ANY_OF if isinstance(named, GraphQLEnumType):
                return [Name(draw.choice(list(named.values))) for _ in range(count)]
            case FilterKind.ANY_OF:
                known = [row[plan.attribute] for row in rows if row[plan.attribute] is not None] or ["nothing"]
                return ["\0" if draw.random() < 0.03 else draw.choice(known) for _ in range(count)]
        return draw.random() < 0.5

    def _referred(self, plan: Predicate, rows: list[Any]) -> str | None:
        """The id of something that a row of the list refers to, most of the time."""
        known = [row[plan.attribute] for row in rows if row[plan.attribute] is not None]
        if not known or plan.type_name is None or self.draw.random() < 0.3:
            return None
        return encoded_id(plan.type_name, self.pool.own.organisation_id, self.draw.choice(known))

    def _instant(self, instant: Any) -> str:
        text = spelled_instant(instant)
        return text.replace("Z", self.draw.choice(("Z", "Z", "+00:00", "-00:00")))
