"""Random valid operations over everything a reader may ask, in every way GraphQL lets them say it."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from schema.planner.plans import Connected, Lookup
from services.organisations.rules import Actor
from tests.oracle.arguments import Arguments, Pool
from tests.oracle.declared import node_type, object_type, plan_on, planned_types
from tests.oracle.evaluate import Asked
from tests.schema.selections import Selections

MOST_ALIASES, MOST_FIELDS = 40, 120
"""Below the limits of the API, as fragments count wherever they are spread."""
STRAYING = 0.01
"""How often a caller selects what is not shown to it at all."""
COSTLY = "services(first: 100) { nodes { tickets(last: 100) { nodes { events(first: 100) { nodes { id } } } } } }"


class Operations:
    """Draws operations for an actor, from a pool of ids, keys, values and cursors."""

    def __init__(self, pool: Pool, actor: Actor, draw: random.Random) -> None:
        self._pool, self._actor, self._draw = pool, actor, draw
        self._shown = Selections(pool.schema, actor)

    def next(self) -> list[Asked]:
        """One document asked once or several times, with other variables each time.

        Usually it has one operation, with or without a name, sometimes several.
        """
        draw, count = self._draw, self._draw.choice((1, 1, 1, 1, 1, 1, 2, 3))
        made = [_Operation(self._pool, self._shown, draw, f"Q{number}") for number in range(count)]
        named = count > 1 or draw.random() < 0.5
        texts = [operation.text(named=named) for operation in made]
        chosen = draw.randrange(count)
        arguments = made[chosen].arguments
        given = arguments.values | ({"notDeclared": 1} if draw.random() < 0.05 else {})
        says = count > 1 or (named and draw.random() < 0.5)
        first = Asked("\n".join(texts), given, f"Q{chosen}" if says else None)
        again = draw.choice((0, 1, 2, 4)) if arguments.declared else draw.choice((0, 0, 1))
        return [first, *(replace(first, variables=arguments.varied()) for _ in range(again))]


class _Operation:
    def __init__(self, pool: Pool, shown: Selections, draw: random.Random, name: str) -> None:
        self._pool, self._shown, self._draw, self._name = pool, shown, draw, name
        self.arguments = Arguments(pool, draw, name.lower())
        self._fragments: dict[str, tuple[str, str]] = {}
        self._aliases = self._fields = 0
        self._unaliased: dict[tuple[str, str], str] = {}
        query = pool.schema._schema.query_type
        assert query is not None
        self._roots = query.fields
        self._types = planned_types(pool.schema._schema)

    def text(self, *, named: bool) -> str:
        """The operation and its fragments."""
        roots = " ".join(self._root() for _ in range(self._draw.choice((1, 1, 1, 2, 3))))
        declared = self.arguments.declared
        head = f"query {self._name}{declared} " if named else f"query {declared} " if declared else ""
        fragments = "".join(f"\nfragment {name} on {of} {{ {text} }}" for name, (of, text) in self._fragments.items())
        return f"{head}{{ {roots} }}{fragments}"

    def _root(self) -> str:
        kinds: list[Callable[[], str]] = [
            self._list,
            self._lookup,
            self._node,
            self._nodes,
            self._viewer,
            self._typename,
            self._costly,
        ]
        return self._draw.choices(kinds, weights=[60, 20, 8, 8, 3, 3, 1])[0]()

    def _viewer(self) -> str:
        """A field that is computed, with fields below it that are read."""
        type_ = object_type(self._roots["viewer"].type)
        parts = [self._field(type_, name, 2, 1) for name in self._draw.sample(list(type_.fields), k=3)]
        return f"{self._alias()}viewer{self._condition()} {{ __typename {' '.join(parts)} }}"

    def _typename(self) -> str:
        introspection = ("__schema { queryType { name } }", '__type(name: "Ticket") { name kind }')
        return self._draw.choice((f"{self._alias()}__typename", self._draw.choice(introspection)))

    def _costly(self) -> str:
        return f"{self._alias()}{COSTLY}"

    def _list(self) -> str:
        visible = list(self._shown.lists)
        every = [name for name, root in self._roots.items() if isinstance(plan_on(root), Connected)]
        name = self._draw.choice(every if self._draw.random() < STRAYING else visible)
        return self._connection("Query", name, self._roots[name], self._draw.choice((1, 2, 2, 3)), 1)

    def _lookup(self) -> str:
        name = self._draw.choice([name for name, root in self._roots.items() if isinstance(plan_on(root), Lookup)])
        root = self._roots[name]
        type_ = object_type(root.type)
        given = self.arguments.of_lookup(type_, root)
        selected = self._braced(type_, self._draw.choice((1, 2, 3)), 1)
        return self._with_arguments("Query", name, given, lambda: selected)

    def _node(self) -> str:
        types = self._draw.sample(list(self._types.values()), k=2)
        id_ = self.arguments.id_of(types[0].name)
        type_ = self._roots["node"].args["id"].type
        return f"{self._alias(always=True)}node(id: {self.arguments.given(id_, type_)}) {{ {self._of_any(types)} }}"

    def _nodes(self) -> str:
        types = self._draw.sample(list(self._types.values()), k=self._draw.randint(1, 3))
        count = 101 if self._draw.random() < 0.01 else self._draw.randint(0, 6)
        ids = [self.arguments.id_of(self._draw.choice(types).name) for _ in range(count)]
        type_ = self._roots["nodes"].args["ids"].type
        return f"{self._alias(always=True)}nodes(ids: {self.arguments.given(ids, type_)}) {{ {self._of_any(types)} }}"

    def _of_any(self, types: list[GraphQLObjectType]) -> str:
        """What is selected of an object of any type: by interfaces, and under names of each type's own."""
        parts = [self._draw.choice(("__typename", "id", "__typename id"))]
        if self._draw.random() < 0.3:
            parts.append(
                self._draw.choice(("... on Recorded { recordedAt recordedBy { name } }", "...on Versioned{version}"))
            )
        for type_ in types:
            if self._shown.sees(type_) or self._draw.random() < STRAYING:
                names = self._visible(type_)
                chosen = self._draw.sample(names, k=min(len(names), self._draw.randint(1, 4)))
                fields = " ".join(self._field(type_, name, 1, 3, always=True) for name in chosen) or "__typename"
                parts.append(self._spread(type_, fields))
        self._draw.shuffle(parts)
        return " ".join(parts)

    def _braced(self, type_: GraphQLObjectType, depth: int, times: int) -> str:
        return f"{{ {self._selection(type_, depth, times)} }}"

    def _selection(self, type_: GraphQLObjectType, depth: int, times: int) -> str:
        names = list(type_.fields) if self._draw.random() < STRAYING else self._visible(type_)
        leaves = [name for name in names if is_leaf_type(get_named_type(type_.fields[name].type))]
        chosen = self._draw.sample(names, k=min(len(names), self._draw.randint(1, 6)))
        parts = [self._draw.choice(leaves) if leaves else "__typename"]
        for name in chosen:
            parts.append(self._field(type_, name, depth, times))
            if self._draw.random() < 0.1:  # the same again, merged with it where that is allowed
                parts.append(self._field(type_, name, depth, times))
        if self._draw.random() < 0.3:
            parts.append(f"{self._alias()}__typename")
        if self._draw.random() < 0.25:
            of = self._draw.choice((type_, *type_.interfaces))
            names = [name for name in of.fields if name in names and is_leaf_type(get_named_type(of.fields[name].type))]
            if names:
                parts.append(self._spread(of, " ".join(self._draw.sample(names, k=min(2, len(names))))))
        if self._draw.random() < 0.2 and self._fields < MOST_FIELDS:
            parts.append(self._spread(type_, self._selection(type_, depth - 1, times)))
        known = [name for name, (of, _) in self._fragments.items() if of == type_.name]
        if known and self._draw.random() < 0.3:
            parts.append(f"...{self._draw.choice(known)}")
        self._draw.shuffle(parts)
        return " ".join(filter(None, parts)) or "__typename"

    def _spread(self, type_: Any, selection: str) -> str:
        """A selection within a fragment: inline, inline without a type, or one with a name."""
        condition = self._condition()
        if self._draw.random() < 0.4:
            name = f"F{len(self._fragments)}{self._name}"
            self._fragments[name] = (type_.name, selection)
            return f"...{name}{condition}"
        on = "" if isinstance(type_, GraphQLObjectType) and self._draw.random() < 0.2 else f" on {type_.name}"
        return f"...{on}{condition} {{ {selection} }}"

    def _field(self, type_: GraphQLObjectType, name: str, depth: int, times: int, *, always: bool = False) -> str:
        made = type_.fields[name]
        self._fields += 1
        if is_leaf_type(get_named_type(made.type)):
            return f"{self._alias(always=always)}{name}{self._condition()}"
        if depth <= 0 or self._fields > MOST_FIELDS:
            return ""
        if isinstance(plan_on(made), Connected):
            return self._connection(type_.name, name, made, depth - 1, times, always=always)
        inner = self._braced(object_type(made.type), depth - 1, times * 3)
        return f"{self._alias(always=always)}{name}{self._condition()} {inner}"

    def _connection(
        self, of: str, name: str, made: GraphQLField, depth: int, times: int, *, always: bool = False
    ) -> str:
        given, size = self.arguments.of_connection(made, times)
        return self._with_arguments(
            of, name, given, lambda: self._parts(node_type(made.type), depth, times * size), always=always
        )

    def _with_arguments(
        self, of: str, name: str, given: str, select: Callable[[], str], *, always: bool = False
    ) -> str:
        """A field with arguments: wherever it stands under its own name it has the same ones."""
        alias = self._alias(always=always)
        if not alias:
            given = self._unaliased.setdefault((of, name), given)
        text = f"{alias}{name}{f'({given})' if given else ''}"
        again = f" {text} {select()}" if self._draw.random() < 0.1 else ""
        return f"{text}{self._condition()} {select()}{again}"

    def _parts(self, listed: GraphQLObjectType, depth: int, times: int) -> str:
        """Some parts of a connection."""
        info = self._draw.sample(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor", "__typename"), k=3)
        choices: list[Callable[[], str]] = [
            lambda: f"{self._alias()}totalCount",
            lambda: f"{self._alias()}pageInfo{self._condition()} {{ {' '.join(info)} }}",
            lambda: f"{self._alias()}nodes {self._braced(listed, depth, times)}",
            lambda: (
                f"{self._alias()}edges {{ {self._alias()}cursor"
                f" {self._draw.choice(('', '__typename'))} node {self._braced(listed, depth, times)} }}"
            ),
            lambda: "__typename",
        ]
        chosen = self._draw.sample(choices, k=self._draw.choice((1, 2, 2, 3, 4)))
        return f"{{ {' '.join(choice() for choice in chosen)} }}"

    def _visible(self, type_: GraphQLObjectType) -> list[str]:
        return [name for name, made in type_.fields.items() if self._is_visible(type_, made)]

    def _is_visible(self, type_: GraphQLObjectType, made: GraphQLField) -> bool:
        named = get_named_type(made.type)
        if isinstance(plan_on(made), Connected):
            named = node_type(made.type)
        return self._shown.shows(type_, made) and (not isinstance(named, GraphQLObjectType) or self._shown.sees(named))

    def _alias(self, *, always: bool = False) -> str:
        if not always and (self._aliases >= MOST_ALIASES or self._draw.random() < 0.75):
            return ""
        self._aliases += 1
        # Sometimes a name that other fields have.
        name = self._draw.choice(("key", "name", "id", "nodes", "cursor")) if self._draw.random() < 0.05 else "a"
        return f"{name}: " if name != "a" else f"a{self._aliases}: "

    def _condition(self) -> str:
        if self._draw.random() > 0.08:
            return ""
        names = self._draw.choice((("skip",), ("include",), ("include", "skip"), ("skip", "include")))
        return "".join(f" @{name}(if: {self._decision(name)})" for name in names)

    def _decision(self, name: str) -> str:
        directive = self._pool.schema._schema.get_directive(name)
        assert directive is not None
        return self.arguments.given(self._draw.random() < 0.5, directive.args["if"].type)
