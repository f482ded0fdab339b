"""Turns: no caller keeps all of the server busy, whatever it asks for and however often at once."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.reader import crowded
from slm.http.problems import refusal

MOST_AT_ONCE = 6
"""Requests of one caller that are served at once: fewer than there are connections, so that others find one free."""
MOST_WAITING = 50
"""Requests of one caller that wait for their turn."""
CROWD = 10
"""Requests of one caller that wait, from which on those served take their time with whatever reads much."""
LONGEST_WAIT_SECONDS = 0.3
"""How long they wait: less than it takes people to give up, and clients to send it all again."""

RETRY_SOON = {"Retry-After": "1"}


@dataclass(slots=True)
class _Caller:
    served: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Callers:
    """Who is being served how often, and who waits for it.

    A caller is who sends the same credentials; those who send none are told apart by their address.
    """

    def __init__(
        self,
        *,
        at_once: int = MOST_AT_ONCE,
        waiting: int = MOST_WAITING,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self.at_once, self.most_waiting, self.longest_wait = at_once, waiting, longest_wait
        self._callers: dict[bytes, _Caller] = {}
        self._expected: Counter[bytes] = Counter()

    def admits_now(self, name: bytes) -> bool:
        """Whether a caller may be served now, without a wait; then it is, until `ended`."""
        caller = self._callers.get(name)
        if caller is None:
            self._callers[name] = _Caller(served=1)
            return True
        if self._has_room(caller):
            caller.served += 1
            return True
        return False

    def _has_room(self, caller: _Caller) -> bool:
        return caller.served < self.at_once

    def tell_of_a_crowd(self, name: bytes) -> None:
        """Let what serves the request of a caller know, whenever it looks, whether a crowd of the caller's waits."""
        crowded.set(partial(self._is_crowd, name))

    def _is_crowd(self, name: bytes) -> bool:
        caller = self._callers.get(name)
        return caller is not None and len(caller.waiting) >= CROWD

    def has_no_place(self, name: bytes) -> bool:
        """Whether a request that has just arrived would be neither served nor let wait."""
        caller = self._callers.get(name)
        taken = self._expected[name] + (0 if caller is None else caller.served + len(caller.waiting))
        return taken >= self.at_once + self.most_waiting

    def expects(self, name: bytes) -> bool:
        """Whether a request that has just arrived will be served or wait; if so, it takes its place in a moment.

        Thousands may arrive before the first of them does: they are counted until the event loop has come round.
        """
        if self.has_no_place(name):
            return False
        if not self._expected:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._expected.clear)
        self._expected[name] += 1
        return True

    async def admits(self, name: bytes) -> bool:
        """Whether a caller may be served, if need be after a wait; then it is, until `ended`."""
        if self.admits_now(name):
            return True
        caller = self._callers[name]
        if len(caller.waiting) >= self.most_waiting:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        caller.waiting.append(turn)
        try:
            async with asyncio.timeout(self.longest_wait):
                await turn
        except BaseException as ended:
            if turn in caller.waiting:
                caller.waiting.remove(turn)
            elif turn.done() and not turn.cancelled():
                if isinstance(ended, TimeoutError):
                    return True
                self.ended(name)
            if isinstance(ended, TimeoutError):
                return False
            raise
        return True

    def ended(self, name: bytes) -> None:
        """A request was served: give its turn to whoever of the caller waited longest."""
        caller = self._callers[name]
        caller.served -= 1
        while caller.waiting and self._has_room(caller):
            turn = caller.waiting.popleft()
            if not turn.done():
                caller.served += 1
                turn.set_result(None)
        if not caller.served:
            del self._callers[name]


class Turns:
    """ASGI middleware: requests beyond what a caller may have served at once wait, or are answered 429."""

    def __init__(self, app: ASGIApp, callers: Callers | None = None) -> None:
        self.app = app
        self.callers = callers or Callers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/graphql":
            await self.app(scope, receive, send)
            return
        name = caller_of(scope)
        if not await self.callers.admits(name):
            answer = too_many(self.callers, trace_id=scope.get("state", {}).get("trace_id"))
            await answer(scope, receive, send)
            return
        self.callers.tell_of_a_crowd(name)
        try:
            await self.app(scope, receive, send)
        finally:
            self.callers.ended(name)


def too_many(callers: Callers, *, trace_id: str | None) -> JSONResponse:
    """The refusal of a request beyond what a caller may have served and waiting."""
    message = f"more requests at once than are served: expected at most {callers.at_once}, try again later"
    return refusal(429, "TOO_MANY_REQUESTS", message, trace_id=trace_id, headers=RETRY_SOON)


def caller_of(scope: Scope) -> bytes:
    """By what a caller is told from others."""
    return name_of(dict(scope["headers"]).get(b"authorization")) or str((scope.get("client") or ("",))[0]).encode()


def name_of(credentials: bytes | None) -> bytes:
    """Who sends these credentials, however the scheme before the token is spelled; empty: it cannot be told."""
    scheme, _, token = (credentials or b"").partition(b" ")
    return token.strip() or scheme
