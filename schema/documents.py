"""Parses and validates documents, and leaves none of them to the garbage collector.

The library ties documents and the rules that look at them into circles, thousands of objects of each. Nobody frees
these until the collector comes, and while it looks at them and frees them, everybody waits.
"""

from collections.abc import Sequence
from typing import Any, cast

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ParallelVisitor,
    ValidationContext,
    parse,
    validate,
)


def parsed(text: str, *, most_tokens: int) -> DocumentNode:
    """A document, whose tokens are chained one way only; raises GraphQLError."""
    document = parse(text, max_tokens=most_tokens)
    token = None if document.loc is None else document.loc.start_token
    while token is not None:
        token.prev = None
        token = token.next
    return document


def faults_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    rules: Sequence[type[ASTValidationRule]],
    *,
    most: int,
    hide_suggestions: bool,
) -> list[GraphQLError]:
    """What the rules find wrong with a document, and whether they gave up after so many faults."""
    made: list[object] = []

    def together(context: ValidationContext) -> ParallelVisitor:
        visitors = [cast(Any, rule)(context) for rule in rules]
        all_of_them = ParallelVisitor(visitors)
        made.extend((context, all_of_them, *visitors))
        return all_of_them

    try:
        return validate(schema, document, [cast(Any, together)], max_errors=most, hide_suggestions=hide_suggestions)
    finally:
        for each in made:  # what is tied to them stays for a while, but without the document
            vars(each).clear()
