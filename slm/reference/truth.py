"""What was planted in a generated organisation: the answers its detectors are marked against."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Plant(StrEnum):
    """Kinds of planted facts."""

    CLOSING_STALL = "closing_stall"
    """Nothing is closed for a while although tickets go on being resolved."""
    PAUSED_BEFORE_DUE = "paused_before_due"
    """A team sets tickets to waiting shortly before they fall due, without anything to wait for."""
    RESOLVED_TOO_EARLY = "resolved_too_early"
    """A team calls tickets resolved that are not, and they come back."""
    LAUNCHED_WITHOUT_REQUIREMENTS = "launched_without_requirements"
    """Services go live without approved requirements; of some an approval is written down later and back-dated."""
    FLATTERED_REPORTS = "flattered_reports"
    """Reports show more attainment than the records give."""
    MEETINGS_WITHOUT_EFFECT = "meetings_without_effect"
    """Meetings are attended and decide nothing, and daily views are made for nobody."""
    BREACHES_WITHOUT_CHANGE = "breaches_without_change"
    """Breaches lead to an apology or to nothing."""


@dataclass(frozen=True)
class PlantedFact:
    """One planted fact: where (a team, or the organisation), when (half-open), how strong, and on which tickets.

    `strength` is the share of the tickets in reach that the plant changed, 0 to 1.
    """

    id: str
    plant: Plant
    subject: str
    starts_at: datetime
    ends_at: datetime
    strength: float
    tickets: tuple[str, ...]


@dataclass(frozen=True)
class Truth:
    """Every planted fact of one generated organisation. What is not named here was left to chance."""

    seed: int
    until: datetime
    facts: tuple[PlantedFact, ...]

    def of(self, plant: Plant) -> tuple[PlantedFact, ...]:
        """The planted facts of one kind."""
        return tuple(fact for fact in self.facts if fact.plant is plant)
