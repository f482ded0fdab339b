"""GraphQL over HTTP: one operation in a POST or, where that is allowed, a query in a GET; media types and statuses."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import strawberry
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from strawberry.extensions import SchemaExtension

from schema.budget import Budgets
from schema.context import Context
from schema.http import GRAPHQL_RESPONSE_TYPE, JSON_TYPE, check_content_type, graphql_router, media_type_of, status_of
from services.db import Database
from tests.factories.world import World
from tests.schema.conftest import NOW

QUERY = '{ ticket(key: "INC1") { key } }'


TOO_MUCH = 4_000
"""A budget in which one page of services fits once."""


@pytest.fixture
async def opened(
    schema: strawberry.Schema, database: Database, world: World
) -> AsyncIterator[dict[bool, httpx.AsyncClient]]:
    """Clients of the endpoint, already let in, without and with queries by GET."""
    budgets = Budgets(TOO_MUCH)

    async def context(connection: HTTPConnection) -> Context:
        connection.state.actor = world.actor
        return Context(database=database, actor=world.actor, now=NOW, trace_id="trace-9", budgets=budgets)

    async with AsyncExitStack() as stack:
        clients = {}
        for queries_by_get in (False, True):
            app = FastAPI()
            app.include_router(graphql_router(schema, context, queries_by_get=queries_by_get), prefix="/graphql")
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
            clients[queries_by_get] = await stack.enter_async_context(client)
        yield clients


@pytest.fixture
def client(opened: dict[bool, httpx.AsyncClient]) -> httpx.AsyncClient:
    """A client of the endpoint as it is in production."""
    return opened[False]


@pytest.fixture
def getting(opened: dict[bool, httpx.AsyncClient]) -> httpx.AsyncClient:
    """A client of the endpoint as it is in development: it answers queries by GET."""
    return opened[True]


async def test_a_posted_query_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": QUERY})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"ticket": {"key": "INC1"}}


async def test_variables_and_the_name_of_an_operation_are_obeyed(client: httpx.AsyncClient) -> None:
    document = "query A($key: String!) { ticket(key: $key) { key } } query B { __typename }"
    asked = {"query": document, "operationName": "A", "variables": {"key": "INC1"}}
    assert (await client.post("/graphql", json=asked)).json()["data"] == {"ticket": {"key": "INC1"}}


async def test_a_refused_query_says_why(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/graphql", json={"query": "{ tickets(first: 101) { totalCount } }"})).json()
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "BAD_PAGE"}
    assert answer["errors"][0]["path"] == ["tickets"]


async def test_several_operations_at_once_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json=[{"query": QUERY}, {"query": QUERY}])
    assert answer.status_code == 400
    assert "one operation" in answer.text


async def test_there_is_no_page_to_explore_with(getting: httpx.AsyncClient) -> None:
    answer = await getting.get("/graphql", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 400
    assert "<html" not in answer.text.lower()


# What another site can make a browser send.

MUTATION = 'mutation { createService(input: { key: "by-another-site", name: "X" }) { __typename } }'
SIMPLE_TYPES = ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
DISGUISED = ["text/plain; application/json", "text/plain;charset=application/json", "text/plain, application/json", ""]


@pytest.mark.parametrize("kind", SIMPLE_TYPES + DISGUISED)
async def test_a_body_that_does_not_say_it_is_json_is_refused(kind: str, client: httpx.AsyncClient) -> None:
    body = json.dumps({"query": MUTATION}).encode()
    answer = await client.post("/graphql", content=body, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 415
    assert await services(client) == []


@pytest.mark.parametrize(
    "document", [MUTATION, f"query Q {{ __typename }} {MUTATION.replace('mutation', 'mutation M')}"]
)
@pytest.mark.parametrize("name", [None, "M"])
async def test_a_mutation_in_the_address_changes_nothing(
    document: str, name: str | None, client: httpx.AsyncClient, getting: httpx.AsyncClient
) -> None:
    for each in (client, getting):
        answer = await each.get("/graphql", params={"query": document} | ({"operationName": name} if name else {}))
        assert answer.status_code != 200 or "data" not in answer.json()
    assert await services(client) == []


async def services(client: httpx.AsyncClient) -> list[Any]:
    """What is there of the service that the mutation would make."""
    query = '{ service(key: "by-another-site") { id } }'
    found = (await client.post("/graphql", json={"query": query})).json()["data"]["service"]
    return [] if found is None else [found]


async def test_a_mutation_in_the_address_is_not_allowed(getting: httpx.AsyncClient) -> None:
    answer = await getting.get("/graphql", params={"query": MUTATION})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


# Queries by GET.


async def test_a_query_in_the_address_is_answered_only_where_that_is_allowed(
    client: httpx.AsyncClient, getting: httpx.AsyncClient
) -> None:
    refused = await client.get("/graphql", params={"query": QUERY})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert "INC1" not in refused.text
    assert (await getting.get("/graphql", params={"query": QUERY})).json()["data"] == {"ticket": {"key": "INC1"}}


async def test_variables_in_the_address_are_json(getting: httpx.AsyncClient) -> None:
    asked = {"query": "query A($key: String!) { ticket(key: $key) { key } }", "operationName": "", "extensions": "{}"}
    answer = await getting.get("/graphql", params=asked | {"variables": '{"key": "INC1"}'})
    assert answer.json()["data"] == {"ticket": {"key": "INC1"}}
    for malformed in ("{", "5", '"key"', "[]"):
        assert (await getting.get("/graphql", params=asked | {"variables": malformed})).status_code == 400


# Bodies.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"5",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 50_000,
        b"{}",
        b'{"query": 5}',
        b'{"query": null}',
        b'{"query": "{ __typename }", "variables": 5}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "operationName": false}',
        b'{"query": "{ __typename }", "extensions": "x"}',
    ],
)
@pytest.mark.parametrize("accept", [JSON_TYPE, GRAPHQL_RESPONSE_TYPE])
async def test_a_malformed_body_is_refused(body: bytes, accept: str, client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json", "Accept": accept}
    answer = await client.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert "expected" in answer.text or "cannot read the body as JSON" in answer.text


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON ; Charset=UTF-8", 'application/json;charset="utf8"']
)
def test_json_in_utf8_is_read(content_type: str) -> None:
    check_content_type(content_type)


@pytest.mark.parametrize(
    "content_type", [None, "", "text/json", "application/json; charset=utf-16", "application/graphql"]
)
def test_nothing_else_is_read(content_type: str | None) -> None:
    with pytest.raises(HTTPException) as refused:
        check_content_type(content_type)
    assert refused.value.status_code == 415
    assert "expected the c" in refused.value.detail


# Media types and statuses.


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON_TYPE),
        ("", JSON_TYPE),
        ("*/*", JSON_TYPE),
        ("application/*", JSON_TYPE),
        ("application/json", JSON_TYPE),
        ("application/json; charset=utf-8", JSON_TYPE),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON_TYPE),
        ("application/json, */*", JSON_TYPE),
        ("APPLICATION/GraphQL-Response+JSON", GRAPHQL_RESPONSE_TYPE),
        ("application/graphql-response+json,application/json;q=0.9", GRAPHQL_RESPONSE_TYPE),
        ("application/json, application/graphql-response+json", GRAPHQL_RESPONSE_TYPE),
        ("application/graphql-response+json, */*", GRAPHQL_RESPONSE_TYPE),
        ("application/json;q=0.9, application/graphql-response+json;q=0.5", JSON_TYPE),
        ("application/json;q=0, */*", GRAPHQL_RESPONSE_TYPE),
        ("application/graphql-response+json;q=0, application/*;q=0.1", JSON_TYPE),
        ("text/event-stream, multipart/mixed", None),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=much", None),
        ("*/*;q=0", None),
        (";;,,=", None),
    ],
)
def test_the_media_type_is_what_the_client_likes_best(accept: str | None, media_type: str | None) -> None:
    assert media_type_of(accept) == media_type


async def test_who_accepts_neither_media_type_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": QUERY}, headers={"Accept": "text/html"})
    assert answer.status_code == 406
    assert GRAPHQL_RESPONSE_TYPE in answer.text


@pytest.mark.parametrize(
    ("asked", "as_json", "as_graphql_response"),
    [
        ({"query": QUERY}, 200, 200),
        ({"query": "{"}, 200, 400),
        ({"query": ""}, 200, 400),
        ({"query": "{ nothing }"}, 200, 400),
        ({"query": "{ __typename }", "operationName": "Other"}, 200, 400),
        ({"query": "query A { __typename } query B { __typename }"}, 200, 400),
        ({"query": "fragment F on Query { __typename }"}, 200, 400),
        ({"query": "query A($key: ID!) { node(id: $key) { id } }", "variables": {"key": None}}, 200, 400),
        ({"query": "subscription { __typename }"}, 200, 400),
    ],
)
async def test_what_is_not_executed_has_no_data_and_a_status_that_its_media_type_allows(
    asked: dict[str, Any], as_json: int, as_graphql_response: int, client: httpx.AsyncClient
) -> None:
    for accept, status in ((JSON_TYPE, as_json), (GRAPHQL_RESPONSE_TYPE, as_graphql_response)):
        answer = await client.post("/graphql", json=asked, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, accept)
        assert ("data" in answer.json()) == (asked["query"] == QUERY)


async def test_a_field_that_failed_leaves_the_request_a_success(client: httpx.AsyncClient) -> None:
    asked = {"query": "{ tickets(first: 101) { totalCount } }"}
    answer = await client.post("/graphql", json=asked, headers={"Accept": GRAPHQL_RESPONSE_TYPE})
    assert (answer.status_code, answer.json()["data"]) == (200, None)


async def test_who_is_over_the_budget_is_told_when_to_come_again(client: httpx.AsyncClient) -> None:
    asked = {"query": "{ tickets(first: 50) { nodes { events(first: 40) { nodes { key } } } } }"}
    answers = [await client.post("/graphql", json=asked, headers={"Accept": GRAPHQL_RESPONSE_TYPE}) for _ in range(3)]
    refused = next(answer for answer in answers if answer.status_code != 200)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == (429, "OVER_BUDGET")
    assert refused.headers["Retry-After"] == str(error["extensions"]["retryAfter"])


@pytest.mark.parametrize(
    ("code", "status"), [("UNAVAILABLE", 503), ("INTERNAL", 500), ("OVER_BUDGET", 429), ("X", 400)]
)
def test_the_code_of_an_error_decides_who_is_to_blame(code: str, status: int) -> None:
    answer: Any = {"errors": [{"message": "", "extensions": {"code": code}}, {"message": ""}]}
    assert status_of(answer, GRAPHQL_RESPONSE_TYPE) == status
    assert status_of(answer, JSON_TYPE) == (503 if status == 503 else 200)
    answer["data"] = {"a": 1}
    assert status_of(answer, GRAPHQL_RESPONSE_TYPE) == 200


class Broken(SchemaExtension):
    """An extension with a defect of its own."""

    def on_operation(self) -> Iterator[None]:
        yield
        raise RuntimeError("the password is hunter2")


@strawberry.type
class Anything:
    here: bool = True


async def test_a_defect_of_an_extension_is_masked(database: Database, world: World) -> None:
    async def context() -> Context:
        return Context(database=database, actor=world.actor, now=NOW, trace_id="trace-9")

    app = FastAPI()
    app.include_router(graphql_router(strawberry.Schema(Anything, extensions=[Broken]), context), prefix="/graphql")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.post("/graphql", json={"query": "{ here }"}, headers={"Accept": GRAPHQL_RESPONSE_TYPE})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (500, "INTERNAL")
    assert "hunter2" not in answer.text
