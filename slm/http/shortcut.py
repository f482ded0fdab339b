"""The shortcut: what most requests are, answered before anything else of the application is asked.

It is the fast path once more, for requests that need nothing else: a query by POST as plain JSON, small and in one
piece, of a caller that was known a moment ago and has a turn free, from no page of another origin. What the layers
behind it do for every request, it does by the same functions; whatever is not so goes on with its body untouched.
"""

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from random import getrandbits

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.fast import FastAnswer, FastReads
from schema.http import media_type_of
from schema.observed import Observed
from schema.trusted import TrustedDocuments
from services.errors import TookTooLong, Unavailable
from services.organisations.rules import Actor
from slm.http.authentication import Bearers
from slm.http.fast_path import JSON, LARGEST_PLAIN, asked_of, parameters_in, send_answer
from slm.http.headers import encoded
from slm.http.limits import LONGEST_UPLOAD_SECONDS, in_time, replayed
from slm.http.metrics import RequestMetrics
from slm.http.turns import Callers

UNUSUAL = frozenset({b"origin", b"traceparent", b"content-encoding", b"transfer-encoding", b"expect"})
"""Headers of which somebody else has to take care."""

_LINES = logging.getLogger("slm.requests")
log = structlog.get_logger("slm.requests")


class Shortcut:
    """ASGI middleware, the outermost."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        reads: FastReads,
        callers: Callers,
        headers: Mapping[str, str],
        documents: TrustedDocuments | None = None,
        metrics: RequestMetrics | None = None,
    ) -> None:
        self.app = app
        self.reads, self.callers, self.documents, self.metrics = reads, callers, documents, metrics
        self._headers = encoded(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/graphql" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        credentials, accepted = headers.get(b"authorization", b""), headers.get(b"accept")
        media_type = media_type_of(None if accepted is None else accepted.decode("latin-1"))
        length = headers.get(b"content-length", b"")
        small = length.isdigit() and len(length) < 8 and int(length) <= LARGEST_PLAIN
        plain = small and headers.get(b"content-type") in JSON and UNUSUAL.isdisjoint(headers)
        actor = self._actor(scope, credentials) if plain and media_type is not None else None
        if actor is None or media_type is None or not self.callers.admits_now(credentials):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        try:
            message, answer = await self._answer(scope, actor, receive, int(length))
        finally:
            self.callers.ended(credentials)
        if answer is None:
            await self.app(scope, receive if message is None else replayed([message], receive), send)
        else:
            trace_id = f"{getrandbits(128):032x}"
            traced = [(b"x-trace-id", trace_id.encode("ascii")), *self._headers]
            await send_answer(answer, media_type, send, more_headers=traced)
            self._told(answer, actor, trace_id, seconds=time.perf_counter() - started)

    def _actor(self, scope: Scope, credentials: bytes) -> Actor | None:
        """Who bears the token, if that is known."""
        scheme, _, token = credentials.partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        bearers: Bearers = scope["app"].state.bearers
        now = datetime.now(UTC)
        actor = bearers.known(scope["app"].state.database, token.decode("latin-1").strip(), now)
        if actor is not None:
            scope["app"].state.token_use.note(actor, now)
        return actor

    async def _answer(
        self, scope: Scope, actor: Actor, receive: Receive, length: int
    ) -> tuple[Message | None, FastAnswer | None]:
        """The message with the body, if it came in time, and the answer, if there is one."""
        try:
            message: Message = await in_time(_first(receive), LONGEST_UPLOAD_SECONDS)
        except TimeoutError:
            return None, None
        whole = len(message.get("body", b"")) == length
        asked = asked_of(parameters_in([message]), self.documents) if whole else None
        if asked is None:
            return message, None
        try:
            reader = scope["app"].state.database.reader
            return message, await self.reads.answer(reader, actor, *asked)
        except (Unavailable, TookTooLong) as failure:
            scope.setdefault("state", {})["failed"] = failure
            return message, None

    def _told(self, answer: FastAnswer, actor: Actor, trace_id: str, *, seconds: float) -> None:
        """One line in the log and one more request among the figures, as for any other request."""
        if self.metrics is not None:
            self.metrics.observe(Observed(answer.name, "query", ()), status=200, seconds=seconds)
        if _LINES.isEnabledFor(logging.INFO):
            structlog.contextvars.clear_contextvars()
            log.info(
                "request",
                method="POST",
                path="/graphql",
                status=200,
                milliseconds=round(seconds * 1000, 1),
                trace_id=trace_id,
                request_id=f"{getrandbits(64):016x}",
                organisation=str(actor.organisation_id),
                actor=str(actor.account_id),
            )


async def _first(receive: Receive) -> Message:
    return await receive()
