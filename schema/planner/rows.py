"""What selections are read from: rows of tables and elements of JSON arrays, by their alias in a statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schema.planner.tables import Table


class Row(Protocol):
    """Something selections are read from, by the alias it has in the statement."""

    @property
    def alias(self) -> str:
        """The alias in the statement."""

    def value(self, attribute: str) -> str:
        """SQL text of an attribute, as another row refers to it."""

    def nullable(self, attribute: str) -> bool:
        """Whether the attribute may be NULL."""


@dataclass(frozen=True)
class TableRow:
    """A row of a table."""

    alias: str
    table: Table
    fence: tuple[str, ...]
    """What holds of every row the caller may see."""

    def value(self, attribute: str) -> str:
        """SQL text of the column; the empty attribute is the id."""
        return self.table.column(self.alias, attribute)

    def nullable(self, attribute: str) -> bool:
        """As the mapper says."""
        return self.table.nullable(attribute)


@dataclass(frozen=True)
class EmbeddedRow:
    """An element of a JSON array; what it refers to by a key is an id."""

    alias: str

    def value(self, attribute: str) -> str:
        """SQL text of the id under a key."""
        return f"({self.alias}.value ->> '{attribute}')::uuid"

    def nullable(self, attribute: str) -> bool:  # noqa: ARG002 - any key may be absent
        """Any key may be absent."""
        return True


def where(row: TableRow, predicates: Sequence[str]) -> str:
    """SQL text of a level's condition, which always begins with the fence."""
    return " AND ".join([*row.fence, *predicates])
