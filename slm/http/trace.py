"""One trace id per request: the caller's W3C trace where it sends one, ours otherwise; on the log and on the answer.

Several requests may belong to one trace; `request_id` tells them apart in the log.
"""

import logging
import re
import time
from random import getrandbits
from typing import TYPE_CHECKING

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slm.http.metrics import RequestMetrics
from slm.http.problems import refusal

if TYPE_CHECKING:
    from slm.spans import Spans

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_QUIET = frozenset({"/health", "/ready"})
_OURS = re.compile(r"/|/health|/ready|/graphql|/graphiql/[a-z0-9./-]+")

_LINES = logging.getLogger("slm.requests")
log = structlog.get_logger("slm.requests")


class Trace:
    """ASGI middleware: sets `request.state.trace_id`, answers with `X-Trace-Id`, and writes one line per request.

    An error nobody foresaw is logged once, here, and masked. The line has method, path, status
    and milliseconds. Headers, query strings and bodies are never logged. With `spans`, the trace is theirs.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics | None = None, spans: "Spans | None" = None) -> None:
        self.app = app
        self.metrics = metrics
        self.spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        traceparent = next(
            (value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None
        )
        if self.spans is None or scope["path"] in _QUIET:
            await self._serve(trace_id_of(traceparent), scope, receive, send)
            return
        with self.spans.request(scope, path=_path(scope), traceparent=traceparent) as trace_id:
            await self._serve(trace_id or trace_id_of(traceparent), scope, receive, send)

    async def _serve(self, trace_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["trace_id"] = trace_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace_id=trace_id, request_id=f"{getrandbits(64):016x}")
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        started, status, answering = time.perf_counter(), 500, False

        async def send_traced(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                message["headers"] = [*message["headers"], (b"x-trace-id", trace_id.encode("ascii"))]
            await send(message)

        try:
            await self.app(scope, receive, send_traced)
        except Exception:
            log.exception("unexpected error", method=scope["method"], path=_path(scope))
            if answering:
                raise
            answer = refusal(500, "INTERNAL", "something went wrong; quote the trace id", trace_id=trace_id)
            await answer(scope, receive, send_traced)
        finally:
            seconds = time.perf_counter() - started
            scope["state"]["status"] = status
            if self.metrics is not None and scope["path"] == "/graphql":
                self.metrics.observe(scope["state"].get("operation"), status=status, seconds=seconds)
            if (scope["path"] not in _QUIET or status >= 400) and _LINES.isEnabledFor(logging.INFO):
                milliseconds = round(seconds * 1000, 1)
                log.info("request", method=scope["method"], path=_path(scope), status=status, milliseconds=milliseconds)


def _path(scope: Scope) -> str:
    """The path as it may be logged: a caller can write anything into one of ours that is not there."""
    path: str = scope["path"]
    return path if _OURS.fullmatch(path) else "other"


def trace_id_of(traceparent: str | None) -> str:
    """The trace id of a W3C `traceparent` header, or a new one where there is none to read."""
    given = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent)
    return given[1] if given and given[1] != "0" * 32 else f"{getrandbits(128):032x}"
