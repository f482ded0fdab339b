"""Several changes of one kind in one mutation: up to 1,000 items, all of them or each that can be.

Items that were written are answered by their ids alone: reading a thousand objects again would take a thousand
statements, and `nodes` reads a hundred by one.
"""

from collections.abc import Sequence

import strawberry

from schema.errors import Problem, problem_of
from schema.planner.identity import encode_global_id
from schema.vocabulary import BulkMode
from services.errors import FieldProblem, Invalid, ServiceError
from services.organisations.rules import Actor
from services.rows import Outcome

MOST_ITEMS = 1_000


MODE = "What becomes of the good items where others cannot be accepted."
ITEMS = "The items, 1 to 1,000."


@strawberry.type(description="What became of one item.")
class BulkItem:
    """An id or a problem."""

    index: int = strawberry.field(description="Its place among the items given, from 0.")
    id: strawberry.ID | None = strawberry.field(description="The id of what was written, for `nodes`; null if nothing.")
    problem: Problem | None = strawberry.field(
        description="Why it was not written; null if it was. Its fields are named from the input on: `items.3.name`."
    )


@strawberry.type(description="Several things were written, or each that could be.")
class BulkPayload:
    """See services.rows.add_entries."""

    written: int = strawberry.field(description="How many items were written.")
    refused: int = strawberry.field(description="How many were not: none, if all or nothing was asked for.")
    items: list[BulkItem] = strawberry.field(description="What became of each, in the order given.")


def require_few(items: Sequence[object]) -> None:
    """Raise Invalid for no item, and for more than a mutation takes."""
    if not 1 <= len(items) <= MOST_ITEMS:
        expected = f"expected 1 to {MOST_ITEMS} items, got {len(items)}"
        raise Invalid("the items cannot be written", [FieldProblem("items", expected)])


def bulk_answer(actor: Actor, type_name: str, outcomes: Sequence[Outcome], mode: BulkMode) -> BulkPayload:
    """What to answer of these outcomes. Raises Invalid, which undoes all, for a refusal where all were wanted."""
    refusals = {place: outcome for place, outcome in enumerate(outcomes) if isinstance(outcome, ServiceError)}
    if refusals and mode is BulkMode.ALL_OR_NOTHING:
        found = [problem for place, refusal in refusals.items() for problem in _named(place, refusal)]
        raise Invalid(f"{len(refusals)} of {len(outcomes)} items cannot be written, so none was", found)
    return BulkPayload(
        written=len(outcomes) - len(refusals),
        refused=len(refusals),
        items=[_item(actor, type_name, place, outcome) for place, outcome in enumerate(outcomes)],
    )


def refused_item(place: int, refusal: ServiceError, *, of: str = "items") -> BulkItem:
    """What to answer of an item that was not written; `of` is the name of the list it stands in."""
    if isinstance(refusal, Invalid):
        refusal = Invalid(refusal.message, _named(place, refusal, of))
    return BulkItem(index=place, id=None, problem=problem_of(refusal))


def _item(actor: Actor, type_name: str, place: int, outcome: Outcome) -> BulkItem:
    if isinstance(outcome, ServiceError):
        return refused_item(place, outcome)
    id_ = encode_global_id(type_name, actor.organisation_id, outcome)
    return BulkItem(index=place, id=strawberry.ID(id_), problem=None)


def _named(place: int, refusal: ServiceError, of: str = "items") -> list[FieldProblem]:
    """What is wrong with an item, as faults of the whole input."""
    if isinstance(refusal, Invalid) and refusal.problems:
        return [FieldProblem(f"{of}.{place}.{found.field}", found.message) for found in refusal.problems]
    return [FieldProblem(f"{of}.{place}", refusal.message)]
