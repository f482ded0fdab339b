"""The short form of `make campaign NAME=abuse`: what must be refused is, and how; no time is measured."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from services.db import Database
from services.organisations.rules import AccessRole, Actor
from services.reader import crowded
from slm.http.limits import BodyLimit
from slm.http.turns import CROWD, Callers, Turns
from tests.campaigns.abusing import EXPENSIVE, Abuse, abuses
from tests.slm.conftest import Serving, issue_token


@pytest.mark.parametrize("abuse", list(abuses()), ids=lambda abuse: abuse.name)
async def test_abuse_is_refused_with_a_code_or_answered(
    serving: Serving, database: Database, actor: Actor, abuse: Abuse
) -> None:
    _, token = await issue_token(database, actor, AccessRole.VIEWER)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **abuse.headers}
    async with serving() as client:
        answered = await client.post("/graphql", content=abuse.body, headers=headers)
        assert abuse.judge(answered.status_code, answered.content) is None
        assert (await client.get("/health")).status_code == 200


async def test_the_expensive_query_is_answered_when_asked_once(
    serving: Serving, database: Database, actor: Actor
) -> None:
    _, token = await issue_token(database, actor, AccessRole.VIEWER)
    async with serving() as client:
        answered = await client.post(
            "/graphql", json={"query": EXPENSIVE}, headers={"Authorization": f"Bearer {token}"}
        )
        assert "errors" not in answered.json()


async def test_of_one_caller_only_so_many_requests_are_served_at_once_and_others_do_not_wait() -> None:
    released, served = asyncio.Event(), 0

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal served
        served += 1
        await released.wait()
        await PlainTextResponse("done")(scope, receive, send)

    turns = Turns(slow, Callers(at_once=2, waiting=2, longest_wait=0.05))
    transport = httpx.ASGITransport(turns)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

        def ask(who: str) -> asyncio.Task[httpx.Response]:
            return asyncio.create_task(client.post("/graphql", headers={"Authorization": who}))

        greedy = [ask("one") for _ in range(6)]
        refused = await asyncio.gather(*greedy[2:])
        assert [answer.status_code for answer in refused] == [429] * 4
        assert refused[0].json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
        assert refused[0].headers["Retry-After"] == "1"
        other = ask("another")
        await asyncio.sleep(0.01)
        assert served == 3
        released.set()
        answers = await asyncio.gather(*greedy[:2], other, *(ask("one") for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 7
        assert not turns.callers._callers


async def test_who_serves_a_request_is_told_of_a_crowd_of_the_caller_and_of_no_other() -> None:
    released, seen = asyncio.Event(), list[Callable[[], bool]]()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(crowded.get())
        await released.wait()
        await PlainTextResponse("done")(scope, receive, send)

    turns = Turns(slow, Callers(at_once=1, longest_wait=10))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(turns), base_url="http://localhost") as client:

        def ask(who: str) -> asyncio.Task[httpx.Response]:
            return asyncio.create_task(client.post("/graphql", headers={"Authorization": who}))

        async def told() -> list[bool]:
            await asyncio.sleep(0.01)
            return [tell() for tell in seen]

        asked = [ask("one") for _ in range(CROWD)]
        asked.append(ask("another"))
        assert await told() == [False, False], "one is served, one fewer than a crowd waits"
        asked.append(ask("one"))
        assert await told() == [True, False]
        released.set()
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
        assert set(await told()) == {False}
    assert not crowded.get()()


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": []}
    await BodyLimit(PlainTextResponse("done"), longest_upload=0.01)(scope, never, send)
    assert sent[0]["status"] == 408
    assert b"TOO_SLOW" in sent[1]["body"]
