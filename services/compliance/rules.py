"""What counts as a breach, and what a changed definition or calendar does to what was concluded before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from services.domain.vocabulary import ClockStatus, Outcome, PeriodKind

MOST_SHOWN = 500
"""Changes of each sort that are told one by one; all are counted."""


class BreachKind(StrEnum):
    """What was promised and not kept."""

    CLOCK = "clock"
    """One ticket ran past its target."""
    PERIOD = "period"
    """A target missed its objective over a finished period."""


class ClockState(NamedTuple):
    """What a clock shows; spans in whole seconds, without pauses, the first two and the last of service hours."""

    status: ClockStatus
    outcome: Outcome
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    breached_at: datetime | None
    decided_at: datetime | None
    duration_seconds: int
    elapsed_seconds: int
    wall_clock_seconds: int
    paused_seconds: int


class PeriodState(NamedTuple):
    """What a target comes to over a period."""

    met: int
    missed: int
    pending: int
    cancelled: int
    objective_percent: Decimal
    attainment_percent: Decimal | None
    outcome: Outcome


@dataclass(frozen=True, order=True)
class ClockSubject:
    """Which clock: of which ticket and target, the how-manieth."""

    ticket_key: str
    target_key: str
    cycle: int
    ticket_id: UUID
    target_id: UUID


@dataclass(frozen=True, order=True)
class PeriodSubject:
    """Which period of which target; `is_frozen` once somebody signed it."""

    period_start: datetime
    target_key: str
    period: PeriodKind
    period_end: datetime
    target_id: UUID
    period_result_id: UUID
    is_frozen: bool


@dataclass(frozen=True)
class ClockChange:
    """A clock that shows something else. No `before`: there was none; withdrawn ones are cancelled, without data."""

    subject: ClockSubject
    before: ClockState | None
    after: ClockState


@dataclass(frozen=True)
class PeriodChange:
    """A period that comes to something else. Of a frozen one only what is computed changes, not what was signed."""

    subject: PeriodSubject
    before: PeriodState | None
    after: PeriodState


@dataclass(frozen=True)
class BreachChange:
    """A breach that appears or no longer holds: of a clock, or of a period."""

    kind: BreachKind
    subject: ClockSubject | PeriodSubject


Change = TypeVar("Change")


@dataclass
class Counted(Generic[Change]):
    """How many changes of one sort there are, and the first of them in the order of `key`."""

    key: Callable[[Change], Any]
    limit: int
    total: int = 0
    shown: list[Change] = field(default_factory=list)

    def add(self, changes: Iterable[Change]) -> None:
        """Count these, and keep those that come first."""
        more = list(changes)
        self.total += len(more)
        self.shown = sorted([*self.shown, *more], key=self.key)[: self.limit]


def clock_order(change: ClockChange) -> tuple[bool, ClockSubject]:
    """Changed verdicts first, then by ticket and target."""
    return change.before is not None and change.before.outcome is change.after.outcome, change.subject


def period_order(change: PeriodChange) -> tuple[bool, PeriodSubject]:
    """Changed verdicts first, then the earliest."""
    return change.before is not None and change.before.outcome is change.after.outcome, change.subject


def breach_order(change: BreachChange) -> tuple[Any, ...]:
    """Clocks by ticket, then periods by start."""
    return change.kind, change.subject


def clock_changes(
    before: Mapping[ClockSubject, ClockState], after: Mapping[ClockSubject, ClockState]
) -> list[ClockChange]:
    """The clocks that differ in anything but the versions they name. Clocks are withdrawn, never removed."""
    return [ClockChange(key, before.get(key), state) for key, state in after.items() if before.get(key) != state]


def period_changes(
    before: Mapping[UUID, PeriodState], after: Mapping[PeriodSubject, PeriodState]
) -> list[PeriodChange]:
    """The periods that differ in anything but the versions they name; results are never removed."""
    return [
        PeriodChange(key, before.get(key.period_result_id), state)
        for key, state in after.items()
        if before.get(key.period_result_id) != state
    ]
