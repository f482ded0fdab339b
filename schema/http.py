"""The GraphQL endpoint over HTTP: POST only, one operation per request, no page of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import strawberry
from cross_web import HTTPException
from starlette.responses import Response
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse

from schema.context import Context
from services.errors import Unavailable

RETRY_LATER = {"Retry-After": "2"}
"""Seconds after which a request that found no database may be repeated."""


JSON_TYPE = "application/json"


def media_type_of(accept: str | None) -> str | None:
    """The media type of an answer to who accepts these; None where that takes more than a look."""
    return JSON_TYPE if accept in (None, "*/*", JSON_TYPE) else None


class _Router(GraphQLRouter[Context, None]):
    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        answers = response_data if isinstance(response_data, list) else [response_data]
        if any(_code(error) == Unavailable.code for answer in answers for error in answer.get("errors") or ()):
            # Machines between us and the client decide by the status whether to try another server, or again.
            sub_response.status_code = 503
            sub_response.headers.update(RETRY_LATER)
        return super().create_response(response_data, sub_response)

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)  # refuses what is not UTF-8 or nested without end as malformed JSON

    def parse_json(self, data: str | bytes) -> object:
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict | list):
            raise HTTPException(400, "expected a JSON object with a query")
        return parsed


def _code(error: Any) -> object:
    return (error.get("extensions") or {}).get("code")


def graphql_router(
    schema: strawberry.Schema, context_getter: Callable[..., Awaitable[Context]]
) -> GraphQLRouter[Context, None]:
    """A FastAPI router that answers GraphQL; `context_getter` is a dependency that authenticates the caller.

    Queries over GET, batches, uploads and the legacy WebSocket protocol are refused. The caller limits request bodies.
    """
    return _Router(
        schema,
        context_getter=context_getter,
        graphql_ide=None,
        allow_queries_via_get=False,
        multipart_uploads_enabled=False,
        # A WebSocket would keep one context, and so one instant and one caller, for all its operations. None is open
        # until there are subscriptions, and then each operation gets a context of its own.
        subscription_protocols=[],
    )
