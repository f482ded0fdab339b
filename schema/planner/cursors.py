"""Cursors: the position of a row in an order, with full precision, opaque to clients."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from schema.planner.given import Given
from schema.planner.identity import base64url_sql, decode_base64url
from schema.planner.ordering import Order, rows_beyond
from schema.planner.parameters import Parameters
from schema.planner.refusal import bad_cursor
from schema.planner.tables import Table

LONGEST_CURSOR = 2_000


@dataclass(frozen=True)
class Ordering:
    """An order of a table's rows, by the name clients know it by."""

    name: str
    order: Order
    table: Table

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes compared; the id comes last."""
        return (*self.order.attributes, self.table.id_attribute)

    def columns(self, alias: str) -> list[str]:
        """SQL text of the columns compared."""
        return [self.table.column(alias, attribute) for attribute in self.attributes]

    def sort_columns(self, alias: str, fixed: frozenset[str]) -> list[str]:
        """The same without the id, where no two rows that are alike in `fixed` compare as equal anyway."""
        columns = self.columns(alias)
        return columns[:-1] if self.table.tells_apart({*self.order.attributes, *fixed}) else columns

    def cursor_sql(self, alias: str) -> str:
        """SQL text of the cursor of a row."""
        position = ", ".join((f"'{self.name}'", *self.columns(alias)))
        return base64url_sql(f"convert_to(json_build_array({position})::text, 'UTF8')")

    def position(self, cursor: Given) -> Given:
        """The values of the columns at a cursor. Refused (BAD_CURSOR) when it is none of this order."""
        position = cursor.derived(self._position)
        position.decided(_which_are_null)
        return position

    def beyond(self, position: Given, alias: str, parameters: Parameters, *, reverse: bool) -> list[str]:
        """Predicates for the rows beyond a position (see `rows_beyond`)."""
        nulls = position.decided(_which_are_null)
        values = [
            "NULL" if is_null else parameters.bind(position.item(place), self.table.cast(attribute))
            for place, (attribute, is_null) in enumerate(zip(self.attributes, nulls, strict=True))
        ]
        return rows_beyond(
            self.columns(alias),
            values,
            reverse=reverse,
            first_is_null=nulls[0],
            nullable=self.table.nullable(self.order.attributes[0]),
        )

    def _position(self, cursor: str) -> list[Any]:
        try:
            if len(cursor) > LONGEST_CURSOR:
                raise ValueError
            name, *values = orjson.loads(decode_base64url(cursor))
            if len(values) != len(self.attributes):
                raise ValueError
            position = [self._parse(attribute, value) for attribute, value in zip(self.attributes, values, strict=True)]
        except (ValueError, TypeError, OverflowError) as malformed:
            raise bad_cursor("expected a cursor that this connection gave") from malformed
        if name != self.name:
            raise bad_cursor(f"expected a cursor given in the order {self.name}")
        return position

    def _parse(self, attribute: str, value: Any) -> Any:
        if value is None:
            if not self.table.nullable(attribute):
                raise ValueError
            return None
        match self.table.cast(attribute), value:
            case "bigint", int() if type(value) is int and abs(value) < 2**63:
                return value
            case "numeric", float() | int() if type(value) is not bool:
                return Decimal(str(value))
            case "boolean", bool():
                return value
            case "date", str():
                return date.fromisoformat(value)
            case "timestamptz", str():
                instant = datetime.fromisoformat(value)
                if instant.tzinfo is None:
                    raise ValueError
                return instant.astimezone(UTC)
            case "uuid", str():
                return UUID(value)
            case "text", str() if "\0" not in value:  # no text that is stored has one
                return value
        raise ValueError


def _which_are_null(position: list[Any]) -> tuple[bool, ...]:
    return tuple(value is None for value in position)
