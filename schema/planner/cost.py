"""What an operation may cost: the objects it can return at most, every page taken as full.

The number depends on page sizes that come with each request, so a plan keeps it as a sum of products and works it out
anew for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schema.planner.given import Given, Request

USUAL_LIST = 10
"""Length at which a list without pages is counted."""


@dataclass(frozen=True, slots=True)
class Times:
    """How many objects lists within lists can hold: a factor times the sizes of pages."""

    factor: int = 1
    sizes: tuple[Given, ...] = ()

    def pages(self, size: Given) -> "Times":
        """Within a page of a list."""
        return Times(self.factor, (*self.sizes, size)) if size.varies else Times(self.factor * size.now, self.sizes)

    def lists(self, length: int = USUAL_LIST) -> "Times":
        """Within a list without pages."""
        return Times(self.factor * length, self.sizes)

    def now(self) -> int:
        """The number for the request compiled for."""
        number = self.factor
        for size in self.sizes:
            number *= size.now
        return number

    def of(self, request: Request) -> int:
        """The number for another request."""
        number = self.factor
        for size in self.sizes:
            number *= size.find(request)
        return number


ONCE = Times()


class Cost:
    """The sum of such numbers."""

    __slots__ = ("_constant", "_varying")

    def __init__(self, terms: Sequence[Times]) -> None:
        self._constant = sum(term.factor for term in terms if not term.sizes)
        self._varying = tuple(term for term in terms if term.sizes)

    def of(self, request: Request) -> int:
        """The objects this request may be given at most."""
        return self._constant + sum(term.of(request) for term in self._varying)
