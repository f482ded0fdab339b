"""What counts as a breach."""

from enum import StrEnum


class BreachKind(StrEnum):
    """What was promised and not kept."""

    CLOCK = "clock"
    """One ticket ran past its target."""
    PERIOD = "period"
    """A target missed its objective over a finished period."""
