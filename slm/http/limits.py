"""A limit on request bodies, held before anything reads them."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slm.http.problems import refusal

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. Query documents are small, the thousand items of a migration less so; files come in by the command line."""


class BodyLimit:
    """ASGI middleware: answers 413 to a body above the limit, whether its length is declared or not."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        body = await self._read(receive) if not declared.isdigit() or int(declared) <= self.largest else None
        if body is None:
            answer = refusal(
                413,
                "TOO_LARGE",
                f"the request body exceeds {self.largest} bytes",
                trace_id=scope.get("state", {}).get("trace_id"),
                headers={"Connection": "close"},
            )
            await answer(scope, receive, send)
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


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return replay
