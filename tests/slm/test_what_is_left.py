"""What a request leaves behind: nothing large for the garbage collector, which would stop everybody to free it."""

import asyncio
import gc
import json
from collections import Counter

import pytest
from graphql import DocumentNode
from graphql.execution.executor import Executor
from starlette.requests import Request
from strawberry.types import ExecutionContext

from schema.planner.given import Request as PlannedRequest
from services.db import Database
from services.organisations.rules import AccessRole, Actor
from tests.campaigns.abusing import abuses
from tests.slm.conftest import Serving, issue_token

LARGE = (DocumentNode, ExecutionContext, Executor, PlannedRequest, Request)
"""What holds a request, its document or its variables."""
MOST_OBJECTS = 2_000
"""Of the validation of a document, in circles that the library makes."""

QUERIES = {
    "a query": "query($first: Int!) { services(first: $first) { nodes { key tickets(first: 2) { nodes { key } } } } }",
    "a query that cannot be answered": '{ node(id: "nothing") { id } }',
    "a query with a fault": "query($first: Int!) { services(first: $first) { nodes { keys } } }",
    "what is no query": "{ services { nodes { key }",
    "a field that is not planned": "{ __typename __schema { queryType { name } } }",
}
ABUSES = {abuse.name: abuse for abuse in abuses()}
LARGEST = (
    "600 aliases",
    "a cyclic fragment",
    "200,000 wrong values",
    "1,000 wrong values",
    "1,000 ids",
    "a directive 280 times",
    "2 MB of text",
    "a text of 2 MB",
)


def _alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if issubclass(type(one), LARGE))


@pytest.mark.parametrize("name", [*QUERIES, *LARGEST])
async def test_a_request_is_freed_with_its_answer(
    serving: Serving, database: Database, actor: Actor, name: str
) -> None:
    _, token = await issue_token(database, actor, AccessRole.VIEWER)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if name in QUERIES:
        body = json.dumps({"query": QUERIES[name], "variables": {"first": 3}}).encode()
    else:
        body, headers = ABUSES[name].body, headers | ABUSES[name].headers
    async with serving() as client:
        await client.post("/graphql", content=body, headers=headers)
        gc.collect()
        gc.disable()
        before = _alive()
        try:
            for number in range(3):
                asked = body.replace(b'"query": "', b'"query": "' + b" " * number)
                await client.post("/graphql", content=asked, headers=headers)
            await asyncio.sleep(0.05)  # a thread that has read it lets go of it in its next turn
            left = _alive() - before
            freed = gc.collect()
        finally:
            gc.enable()
    assert not left
    assert freed < 3 * MOST_OBJECTS
