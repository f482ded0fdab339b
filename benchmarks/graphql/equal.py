"""Whether two servers said the same: values that each spells its own way are read before they are compared."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


def normalised(answer: Any) -> Any:
    """The answer with ids as UUIDs, exact numbers, instants and enumerations read, and cursors only present or not."""
    if isinstance(answer, dict):
        return {name: _read(name, value) for name, value in answer.items()}
    return [normalised(item) for item in answer] if isinstance(answer, list) else answer


def first_difference(one: Any, other: Any, path: str = "") -> str | None:
    """Where two normalised answers differ first, and in what; None when they are equal."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        below = (first_difference(one[name], other[name], f"{path}.{name}") for name in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        below = (first_difference(mine, yours, f"{path}[{index}]") for index, (mine, yours) in pairs)
    else:
        return None if one == other else f"{path}: {_shown(one)} and {_shown(other)}"
    return next((difference for difference in below if difference), None)


def _read(name: str, value: Any) -> Any:
    return normalised(value) if value is None or name not in SPELLINGS else SPELLINGS[name](value)


def _id(text: str) -> UUID:
    """A UUID, or the one at the end of an opaque id: ours ends in its digits, PostGraphile's is a JSON array."""
    if len(text) == 36:
        return UUID(text)
    is_array = text.startswith("Wy")  # what base64 makes of a bracket
    return UUID(json.loads(b64decode(text))[-1]) if is_array else UUID(text[-32:])


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _left_open(_value: bool) -> None:
    """What Relay lets a server answer as it likes: whether something precedes a page that was asked for forward."""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "..."


SPELLINGS: dict[str, Callable[[Any], Any]] = {
    "id": _id,
    **dict.fromkeys(("cursor", "startCursor", "endCursor"), bool),
    "hasPreviousPage": _left_open,
    **dict.fromkeys(("periodStart", "breachedAt"), _instant),
    "attainmentPercent": Decimal,
    **dict.fromkeys(("met", "missed", "cycle", "totalCount"), int),
    **dict.fromkeys(("criticality", "kind", "outcome"), str.upper),
}
