"""Which page of a list is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from schema.planner.given import Given, Inputs
from schema.planner.refusal import bad_page

USUAL_PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Page:
    """`size` rows beyond the cursor, or from the beginning; backward pages are counted from the end."""

    size: Given
    cursor: Given | None
    backward: bool


def page_of(arguments: Mapping[str, Given], inputs: Inputs) -> Page:
    """The page that a connection's arguments ask for; Refused (BAD_PAGE) when they contradict each other."""
    first, after = _present(arguments, "first"), _present(arguments, "after")
    last, before = _present(arguments, "last"), _present(arguments, "before")
    if first is not None and last is not None:
        raise bad_page("expected `first` or `last`, got both")
    backward = last is not None
    if (after if backward else before) is not None:
        raise bad_page("expected `after` with `first` only, and `before` with `last` only")
    asked = last if backward else first
    size = inputs.constant(USUAL_PAGE) if asked is None else asked.derived(_last if backward else _first)
    size.decided(_is_within_bounds)  # by every plan, also by one that reads no rows and so has no use for the size
    return Page(size, before if backward else after, backward)


def _present(arguments: Mapping[str, Given], name: str) -> Given | None:
    given = arguments.get(name)
    return None if given is None or given.absent else given


def _first(size: int) -> int:
    return _bounded("first", size)


def _last(size: int) -> int:
    return _bounded("last", size)


def _is_within_bounds(_size: int) -> bool:
    return True  # or it would have been refused


def _bounded(name: str, size: int) -> int:
    if not 0 <= size <= LARGEST_PAGE:
        raise bad_page(f"expected `{name}` between 0 and {LARGEST_PAGE}, got {size}")
    return size
