"""Requests that came a moment ago, byte for byte the same: dashboards ask the same questions over and over."""

from collections import OrderedDict
from typing import NamedTuple

from schema.fast import Prepared
from services.organisations.rules import Actor

MOST_REQUESTS = 1_000
MOST_CHARACTERS = 8 * 1024 * 1024
"""Of bodies and statements together."""
LONGEST_BODY = 4 * 1024
"""Bytes of a body worth keeping."""


class _Kept(NamedTuple):
    prepared: Prepared
    size: int


class RecentRequests:
    """What was prepared for the bodies that callers sent last: what is to be read, and nothing that was.

    Each is kept for one actor and found for no other, so that nothing of one gets to another.
    """

    def __init__(self, *, most: int = MOST_REQUESTS, most_characters: int = MOST_CHARACTERS) -> None:
        self._most, self._most_characters = most, most_characters
        self._kept: OrderedDict[tuple[str, bytes], _Kept] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, actor: Actor, body: bytes) -> Prepared | None:
        """What was prepared for this body of this actor."""
        key = (actor.fingerprint, body)
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept.prepared

    def keep(self, actor: Actor, body: bytes, prepared: Prepared) -> None:
        """Keep it; what was used least recently makes room for it."""
        if len(body) > LONGEST_BODY:
            return
        key = (actor.fingerprint, body)
        if (before := self._kept.pop(key, None)) is not None:
            self._size -= before.size
        size = len(body) + sum(len(statement.sql) for statement in prepared.statements)
        self._kept[key] = _Kept(prepared, size)
        self._size += size
        while self._kept and (len(self._kept) > self._most or self._size > self._most_characters):
            _, forgotten = self._kept.popitem(last=False)
            self._size -= forgotten.size
