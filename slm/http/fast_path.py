"""Answers known queries before the router sees them; everything unusual goes on to it, as if nothing had been tried."""

from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.fast import FastAnswer, FastReads
from schema.http import media_type_of
from schema.observed import Observed
from services.errors import ServiceError, TookTooLong, Unavailable
from services.organisations.rules import Actor
from slm.http.authentication import caller

log = structlog.get_logger("slm.fast_path")

JSON = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})


MEMBERS = frozenset({"query", "operationName", "variables"})
"""Of a request's body; with anything else it is not the plain case."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks, as GraphQL over HTTP has it."""

    document: str
    operation_name: str | None
    variables: dict[str, Any] | None


class FastPath:
    """ASGI middleware, the innermost: a request is answered from a plan, or handed on with its body untouched."""

    def __init__(self, app: ASGIApp, reads: FastReads) -> None:
        self.app = app
        self.reads = reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/graphql":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        accepted = headers.get(b"accept")
        media_type = media_type_of(None if accepted is None else accepted.decode("latin-1"))
        if media_type is None or headers.get(b"content-type") not in JSON or b"content-encoding" in headers:
            await self.app(scope, receive, send)
            return
        messages = await _read(receive)
        answer = await self._answer(scope, messages)
        if answer is None:
            await self.app(scope, _replayed(messages, receive), send)
            return
        described = [
            (b"content-type", media_type.encode("ascii")),
            (b"content-length", str(len(answer.body)).encode("ascii")),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": described})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, messages: list[Message]) -> FastAnswer | None:
        asked = _asked(messages)
        if asked is None:
            return None
        state = scope["state"]
        try:
            actor: Actor = await caller(HTTPConnection(scope))
            state["actor"] = actor
            reader = scope["app"].state.database.reader
            answer = await self.reads.answer(reader, actor, asked.document, asked.operation_name, asked.variables)
        except (Unavailable, TookTooLong) as failure:
            state["failed"] = failure
            return None
        except ServiceError:
            return None
        except Exception as failure:
            log.warning("fast_path.failed", failure=type(failure).__name__)  # the ordinary path finds out why
            return None
        if answer is not None:
            state["operation"] = Observed(answer.name, "query", ())
        return answer


def _asked(messages: list[Message]) -> _Asked | None:
    """What the body asks; None where it is not the plain case."""
    if messages[-1]["type"] != "http.request":
        return None
    body = messages[0]["body"] if len(messages) == 1 else b"".join(message["body"] for message in messages)
    try:
        given = orjson.loads(body)
    except ValueError:
        return None
    if type(given) is not dict or not given.keys() <= MEMBERS:
        return None
    document, operation_name, variables = given.get("query"), given.get("operationName"), given.get("variables")
    if (
        isinstance(document, str)
        and (operation_name is None or isinstance(operation_name, str))
        and (variables is None or isinstance(variables, dict))
    ):
        return _Asked(document, operation_name, variables)
    return None


async def _read(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return replay
