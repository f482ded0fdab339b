"""Holds the fast path against the ordinary one: what is asked of the API in any test is asked of both."""

from typing import Any

import orjson
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.fast import FastReads
from schema.planner.plan_cache import PlanCache


async def compare_with_fast_path(
    context: Context, document: str, variables: dict[str, Any], result: ExecutionResult
) -> None:
    """Assert that the fast path answers what the ordinary one has just answered, to the last key, or not at all.

    It must answer whenever all of a query is planned and nothing was refused.
    """
    plans, reader = context.plans, context.database.reader
    assert isinstance(plans, PlanCache)
    observers, reader.observers = reader.observers, []
    try:
        fast = await FastReads(plans).answer(reader, context.actor, document, None, variables)
    finally:
        reader.observers = observers
    complete = context.reading is not None and context.reading.complete
    assert (fast is not None) == (complete and not result.errors), document
    if fast is not None:
        assert orjson.dumps(orjson.loads(fast.body())) == orjson.dumps({"data": result.data}), document
