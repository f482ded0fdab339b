"""Orders of a list, and the rows that follow a cursor in them (keyset paging).

NULL sorts as the greatest value, as PostgreSQL's indexes do by default.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry


@dataclass(frozen=True)
class Order:
    """Columns by which rows are sorted, all in one direction; the id breaks ties.

    Only one column may be nullable, and then it must be the only one.
    """

    attributes: tuple[str, ...]
    descending: bool = False


def ascending(*attributes: str, description: str) -> Any:
    """A value of an order enumeration: smallest or earliest first."""
    return strawberry.enum_value(Order(attributes), description=description)


def descending(*attributes: str, description: str) -> Any:
    """A value of an order enumeration: greatest or latest first."""
    return strawberry.enum_value(Order(attributes, descending=True), description=description)


def order_clause(columns: Sequence[str], *, reverse: bool) -> str:
    """The ORDER BY list of columns that end with the id."""
    return ", ".join(f"{column} DESC" if reverse else column for column in columns)


def rows_beyond(
    columns: Sequence[str], values: Sequence[str], *, reverse: bool, first_is_null: bool, nullable: bool
) -> list[str]:
    """Predicates for the rows beyond a position, each served by one range of the index, in the order to read them.

    `columns` end with the id, `values` are the placeholders of the position; `reverse` reads from greatest to smallest.
    """
    beyond = "<" if reverse else ">"
    if not nullable:
        return [f"({', '.join(columns)}) {beyond} ({', '.join(values)})"]
    column, id_column = columns
    if first_is_null:
        ties = f"{column} IS NULL AND {id_column} {beyond} {values[1]}"
        return [ties, f"{column} IS NOT NULL"] if reverse else [ties]
    following = f"({column}, {id_column}) {beyond} ({values[0]}, {values[1]})"
    return [following] if reverse else [following, f"{column} IS NULL"]
