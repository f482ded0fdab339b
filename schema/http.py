"""The GraphQL endpoint over HTTP: POST only, one operation per request, no page of its own."""

from collections.abc import Awaitable, Callable

import orjson
import strawberry
from cross_web import HTTPException
from strawberry.fastapi import GraphQLRouter

from schema.context import Context


class _Router(GraphQLRouter[Context, None]):
    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)  # refuses what is not UTF-8 or nested without end as malformed JSON

    def parse_json(self, data: str | bytes) -> object:
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict | list):
            raise HTTPException(400, "expected a JSON object with a query")
        return parsed


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
