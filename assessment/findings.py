"""What the look at the evidence of one pattern found: the state of each unit, or that it cannot be told."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from assessment.levels import QuarterEnds


class Shortfall(StrEnum):
    """Why a unit stands no higher: no record shows the next predicate, or a record shows the contrary."""

    NOT_RECORDED = "not_recorded"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class GradedUnit:
    """One unit at state 1 to 5, with the reason why it stands no higher; both are None at 5.

    `record_id`: the row the unit is, or hangs on, where it is or does so.
    """

    unit: str
    state: int
    shortfall: Shortfall | None = None
    reason: str | None = None
    record_id: UUID | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.state <= 5:
            raise ValueError(f"{self.unit}: a state is 1 to 5, got {self.state}")


@dataclass(frozen=True)
class CheckedUnit:
    """One unit that shows a bad pattern or does not, with the reason why it does.

    A unit that nothing is recorded about is bad for want of a record: leaving it out would reward silence.
    """

    unit: str
    bad: bool
    shortfall: Shortfall | None = None
    reason: str | None = None
    record_id: UUID | None = None


@dataclass(frozen=True)
class Graded:
    """The units of a pattern with predicates. `quarter_ends`: what level 5 is judged by beside them."""

    units: tuple[GradedUnit, ...]
    quarter_ends: QuarterEnds | None = None


@dataclass(frozen=True)
class Checked:
    """The units of a bad pattern. `guarded`: its preventive control is in force and two quarters had no new case.

    `confirmed_on_critical_service`: a reviewer confirmed it for a service that is critical.
    """

    units: tuple[CheckedUnit, ...]
    guarded: bool = False
    confirmed_on_critical_service: bool = False


@dataclass(frozen=True)
class CannotTell:
    """There is nothing to judge by, which is no level: the kinds of records that are missing, by name."""

    missing: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.missing:
            raise ValueError("name the records that are missing")

    @property
    def reason(self) -> str:
        """In words."""
        return f"cannot tell: these records are missing: {', '.join(self.missing)}"


Findings = Graded | Checked | CannotTell
