"""Limits on request bodies, held before anything reads them."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slm.http.problems import refusal

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. Query documents are small, the thousand items of a migration less so; files come in by the command line."""

MOST_VALUES = 250_000
"""Of a JSON body, counted by its commas: what has more would keep the server busy with reading it."""

MOST_DISCARDED = 8 * 1024 * 1024
DISCARDING_SECONDS = 0.5
"""How much of a body that is too large is read and thrown away: who is still sending does not read an answer."""

LONGEST_UPLOAD_SECONDS = 15
"""How long a body may take to arrive."""


class BodyLimit:
    """ASGI middleware: answers 413 to a body above the limit, its length declared or not, and 408 to one too slow."""

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST_BODY, longest_upload: float = LONGEST_UPLOAD_SECONDS
    ) -> None:
        self.app = app
        self.largest, self.longest_upload = largest, longest_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        trace_id, closing = scope.get("state", {}).get("trace_id"), {"Connection": "close"}
        try:
            async with asyncio.timeout(self.longest_upload):
                fits = not declared.isdigit() or int(declared) <= self.largest
                body = await self._read(receive) if fits else None
        except TimeoutError:
            message = f"expected the request body within {self.longest_upload} seconds"
            await refusal(408, "TOO_SLOW", message, trace_id=trace_id, headers=closing)(scope, receive, send)
            return
        if body is None:
            with suppress(TimeoutError):
                await _discard(receive)
            message = f"the request body exceeds {self.largest} bytes"
            await refusal(413, "TOO_LARGE", message, trace_id=trace_id, headers=closing)(scope, receive, send)
            return
        if sum(message.get("body", b"").count(b",") for message in body) > MOST_VALUES:
            message = f"expected at most {MOST_VALUES} values in the request body"
            await refusal(413, "TOO_LARGE", message, trace_id=trace_id)(scope, receive, send)
            return
        await self.app(scope, _replayed(body, receive), send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """The messages of the body; None as soon as it grows beyond the limit."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self.largest:
                return None
            if not message.get("more_body", False):
                return messages


async def _discard(receive: Receive) -> None:
    size = 0
    async with asyncio.timeout(DISCARDING_SECONDS):
        while size <= MOST_DISCARDED:
            message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return replay
