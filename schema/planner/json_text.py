"""JSON text put together by SQL: literal parts merged when compiling, values concatenated by the server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Literal:
    """JSON text known when compiling; it holds names of our schema only."""

    text: str


@dataclass(frozen=True)
class Value:
    """SQL text of an expression that yields JSON text."""

    sql: str


@dataclass(frozen=True)
class Elements:
    """The elements of a JSON array, with commas between: the texts that a SELECT yields, in its order."""

    rows: str


Piece = Literal | Value | Elements


def concatenated(pieces: Iterable[Piece]) -> str:
    """SQL text of the pieces in sequence; NULL when any value is NULL."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Literal) and merged and isinstance(merged[-1], Literal):
            merged[-1] = Literal(merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return " || ".join(_sql(piece) for piece in merged)


def only_elements(pieces: Sequence[Piece]) -> tuple[str, Elements, str] | None:
    """The elements among pieces that are literal otherwise, between what comes before and after; None for others."""
    among = [number for number, piece in enumerate(pieces) if not isinstance(piece, Literal)]
    if len(among) != 1 or not isinstance(elements := pieces[among[0]], Elements):
        return None
    before, after = (
        "".join(piece.text for piece in part if isinstance(piece, Literal))
        for part in (pieces[: among[0]], pieces[among[0] + 1 :])
    )
    return before, elements, after


def _sql(piece: Piece) -> str:
    if isinstance(piece, Elements):
        return f"array_to_string(ARRAY({piece.rows}), ',')"
    if isinstance(piece, Literal):
        return "'" + piece.text.replace("'", "''") + "'"
    return piece.sql if piece.sql.startswith("(") or "||" not in piece.sql else f"({piece.sql})"
