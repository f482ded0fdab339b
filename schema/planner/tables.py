"""What the compiler needs to know of a mapped table, read from SQLAlchemy's mapper."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric, Uuid
from sqlalchemy import inspect as mapper_of
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapper
from sqlalchemy.schema import Column
from sqlalchemy.schema import Table as SqlTable
from sqlalchemy.types import TypeEngine

_QUOTE = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]
_CASTS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Uuid, "uuid"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (BigInteger, "bigint"),
    (Integer, "bigint"),
    (Boolean, "boolean"),
    (Numeric, "numeric"),
)


@dataclass(frozen=True)
class Table:
    """A table whose rows belong to organisations: `organisation_id` leads, `id_attribute` identifies within one."""

    name: str
    columns: dict[str, Column[Any]]
    id_attribute: str

    def column(self, alias: str, attribute: str) -> str:
        """SQL text of a column of the row `alias`; the empty attribute is the id."""
        return f"{alias}.{_QUOTE(self._column(attribute).name)}"

    def nullable(self, attribute: str) -> bool:
        """Whether the column may be NULL."""
        return bool(self._column(attribute).nullable)

    def cast(self, attribute: str) -> str:
        """The SQL type to which a parameter compared with the column is cast."""
        type_ = self._column(attribute).type
        return next((name for kind, name in _CASTS if isinstance(type_, kind)), "text")

    def _column(self, attribute: str) -> Column[Any]:
        return self.columns[attribute or self.id_attribute]


@cache
def table_of(model: object) -> Table:
    """The table of a mapped class."""
    mapper: Mapper[Any] = mapper_of(model)
    columns = {attribute.key: cast(Column[Any], attribute.columns[0]) for attribute in mapper.column_attrs}
    return Table(
        name=_QUOTE(cast(SqlTable, mapper.local_table).name),
        columns=columns,
        id_attribute="id" if "id" in columns else "organisation_id",
    )
