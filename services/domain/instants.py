"""Instants as whole epoch seconds: the spelling the clock engine computes in."""

from datetime import UTC, datetime


def to_epoch(instant: datetime) -> int:
    """Whole seconds since 1970-01-01T00:00Z. Fractions are cut off, so that spans add up."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone, got {instant.isoformat()}")
    return int(instant.timestamp() // 1)


def from_epoch(seconds: int) -> datetime:
    """The aware UTC instant of whole epoch seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)
