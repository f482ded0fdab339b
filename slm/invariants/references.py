"""Invariants over every table there is: references lead somewhere, and nothing was received in the future.

The server enforces its foreign keys, except where somebody loaded data with them switched off, and knows none to the
accounts that recorded a fact.
"""
# ruff: noqa: S608 - put together from names of our own tables

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, Table

from services.models import metadata
from slm.invariants.invariant import Invariant, by_statement

ACCOUNT_COLUMNS = frozenset({"recorded_by", "account_id"})
MOST_AHEAD = "1 minute"
"""How far the clocks of two machines may differ."""


def _tables() -> list[Table]:
    return sorted((table for table in metadata.tables.values() if "organisation_id" in table.c), key=lambda t: t.name)


def _label(table: Table) -> str:
    """What names a row: its id, or what it is about where it has none. Never a secret: keys of tokens are hashes."""
    column = "id" if "id" in table.c else "organisation_id"
    return f"format('{table.name} %s', t.{column})"


def _dangling() -> Iterator[str]:
    for table in _tables():
        for constraint in sorted(table.foreign_key_constraints, key=lambda found: str(found.name)):
            yield _unmatched(table, constraint)
        for column in ACCOUNT_COLUMNS & set(table.c.keys()):
            yield (
                f"SELECT {_label(table)} || ': {column}' FROM {table.name} t"
                f" WHERE t.organisation_id = $1::uuid AND t.{column} IS NOT NULL"
                " AND NOT EXISTS (SELECT FROM account p"
                f" WHERE p.organisation_id = $1::uuid AND p.id = t.{column})"
            )


def _unmatched(table: Table, constraint: ForeignKeyConstraint) -> str:
    pairs = [(element.parent.name, element.column.name) for element in constraint.elements]
    parent = constraint.referred_table.name
    given = " AND ".join(f"t.{own} IS NOT NULL" for own, _ in pairs)
    # The organisation literally at both levels, as everywhere.
    matches = " AND ".join(
        f"p.{theirs} = $1::uuid" if own == "organisation_id" else f"p.{theirs} = t.{own}" for own, theirs in pairs
    )
    named = ", ".join(own for own, _ in pairs if own != "organisation_id")
    return (
        f"SELECT {_label(table)} || ': {named}' FROM {table.name} t WHERE t.organisation_id = $1::uuid AND {given}"
        f" AND NOT EXISTS (SELECT FROM {parent} p WHERE {matches})"
    )


def _ahead() -> Iterator[str]:
    for table in _tables():
        if "received_at" in table.c:
            yield (
                f"SELECT {_label(table)} FROM {table.name} t WHERE t.organisation_id = $1::uuid"
                f" AND t.received_at > $2::timestamptz + interval '{MOST_AHEAD}'"
            )


REFERENCES = (
    Invariant(
        "references-lead-somewhere",
        "Whatever a row refers to is there, in the same organisation: objects, and the account that recorded it.",
        "Data was loaded with foreign keys switched off, or a restore is incomplete: restore it again, whole.",
        by_statement(" UNION ALL ".join(_dangling())),
    ),
    Invariant(
        "nothing-from-the-future",
        "Nothing was received later than now.",
        "A clock of the database's machine was wrong: set it right. What it stamped stays and shows.",
        by_statement(" UNION ALL ".join(_ahead())),
    ),
)
