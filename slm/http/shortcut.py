"""The shortcut: what most requests are, answered where their bytes arrive, before the application is told of them.

It is the fast path once more, for requests that need nothing else: a query by POST as plain JSON, small and in one
piece, of a caller that was known a moment ago, from no page of another origin. What the layers of the application do
for every request, the wait for a turn included, it does by the same functions; whatever is not so is handed to them
untouched.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from random import getrandbits
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from schema.fast import FastAnswer, FastReads, Prepared
from schema.http import media_type_of
from schema.observed import Observed
from schema.trusted import TrustedDocuments
from services.errors import ServiceError, TookTooLong, Unavailable
from services.organisations.rules import Actor
from slm.http.authentication import Bearers
from slm.http.crowd import Crowd
from slm.http.fast_path import JSON, LARGEST_PLAIN, asked_of, parameters_in
from slm.http.headers import encoded
from slm.http.metrics import RequestMetrics
from slm.http.recent import RecentRequests
from slm.http.turns import Callers, name_of, too_many

UNUSUAL = frozenset({b"origin", b"traceparent", b"content-encoding", b"transfer-encoding", b"expect", b"upgrade"})
"""Headers of which somebody else has to take care."""

TURNED_AWAY = 429

_LINES = logging.getLogger("slm.requests")
log = structlog.get_logger("slm.requests")


class Known(NamedTuple):
    """A caller that was known a moment ago, and the media type it gets its answer in."""

    actor: Actor
    caller: bytes
    media_type: bytes


class Shortcut:
    """Answers requests of an application that serves; one for all connections."""

    def __init__(
        self,
        app: FastAPI,
        *,
        reads: FastReads,
        callers: Callers,
        headers: Mapping[str, str],
        documents: TrustedDocuments | None = None,
        metrics: RequestMetrics | None = None,
    ) -> None:
        self._app, self._reads, self._callers = app, reads, callers
        self._documents, self._metrics = documents, metrics
        self._recent = RecentRequests()
        self.crowd = Crowd()
        self._headers = b"".join(b"%s: %s\r\n" % header for header in encoded(headers))

    def knows(self, headers: Mapping[bytes, bytes], caller: bytes, size: int) -> Known | None:
        """The caller, if a POST with these headers and a body of this size is the plain case.

        None of the headers was sent twice.
        """
        if size > LARGEST_PLAIN or headers.get(b"content-type") not in JSON or not UNUSUAL.isdisjoint(headers):
            return None
        media_type = _media_type_of(headers.get(b"accept"))
        if media_type is None or headers.get(b"authorization", b"")[:7].lower() != b"bearer ":
            return None
        state, now = self._app.state, datetime.now(UTC)
        bearers: Bearers = state.bearers
        actor = bearers.known(state.database, caller.decode("latin-1"), now)
        if actor is None:
            return None
        state.token_use.note(actor, now)
        return Known(actor, caller, media_type)

    def admits_now(self, caller: bytes) -> bool:
        """Whether a caller has a turn at once, which `answer` ends."""
        return self._callers.admits_now(caller)

    async def admits(self, caller: bytes) -> bool:
        """Whether a caller has a turn, if need be after a wait."""
        return await self._callers.admits(caller)

    def prepared(self, known: Known, body: bytes) -> Prepared | None:
        """What has to be read for a request; None: the application has to find it out."""
        try:
            return self._recent.find(known.actor, body) or self._prepared(known.actor, body)
        except Exception as failure:
            log.warning("shortcut.failed", failure=type(failure).__name__)
            return None

    def _prepared(self, actor: Actor, body: bytes) -> Prepared | None:
        asked = asked_of(parameters_in(body), self._documents)
        prepared = None if asked is None else self._reads.prepared(actor, *asked)
        if prepared is not None:
            self._recent.keep(actor, body, prepared)
        return prepared

    async def answer(self, known: Known, prepared: Prepared) -> FastAnswer | ServiceError | None:
        """The answer, or what has to be said instead by the application; None: the application has to find it out.

        The caller has a turn, which ends with this.
        """
        self._callers.tell_of_a_crowd(known.caller)
        try:
            return await self._reads.read(self._app.state.database.reader, known.actor, prepared)
        except (Unavailable, TookTooLong) as failure:
            return failure
        except Exception as failure:
            log.warning("shortcut.failed", failure=type(failure).__name__)
            return None
        finally:
            self._callers.ended(known.caller)

    def is_full(self, caller: bytes) -> bool:
        """Whether no more requests of a caller are taken."""
        return self._callers.has_no_place(caller)

    def turns_away(self, caller: bytes) -> bool:
        """Whether a caller, if it names itself, has so many served and waiting that one more is refused."""
        return bool(caller) and not self._callers.expects(caller)

    def told(self, answer: FastAnswer, actor: Actor, trace_id: str, *, seconds: float) -> None:
        """One line in the log and one more request among the figures, as for any other request."""
        self._tell(Observed(answer.name, "query", ()), 200, trace_id, seconds, actor)

    def told_of_refusal(self, trace_id: str) -> None:
        """The same of a request that was turned away."""
        self._tell(None, TURNED_AWAY, trace_id, 0.0, None)

    def _tell(self, seen: Observed | None, status: int, trace_id: str, seconds: float, actor: Actor | None) -> None:
        if self._metrics is not None:
            self._metrics.observe(seen, status=status, seconds=seconds)
        if _LINES.isEnabledFor(logging.INFO):
            structlog.contextvars.clear_contextvars()
            ids = {"organisation": str(actor.organisation_id), "actor": str(actor.account_id)} if actor else {}
            log.info(
                "request",
                method="POST",
                path="/graphql",
                status=status,
                milliseconds=round(seconds * 1000, 1),
                trace_id=trace_id,
                request_id=f"{getrandbits(64):016x}",
                **ids,
            )

    def spelled(self, answer: FastAnswer, media_type: bytes, trace_id: str, more: bytes) -> bytes:
        """An answer as it is sent, with `more` lines of headers."""
        parts, length = answer.parts(), 0
        for part in parts:
            length += len(part)
        head = b"HTTP/1.1 200 OK\r\n%scontent-type: %s\r\ncontent-length: %d\r\nx-trace-id: %s\r\n%s\r\n"
        return b"".join((head % (more, media_type, length, trace_id.encode("ascii"), self._headers), *parts))

    def refused(self, trace_id: str, more: bytes) -> bytes:
        """The refusal of a caller that is turned away, as it is sent."""
        told = too_many(self._callers, trace_id=trace_id)
        described = b"".join(b"%s: %s\r\n" % header for header in told.raw_headers)
        head = b"HTTP/1.1 429 Too Many Requests\r\n%s%sx-trace-id: %s\r\n%s\r\n"
        return head % (more, described, trace_id.encode("ascii"), self._headers) + bytes(told.body)


@lru_cache(maxsize=64)
def _media_type_of(accept: bytes | None) -> bytes | None:
    media_type = media_type_of(None if accept is None else accept.decode("latin-1"))
    return None if media_type is None else media_type.encode("ascii")


def _new_trace_id() -> str:
    return f"{getrandbits(128):032x}"


class _Answering:
    """Stands for a request among what uvicorn knows of a connection, until it is answered or handed on."""

    __slots__ = ("disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.message_event = _NOBODY_WAITS
        self.disconnected = self.response_complete = False


class _Asked(NamedTuple):
    """A request that is answered here, as it arrived and as it was understood."""

    known: Known
    prepared: Prepared
    scope: Any
    body: bytes
    at: float
    """By `time.perf_counter`."""


class _NobodyWaits:
    def set(self) -> None:
        """See asyncio.Event."""


_NOBODY_WAITS = _NobodyWaits()


class ShortcutProtocol(HttpToolsProtocol):
    """uvicorn's protocol with the shortcut.

    It relies on what uvicorn does between the parts of a request, so a new version of that is to be read before it is
    used; `tests/slm/test_shortcut.py` asks it over real connections.
    """

    cycle: Any
    shortcut: Shortcut

    def __init__(self, *, shortcut: Shortcut, **given: Any) -> None:
        super().__init__(**given)
        self.shortcut = shortcut
        self._held: bytearray | None = None
        """The body so far of a request that nobody has been told of yet."""
        self._was_answered = False

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol. Who was answered before is not made to wait for a crowd of others."""
        if self._was_answered or self.shortcut.crowd.take(partial(self._take_late, data)):
            self._take(data)
        else:
            self.transport.pause_reading()

    def _take_late(self, data: bytes) -> None:
        if not self.transport.is_closing():
            if not self.flow.read_paused:
                self.transport.resume_reading()
            self._take(data)

    def _take(self, data: bytes) -> None:
        """A request that does not arrive in one piece goes the usual way from here on."""
        super().data_received(data)
        if self._held is not None:
            self._go_on()

    def send_400_response(self, msg: str) -> None:
        """What was not even HTTP is not handed to anybody."""
        self._held = None
        super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        """See httptools: hold the request back if it may be the plain case and nothing else is being answered."""
        parser = self.parser
        if (
            (self.cycle is None or self.cycle.response_complete)
            and self.url == b"/graphql"
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
        ):
            self._held = bytearray()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held += body

    def on_message_complete(self) -> None:
        """See httptools: a request that was held back is answered, or goes the usual way."""
        body = self._held
        if body is None:
            super().on_message_complete()
            return
        # Of a thousand at once most are turned away: that comes before anything that takes longer.
        headers = dict(self.headers)
        caller = name_of(headers.get(b"authorization"))
        full = self.shortcut.is_full(caller)
        plain = not full and len(headers) == len(self.headers)
        known = self.shortcut.knows(headers, caller, len(body)) if plain else None
        prepared = None if known is None else self.shortcut.prepared(known, bytes(body))
        has_turn = prepared is not None and self.shortcut.admits_now(caller)
        if not has_turn and (full or self.shortcut.turns_away(caller)):
            self._refuse(self._hold_on())
        elif known is None or prepared is None:
            self._go_on()
            super().on_message_complete()
        else:
            asked = _Asked(known, prepared, self.scope, bytes(body), time.perf_counter())
            task = self.loop.create_task(self._answer(self._hold_on(), asked, has_turn=has_turn))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    def _hold_on(self) -> _Answering:
        """Answer what was held back, instead of the application."""
        answering = _Answering(keep_alive=self.parser.should_keep_alive())
        self._held, self.cycle = None, answering
        return answering

    def _go_on(self) -> None:
        """Tell uvicorn what was held back."""
        body, self._held = self._held, None
        super().on_headers_complete()
        if body:
            super().on_body(bytes(body))

    async def _answer(self, answering: _Answering, asked: _Asked, *, has_turn: bool) -> None:
        known = asked.known
        if not has_turn and not await self.shortcut.admits(known.caller):
            if not answering.disconnected:
                self._refuse(answering)
            return
        answer = await self.shortcut.answer(known, asked.prepared)
        if not isinstance(answer, FastAnswer):
            self._hand_on(answering, asked, failed=answer)
            return
        if self.flow.write_paused:
            await self.flow.drain()
        trace_id = _new_trace_id()
        if not answering.disconnected:
            self._send(answering, self.shortcut.spelled(answer, known.media_type, trace_id, self._more(answering)))
        self.shortcut.told(answer, known.actor, trace_id, seconds=time.perf_counter() - asked.at)

    def _refuse(self, answering: _Answering) -> None:
        trace_id = _new_trace_id()
        self._send(answering, self.shortcut.refused(trace_id, self._more(answering)))
        self.shortcut.told_of_refusal(trace_id)

    def _more(self, answering: _Answering) -> bytes:
        """Lines of headers that uvicorn adds to every answer."""
        more = b"".join([b"%s: %s\r\n" % header for header in self.server_state.default_headers])
        return more if answering.keep_alive else more + b"connection: close\r\n"

    def _send(self, answering: _Answering, answer: bytes) -> None:
        self.transport.write(answer)
        answering.response_complete = True
        if not answering.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """See uvicorn."""
        self._was_answered = True
        super().on_response_complete()

    def _hand_on(self, answering: _Answering, asked: _Asked, *, failed: ServiceError | None) -> None:
        """Have the application answer what turned out not to be the plain case, as uvicorn would have had it."""
        scope = asked.scope
        scope |= {"method": "POST", "path": "/graphql", "raw_path": b"/graphql", "query_string": b""}
        if failed is not None:
            scope["state"]["failed"] = failed
        cycle = RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=answering.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body += asked.body
        cycle.more_body = False
        cycle.disconnected = answering.disconnected
        cycle.message_event.set()
        if self.cycle is answering:
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)
