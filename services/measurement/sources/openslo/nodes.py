"""YAML documents as trees that lose nothing but comments and layout: every scalar is kept as it was written.

YAML's own notions (that `no` is false, that `0.9990` is a number) are not applied: a scalar is its text, and whether it
stood there plain, which is what decides for other readers whether `no` is a word. Each part knows its place.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from services.domain.text_files import NO_VALUE


class Place(NamedTuple):
    """Where in its file something begins; both count from 1."""

    line: int
    column: int


NOWHERE = Place(1, 1)


@dataclass(frozen=True)
class Scalar:
    """A text. `is_plain`: without quotes and on one line. `style` is how it looked, which says nothing more."""

    text: str
    is_plain: bool = False
    style: str | None = field(default=None, compare=False)
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def is_null(self) -> bool:
        """Whether it says that there is no value."""
        return self.is_plain and self.text in NO_VALUE


@dataclass(frozen=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Mapping:
    """Values by keys, in the order in which they are written."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    place: Place = field(default=NOWHERE, compare=False)

    def get(self, *keys: str) -> "Node | None":
        """The value under these keys, one below the other; None where there is none or it is null."""
        found: Node | None = self
        for key in keys:
            if not isinstance(found, Mapping):
                return None
            found = next((value for name, value in found.entries if name.text == key), None)
        return None if isinstance(found, Scalar) and found.is_null else found

    def text(self, *keys: str) -> str:
        """The text under these keys; empty where there is none."""
        found = self.get(*keys)
        return found.text if isinstance(found, Scalar) else ""

    def items(self, *keys: str) -> tuple["Node", ...]:
        """The entries of the list under these keys; none where there is none."""
        found = self.get(*keys)
        return found.items if isinstance(found, Sequence) else ()


Node = Scalar | Sequence | Mapping


class Finding(NamedTuple):
    """Something wrong, or to be warned of: where, in which field, what it is or what was expected, and what was there.

    `field` is a path such as `spec.objectives[0].target`, empty where the whole document is meant.
    """

    line: int
    column: int
    field: str
    reason: str
    value: str = ""
