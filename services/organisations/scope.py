"""Which rows concern a party: the vocabulary of the contexts' scope expressions, and those of this context.

A scope expression is SQL text, true of the rows of a table that accounts of a party see. In it `$1::uuid` is the
organisation and `$2::uuid` the party; both are bound. What is not said to be visible is not.
"""

from collections.abc import Callable

from services.organisations.rules import PartyKind

PARTY = "$2::uuid"
"""The party: the second parameter of every statement for an account of a party."""

RowScope = Callable[[str, PartyKind], str]
"""From the alias of a row and the kind of the party to the SQL text of whether the party sees the row."""

_SIDES: dict[PartyKind, tuple[str, ...]] = {
    PartyKind.CUSTOMER: ("customer_id",),
    PartyKind.INTERNAL_TEAM: ("customer_id", "provider_id"),
    PartyKind.SUPPLIER: ("provider_id",),
}
"""Where a party of each kind stands in an agreement or a ticket."""


def is_side(row: str, kind: PartyKind) -> str:
    """Whether the party is a side of an agreement or a ticket: a team may stand on either, the others on their own."""
    return "(" + " OR ".join(f"{row}.{column} = {PARTY}" for column in _SIDES[kind]) + ")"


def is_side_of_one(row: str, kind: PartyKind) -> str:
    """The same of a row that is found by its id, written so that no index of sides serves it.

    Where many rows are asked about, PostgreSQL might otherwise look through all of the party's agreements for each.
    """
    return "(" + " OR ".join(f"{row}.{column} IS NOT DISTINCT FROM {PARTY}" for column in _SIDES[kind]) + ")"


def exists(table: str, alias: str, key: str, scope: RowScope, kind: PartyKind) -> str:
    """Whether the row of a table whose id is `key` (SQL text) is visible."""
    return (
        f"EXISTS (SELECT FROM {table} AS {alias}"
        f" WHERE {alias}.organisation_id = $1::uuid AND {alias}.id = {key} AND {scope(alias, kind)})"
    )


def everything(_row: str, _kind: PartyKind) -> str:
    """Every row of the organisation."""
    return "TRUE"


def belongs_to_party(row: str, _kind: PartyKind) -> str:
    """The accounts and people of the party itself."""
    return f"{row}.party_id = {PARTY}"


def token_in_scope(token: str, kind: PartyKind) -> str:
    """The tokens of the party's accounts."""
    return exists("account", "scoped_account", f"{token}.account_id", belongs_to_party, kind)
