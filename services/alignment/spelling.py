"""How figures of a judgement are told to people; nothing is compared by them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.domain.instants import from_epoch

MOST_WITNESSED = 500
"""Rows of a witness that are kept; what is left out is said, and then it cannot be replayed."""


def percent(share: Fraction) -> Decimal:
    """A share in percent for people, never to compare by."""
    return (Decimal(share.numerator) * 100 / Decimal(share.denominator)).quantize(Decimal("0.000001"))


def seconds(span: Fraction) -> str:
    """A span of time for people."""
    return str((Decimal(span.numerator) / Decimal(span.denominator)).quantize(Decimal("0.001")))


def stamp(instant: int) -> str:
    """An instant as JSON spells it."""
    return from_epoch(instant).isoformat().replace("+00:00", "Z")


def shortened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many rows, the last one saying how many were left out."""
    if len(rows) <= MOST_WITNESSED:
        return rows
    left = {**dict.fromkeys(rows[0]), "component_key": "", "note": f"and {len(rows) - MOST_WITNESSED} more"}
    return [*rows[:MOST_WITNESSED], left]
