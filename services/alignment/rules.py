"""What can be said of a promise and of the chain that is to keep it (methods E.1)."""

from enum import StrEnum


class ChainVerdict(StrEnum):
    """Whether a promise is kept whenever everybody below keeps theirs."""

    BACKED = "backed"
    NOT_BACKED = "not_backed"
    IMPOSSIBLE_AT_FLOOR = "impossible_at_floor"
    UNKNOWN = "unknown"


class Axis(StrEnum):
    """What is compared: how well, at which times, for how long, and by which definition."""

    VALUE = "value"
    COVERAGE = "coverage"
    TERM = "term"
    SCOPE = "scope"


class AxisState(StrEnum):
    """What came of one comparison."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class GapEntryKind(StrEnum):
    """What somebody did about a gap."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    """The acceptance before it no longer stands."""


LEVELS = {
    ChainVerdict.BACKED: 0,
    ChainVerdict.UNKNOWN: 1,
    ChainVerdict.NOT_BACKED: 2,
    ChainVerdict.IMPOSSIBLE_AT_FLOOR: 3,
}
"""The larger, the worse."""
