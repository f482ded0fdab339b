"""First requests of many connections at once: taken a few at a time, so that nobody else waits for them all."""

import asyncio
from collections import deque
from collections.abc import Callable

AT_ONCE = 2
"""Connections whose first bytes are looked at before the event loop turns to everybody else again."""


class Crowd:
    """Puts off what comes when as many as may have been taken in this turn of the event loop."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._taken = 0
        self._waiting: deque[Callable[[], None]] = deque()

    def take(self, act: Callable[[], None]) -> bool:
        """Whether something may be done at once; if not, `act` is called in its turn."""
        if self._taken < self._at_once and not self._waiting:
            if not self._taken:
                asyncio.get_running_loop().call_soon(self._next_turn)
            self._taken += 1
            return True
        self._waiting.append(act)
        return False

    def _next_turn(self) -> None:
        self._taken = min(self._at_once, len(self._waiting))
        if self._taken:
            asyncio.get_running_loop().call_soon(self._next_turn)
        for _ in range(self._taken):
            self._waiting.popleft()()
