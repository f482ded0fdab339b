"""The SQL of one page of a list: its rows in order, and what is said about them."""
# ruff: noqa: S608 - put together from names of our schema; values are bound

from dataclasses import dataclass

from schema.planner.cursors import Ordering
from schema.planner.given import Given
from schema.planner.ordering import order_clause
from schema.planner.pages import Page
from schema.planner.parameters import Parameters
from schema.planner.rows import TableRow, where

POSITION = "row_position"


@dataclass(frozen=True)
class PageSql:
    """A page being compiled.

    It begins beyond `position`, if any. `conditions` hold for the whole list, and all its rows are alike in the
    attributes `fixed`; `size` is the placeholder of the page's size. Where it is asked whether the list goes on, rows
    are numbered from the cursor on and one more than the page holds is read.
    """

    page: Page
    position: Given | None
    ordering: Ordering
    row: TableRow
    conditions: list[str]
    fixed: frozenset[str]
    size: str
    asks_for_more: bool

    def rows(self, parameters: Parameters) -> str:
        """FROM item: the page's rows, and perhaps one more."""
        row, reverse = self.row, self.ordering.order.descending != self.page.backward
        order = order_clause(self._sorted_by, reverse=reverse)
        limited = f"ORDER BY {order} LIMIT {self.size}" + (" + 1" if self.asks_for_more else "")
        ranges = [
            f"SELECT {row.alias}.* FROM {row.table.name} AS {row.alias}"
            f" WHERE {where(row, [*self.conditions, *beyond])} {limited}"
            for beyond in self._ranges(parameters, reverse=reverse)
        ]
        rows = ranges[0]
        if len(ranges) > 1:
            together = " UNION ALL ".join(f"({each})" for each in ranges)
            rows = f"SELECT {row.alias}.* FROM ({together}) AS {row.alias} {limited}"
        if not self.asks_for_more:
            return f"({rows}) AS {row.alias}"
        numbered = f"SELECT {row.alias}.*, row_number() OVER (ORDER BY {order}) AS {POSITION}"
        return f"({numbered} FROM ({rows}) AS {row.alias}) AS {row.alias}"

    def listed(self, json: str) -> str:
        """SQL text of the array of the page's rows."""
        return f"'[' || coalesce(string_agg({json}, ',' ORDER BY {self._sequence()}){self._within}, '') || ']'"

    @property
    def cursor(self) -> str:
        """SQL text of a row's cursor."""
        return self.ordering.cursor_sql(self.row.alias)

    def outer_cursor(self, *, earliest: bool) -> str:
        """SQL text of the first or last row's cursor as JSON, null on an empty page."""
        found = f"(array_agg({self.cursor} ORDER BY {self._sequence(reverse=not earliest)}){self._within})[1]"
        return f"coalesce('\"' || {found} || '\"', 'null')"

    @property
    def more(self) -> str:
        """SQL text of whether rows lie beyond the page."""
        return f"(count(*) > {self.size})::text"

    @property
    def total(self) -> str:
        """SQL text of the length of the whole list."""
        row = self.row
        return f"(SELECT count(*)::text FROM {row.table.name} AS {row.alias} WHERE {where(row, self.conditions)})"

    def _ranges(self, parameters: Parameters, *, reverse: bool) -> list[list[str]]:
        if self.position is None:
            return [[]]
        beyond = self.ordering.beyond(self.position, self.row.alias, parameters, reverse=reverse)
        return [[predicate] for predicate in beyond]

    @property
    def _sorted_by(self) -> list[str]:
        return self.ordering.sort_columns(self.row.alias, self.fixed)

    def _sequence(self, *, reverse: bool = False) -> str:
        """In which order the page shows its rows, or the opposite."""
        if self.asks_for_more:
            return f"{self.row.alias}.{POSITION}" + (" DESC" if self.page.backward != reverse else "")
        return order_clause(self._sorted_by, reverse=self.ordering.order.descending != reverse)

    @property
    def _within(self) -> str:
        return f" FILTER (WHERE {self.row.alias}.{POSITION} <= {self.size})" if self.asks_for_more else ""
