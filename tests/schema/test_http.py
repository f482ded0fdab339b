"""GraphQL over HTTP: one operation in a POST, and nothing else."""

from collections.abc import AsyncIterator

import httpx
import pytest
import strawberry
from fastapi import FastAPI

from schema.context import Context
from schema.http import graphql_router
from services.db import Database
from tests.factories.world import World
from tests.schema.conftest import NOW

QUERY = '{ ticket(key: "INC1") { key } }'


@pytest.fixture
async def client(schema: strawberry.Schema, database: Database, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the endpoint, already let in."""

    async def context() -> Context:
        return Context(database=database, actor=world.actor, now=NOW, trace_id="trace-9")

    app = FastAPI()
    app.include_router(graphql_router(schema, context), prefix="/graphql")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as opened:
        yield opened


async def test_a_posted_query_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": QUERY})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"ticket": {"key": "INC1"}}}


async def test_variables_and_the_name_of_an_operation_are_obeyed(client: httpx.AsyncClient) -> None:
    document = "query A($key: String!) { ticket(key: $key) { key } } query B { __typename }"
    asked = {"query": document, "operationName": "A", "variables": {"key": "INC1"}}
    assert (await client.post("/graphql", json=asked)).json() == {"data": {"ticket": {"key": "INC1"}}}


async def test_a_refused_query_says_why(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/graphql", json={"query": "{ tickets(first: 101) { totalCount } }"})).json()
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "BAD_PAGE"}
    assert answer["errors"][0]["path"] == ["tickets"]


async def test_a_query_in_the_address_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": QUERY})
    assert answer.status_code >= 400
    assert "INC1" not in answer.text


async def test_a_mutation_in_the_address_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": "mutation { __typename }"})
    assert answer.status_code >= 400


async def test_there_is_no_page_to_explore_with(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers={"Accept": "text/html"})
    assert answer.status_code >= 400
    assert "<html" not in answer.text.lower()


async def test_several_operations_at_once_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json=[{"query": QUERY}, {"query": QUERY}])
    assert answer.status_code >= 400


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
async def test_forms_and_text_which_other_sites_can_send_are_refused(kind: str, client: httpx.AsyncClient) -> None:
    body = b'{"query": "{ __typename }"}'
    answer = await client.post("/graphql", content=body, headers={"Content-Type": kind})
    assert answer.status_code >= 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"5",
        b"null",
        b"\xff",
        b"[" * 50_000,
        b'{"query": 5}',
        b'{"query": null}',
        b'{"query": "{ __typename }", "variables": 5}',
        b'{"query": "{ __typename }", "operationName": "None"}',
    ],
)
async def test_a_malformed_body_is_refused(body: bytes, client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
