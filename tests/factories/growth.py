"""Makes an organisation larger by copying every row it was made with, hundreds of times, one statement for each table.

Every second copy refers to what its original refers to, so that single services, targets and meetings come to have many
rows below them; the others refer to the copies with their own number, so that the organisation's lists grow while
what is below each thing does not. Instants move on with the number, two copies to the hour, so that there are ties.
"""

from collections.abc import Iterator, Set

from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, Numeric, Table, Text, UniqueConstraint, Uuid, text

from services.db import Database
from services.models import metadata
from services.organisations.rules import Actor

Columns = Set[tuple[str, str]]
"""Columns by table and name."""

SINGLE = frozenset({"organisation", "organisation_key", "due_organisation", "api_token_use"})
"""Tables of which an organisation has one row, or one for each row of another."""
BOUNDED = frozenset({"weekday", "opens", "cycle"})
"""Numbers that cannot be any, or would be strange if they were large."""
ONE_EACH = frozenset({("design_gate", "service_id"), ("design_gate_participation", "design_gate_id")})
"""References by which a row is referred to by few: a service has a handful of design gates, however old it is."""
MADE = "7"
"""The version of the ids that the program makes; copies have another, 8."""


async def grow(owner: Database, actor: Actor, *, first: int, last: int, ordered: Columns) -> None:
    """Give an organisation the copies `first` to `last` of each row it was made with, and the planner statistics.

    `ordered` are columns by which lists are sorted: where these may be NULL, every third copy is, and no other.
    """
    async with owner.writing(actor.organisation_id) as session:
        given = {"organisation": actor.organisation_id, "first": first, "last": last}
        for table in metadata.sorted_tables:
            if table.name not in SINGLE and "organisation_id" in table.columns:
                await session.execute(text(_copying(table, ordered)), given)
        for table in metadata.sorted_tables:
            await session.execute(text(f"ANALYZE {table.name}"))


def copied_id(column: str, number: str = "k") -> str:
    """SQL text of the id that a copy has instead of the one in a column."""
    return f"overlay(md5({column}::text || '-' || {number}) PLACING '8' FROM 13 FOR 1)::uuid"


def _copying(table: Table, ordered: Columns) -> str:
    columns = [column for column in table.columns if column.computed is None and column.name != "received_at"]
    names = ", ".join(column.name for column in columns)
    values = ", ".join(_value(table, column, ordered) for column in columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {values}"
        f" FROM {table.name} AS original, generate_series(CAST(:first AS int), CAST(:last AS int)) AS k"
        f" WHERE original.organisation_id = :organisation AND substr(original.id::text, 15, 1) = '{MADE}'"
    )


def _value(table: Table, column: Column[object], ordered: Columns) -> str:
    value, is_order = f"original.{column.name}", (table.name, column.name) in ordered
    match column.type:
        case Uuid():
            return _reference(table, column, value)
        case DateTime() if is_order and column.nullable:
            return "CASE WHEN k % 3 > 0 THEN timestamptz '2026-03-02 09:00Z' + k / 2 * interval '1 hour' END"
        case DateTime():
            return f"{value} + k / 2 * interval '1 hour'"
        case Date():
            return f"{value} + k / 2"
        case LargeBinary():
            return f"sha256({value} || k::text::bytea)"
        case Numeric() if is_order:
            return "k % 100 / 100.0"
        case Text() if column in _distinct(table):
            return f"{value} || '-' || k"
        case Integer() if column in _distinct(table):
            return f"{value} + 10 * k"
    return value


def _reference(table: Table, column: Column[object], value: str) -> str:
    if column.name == "id" or (table.name, column.name) in ONE_EACH:
        return copied_id(value)
    if not column.foreign_keys or column.name == "organisation_id":
        return value
    if any(column in _referring(together)[:1] for together in _unique(table) if not _changes(together)):
        return copied_id(value)
    return f"CASE WHEN k % 2 = 0 THEN {value} ELSE {copied_id(value)} END"


def _unique(table: Table) -> Iterator[list[Column[object]]]:
    """Columns that are unique together."""
    constraints = [list(made.columns) for made in table.constraints if isinstance(made, UniqueConstraint)]
    yield from [*constraints, *(list(index.columns) for index in table.indexes if index.unique)]


def _referring(together: list[Column[object]]) -> list[Column[object]]:
    return [column for column in together if column.foreign_keys and column.name != "organisation_id"]


def _distinct(table: Table) -> list[Column[object]]:
    """Texts and numbers that a constraint may want to be different in every row."""
    kinds = Text | Integer
    return [c for together in _unique(table) for c in together if isinstance(c.type, kinds) and c.name not in BOUNDED]


def _changes(together: list[Column[object]]) -> bool:
    """Whether every copy differs from the others in one of these, whatever it refers to."""
    return any(
        isinstance(column.type, DateTime | Date | Text | Integer) and column.name not in BOUNDED for column in together
    )
