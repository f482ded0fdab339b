"""Limits on everything a caller can make grow in one request.

Pages, lists of ids and filters, and the number of objects a field may promise have theirs in the planner; the size of a
request's body is limited before it gets here.
"""

from collections.abc import Callable

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, ValidationContext, ValidationRule
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    QueryDepthLimiter,
    SchemaExtension,
)

DEEPEST_QUERY = 15
MOST_TOKENS = 2_000
MOST_ALIASES = 50
MOST_ROOT_FIELDS = 20


class RootFieldLimit(ValidationRule):
    """Each root field is a statement, so an operation may have only so many, those in fragments included."""

    def enter_operation_definition(self, operation: OperationDefinitionNode, *_: object) -> None:
        """Count the fields at the top of an operation."""
        found = _fields_at_top(self.context, operation)
        if found > MOST_ROOT_FIELDS:
            message = f"expected at most {MOST_ROOT_FIELDS} fields at the top of an operation, got {found}"
            self.report_error(GraphQLError(message, operation))


def _fields_at_top(context: ValidationContext, operation: OperationDefinitionNode) -> int:
    count, seen, waiting = 0, set[str](), list(operation.selection_set.selections)
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            count += 1
            continue
        spread = getattr(selection, "name", None)
        if spread is None:
            waiting.extend(selection.selection_set.selections)  # type: ignore[attr-defined]
        elif spread.value not in seen and (fragment := context.get_fragment(spread.value)):
            seen.add(spread.value)
            waiting.extend(fragment.selection_set.selections)
    return count


def limits() -> list[Callable[[], SchemaExtension]]:
    """The extensions that refuse an operation beyond the limits before anything runs."""
    return [
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        lambda: QueryDepthLimiter(max_depth=DEEPEST_QUERY),
        lambda: MaxAliasesLimiter(max_alias_count=MOST_ALIASES),
        lambda: AddValidationRules([RootFieldLimit]),
    ]
