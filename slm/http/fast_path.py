"""Answers known queries before the router sees them; everything unusual goes on to it, as if nothing had been tried."""

from typing import Any, NamedTuple

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.types.graphql import OperationType

from schema.fast import FastAnswer, FastReads
from schema.http import answer_by_get, document_id_of, media_type_of
from schema.limits import LONGEST_TEXT, MOST_VALUES, more_values_than
from schema.observed import Observed
from schema.trusted import TrustedDocuments
from services.errors import ServiceError, TookTooLong, Unavailable
from services.organisations.rules import Actor
from slm.http.authentication import caller
from slm.http.limits import replayed

JSON = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})

MEMBERS = frozenset({"query", "documentId", "operationName", "variables", "extensions"})
"""Parameters of a request; with any other it is not the plain case."""


LARGEST_PLAIN = LONGEST_TEXT
"""Bytes of a body that is looked into here: no text in it can be too long, so the length of none is looked at.

A larger body is none of the queries that come again and again.
"""


class Asked(NamedTuple):
    """What a request asks, as GraphQL over HTTP has it."""

    document: str
    operation_name: str | None
    variables: dict[str, Any] | None


def asked_of(given: Any, documents: TrustedDocuments | None) -> Asked | None:
    """What the parameters of a request ask; None where it is not the plain case."""
    if type(given) is not dict or not given.keys() <= MEMBERS:
        return None
    document, operation_name, variables = given.get("query"), given.get("operationName"), given.get("variables")
    if documents is not None:
        if document is None and (id_ := document_id_of(given)) is not None:
            document = documents.text(id_)
        elif isinstance(document, str) and not documents.admits(document):
            return None
    if (
        isinstance(document, str)
        and (operation_name is None or isinstance(operation_name, str))
        and (variables is None or isinstance(variables, dict))
        and isinstance(given.get("extensions"), dict | None)
        and not more_values_than(MOST_VALUES[OperationType.QUERY], variables)
    ):
        return Asked(document, operation_name, variables)
    return None


class FastPath:
    """ASGI middleware, the innermost: a request is answered from a plan, or handed on with its body untouched."""

    def __init__(self, app: ASGIApp, reads: FastReads, documents: TrustedDocuments | None = None) -> None:
        self.app = app
        self.reads = reads
        self.documents = documents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/graphql":
            await self.app(scope, receive, send)
            return
        method = scope["method"]
        headers = dict(scope["headers"])
        accepted = headers.get(b"accept")
        media_type = media_type_of(None if accepted is None else accepted.decode("latin-1"))
        if media_type is None:
            await self.app(scope, receive, send)
        elif method == "POST" and headers.get(b"content-type") in JSON and b"content-encoding" not in headers:
            await self._post(media_type, scope, receive, send)
        elif method == "GET" and self.documents is not None:
            await self._get(media_type, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _post(self, media_type: str, scope: Scope, receive: Receive, send: Send) -> None:
        messages = await _read(receive)
        answer = await self._answer(scope, asked_of(parameters_in(_body_of(messages)), self.documents))
        if answer is None:
            await self.app(scope, replayed(messages, receive), send)
            return
        body = answer.body()
        described = [(b"content-type", media_type.encode("ascii")), (b"content-length", str(len(body)).encode("ascii"))]
        await send({"type": "http.response.start", "status": 200, "headers": described})
        await send({"type": "http.response.body", "body": body})

    async def _get(self, media_type: str, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope, asked_of(_parameters_in_address(scope), self.documents))
        if answer is None:
            await self.app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match")
        response = answer_by_get(answer.body(with_cost=False), scope["state"]["actor"], known, media_type)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, asked: Asked | None) -> FastAnswer | None:
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
        if answer is not None:
            state["operation"] = Observed(answer.name, "query", ())
        return answer


def parameters_in(body: bytes | None) -> Any:
    """The parameters in a body; None where there are none to read."""
    if body is None or len(body) > LARGEST_PLAIN:
        return None
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _body_of(messages: list[Message]) -> bytes | None:
    """The body that arrived; None where the client left before it had."""
    if messages[-1]["type"] != "http.request":
        return None
    return b"".join(message["body"] for message in messages)


def _parameters_in_address(scope: Scope) -> Any:
    """The parameters in a query string; None where they cannot be read."""
    given: dict[str, Any] = {name: value for name, value in QueryParams(scope["query_string"]).items() if value}
    try:
        for name in given.keys() & {"variables", "extensions"}:
            given[name] = orjson.loads(given[name])
    except ValueError:
        return None
    return given


async def _read(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages
