"""The HTTP application: GraphQL at `/graphql`, `/health` and `/ready` for operators, GraphiQL where that is safe."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from schema.budget import Budgets
from schema.context import Context
from schema.fast import FastReads
from schema.http import RETRY_LATER, UnknownDocument, graphql_router, media_type_of
from schema.planner.plan_cache import PlanCache
from schema.root import build_schema
from schema.trusted import read_manifest
from services.errors import NotAuthenticated, Unavailable
from services.organisations.rules import Actor
from slm.http.authentication import Bearers, anonymous_viewer, caller
from slm.http.fast_path import FastPath
from slm.http.graphiql import serve_graphiql
from slm.http.headers import SECURITY_HEADERS, AnswerHeaders
from slm.http.limits import BodyLimit
from slm.http.metrics import RequestMetrics
from slm.http.problems import refusal
from slm.http.shortcut import Shortcut
from slm.http.token_use import token_use_written
from slm.http.trace import Trace
from slm.http.turns import Callers, Turns
from slm.readiness import Readiness
from slm.running import open_database
from slm.settings import Environment, Settings

if TYPE_CHECKING:
    from slm.spans import Spans

DEMO_HEADER = "SLM-Demo"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

log = structlog.get_logger("slm.app")


LONGEST_STATEMENT = timedelta(seconds=30)
"""A request that keeps the database busy for longer is given up."""


LONGEST_START = timedelta(minutes=1)
"""A server that finds no database gives up after this long; whoever started it may start it again."""


FRAMEWORK_TELEMETRY = TelemetryConfig(
    tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False
)
"""None: the framework's own would tell paths as callers wrote them and messages of errors with what was bound."""


def demo_notice(organisation: str) -> str:
    """What every place says while the demo lets anonymous callers in."""
    return f"Demo: anybody who reaches this address reads the organisation '{organisation}' without a token."


def create_app(settings: Settings, *, metrics: RequestMetrics | None = None, spans: "Spans | None" = None) -> FastAPI:
    """The application for these settings, which must name a database. Connects when it starts, not here.

    What it does is counted in `metrics` and told in `spans`, if given.

    Raises ValueError for settings that contradict each other (a demo lets anybody read, and production must not), and
    Untrustworthy, one of them, for trusted documents that are not valid.
    """
    if settings.database_url is None:
        raise ValueError("create_app needs settings.database_url; the command line starts a local server without one")
    demo, development = settings.demo_organisation, settings.environment is Environment.DEVELOPMENT
    if demo is not None and not development:
        raise ValueError("SLM_DEMO_ORGANISATION needs SLM_ENVIRONMENT=development: a demo answers anonymous callers")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = open_database(settings, statement_timeout=LONGEST_STATEMENT)
        if metrics is not None:
            metrics.watch(database)
        if spans is not None:
            spans.watch(database)
        try:
            await _until_reached(database.refuse_unsafe_role)
            app.state.database = database
            app.state.bearers = Bearers()
            app.state.readiness = Readiness(database)
            app.state.anonymous = None if demo is None else await anonymous_viewer(database, demo)
            async with token_use_written(database) as app.state.token_use:
                log.info("serving", environment=settings.environment.value, demo_organisation=demo)
                yield
        finally:
            await database.close()

    app = FastAPI(
        title="Service Level Management",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry=FRAMEWORK_TELEMETRY,
    )
    schema = build_schema(introspection=development)
    documents = None
    if settings.trusted_documents is not None:
        documents = read_manifest(settings.trusted_documents, schema, exclusive=not development)
    plans = PlanCache()
    budgets = Budgets(settings.cost_per_minute)
    callers, reads = Callers(), FastReads(plans, budgets)
    answered_with = SECURITY_HEADERS | ({DEMO_HEADER: demo} if demo else {})
    if settings.fast_path:
        app.add_middleware(FastPath, reads=reads, documents=documents)
    app.add_middleware(BodyLimit)
    app.add_middleware(Turns, callers=callers)
    if demo is not None and settings.host in LOOPBACK:
        # A page on the web could otherwise point its own name at this address and read the demo.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=sorted(LOOPBACK))
    app.add_middleware(Trace, metrics=metrics, spans=spans)
    if settings.cors_origins:
        # No credentials: a token is sent by the page that has it, never by the browser of its own accord.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "traceparent"],
            expose_headers=["ETag", "X-Trace-Id"],
        )
    app.add_middleware(AnswerHeaders, headers=answered_with)
    app.state.shortcut = None
    if settings.fast_path and demo is None and spans is None:
        app.state.shortcut = Shortcut(
            app, reads=reads, callers=callers, headers=answered_with, documents=documents, metrics=metrics
        )
    app.add_exception_handler(NotAuthenticated, _refuse_unauthenticated)
    app.add_exception_handler(Unavailable, _refuse_unavailable)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_api_route("/health", _health, methods=["GET"])
    app.add_api_route("/ready", _ready, methods=["GET"])

    async def context(connection: HTTPConnection, actor: Annotated[Actor, Depends(caller)]) -> Context:
        connection.state.actor = actor
        return Context(
            database=connection.app.state.database,
            actor=actor,
            now=datetime.now(UTC),
            trace_id=connection.state.trace_id,
            plans=plans if settings.fast_path else None,
            budgets=budgets,
            failed=getattr(connection.state, "failed", None),
        )

    router = graphql_router(schema, context, queries_by_get=development, documents=documents)
    app.include_router(router, prefix="/graphql")
    if development:
        serve_graphiql(app, banner=demo_notice(demo) if demo else None)
    return app


async def _until_reached(ask: Callable[[], Awaitable[None]]) -> None:
    """Ask the database, again while it is out of reach: it may just be starting. Raises Unavailable after a while."""
    deadline = time.monotonic() + LONGEST_START.total_seconds()
    while True:
        try:
            return await ask()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


async def _health() -> JSONResponse:
    return JSONResponse({"status": "up"})


async def _ready(request: Request) -> JSONResponse:
    readiness: Readiness = request.app.state.readiness
    reasons = await readiness.reasons_against()
    if reasons:
        return JSONResponse({"status": "not ready", "reasons": reasons}, status_code=503)
    return JSONResponse({"status": "ready"})


_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 406: "NOT_ACCEPTABLE", 415: "UNSUPPORTED_MEDIA_TYPE"}


async def _refuse_unauthenticated(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, NotAuthenticated)  # noqa: S101  registered for this class only
    return _refusal(request, 401, error.code, error.message, {"WWW-Authenticate": 'Bearer realm="slm"'})


async def _refuse_unavailable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Unavailable)  # noqa: S101  registered for this class only
    return _refusal(request, 503, error.code, error.message, RETRY_LATER)


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    known = _CODES.get(error.status_code, "BAD_REQUEST")
    code = error.code if isinstance(error, UnknownDocument) else known
    return _refusal(request, error.status_code, code, error.detail, error.headers)


def _refusal(request: Request, status: int, code: str, message: str, headers: Mapping[str, str] | None) -> JSONResponse:
    media_type = media_type_of(request.headers.get("accept"))
    return refusal(status, code, message, trace_id=request.state.trace_id, headers=headers, media_type=media_type)
