"""Scanners find nothing in the API as it runs in production, and these find everything in a careless server."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLError,
    MaxIntrospectionDepthRule,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.conformance.serving import Served
from tests.conformance.weaknesses import (
    TYPENAME,
    WEAKNESSES,
    Weakness,
    field_suggestions,
    introspection,
    page_to_explore_with,
    queries_by_get,
)

CONVENIENT = {introspection, field_suggestions, page_to_explore_with, queries_by_get}
"""What development offers on purpose."""


def client_of(served: Served, *, let_in: bool) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {served.token}"} if let_in else {}
    return httpx.AsyncClient(base_url=served.endpoint.removesuffix("/graphql"), headers=headers, timeout=30)


@pytest.mark.parametrize("let_in", [True, False], ids=["with-a-token", "without"])
@pytest.mark.parametrize("weakness", WEAKNESSES, ids=lambda weakness: weakness.__name__)
async def test_production_has_no_weakness(weakness: Weakness, let_in: bool, production: Served) -> None:
    async with client_of(production, let_in=let_in) as client:
        assert not await weakness(client)


@pytest.mark.parametrize("weakness", WEAKNESSES, ids=lambda weakness: weakness.__name__)
async def test_a_demo_has_only_conveniences(weakness: Weakness, demo: Served) -> None:
    async with client_of(demo, let_in=False) as client:
        assert await weakness(client) == (weakness in CONVENIENT)


@pytest.fixture
async def careless() -> AsyncIterator[httpx.AsyncClient]:
    """A server that executes whatever it gets and tells whatever it knows."""
    rules = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]
    schema = build_schema("type Query { organisation: Int } type Mutation { change: Int }")

    async def answer(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse("GraphiQL")
        asked: Any = dict(request.query_params)
        if request.method == "POST":
            body = await request.body()
            asked = json.loads(body) if body[:1] in b"{[" else {"query": TYPENAME}
        if isinstance(asked, list):
            return JSONResponse([{"data": {}} for _ in asked])
        try:
            document = parse(asked["query"])
        except GraphQLError as malformed:
            return JSONResponse({"errors": [{**malformed.formatted, "extensions": {"exception": {}}}]})
        errors = validate(schema, document, rules)
        result: dict[str, Any] = {"errors": [error.formatted for error in errors]}
        if not errors:
            result = dict(execute_sync(schema, document, operation_name=asked.get("operationName")).formatted)
        return JSONResponse({**result, "extensions": {"tracing": {}, "exception": "Traceback"}})

    app = Starlette(routes=[Route("/graphql", answer, methods=["GET", "POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://careless") as client:
        yield client


@pytest.mark.parametrize("weakness", WEAKNESSES, ids=lambda weakness: weakness.__name__)
async def test_a_careless_server_has_every_weakness(weakness: Weakness, careless: httpx.AsyncClient) -> None:
    assert await weakness(careless)
