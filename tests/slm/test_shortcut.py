"""The shortcut answers what the layers behind it would have answered, and tells of it what they would have told."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx
import pytest
from pydantic import SecretStr

from schema.fast import FastReads
from services.db import Database
from services.errors import TookTooLong, Unavailable
from services.organisations.rules import AccessRole, Actor
from services.organisations.tokens import revoke_api_token
from services.reader import crowded
from slm.app import create_app
from slm.commands.serve import PacedServer, server_config
from slm.http.authentication import REMEMBERED_FOR
from slm.http.metrics import RequestMetrics
from slm.http.shortcut import Shortcut
from slm.http.turns import CROWD, MOST_AT_ONCE, Callers
from slm.settings import Settings
from tests.factories.definitions import new_service
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.slm.conftest import issue_token


class Listening(Protocol):
    """Opens a client of a server on a port, whose settings differ as given."""

    def __call__(
        self, *, metrics: RequestMetrics | None = None, **different: Any
    ) -> AbstractAsyncContextManager[httpx.AsyncClient]: ...


QUERY = "query Key($first: Int) { organisation { key } services(first: $first) { nodes { id key } } }"


@pytest.fixture
async def bearer(database: Database, actor: Actor) -> dict[str, str]:
    await new_world(database, actor)
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def listening(database_url: str) -> Listening:
    @asynccontextmanager
    async def open_client(
        *, metrics: RequestMetrics | None = None, **different: Any
    ) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings(database_url=SecretStr(database_url)).model_copy(update=different)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = PacedServer(server_config(create_app(settings, metrics=metrics)))
            running = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:
                assert not running.done()
                await asyncio.sleep(0.01)
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            try:
                async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
                    yield client
            finally:
                server.should_exit = True
                await running

    return open_client


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of operations that the shortcut answered."""
    names: list[str] = []
    told = Shortcut.told

    def noting(self: Shortcut, answer: Any, *given: Any, **named: Any) -> None:
        names.append(answer.name)
        told(self, answer, *given, **named)

    monkeypatch.setattr(Shortcut, "told", noting)
    return names


async def ask(client: httpx.AsyncClient, headers: dict[str, str], **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": QUERY, "variables": {"first": 3}, **more}, headers=headers)


async def test_every_way_to_the_answer_leads_to_the_same_one(
    listening: Listening, bearer: dict[str, str], taken: list[str]
) -> None:
    async with listening() as client:
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
    listening: Listening, bearer: dict[str, str], taken: list[str], unusual: dict[str, Any]
) -> None:
    content = unusual.get("content", json.dumps({"query": QUERY, "variables": {"first": 3}}).encode())
    headers = bearer | {"Content-Type": "application/json"} | unusual.get("headers", {})
    answers = []
    for fast_path in (True, False):
        async with listening(fast_path=fast_path) as client:
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


async def test_a_body_in_pieces_is_put_together_again(listening: Listening, bearer: dict[str, str]) -> None:
    body = json.dumps({"query": QUERY, "variables": {"first": 3}}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:20]
        yield body[20:]

    async with listening() as client:
        whole = [await ask(client, bearer) for _ in range(2)][-1]
        headers = bearer | {"Content-Type": "application/json", "Content-Length": str(len(body))}
        split = await client.post("/graphql", content=pieces(), headers=headers)
    assert split.json()["data"] == whole.json()["data"]


async def test_a_token_that_is_revoked_is_not_taken_for_longer_than_a_moment(
    listening: Listening, database: Database, actor: Actor, taken: list[str]
) -> None:
    token_id, secret = await issue_token(database, actor, AccessRole.VIEWER)
    bearer = {"Authorization": f"Bearer {secret}"}
    async with listening() as client:
        for _ in range(2):
            await ask(client, bearer)
        assert taken == ["Key"]
        async with database.writing(actor.organisation_id) as session:
            await revoke_api_token(session, actor=actor, token_id=token_id, now=datetime.now(UTC))
        await asyncio.sleep(REMEMBERED_FOR.total_seconds())
        assert (await ask(client, bearer)).status_code == 401
    assert taken == ["Key"]


async def test_the_same_request_again_is_read_and_charged_anew(
    listening: Listening, bearer: dict[str, str], database: Database, actor: Actor, taken: list[str]
) -> None:
    async with listening(cost_per_minute=1_000) as client:
        answers = [await ask(client, bearer, variables={"first": 100}) for _ in range(3)]
        await new_service(database, actor, "one-more")
        answers.append(await ask(client, bearer, variables={"first": 100}))
    assert taken == ["Key"] * 3
    keys = [{node["key"] for node in answer.json()["data"]["services"]["nodes"]} for answer in answers]
    assert keys[0] == keys[1] == keys[2] == keys[3] - {"one-more"}
    assert "one-more" in keys[3]
    left = [answer.json()["extensions"]["cost"]["remaining"] for answer in answers]
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 4


async def test_the_same_request_of_another_organisation_is_answered_from_its_own_facts(
    listening: Listening, bearer: dict[str, str], database: Database, actor: Actor, taken: list[str]
) -> None:
    other = await new_actor(database)
    await new_service(database, other, "elsewhere")
    _, secret = await issue_token(database, other, AccessRole.VIEWER)
    async with listening() as client:
        for _ in range(3):
            assert (await ask(client, bearer)).json()["data"]["services"]["nodes"][0]["key"] != "elsewhere"
            found = (await ask(client, {"Authorization": f"Bearer {secret}"})).json()["data"]
            assert [node["key"] for node in found["services"]["nodes"]] == ["elsewhere"]
    assert len(taken) == 4


async def test_more_than_a_callers_turns_are_waited_for_and_not_taken_twice(
    listening: Listening, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = most = 0
    crowds = list[bool]()
    read = FastReads.read

    async def slowly(self: FastReads, *given: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.06)
        at_once -= 1
        crowds.append(crowded.get()())
        return await read(self, *given)

    async with listening() as client:
        for _ in range(2):
            await ask(client, bearer)
        monkeypatch.setattr(FastReads, "read", slowly)
        answers = await asyncio.gather(*(ask(client, bearer) for _ in range(MOST_AT_ONCE + CROWD + 4)))
    assert [each.status_code for each in answers] == [200] * (MOST_AT_ONCE + CROWD + 4)
    assert 1 < most <= MOST_AT_ONCE
    assert any(crowds)
    assert not crowds[-1]


async def test_it_is_logged_and_counted_like_any_other_request(
    listening: Listening, bearer: dict[str, str], actor: Actor, taken: list[str], lines: io.StringIO
) -> None:
    metrics = RequestMetrics(["Key"])
    async with listening(metrics=metrics) as client:
        answers = [await ask(client, bearer) for _ in range(3)]
    assert taken == ["Key", "Key"]
    requests = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "request"]
    assert [line["trace_id"] for line in requests] == [answer.headers["x-trace-id"] for answer in answers]
    assert requests[0].keys() == requests[1].keys()
    assert {line["organisation"] for line in requests} == {str(actor.organisation_id)}
    assert len({line["request_id"] for line in requests}) == 3
    labels = {"operation": "Key", "kind": "query", "status": "200"}
    assert metrics.registry.get_sample_value("slm_requests_total", labels) == 3


@pytest.mark.parametrize(
    ("failure", "told"), [(Unavailable, (503, "UNAVAILABLE")), (TookTooLong, (200, "TOOK_TOO_LONG"))]
)
async def test_what_fails_under_way_is_told_by_the_application(
    listening: Listening,
    bearer: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    failure: type[Exception],
    told: tuple[int, str],
) -> None:
    async def failing(*_: Any) -> None:
        raise failure("for a test")

    async with listening() as client:
        for _ in range(2):
            await ask(client, bearer)
        monkeypatch.setattr(FastReads, "read", failing)
        answer = await ask(client, bearer)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == told


def request_bytes(bearer: dict[str, str], **headers: str) -> bytes:
    body = json.dumps({"query": QUERY, "variables": {"first": 3}}).encode()
    sent = {"Host": "x", "Content-Type": "application/json", "Content-Length": str(len(body)), **bearer, **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"POST /graphql HTTP/1.1\r\n{lines}\r\n".encode() + body


async def answers_on(reader: asyncio.StreamReader, number: int) -> list[dict[str, Any]]:
    """The bodies of so many answers on a connection."""
    found = []
    for _ in range(number):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        found.append(json.loads(await reader.readexactly(length))["data"])
    return found


@pytest.fixture
async def known(listening: Listening, bearer: dict[str, str]) -> AsyncIterator[tuple[str, int]]:
    """The address of a server that knows the query and the caller."""
    async with listening() as client:
        for _ in range(2):
            await ask(client, bearer)
        yield client.base_url.host, client.base_url.port or 0


async def test_requests_sent_at_once_are_answered_in_their_order(
    known: tuple[str, int], bearer: dict[str, str], taken: list[str]
) -> None:
    reader, writer = await asyncio.open_connection(*known)
    writer.write(request_bytes(bearer) + request_bytes(bearer, Origin="https://elsewhere.example") * 2)
    writer.write(request_bytes(bearer))
    first, *others = await asyncio.wait_for(answers_on(reader, 4), 10)
    assert others == [first] * 3
    writer.close()
    assert taken


async def test_a_request_cut_anywhere_is_answered_alike(known: tuple[str, int], bearer: dict[str, str]) -> None:
    whole = request_bytes(bearer)
    answers = []
    for cut in (1, 16, 60, len(whole) - 60, len(whole) - 1):
        reader, writer = await asyncio.open_connection(*known)
        writer.write(whole[:cut])
        await asyncio.sleep(0.02)
        writer.write(whole[cut:])
        answers += await asyncio.wait_for(answers_on(reader, 1), 10)
        writer.close()
    assert answers == [answers[0]] * 5


async def test_a_connection_is_closed_after_the_answer_when_the_client_asks_for_it(
    known: tuple[str, int], bearer: dict[str, str], taken: list[str]
) -> None:
    reader, writer = await asyncio.open_connection(*known)
    writer.write(request_bytes(bearer, Connection="close"))
    answer = await asyncio.wait_for(reader.read(), 10)
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"}")
    writer.close()
    assert taken == ["Key"]


async def test_what_is_no_http_is_refused_and_handed_to_nobody(known: tuple[str, int], bearer: dict[str, str]) -> None:
    reader, writer = await asyncio.open_connection(*known)
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n")
    answer = await asyncio.wait_for(reader.read(), 10)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    writer.close()


async def test_who_waits_in_vain_is_turned_away_and_costs_nobody_a_turn(
    listening: Listening, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, full, go_on = FastReads.read, asyncio.Event(), asyncio.Event()
    served = 0

    async def standing_still(self: FastReads, *given: Any) -> Any:
        nonlocal served
        served += 1
        if served == MOST_AT_ONCE:
            full.set()
        await go_on.wait()
        return await read(self, *given)

    async with listening() as client:
        for _ in range(2):
            await ask(client, bearer)
        monkeypatch.setattr(FastReads, "read", standing_still)
        first = [asyncio.create_task(ask(client, bearer)) for _ in range(MOST_AT_ONCE)]
        await full.wait()
        late = await asyncio.gather(*(ask(client, bearer) for _ in range(3)))
        assert served == MOST_AT_ONCE
        go_on.set()
        answered = [await each for each in first]
        afterwards = await asyncio.gather(*(ask(client, bearer) for _ in range(MOST_AT_ONCE)))
    assert [each.status_code for each in late] == [429] * 3
    assert [each.status_code for each in (*answered, *afterwards)] == [200] * 2 * MOST_AT_ONCE


async def test_a_client_that_leaves_costs_nobody_a_turn(
    listening: Listening, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = FastReads.read

    async def slowly(self: FastReads, *given: Any) -> Any:
        await asyncio.sleep(0.05)
        return await read(self, *given)

    async with listening() as client:
        for _ in range(2):
            await ask(client, bearer)
        monkeypatch.setattr(FastReads, "read", slowly)
        for _ in range(20):
            _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
            writer.write(request_bytes(bearer))
            await writer.drain()
            writer.transport.abort()
        answers = await asyncio.gather(*(ask(client, bearer) for _ in range(6)))
    assert [each.status_code for each in answers] == [200] * 6


@pytest.mark.parametrize("waits", [False, True])
async def test_whoever_is_turned_away_is_told_what_the_layers_would_have_said(
    listening: Listening, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> None:
    answers = []
    for fast_path in (True, False):
        async with listening(fast_path=fast_path) as client:
            for _ in range(2):
                await ask(client, bearer)
            monkeypatch.setattr(Callers, "expects", lambda *_: waits)
            monkeypatch.setattr(Callers, "admits_now", lambda *_: False)
            monkeypatch.setattr(Callers, "admits", refused)
            answers.append(await ask(client, bearer))
            monkeypatch.undo()
    assert {answer.status_code for answer in answers} == {429}
    described = [dict(answer.headers) | {"x-trace-id": "", "date": ""} for answer in answers]
    assert described[0] == described[1]
    bodies = [answer.json()["errors"][0] for answer in answers]
    for answer, body in zip(answers, bodies, strict=True):
        assert body["extensions"].pop("traceId") == answer.headers["x-trace-id"]
    assert bodies[0] == bodies[1]


async def refused(_callers: Callers, _name: bytes) -> bool:
    return False
