"""Limits on everything a caller can make grow in one request.

Pages, lists of ids and filters, and the number of objects a field may promise have theirs in the planner; the size of a
request's body is limited before it gets here. Fragments are measured once each and counted where they are spread: a few
that spread each other twice would otherwise take longer to measure than anybody can wait.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, SchemaExtension

MOST_TOKENS = 2_000
DEEPEST_QUERY = 15
MOST_FIELDS = 2_000
MOST_ALIASES = 50
MOST_ROOT_FIELDS = 20


@dataclass(frozen=True)
class Size:
    """What a selection set amounts to with its fragments spread out. Introspection has no depth."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    at_top: int = 0


class SizeLimit(ValidationRule):
    """Refuses operations that are too deep or too large before anything runs."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, Size] = {}

    def enter_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:
        """Measure an operation and report what exceeds its limit."""
        size = self._size_of(operation.selection_set)
        for found, most, what in (
            (size.depth, DEEPEST_QUERY, "levels"),
            (size.fields, MOST_FIELDS, "fields"),
            (size.aliases, MOST_ALIASES, "aliases"),
            (size.at_top, MOST_ROOT_FIELDS, "fields at the top"),
        ):
            if found > most:
                message = f"expected an operation of at most {most} {what}, got {found}"
                self.report_error(GraphQLError(message, operation, extensions={"code": "TOO_LARGE"}))

    def _size_of(self, selections: SelectionSetNode | None) -> Size:
        sizes = [self._size_of_selection(node) for node in selections.selections] if selections else []
        return Size(
            depth=max((size.depth for size in sizes), default=0),
            fields=sum(size.fields for size in sizes),
            aliases=sum(size.aliases for size in sizes),
            at_top=sum(size.at_top for size in sizes),
        )

    def _size_of_selection(self, node: Any) -> Size:
        match node:
            case FieldNode():
                below = self._size_of(node.selection_set)
                depth = 0 if node.name.value.startswith("__") else below.depth + 1
                return Size(depth, below.fields + 1, below.aliases + (node.alias is not None), at_top=1)
            case FragmentSpreadNode():
                return self._size_of_fragment(node.name.value)
            case InlineFragmentNode():
                return self._size_of(node.selection_set)
        raise AssertionError(f"no such selection: {node.kind}")

    def _size_of_fragment(self, name: str) -> Size:
        if name not in self._fragments:
            self._fragments[name] = Size()  # what a fragment within itself amounts to; another rule refuses it
            fragment = self.context.get_fragment(name)
            self._fragments[name] = self._size_of(fragment.selection_set) if fragment else Size()
        return self._fragments[name]


def limits() -> list[Callable[[], SchemaExtension]]:
    """The extensions that hold these limits."""
    return [lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS), lambda: AddValidationRules([SizeLimit])]
