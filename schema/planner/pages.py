"""Which page of a list is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schema.planner.refusal import bad_page

USUAL_PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Page:
    """`size` rows beyond the cursor, or from the beginning; backward pages are counted from the end."""

    size: int
    cursor: str | None
    backward: bool


def page_of(arguments: Mapping[str, Any]) -> Page:
    """The page that a connection's arguments ask for; Refused (BAD_PAGE) when they contradict each other."""
    first, after = arguments.get("first"), arguments.get("after")
    last, before = arguments.get("last"), arguments.get("before")
    if first is not None and last is not None:
        raise bad_page("expected `first` or `last`, got both")
    backward = last is not None
    if (after if backward else before) is not None:
        raise bad_page("expected `after` with `first` only, and `before` with `last` only")
    name, asked = ("last", last) if backward else ("first", first)
    size = USUAL_PAGE if asked is None else int(asked)
    if not 0 <= size <= LARGEST_PAGE:
        raise bad_page(f"expected `{name}` between 0 and {LARGEST_PAGE}, got {size}")
    return Page(size, before if backward else after, backward)
