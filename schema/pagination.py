"""Lists by pages, in the shape of the Relay cursor connections specification."""

from typing import Generic, TypeVar

import strawberry

from schema.planner.declarations import part
from schema.planner.plans import Part

T = TypeVar("T")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Paging forward, pass `endCursor` as `after`; paging backward, `startCursor` as `before`."""

    has_next_page: bool = part(
        Part.HAS_NEXT_PAGE,
        "Whether more follows. Exact when paging forward; paging backward, whether `before` was given.",
    )
    has_previous_page: bool = part(
        Part.HAS_PREVIOUS_PAGE,
        "Whether something precedes. Exact when paging backward; paging forward, whether `after` was given.",
    )
    start_cursor: str | None = part(Part.START_CURSOR, "The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = part(Part.END_CURSOR, "The cursor of the last edge; null on an empty page.")


@strawberry.type(description="An object in a list, and its position there.")
class Edge(Generic[T]):
    """One entry of a page."""

    cursor: str = part(Part.CURSOR, "The position, valid in the order that gave it.")
    node: T = part(Part.NODE, "The object.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """A page of objects with what is needed to ask for the next one."""

    edges: list[Edge[T]] = part(Part.EDGES, "The objects of the page with their cursors, in the order asked for.")
    nodes: list[T] = part(Part.NODES, "The objects of the page without cursors, in the order asked for.")
    page_info: PageInfo = part(Part.PAGE_INFO, "Where the page lies in the list.")
    total_count: int = part(
        Part.TOTAL_COUNT, "How many objects the whole list has under its filter. Counted only when selected."
    )
