"""The figures of a service review: counts of tickets and clocks in a selection, whole and by group."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.agreements.rules import AgreementKind
from services.catalogue.rules import GateStanding
from services.domain.rates import Rate, rate
from services.domain.vocabulary import TicketState
from services.requirements.meaning import Meaninglessness
from services.tickets.rules import ClosingStall

DONE = frozenset({TicketState.RESOLVED, TicketState.CLOSED})


class SelectionBasis(StrEnum):
    """Which instant of a ticket decides whether a review is about it."""

    OPENED = "opened"
    CLOSED = "closed"


class Grouping(StrEnum):
    """What tickets are grouped by."""

    PRIORITY = "priority"
    TEAM = "team"
    CATEGORY = "category"


@dataclass(frozen=True)
class Selection:
    """The tickets of a review: opened, or closed, from `start` until before `end`; None leaves that end open."""

    basis: SelectionBasis
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class ClockCounts:
    """Our own clocks on a set of tickets. Cancelled clocks are counted apart and never as met.

    `met_only_after_pausing`: met, but over the limit had the time spent waiting counted. `compared`: decided clocks
    whose ticket has a recorded outcome; `agreeing`: those of them that say the same. Overruns are the
    business seconds of missed clocks beyond the limit: their 95th percentile, and the worst.
    """

    met: int
    missed: int
    pending: int
    cancelled: int
    paused: int
    met_only_after_pausing: int
    compared: int
    agreeing: int
    p95_overrun_seconds: int | None
    worst_overrun_seconds: int | None

    @property
    def attainment(self) -> Rate:
        """Met of decided."""
        return rate(self.met, self.met + self.missed)


NO_CLOCKS = ClockCounts(0, 0, 0, 0, 0, 0, 0, 0, None, None)


@dataclass(frozen=True)
class TicketCounts:
    """Tickets, and the outcomes their system of record states for them.

    `missed_though_resolved_quickly`: recorded as missed although resolved within the review's `quickly` of opening, by
    the clock on the wall. `missed_resolution_known`: recorded as missed with a known instant of resolution.
    """

    tickets: int
    closed: int
    recorded_met: int
    recorded_missed: int
    reopened: int
    missed_resolution_known: int
    missed_though_resolved_quickly: int

    @property
    def recorded_breaches(self) -> Rate:
        """Missed of those with a recorded outcome."""
        return rate(self.recorded_missed, self.recorded_met + self.recorded_missed)

    @property
    def reopened_share(self) -> Rate:
        """Reopened at least once, of all."""
        return rate(self.reopened, self.tickets)


@dataclass(frozen=True)
class GroupFigures:
    """One group of tickets: those whose priority, team or category is `value`; None for tickets without one."""

    grouping: Grouping
    value: str | None
    tickets: TicketCounts
    clocks: ClockCounts


@dataclass(frozen=True)
class TargetFigures:
    """One target on the tickets of the review, as its newest definition reads, with the ticket that overran it most."""

    target_id: UUID
    key: str
    name: str
    agreement: str
    agreement_kind: AgreementKind
    duration_seconds: int
    objective_percent: Decimal
    stop_states: tuple[str, ...]
    assumed: bool
    clocks: ClockCounts
    worst_ticket: str | None
    is_meaningful: bool | None = None
    meaningless_because: Meaninglessness | None = None
    gate_standing: GateStanding = GateStanding.CANNOT_TELL

    @property
    def is_comparable(self) -> bool:
        """Whether a recorded outcome speaks about this target: it is the customer's, and times the whole ticket."""
        return self.agreement_kind is AgreementKind.SLA and DONE.issuperset(self.stop_states)


@dataclass(frozen=True)
class Figures:
    """Everything a review counts; local dates are in the organisation's time zone.

    `closed_after_last_opening` counts closings more than a week after `last_opened_on`, the last date with an opening.
    `overdue`: clocks still running past their due instant. `examples`: keys of a few tickets behind a finding, by code.
    """

    organisation: str
    time_zone: str
    selection: Selection
    quickly: timedelta
    last_event_at: datetime | None
    tickets: TicketCounts
    clocks: ClockCounts
    targets: tuple[TargetFigures, ...]
    groups: tuple[GroupFigures, ...]
    stalls: tuple[ClosingStall, ...]
    last_opened_on: date | None
    closed_after_last_opening: int
    overdue: int
    examples: dict[str, tuple[str, ...]]
