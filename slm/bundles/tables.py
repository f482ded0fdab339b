"""Which rows an organisation takes along to another installation, and the statements that read and write them.

A row travels as one JSON object made and read by PostgreSQL, so nothing is lost between its types and Python's. Three
things never travel: the organisation's own id and key, which are columns of every row and the new installation's to
give; `received_at`, which is each installation's own clock; and the ids of accounts, in whose place stand their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import dialect as postgresql

import assessment.models  # noqa: F401  adds its tables to the metadata
from services.db import TableKind
from services.models import metadata
from services.organisations.models import Account, Organisation

STAYING = frozenset({"organisation_id", "received_at"})
ACCOUNT_COLUMNS = frozenset({"recorded_by"})
"""Columns that name an account by its id."""

_DIALECT = postgresql()  # type: ignore[no-untyped-call]
quoted = _DIALECT.identifier_preparer.quote
"""A name as SQL takes it."""


@dataclass(frozen=True)
class RecordTable:
    """A table whose rows travel, with the columns that do, in one order on every installation."""

    table: Table
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table's name, which is that of its file."""
        return str(self.table.name)

    @cached_property
    def refers_to_itself(self) -> bool:
        """Whether a row may need another row of the same table to exist."""
        return any(key.referred_table is self.table for key in self.table.foreign_key_constraints)

    def reading(self, columns: Sequence[str]) -> str:
        """The rows of `:organisation` as JSON text, in a lasting order. `:names` are those of the accounts `:ids`."""
        selected = ", ".join(f"{self._read(name)} AS {quoted(name)}" for name in columns)
        own = f"FROM {quoted(self.name)} AS t WHERE t.organisation_id = CAST(:organisation AS uuid)"
        return f"SELECT row_to_json(x)::text FROM (SELECT {selected} {own} ORDER BY {self._order}) AS x"  # noqa: S608

    def writing(self, columns: Sequence[str]) -> str:
        """Insert the JSON array $2 for organisation $1 with key $5; $4 are the ids of the accounts named $3."""
        given = {name: self._written(name) for name in columns} | {"organisation_id": "$1::uuid"}
        if self.table is Organisation.__table__:
            given["key"] = "$5::text"
        if self.table is Account.__table__:
            given["id"] = "($4::uuid[])[array_position($3::text[], x.name)]"
        described = ", ".join(f"{quoted(name)} {self._json_type(name)}" for name in columns)
        into = ", ".join(map(quoted, given))
        return (
            f"INSERT INTO {quoted(self.name)} ({into}) SELECT {', '.join(given.values())}"  # noqa: S608
            f" FROM jsonb_to_recordset($2::jsonb) AS x ({described})"
            # Names every parameter once, so that each has a type whatever the table needs.
            " WHERE $3::text[] IS NOT NULL AND $4::uuid[] IS NOT NULL AND $5::text IS NOT NULL"
            " ON CONFLICT DO NOTHING"
        )

    @property
    def _order(self) -> str:
        return {"account": "t.name", "organisation": "t.organisation_id"}.get(self.name, "t.id")

    def _read(self, name: str) -> str:
        column = f"t.{quoted(name)}"
        if name in ACCOUNT_COLUMNS:
            return f"(CAST(:names AS text[]))[array_position(CAST(:ids AS uuid[]), {column})]"
        return column

    def _written(self, name: str) -> str:
        column = f"x.{quoted(name)}"
        return f"($4::uuid[])[array_position($3::text[], {column})]" if name in ACCOUNT_COLUMNS else column

    def _json_type(self, name: str) -> str:
        if name in ACCOUNT_COLUMNS:
            return "text"
        type_ = self.table.columns[name].type
        if isinstance(type_, ARRAY):
            return "text[]"
        return "jsonb" if isinstance(type_, JSONB) else type_.compile(_DIALECT).partition(" COLLATE")[0]


def record_tables() -> list[RecordTable]:
    """Every table whose rows travel, parents before their children."""
    account = metadata.tables[Account.__tablename__]
    moving = [table for table in metadata.sorted_tables if table.info["moves"]]
    return [_record_table(table) for table in (account, *moving)]


def organisation_tables() -> list[Table]:
    """Every table that holds rows of organisations, children before their parents."""
    return [table for table in reversed(metadata.sorted_tables) if "organisation_id" in table.columns]


def _record_table(table: Table) -> RecordTable:
    staying = STAYING
    if table.info["kind"] is TableKind.REFERENCE:
        staying |= {"id"}
    elif table is Organisation.__table__:
        staying |= {"key"}
    return RecordTable(table, tuple(str(column.name) for column in _columns(table) if column.name not in staying))


def _columns(table: Table) -> list[Column[object]]:
    """What the table itself works out is worked out again where it arrives."""
    return sorted((column for column in table.columns if column.computed is None), key=lambda column: column.name)
