"""How the reference organisations Good, Bad and Silent are run: one table, its rows are the whole difference."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Approvals(StrEnum):
    """When an organisation has its service level requirements approved."""

    BEFORE_GO_LIVE = "before_go_live"
    BACK_DATED_OR_NEVER = "back_dated_or_never"
    """Of every second service written down long after go-live, with an instant before it; of the others never."""


@dataclass(frozen=True)
class Habits:
    """One organisation: how large it is, and what it does about requirements, meetings, reports and breaches."""

    key: str
    name: str
    services: int
    late_share: float
    """The share of tickets that miss their target beyond the one of each month that always does."""
    approvals: Approvals
    follows_through: bool
    """Meetings decide and act, daily views are acted on, breaches lead to lasting change, contracts are negotiated and
    owned, promises have their price; else all that is for show."""
    designs_together: bool
    """Service level management sits in at every design gate, and what is required is watched, shown and contracted;
    else it is absent, dashboards show what is easy to measure, and contracts grant what suppliers offered."""
    flattered_by: Decimal
    """Percentage points added to every attainment before it is reported."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing but the catalogue is on record."""
        return self.services == 1


GOOD = Habits("reference-good", "Good (generated)", 30, 0.0, Approvals.BEFORE_GO_LIVE, True, True, Decimal(0))
BAD = Habits("reference-bad", "Bad (generated)", 30, 0.5, Approvals.BACK_DATED_OR_NEVER, False, False, Decimal(4))
SILENT = Habits(
    "reference-silent", "Silent (generated)", 1, 0.0, Approvals.BACK_DATED_OR_NEVER, False, False, Decimal(0)
)
