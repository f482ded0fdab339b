"""JSON text put together by SQL: literal parts merged when compiling, values concatenated by the server."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Literal:
    """JSON text known when compiling; it holds names of our schema only."""

    text: str


@dataclass(frozen=True)
class Value:
    """SQL text of an expression that yields JSON text."""

    sql: str


Piece = Literal | Value


def concatenated(pieces: Iterable[Piece]) -> str:
    """SQL text of the pieces in sequence; NULL when any value is NULL."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Literal) and merged and isinstance(merged[-1], Literal):
            merged[-1] = Literal(merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return " || ".join(_sql(piece) for piece in merged)


def _sql(piece: Piece) -> str:
    if isinstance(piece, Literal):
        return "'" + piece.text.replace("'", "''") + "'"
    return piece.sql if piece.sql.startswith("(") or "||" not in piece.sql else f"({piece.sql})"
