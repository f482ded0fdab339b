"""The SQL of one page of a list: its rows in order, and what is said about them."""
# ruff: noqa: S608 - put together from names of our schema; values are bound

from dataclasses import dataclass

from schema.planner.cursors import Ordering
from schema.planner.given import Given
from schema.planner.json_text import Elements, Literal, Piece, Value
from schema.planner.ordering import order_clause
from schema.planner.pages import Page
from schema.planner.parameters import Parameters
from schema.planner.rows import TableRow, where

POSITION = "row_position"
CURSOR = "row_cursor"


def array_of(rows: str) -> list[Piece]:
    """A JSON array of the texts that a SELECT yields, in its order."""
    return [Literal("["), Elements(rows), Literal("]")]


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
    asks_for_cursors: bool

    def rows(self, parameters: Parameters) -> str:
        """FROM item: the page's rows, and perhaps one more."""
        alias = self.row.alias
        rows = self._limited(
            f"{alias}.*" + (f", {self._made_cursor} AS {CURSOR}" if self.asks_for_cursors else ""), parameters
        )
        if not self.asks_for_more:
            return f"({rows}) AS {alias}"
        numbered = f"SELECT {alias}.*, row_number() OVER (ORDER BY {self._order_read}) AS {POSITION}"
        return f"({numbered} FROM ({rows}) AS {alias}) AS {alias}"

    def listed(self, json: str) -> list[Piece]:
        """The array of the page's rows, aggregated from `rows`."""
        aggregated = f"string_agg({json}, ',' ORDER BY {self._sequence()}){self._within}"
        return [Literal("["), Value(f"coalesce({aggregated}, '')"), Literal("]")]

    def listed_alone(self, json: str, parameters: Parameters) -> list[Piece]:
        """The same array where nothing else is said about the rows: read in order, without an aggregate."""
        rows = self._limited(json, parameters)
        if not self.page.size.varies and self.page.size.now == 1:  # the latest of something: no array to be made
            return [Literal("["), Value(f"coalesce(({rows}), '')"), Literal("]")]
        return array_of(rows)

    @property
    def cursor(self) -> str:
        """SQL text of the cursor of a row among `rows`."""
        return f"{self.row.alias}.{CURSOR}"

    def _limited(self, selected: str, parameters: Parameters) -> str:
        """SELECT of something of each row of the page, in the order in which they are read."""
        row, limited = (
            self.row,
            f"ORDER BY {self._order_read} LIMIT {self.size}" + (" + 1" if self.asks_for_more else ""),
        )
        ranges = self._ranges(parameters)
        source = f"{row.table.name} AS {row.alias} WHERE {where(row, [*self.conditions, *ranges[0]])}"
        if len(ranges) > 1:
            together = " UNION ALL ".join(
                f"(SELECT {row.alias}.* FROM {row.table.name} AS {row.alias}"
                f" WHERE {where(row, [*self.conditions, *beyond])} {limited})"
                for beyond in ranges
            )
            source = f"({together}) AS {row.alias}"
        return f"SELECT {selected} FROM {source} {limited}"

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

    def _ranges(self, parameters: Parameters) -> list[list[str]]:
        if self.position is None:
            return [[]]
        beyond = self.ordering.beyond(self.position, self.row.alias, parameters, reverse=self._is_read_in_reverse)
        return [[predicate] for predicate in beyond]

    @property
    def _is_read_in_reverse(self) -> bool:
        return bool(self.ordering.order.descending != self.page.backward)

    @property
    def _order_read(self) -> str:
        return order_clause(self._sorted_by, reverse=self._is_read_in_reverse)

    @property
    def _made_cursor(self) -> str:
        return self.ordering.cursor_sql(self.row.alias)

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
