"""What the compiler needs to know of a mapped table, read from SQLAlchemy's mapper."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric, Uuid
from sqlalchemy import inspect as mapper_of
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapper
from sqlalchemy.schema import Column, PrimaryKeyConstraint, UniqueConstraint
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
    casts: dict[str, str]
    """By attribute, the SQL type to which a parameter compared with its column is cast."""
    id_attribute: str
    unique: tuple[frozenset[str], ...]
    """Sets of attributes in which no two rows of an organisation are alike."""

    def column(self, alias: str, attribute: str) -> str:
        """SQL text of a column of the row `alias`; the empty attribute is the id."""
        return f"{alias}.{_QUOTE(self._column(attribute).name)}"

    def nullable(self, attribute: str) -> bool:
        """Whether the column may be NULL."""
        return bool(self._column(attribute).nullable)

    def cast(self, attribute: str) -> str:
        """The SQL type to which a parameter compared with the column is cast."""
        return self.casts[attribute or self.id_attribute]

    def tells_apart(self, attributes: set[str]) -> bool:
        """Whether no two rows of an organisation are alike in all of these attributes."""
        return any(key <= attributes for key in self.unique)

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
        casts={attribute: _cast(column.type) for attribute, column in columns.items()},
        id_attribute="id" if "id" in columns else "organisation_id",
        unique=_unique_keys(cast(SqlTable, mapper.local_table), columns),
    )


def _cast(type_: TypeEngine[Any]) -> str:
    return next((name for kind, name in _CASTS if isinstance(type_, kind)), "text")


def _unique_keys(table: SqlTable, columns: dict[str, Column[Any]]) -> tuple[frozenset[str], ...]:
    """A key with a column that may be NULL tells nothing apart, and an index of some rows only is none."""
    keys = [key.columns for key in table.constraints if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)]
    whole = (index for index in table.indexes if index.dialect_kwargs.get("postgresql_where") is None)
    indexes = [index.columns for index in whole if index.unique]
    attributes = {column.name: attribute for attribute, column in columns.items()}
    return tuple(
        frozenset(attributes[column.name] for column in key if column.name != "organisation_id")
        for key in (*keys, *indexes)
        if all(column.name in attributes and not column.nullable for column in key)
    )
