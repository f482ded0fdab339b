"""Turns: no caller keeps all of the server busy, whatever it asks for and however often at once."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from schema.limits import Effort, refused_effort
from slm.http.problems import refusal

MOST_AT_ONCE = 6
"""Requests of one caller that are served at once: fewer than there are connections, so that others find one free."""
MOST_WAITING = 50
"""Requests of one caller that wait for their turn."""
LONGEST_WAIT_SECONDS = 0.6
"""How long they wait: less than it takes people to give up, and clients to send it all again."""

RETRY_SOON = {"Retry-After": "1"}

REST = 4
"""How many times as long as a refused document took its caller is not served: reading it kept everybody waiting."""
FELT_SECONDS = 0.005
"""What takes no longer than that is not felt by others."""


@dataclass(slots=True)
class _Caller:
    served: int = 0
    suspect: bool = False
    rests: bool = False
    rests_until: float = 0.0
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
        return not caller.rests and caller.served < (1 if caller.suspect else self.at_once)

    def rest(self, name: bytes, seconds: float) -> None:
        """Serve a caller that is being served nothing more for so long, or so much longer; its requests wait.

        After that they are served one at a time, until one has cost others nothing (`trust`).
        """
        caller, loop = self._callers[name], asyncio.get_running_loop()
        caller.suspect = True
        if not caller.rests:
            caller.rests, caller.rests_until = True, loop.time()
            # The rest takes a place, so that the caller is not forgotten before it ends.
            caller.served += 1
            loop.call_later(seconds, self._rested, name)
        caller.rests_until += seconds

    def trust(self, name: bytes) -> None:
        """Serve a caller that is being served as many requests at once as any other."""
        caller = self._callers[name]
        caller.suspect = caller.suspect and caller.rests

    def _rested(self, name: bytes) -> None:
        caller, loop = self._callers[name], asyncio.get_running_loop()
        if (left := caller.rests_until - loop.time()) > 0:
            loop.call_later(left, self._rested, name)
            return
        caller.rests = False
        self.ended(name)

    def expects(self, name: bytes) -> bool:
        """Whether a request that has just arrived will be served or wait; if so, it takes its place in a moment.

        Thousands may arrive before the first of them does: they are counted until the event loop has come round.
        """
        caller = self._callers.get(name)
        places = self.at_once + self.most_waiting
        taken = self._expected[name] + (0 if caller is None else caller.served + len(caller.waiting))
        if taken >= places:
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
        effort = Effort()
        asked = refused_effort.set(effort)
        try:
            await self.app(scope, receive, send)
        finally:
            refused_effort.reset(asked)
            if effort.seconds > FELT_SECONDS:
                self.callers.rest(name, REST * effort.seconds)
            else:
                self.callers.trust(name)
            self.callers.ended(name)


def too_many(callers: Callers, *, trace_id: str | None) -> JSONResponse:
    """The refusal of a request beyond what a caller may have served and waiting."""
    message = f"more requests at once than are served: expected at most {callers.at_once}, try again later"
    return refusal(429, "TOO_MANY_REQUESTS", message, trace_id=trace_id, headers=RETRY_SOON)


def caller_of(scope: Scope) -> bytes:
    """By what a caller is told from others."""
    credentials: bytes | None = dict(scope["headers"]).get(b"authorization")
    return credentials or str((scope.get("client") or ("",))[0]).encode()
