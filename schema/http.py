"""The GraphQL endpoint over HTTP: one operation per request, media types and statuses as GraphQL over HTTP has them.

A page of another site can make a browser send forms and plain text by POST, and anything by GET. So a POST must say
that it is JSON, which no such page can without asking us first, and a GET never changes anything.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson
import strawberry
from cross_web import AsyncHTTPRequestAdapter
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from schema.context import Context
from schema.errors import public_error, without_frames
from schema.trusted import TrustedDocuments
from services.errors import Unavailable
from services.organisations.rules import Actor

RETRY_LATER = {"Retry-After": "2"}
"""Seconds after which a request that found no database may be repeated."""

JSON_TYPE = "application/json"
GRAPHQL_RESPONSE_TYPE = "application/graphql-response+json"

BY_POST = frozenset({OperationType.QUERY, OperationType.MUTATION})
BY_GET = frozenset({OperationType.QUERY})

_STATUS_OF_CODE = {Unavailable.code: 503, "OVER_BUDGET": 429, "TOO_MANY_REQUESTS": 429, "INTERNAL": 500}
"""What a request that was not executed is answered with, unless it is the request's own fault."""


@lru_cache(maxsize=64)
def media_type_of(accept: str | None) -> str | None:
    """The media type of an answer to who sends this `Accept` header; None when neither that we have is accepted.

    Of two accepted alike, the one that is named, and `application/graphql-response+json` before `application/json`.
    Who names neither gets `application/json`, which every client understands.
    """
    if accept is None or not accept.strip():
        return JSON_TYPE
    accepted = dict(map(_media_type_and_quality, accept.lower().split(",")))

    def quality(media_type: str) -> float:
        ranges = (media_type, "application/*", "*/*")
        return next((accepted[each] for each in ranges if each in accepted), 0.0)

    ours = (
        (GRAPHQL_RESPONSE_TYPE, JSON_TYPE) if GRAPHQL_RESPONSE_TYPE in accepted else (JSON_TYPE, GRAPHQL_RESPONSE_TYPE)
    )
    best = max(ours, key=lambda media_type: (quality(media_type), media_type in accepted))
    return best if quality(best) > 0 else None


def _media_type_and_quality(accepted: str) -> tuple[str, float]:
    """One entry of an `Accept` header; with a quality that cannot be read it is not accepted."""
    media_type, parameters = _parsed(accepted)
    try:
        return media_type, float(parameters.get("q", "1"))
    except ValueError:
        return media_type, 0.0


def _parsed(media_type: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, in lower case."""
    name, *given = media_type.lower().split(";")
    parameters = (parameter.partition("=") for parameter in given)
    return name.strip(), {key.strip(): value.strip().strip('"') for key, _, value in parameters}


def check_content_type(content_type: str | None) -> None:
    """Raises HTTPException (415) unless a body of this type is JSON in UTF-8, the only one read."""
    media_type, parameters = _parsed(content_type or "")
    if media_type != JSON_TYPE:
        raise HTTPException(415, f"expected the content type {JSON_TYPE}, got {media_type or 'none'}")
    if parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
        raise HTTPException(415, f"expected the charset utf-8, got {parameters['charset']}")


class UnknownDocument(HTTPException):
    """A request names a document that is not known here, or sends one that is not trusted."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(status, detail)
        self.code = code


def document_id_of(parameters: Mapping[str, object]) -> str | None:
    """The id of a document that is not sent itself: `documentId`, or the hash as Apollo Client and urql send it."""
    if isinstance(id_ := parameters.get("documentId"), str):
        return id_
    match parameters.get("extensions"):
        case {"persistedQuery": {"sha256Hash": str(hash_)}}:
            return hash_
    return None


def request_of(parameters: object, documents: TrustedDocuments | None = None) -> GraphQLRequestData:
    """What a request asks, from the parameters in its body.

    Raises HTTPException (400) for what is none of them, and UnknownDocument (400, 403).
    """
    if isinstance(parameters, list):
        raise HTTPException(400, "expected one operation, got a list: send a request for each")
    if not isinstance(parameters, dict):
        raise HTTPException(400, "expected a JSON object with a query")
    query = _parameter(parameters, "query", str, "a string")
    if query is None:
        query = _document(document_id_of(parameters), documents)
    elif documents is not None and not documents.admits(query):
        raise UnknownDocument(403, "UNTRUSTED_DOCUMENT", "expected one of the documents this server was told to trust")
    return GraphQLRequestData(
        query=query,
        operation_name=_parameter(parameters, "operationName", str, "a string or null"),
        variables=_parameter(parameters, "variables", dict, "an object or null"),
        extensions=_parameter(parameters, "extensions", dict, "an object or null"),
    )


def _document(id_: str | None, documents: TrustedDocuments | None) -> str:
    if id_ is None:
        raise HTTPException(400, "expected the parameter query")
    text = None if documents is None else documents.text(id_)
    if text is None:
        raise UnknownDocument(400, "PERSISTED_QUERY_NOT_FOUND", "expected the id of a document that is trusted here")
    return text


def _parameter(parameters: Mapping[str, object], name: str, kind: type, expected: str) -> Any:
    value = parameters.get(name)
    if value is not None and not isinstance(value, kind):
        raise HTTPException(400, f"expected the parameter {name} to be {expected}")
    return value


def request_in_address(
    parameters: Mapping[str, str | list[str] | None], documents: TrustedDocuments | None = None
) -> GraphQLRequestData:
    """What a request asks by the query string of its address, where objects are JSON and what is empty is not given."""
    given: dict[str, object] = {name: value for name, value in parameters.items() if value}
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(str(given[name]), f"the parameter {name}")
    return request_of(given, documents)


def _json(text: str | bytes, what: str) -> object:
    try:
        return orjson.loads(text)  # refuses what is not UTF-8 or nested without end as malformed JSON
    except json.JSONDecodeError as malformed:
        raise HTTPException(400, f"cannot read {what} as JSON: {malformed}") from malformed


def answer_of(result: ExecutionResult) -> GraphQLHTTPResponse:
    """The answer to an operation: it has `data` if the operation was executed, and there is some or an error says why.

    A read that found no database and nothing else is as good as not executed.
    """
    answer: GraphQLHTTPResponse = {}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    executed = result.data is not None or any(error.path for error in result.errors or ())
    unavailable = Unavailable.code in _codes(answer) and not any((result.data or {}).values())
    if executed and not unavailable:
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    return answer


def status_of(answer: GraphQLHTTPResponse, media_type: str) -> int:
    """The status of an answer: 200 if the operation was executed, otherwise one of 4xx and 5xx.

    As plain JSON it is 200 again, because clients may take another status for the word of a machine between us and
    them; but for an outage, which those machines must know of.
    """
    if "data" in answer:
        return 200
    codes = _codes(answer)
    status = max((status for code, status in _STATUS_OF_CODE.items() if code in codes), default=400)
    return status if media_type == GRAPHQL_RESPONSE_TYPE or status == 503 else 200


def headers_of(answer: GraphQLHTTPResponse, status: int) -> dict[str, str]:
    """When to come again, for an answer of a status that says to."""
    if status == 503:
        return RETRY_LATER
    waits = [extensions["retryAfter"] for extensions in _extensions(answer) if "retryAfter" in extensions]
    return {"Retry-After": str(max(waits))} if status == 429 and waits else {}


def _codes(answer: GraphQLHTTPResponse) -> set[object]:
    return {extensions.get("code") for extensions in _extensions(answer)}


def _extensions(answer: GraphQLHTTPResponse) -> list[dict[str, Any]]:
    errors: list[Any] = answer.get("errors") or []
    return [error.get("extensions") or {} for error in errors]


def entity_tag(body: bytes, actor: Actor) -> str:
    """The ETag of an answer to a GET, which tells nothing about what others were answered."""
    whose = actor.organisation_id.bytes + actor.account_id.bytes
    return f'"{blake2b(body, digest_size=16, key=whose).hexdigest()}"'


def is_current(if_none_match: str | None, tag: str) -> bool:
    """Whether a client that sends this `If-None-Match` has the answer already."""
    if if_none_match is None:
        return False
    known = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return tag in known or "*" in known


class _Prepared(Response):
    """A response to come, with what it is an answer to."""

    def __init__(self, request: Request, media_type: str) -> None:
        super().__init__()
        self.request = request
        self.media_type: str = media_type
        self.actor: Actor | None = None
        """Who asks by GET, once that is known."""


class _Router(GraphQLRouter[Context, None]):
    documents: TrustedDocuments | None = None

    async def get_sub_response(self, request: Request) -> Response:
        """What the answer will be made from. Raises HTTPException for what cannot be answered."""
        if request.method == "GET" and not self.allow_queries_via_get:
            raise HTTPException(405, "expected a POST", headers={"Allow": "POST"})
        media_type = media_type_of(request.headers.get("accept"))
        if media_type is None:
            raise HTTPException(406, f"expected to be asked for {GRAPHQL_RESPONSE_TYPE} or {JSON_TYPE}")
        return _Prepared(request, media_type)

    def should_render_graphql_ide(self, request: object) -> bool:  # noqa: ARG002
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        if request.method == "GET":
            return request_in_address(request.query_params, self.documents)
        check_content_type(request.content_type)
        return request_of(_json(await request.get_body(), "the body"), self.documents)

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,  # noqa: ARG002
        request_data: Any,
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult:
        if request.method == "GET" and isinstance(sub_response, _Prepared):
            sub_response.actor = context.actor
        try:
            return await self.schema.execute(
                request_data.query or " ",  # an empty document is malformed, not missing
                root_value=root_value,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=BY_GET if request.method == "GET" else BY_POST,
                operation_extensions=request_data.extensions,
            )
        except CannotGetOperationTypeError as unknown:
            where = "of the name in operationName" if unknown.operation_name else "in the document"
            return _not_executed(f"expected an operation {where}")
        except InvalidOperationTypeError as refused:
            reason = refused.as_http_error_reason(request.method)
            if request.method == "GET":
                raise HTTPException(405, reason, headers={"Allow": "POST"}) from refused
            return _not_executed(reason)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        if result.errors:
            # A defect of an extension itself has not passed PublicErrors; what has is not changed again.
            trace_id = getattr(request.state, "trace_id", None)
            result.errors = without_frames([public_error(error, trace_id) for error in result.errors])
        answer = answer_of(result)
        if request.method == "GET":
            answer.pop("extensions", None)  # what was charged differs each time
        return answer

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        assert isinstance(sub_response, _Prepared)  # noqa: S101 - made above
        body, status = orjson.dumps(response_data), status_of(response_data, sub_response.media_type)
        if sub_response.actor is not None and "data" in response_data and "errors" not in response_data:
            known = sub_response.request.headers.get("if-none-match")
            return answer_by_get(body, sub_response.actor, known, sub_response.media_type)
        return Response(body, status, headers_of(response_data, status), media_type=sub_response.media_type)


def answer_by_get(body: bytes, actor: Actor, if_none_match: str | None, media_type: str) -> Response:
    """An answer to a GET, which a browser may keep for this caller alone, asking each time if it is current; or 304."""
    tag = entity_tag(body, actor)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"}
    if is_current(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _not_executed(message: str) -> ExecutionResult:
    return PreExecutionError(data=None, errors=[GraphQLError(message)])


def graphql_router(
    schema: strawberry.Schema,
    context_getter: Callable[..., Awaitable[Context]],
    *,
    queries_by_get: bool = False,
    documents: TrustedDocuments | None = None,
) -> GraphQLRouter[Context, None]:
    """A FastAPI router that answers GraphQL; `context_getter` is a dependency that authenticates the caller.

    Batches, uploads and the legacy WebSocket protocol are refused, and queries by GET unless `queries_by_get` or they
    are among the `documents` that are trusted. What is refused is raised as HTTPException. The caller limits bodies.
    """
    router = _Router(
        schema,
        context_getter=context_getter,
        graphql_ide=None,
        allow_queries_via_get=queries_by_get or documents is not None,
        multipart_uploads_enabled=False,
        # A WebSocket would keep one context, and so one instant and one caller, for all its operations. None is open
        # until there are subscriptions, and then each operation gets a context of its own.
        subscription_protocols=[],
    )
    router.documents = documents
    return router
