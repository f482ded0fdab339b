"""The shortcut answers what the layers behind it would have answered, and tells of it what they would have told."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from schema.fast import FastReads
from services.db import Database
from services.organisations.rules import AccessRole, Actor
from services.organisations.tokens import revoke_api_token
from slm.app import create_app
from slm.http.authentication import REMEMBERED_FOR
from slm.http.metrics import RequestMetrics
from slm.http.shortcut import Shortcut
from slm.settings import Settings
from tests.factories.world import new_world
from tests.slm.conftest import Serving, issue_token

QUERY = "query Key($first: Int) { organisation { key } services(first: $first) { nodes { id key } } }"


@pytest.fixture
async def bearer(database: Database, actor: Actor) -> dict[str, str]:
    await new_world(database, actor)
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of operations that the shortcut answered."""
    names: list[str] = []
    told = Shortcut._told

    def noting(self: Shortcut, answer: Any, *given: Any, **named: Any) -> None:
        names.append(answer.name)
        told(self, answer, *given, **named)

    monkeypatch.setattr(Shortcut, "_told", noting)
    return names


async def ask(client: httpx.AsyncClient, headers: dict[str, str], **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": QUERY, "variables": {"first": 3}, **more}, headers=headers)


async def test_every_way_to_the_answer_leads_to_the_same_one(
    serving: Serving, bearer: dict[str, str], taken: list[str]
) -> None:
    async with serving() as client:
        by_executor = await ask(client, bearer)
        assert taken == []
        by_shortcut = await ask(client, bearer)
        assert taken == ["Key"]
        by_layers = await ask(client, bearer | {"Origin": "https://elsewhere.example"})
        assert taken == ["Key"]
    answers = (by_executor, by_shortcut, by_layers)
    assert len({answer.status_code for answer in answers}) == 1
    assert len({json.dumps(answer.json()["data"]) for answer in answers}) == 1
    costs = [answer.json()["extensions"]["cost"] for answer in answers]
    assert {cost["requested"] for cost in costs} == {costs[0]["requested"]}
    described = [{name for name in answer.headers if name != "content-length"} for answer in answers]
    assert described[0] == described[1] == described[2]
    for name in described[0] - {"x-trace-id"}:
        assert len({answer.headers[name] for answer in answers}) == 1, name
    assert len({answer.headers["x-trace-id"] for answer in answers}) == 3


@pytest.mark.parametrize(
    "unusual",
    [
        {"headers": {"Content-Type": "text/plain"}},
        {"headers": {"Accept": "text/html"}},
        {"headers": {"Authorization": "Bearer slm_" + "A" * 43}},
        {"headers": {"Authorization": "Basic abc"}},
        {"headers": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}},
        {"content": b"{"},
        {"content": b"[]"},
        {"content": b'{"query": "{ nothing }"}'},
        {"content": json.dumps({"query": QUERY, "variables": {"first": 1000}}).encode()},
        {"content": json.dumps({"query": QUERY + " " * 200_000}).encode()},
    ],
)
async def test_whatever_is_unusual_is_answered_as_if_there_were_no_shortcut(
    serving: Serving, bearer: dict[str, str], taken: list[str], unusual: dict[str, Any]
) -> None:
    content = unusual.get("content", json.dumps({"query": QUERY, "variables": {"first": 3}}).encode())
    headers = bearer | {"Content-Type": "application/json"} | unusual.get("headers", {})
    answers = []
    for fast_path in (True, False):
        async with serving(fast_path=fast_path) as client:
            for _ in range(2):
                await ask(client, bearer)
            taken.clear()
            answers.append(await client.post("/graphql", content=content, headers=headers))
    assert taken == []
    assert answers[0].status_code == answers[1].status_code
    bodies = [answer.json() for answer in answers]
    for body in bodies:
        body.pop("extensions", None)
        for error in body.get("errors", []):
            error["extensions"] = {"code": (error.get("extensions") or {}).get("code")}
    assert bodies[0] == bodies[1]


async def test_a_body_in_pieces_is_put_together_again(serving: Serving, bearer: dict[str, str]) -> None:
    body = json.dumps({"query": QUERY, "variables": {"first": 3}}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:20]
        yield body[20:]

    async with serving() as client:
        whole = [await ask(client, bearer) for _ in range(2)][-1]
        headers = bearer | {"Content-Type": "application/json", "Content-Length": str(len(body))}
        split = await client.post("/graphql", content=pieces(), headers=headers)
    assert split.json()["data"] == whole.json()["data"]


async def test_a_token_that_is_revoked_is_not_taken_for_longer_than_a_moment(
    serving: Serving, database: Database, actor: Actor, taken: list[str]
) -> None:
    token_id, secret = await issue_token(database, actor, AccessRole.VIEWER)
    bearer = {"Authorization": f"Bearer {secret}"}
    async with serving() as client:
        for _ in range(2):
            await ask(client, bearer)
        assert taken == ["Key"]
        async with database.writing(actor.organisation_id) as session:
            await revoke_api_token(session, actor=actor, token_id=token_id, now=datetime.now(UTC))
        await asyncio.sleep(REMEMBERED_FOR.total_seconds())
        assert (await ask(client, bearer)).status_code == 401
    assert taken == ["Key"]


async def test_more_than_a_callers_turns_are_waited_for_and_not_taken_twice(
    serving: Serving, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = most = 0
    answer = FastReads.answer

    async def slowly(self: FastReads, *given: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        return await answer(self, *given)

    async with serving() as client:
        for _ in range(2):
            await ask(client, bearer)
        monkeypatch.setattr(FastReads, "answer", slowly)
        answers = await asyncio.gather(*(ask(client, bearer) for _ in range(30)))
    assert [each.status_code for each in answers] == [200] * 30
    assert 1 < most <= 6


async def test_it_is_logged_and_counted_like_any_other_request(
    database_url: str, bearer: dict[str, str], actor: Actor, taken: list[str], lines: io.StringIO
) -> None:
    metrics = RequestMetrics(["Key"])
    app = create_app(Settings(database_url=database_url), metrics=metrics)  # type: ignore[arg-type]
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answers = [await ask(client, bearer) for _ in range(3)]
    assert taken == ["Key", "Key"]
    requests = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "request"]
    assert [line["trace_id"] for line in requests] == [answer.headers["x-trace-id"] for answer in answers]
    assert requests[0].keys() == requests[1].keys()
    assert {line["organisation"] for line in requests} == {str(actor.organisation_id)}
    assert len({line["request_id"] for line in requests}) == 3
    labels = {"operation": "Key", "kind": "query", "status": "200"}
    assert metrics.registry.get_sample_value("slm_requests_total", labels) == 3
