"""Makes an operation on which answers differ smaller while they do, so that people can read it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import Node, OperationDefinitionNode, VariableNode, parse, print_ast
from graphql.language import FragmentDefinitionNode, FragmentSpreadNode
from graphql.language.ast import DefinitionNode, DocumentNode
from graphql.language.visitor import Visitor, visit

from tests.oracle.evaluate import Asked

Fails = Callable[[Asked], Awaitable[object]]
MOST_TRIALS = 400


async def shrunk(asked: Asked, fails: Fails) -> Asked:
    """The smallest operation found by leaving parts out, one after the other, that is still answered differently."""
    trials = 0
    smaller = True
    while smaller and trials < MOST_TRIALS:
        smaller = False
        for candidate in _candidates(asked):
            trials += 1
            if trials >= MOST_TRIALS:
                break
            if await fails(candidate):
                asked, smaller = candidate, True
                break
    return asked


def _candidates(asked: Asked) -> Iterator[Asked]:
    """The operation without one of its parts, the largest parts first."""
    document = parse(asked.document, no_location=True)
    for name in _parts_of(document):
        yield replace(asked, document=print_ast(_tidied(_without(document, name))))


Place = tuple[tuple[str, int], ...]
"""Steps from the document: an attribute that is a list, and an index in it."""

LISTS = ("definitions", "selections", "arguments", "directives", "fields", "values")
SINGLE = ("selection_set", "value")


def _parts_of(node: Node) -> list[Place]:
    places = list(_places(node, ()))
    return sorted(places, key=len)


def _places(node: Any, path: Place) -> Iterator[Place]:
    for name in LISTS:
        items = getattr(node, name, None) or ()
        for index, item in enumerate(items):
            here = (*path, (name, index))
            if len(items) > 1 or name in ("arguments", "directives", "fields", "values"):
                yield here
            yield from _places(item, here)
    for name in SINGLE:
        inner = getattr(node, name, None)
        if isinstance(inner, Node):
            yield from _places(inner, (*path, (name, -1)))


def _without(node: Any, place: Place) -> Any:
    (name, index), *rest = place
    if index < 0:
        return replace(node, **{name: _without(getattr(node, name), tuple(rest))})
    items = list(getattr(node, name))
    items[index : index + 1] = [_without(items[index], tuple(rest))] if rest else []
    return replace(node, **{name: tuple(items)})


def _tidied(document: DocumentNode) -> DocumentNode:
    """Without the fragments nobody spreads and the variables nobody uses."""
    before = 0
    while before != len(document.definitions):
        before = len(document.definitions)
        spread = {node.name.value for node in _all(document, FragmentSpreadNode)}
        kept = [
            each
            for each in document.definitions
            if not isinstance(each, FragmentDefinitionNode) or each.name.value in spread
        ]
        document = replace(document, definitions=tuple(kept))
    return replace(document, definitions=tuple(_declaring_what_is_used(document)))


def _declaring_what_is_used(document: DocumentNode) -> Iterator[DefinitionNode]:
    used = Counter(node.name.value for node in _all(document, VariableNode))  # once where it is declared
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            declared = [one for one in each.variable_definitions or () if used[one.variable.name.value] > 1]
            yield replace(each, variable_definitions=tuple(declared))
        else:
            yield each


def _all(node: Node, kind: type[Any]) -> list[Any]:
    found: list[Any] = []

    class Finder(Visitor):
        def enter(self, each: Node, *_: Any) -> None:
            if isinstance(each, kind):
                found.append(each)

    visit(node, Finder())
    return found
