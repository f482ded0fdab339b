"""Limits on everything a caller can make grow in one request, held before anything is done whose time grows faster.

Pages, lists of ids and filters, and the number of objects a field may promise have theirs in the planner; the size of a
request's body is limited before it gets here. Fragments are measured once each and counted where they are spread: a few
that spread each other twice would otherwise take longer to measure than anybody can wait. Validation compares fields
that merge in pairs, and fragments too, so how many there are is limited before it runs.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Token,
    TokenKind,
    get_operation_ast,
    get_variable_values,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.graphql import OperationType

from schema.documents import faults_of, parsed
from schema.errors import without_frames
from schema.reading import LONG_DOCUMENT, MANY_VALUES, Read, apart

LONGEST_DOCUMENT = 64 * 1024
"""Characters. Texts and lists that are longer come as variables."""
MOST_TOKENS = 2_000
LONGEST_NUMBER = 100
"""Characters of a number written in a document."""
MOST_FRAGMENTS = 50
DEEPEST_QUERY = 15
DEEPEST_BRACES = 60
"""Of anything in a document, introspection included: to parse what is nested deeper costs more than to see that."""
MOST_FIELDS = 2_000
MOST_ALIASES = 50
MOST_ROOT_FIELDS = 20
MOST_COMPARISONS = 2_000
"""Pairs of fields that have the same place in the answer."""
MOST_VALUES = {OperationType.QUERY: 1_000, OperationType.MUTATION: 100_000}
"""Values in the variables, at any depth: a filter takes lists of 100, a mutation a thousand items."""

LONGEST_TEXT = 128 * 1024
"""Characters of a text in the variables of a query, which finds something by it; mutations limit each of their own."""

MOST_FAULTS = 40
"""Of a document, before validation gives up: to find one takes as long as to validate many fields that are right."""

CODE = "TOO_LARGE"

_BRACES = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*+(?:"""|$)|"(?:\\.|[^"\\\n\r])*+"?|#[^\n\r]*|([{}])')
"""Strings and comments, which may hold braces, and braces. What is not closed is taken whole: nothing is read twice."""
_LONG_NUMBER = re.compile(r"\d{30}")
"""Without so many digits in a row, there is no number that is too long: it has three such rows at most."""


@dataclass(frozen=True)
class Size:
    """What a selection set amounts to with its fragments spread out. Introspection has no depth."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    at_top: int = 0


class Limits(SchemaExtension):
    """Refuses what is too long, too deep or too large before it is parsed, validated or executed.

    Without `suggestions` validation does not look for what the caller may have meant.
    """

    def __init__(self, *, suggestions: bool = True) -> None:
        self._suggestions = suggestions

    async def on_parse(self) -> AsyncIterator[None]:
        """Refuse a document that is too long or nested too deeply, parse any other; raises GraphQLError."""
        execution = self.execution_context
        query = execution.query or ""
        if len(query) > LONGEST_DOCUMENT:
            raise too_large(f"expected a document of at most {LONGEST_DOCUMENT} characters")
        if _braces_deeper_than(DEEPEST_BRACES, query):
            raise too_large(f"expected a document of at most {DEEPEST_BRACES} nested braces")
        if query and execution.graphql_document is None:
            execution.graphql_document = await self._read(partial(parsed, query, most_tokens=MOST_TOKENS))
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        """Refuse an operation that exceeds a limit; validate any other, as the framework would, but not without end."""
        execution = self.execution_context
        assert execution.graphql_document is not None  # noqa: S101 - parsed before
        if execution.pre_execution_errors is None:
            excess = _excess(execution.operation_type, execution.variables)
            execution.pre_execution_errors = [too_large(excess)] if excess else await self._read_faults()
        yield

    async def _read_faults(self) -> list[GraphQLError]:
        try:
            return without_frames(await self._read(self._faults))
        except GraphQLError as refusal:
            return without_frames([refusal])

    async def _read(self, read: Callable[[], Read]) -> Read:
        """What keeps others waiting is read apart; after anything else they have their turn."""
        execution = self.execution_context
        if len(execution.query or "") > LONG_DOCUMENT or more_values_than(MANY_VALUES, execution.variables):
            actor = getattr(execution.context, "actor", None)
            return await apart(read, whose=None if actor is None else (actor.organisation_id, actor.account_id))
        found = read()
        await asyncio.sleep(0)
        return found

    def _faults(self) -> list[GraphQLError]:
        execution = self.execution_context
        document, schema = execution.graphql_document, execution.schema._schema
        assert document is not None  # noqa: S101 - parsed before
        rules = (*execution.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
        hidden = not self._suggestions
        found = list(faults(document)) or faults_of(schema, document, rules, most=MOST_FAULTS, hide_suggestions=hidden)
        operation = get_operation_ast(document, execution.operation_name)
        if found or operation is None or not more_values_than(MANY_VALUES, execution.variables):
            return found
        # What is in order is coerced again where it is used, which takes less long than to tell what is not.
        values = get_variable_values(
            schema, operation.variable_definitions or (), execution.variables or {}, MOST_FAULTS, hidden
        )
        return values if isinstance(values, list) else []


def too_large(message: str, *nodes: OperationDefinitionNode | FragmentDefinitionNode) -> GraphQLError:
    """A limit is exceeded."""
    return GraphQLError(message, list(nodes) or None, extensions={"code": CODE})


def more_values_than(most: int, given: object) -> bool:
    """Whether more than so many values are in what JSON was read into; looks at no more of them than that."""
    found, waiting = 0, [given]
    while waiting:
        within = waiting.pop()
        if isinstance(within, dict):
            within = within.values()
        elif not isinstance(within, list):
            continue
        found += len(within)
        if found > most:
            return True
        waiting.extend(each for each in within if isinstance(each, dict | list))
    return False


def _excess(kind: OperationType, given: object) -> str | None:
    """What the variables of an operation have too much of."""
    most = MOST_VALUES.get(kind, 0)
    if more_values_than(most, given):
        return f"expected at most {most} values in the variables"
    if kind is OperationType.QUERY and any(len(text) > LONGEST_TEXT for text in _texts(given)):
        return f"expected texts of at most {LONGEST_TEXT} characters in the variables of a query"
    return None


def _texts(given: object) -> Iterator[str]:
    """The texts in what JSON was read into."""
    waiting = [given]
    while waiting:
        within = waiting.pop()
        if isinstance(within, str):
            yield within
        elif isinstance(within, dict):
            waiting.extend(within.values())
        elif isinstance(within, list):
            waiting.extend(within)


def faults(document: DocumentNode) -> Iterator[GraphQLError]:
    """What exceeds its limit in a document. Where fragments go in circles, nothing else is looked at."""
    if _has_long_number(document):
        yield too_large(f"expected numbers of at most {LONGEST_NUMBER} characters")
        return
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if len(fragments) > MOST_FRAGMENTS:
        yield too_large(f"expected at most {MOST_FRAGMENTS} fragments, got {len(fragments)}")
        return
    measure = _Measure(fragments)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            yield from measure.faults(operation)


def _braces_deeper_than(most: int, text: str) -> bool:
    if text.count("{") <= most:
        return False
    depth = 0
    for found in _BRACES.finditer(text):
        if found[1] is not None:
            depth += 1 if found[1] == "{" else -1
            if depth > most:
                return True
    return False


def _has_long_number(document: DocumentNode) -> bool:
    if document.loc is None or _LONG_NUMBER.search(document.loc.source.body) is None:
        return False
    token: Token | None = document.loc.start_token
    while token is not None:
        if token.kind in (TokenKind.INT, TokenKind.FLOAT) and token.end - token.start > LONGEST_NUMBER:
            return True
        token = token.next
    return False


class _Measure:
    """Measures the operations of one document."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._sizes: dict[str, Size | None] = {}
        self._circle: FragmentDefinitionNode | None = None

    def faults(self, operation: OperationDefinitionNode) -> Iterator[GraphQLError]:
        size = self._size_of(operation.selection_set)
        if self._circle is not None:
            yield GraphQLError(f"Cannot spread fragment '{self._circle.name.value}' within itself.", self._circle)
            return
        exceeded = False
        for found, most, what in (
            (size.depth, DEEPEST_QUERY, "levels"),
            (size.fields, MOST_FIELDS, "fields"),
            (size.aliases, MOST_ALIASES, "aliases"),
            (size.at_top, MOST_ROOT_FIELDS, "fields at the top"),
        ):
            if found > most:
                exceeded = True
                yield too_large(f"expected an operation of at most {most} {what}, got {found}", operation)
        if not exceeded and (pairs := self._comparisons([operation.selection_set])) > MOST_COMPARISONS:
            yield too_large(
                f"expected fewer fields that are selected several times: {pairs} pairs have the same place in the"
                f" answer, more than {MOST_COMPARISONS}",
                operation,
            )

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
        fragment = self._fragments.get(name)
        if fragment is None:
            return Size()  # validation says so
        if name not in self._sizes:
            self._sizes[name] = None
            self._sizes[name] = self._size_of(fragment.selection_set)
        size = self._sizes[name]
        if size is None:
            self._circle = fragment
            return Size()
        return size

    def _comparisons(self, merged: Sequence[SelectionSetNode]) -> int:
        """How many pairs of fields have the same place in the answer, in sets that are one there."""
        places: dict[str, list[FieldNode]] = {}
        for field in self._fields_in(merged):
            places.setdefault((field.alias or field.name).value, []).append(field)
        pairs = sum(len(fields) * (len(fields) - 1) // 2 for fields in places.values())
        below = ([field.selection_set for field in fields if field.selection_set] for fields in places.values())
        return pairs + sum(self._comparisons(sets) for sets in below if sets)

    def _fields_in(self, merged: Sequence[SelectionSetNode]) -> Iterator[FieldNode]:
        waiting, spread = list(merged), set[str]()
        while waiting:
            for node in waiting.pop().selections:
                match node:
                    case FieldNode():
                        yield node
                    case InlineFragmentNode():
                        waiting.append(node.selection_set)
                    case FragmentSpreadNode() if node.name.value not in spread:
                        spread.add(node.name.value)
                        if node.name.value in self._fragments:
                            waiting.append(self._fragments[node.name.value].selection_set)
