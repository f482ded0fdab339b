"""Root fields that must be computed on request, and how many statements each may run.

Everything else reads stored facts through the planner: exactly one statement per root field.
"""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema

from schema.planner.refusal import not_shown
from schema.planner.selection import plan_of_field
from services.alignment import coverage, signatures, what_if
from services.attainment import review
from services.compliance import exposure, liability

STATEMENTS_OF_COMPUTED_FIELDS: dict[str, int] = {
    "alignmentWhatIf": what_if.STATEMENTS,
    "attainment": 1,
    "contractMatrix": 1,
    "contractSignatures": signatures.STATEMENTS,
    "coverage": coverage.STATEMENTS,
    "designBlame": 1,
    "designTraceability": coverage.STATEMENTS,
    "exposure": exposure.STATEMENTS,
    "liabilities": liability.STATEMENTS,
    # From the files that come with the program.
    "maturityPatterns": 0,
    "renewals": 1,
    # The zone of the organisation's days, then the review itself.
    "serviceReview": 1 + review.STATEMENTS,
    "tileTraces": 1,
    "traceMatrix": 1,
    "underpinning": 1,
    # The account, the organisation and the party, each where it is selected.
    "viewer": 3,
}
"""By the name of the root field."""

COMPUTED_FOR_PARTIES: frozenset[str] = frozenset({"maturityPatterns", "viewer"})
"""Those that accounts of a party may ask: they say the same to everybody, or speak of the caller alone.

The others count across all parties.
"""


def guard_computed_fields(schema: GraphQLSchema) -> None:
    """Refuse accounts of a party every root field that is neither planned nor made for them."""
    assert schema.query_type is not None  # noqa: S101 - ours has one
    for name, field in schema.query_type.fields.items():
        if plan_of_field(field) is None and name not in COMPUTED_FOR_PARTIES:
            assert field.resolve is not None, name  # noqa: S101 - computed fields have a resolver
            field.resolve = _for_the_organisation(name, field.resolve)


def _for_the_organisation(what: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
    def answer(source: object, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.context.actor.party is not None:
            raise not_shown(what)
        return resolve(source, info, **arguments)

    return answer
