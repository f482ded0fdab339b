"""Limits on request bodies, held before anything reads them."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slm.http.problems import refusal

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. Query documents are small, the thousand items of a migration less so; files come in by the command line."""

MOST_VALUES = 100_000
"""Of a JSON body, counted by its commas: what has more would keep the server busy with reading it."""

MOST_DISCARDED = 8 * 1024 * 1024
DISCARDING_SECONDS = 0.5
"""How much of a body that is too large is read and thrown away: who is still sending does not read an answer."""

LONGEST_UPLOAD_SECONDS = 15
"""How long a body may take to arrive."""


Arrived = TypeVar("Arrived")


@dataclass
class _Unfit(Exception):
    """A body exceeds a limit."""

    status: int
    code: str
    message: str


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
        try:
            body = await self._arrived(scope, receive)
        except _Unfit as unfit:
            trace_id = scope.get("state", {}).get("trace_id")
            answer = refusal(
                unfit.status, unfit.code, unfit.message, trace_id=trace_id, headers={"Connection": "close"}
            )
            await answer(scope, receive, send)
            return
        if body[-1]["type"] == "http.request":  # otherwise the client has left: there is nobody to answer
            await self.app(scope, replayed(body, receive), send)

    async def _arrived(self, scope: Scope, receive: Receive) -> list[Message]:
        """The messages of a body that is within the limits; otherwise _Unfit."""
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        fits = not declared.isdigit() or int(declared) <= self.largest
        try:
            body = await in_time(self._read(receive), self.longest_upload) if fits else None
        except TimeoutError:
            message = f"expected the request body within {self.longest_upload} seconds"
            raise _Unfit(408, "TOO_SLOW", message) from None
        if body is None:
            with suppress(TimeoutError):
                await _discard(receive)
            raise _Unfit(413, "TOO_LARGE", f"the request body exceeds {self.largest} bytes")
        if sum(len(message.get("body", b"")) for message in body) > MOST_VALUES:  # otherwise it cannot have so many
            body = await _in_one(body)
        return body

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


async def in_time(arriving: Coroutine[Any, Any, Arrived], seconds: float) -> Arrived:
    """What arrives; TimeoutError when it takes too long. A timer of its own: it runs for every request."""
    task, late = asyncio.current_task(), False
    assert task is not None  # noqa: S101 - requests are tasks

    def end() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, end)
    try:
        return await arriving
    except asyncio.CancelledError:
        if late and task.uncancel() == 0:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


async def _in_one(messages: list[Message]) -> list[Message]:
    """A body that came in pieces as one, to be joined but once; _Unfit if it has too many values.

    It is large, so others have their turn between two steps.
    """
    if messages[-1]["type"] != "http.request":
        return messages
    values = 0
    for message in messages:
        values += message.get("body", b"").count(b",")
        await asyncio.sleep(0)
    if values > MOST_VALUES:
        raise _Unfit(413, "TOO_LARGE", f"expected at most {MOST_VALUES} values in the request body")
    body = b"".join(message.get("body", b"") for message in messages)
    await asyncio.sleep(0)
    return [{"type": "http.request", "body": body, "more_body": False}]


async def _discard(receive: Receive) -> None:
    size = 0
    async with asyncio.timeout(DISCARDING_SECONDS):
        while size <= MOST_DISCARDED:
            message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


def replayed(messages: list[Message], receive: Receive) -> Receive:
    """Receive what was received already, and then what is still to come."""
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return replay
