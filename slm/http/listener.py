"""Accepting connections one at a time: who opens a thousand at once waits for them, and nobody else does."""

import asyncio
import socket
from collections.abc import Callable

import structlog

REST_SECONDS = 0.5
"""How long nothing is accepted after the system had no room for another connection."""

log = structlog.get_logger("slm.listener")


class PacedListener:
    """What an event loop's own server is, with the limit.

    An event loop accepts whatever waits before it turns to the connections it has. A burst is thus accepted, read and
    answered as a whole before the next request of anybody else.
    """

    def __init__(self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Accept from a socket that listens; each connection gets a protocol of its own."""
        self._listening, self._protocol = listening, protocol
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._resting: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        self._loop.add_reader(listening, self._accept)

    def close(self) -> None:
        """Accept nothing more; the socket is left to whoever made it."""
        if self._resting is not None:
            self._resting.cancel()
        self._loop.remove_reader(self._listening)

    async def wait_closed(self) -> None:
        """Return when every connection that was accepted has its protocol."""
        if self._opening:
            await asyncio.wait(self._opening)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as failure:
            log.error("no connection can be accepted", reason=failure.strerror)
            self._loop.remove_reader(self._listening)
            self._resting = self._loop.call_later(REST_SECONDS, self._go_on)
            return
        accepted.setblocking(False)
        opening = self._loop.create_task(self._open(accepted))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    def _go_on(self) -> None:
        self._resting = None
        self._loop.add_reader(self._listening, self._accept)

    async def _open(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, accepted)
        except OSError:  # it left already
            accepted.close()
