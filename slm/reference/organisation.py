"""What a generated organisation consists of, as plain values: what people agreed, and what their ticket system wrote.

Nothing here is an aggregate or a conclusion. Keys name things within the organisation; instants are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.agreements.rules import AgreementKind
from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind
from services.domain.business_time import Window
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState
from services.organisations.rules import GovernanceRole, PartyKind
from services.tickets.sources.records import TicketEventRecord


@dataclass(frozen=True)
class DepartmentFact:
    """A department, perhaps part of another."""

    key: str
    name: str
    parent: str | None = None


@dataclass(frozen=True)
class PartyFact:
    """A customer, an internal team or a supplier."""

    key: str
    name: str
    kind: PartyKind


@dataclass(frozen=True)
class PersonFact:
    """A person, where they work, and the governance roles they hold from the organisation's beginning."""

    key: str
    name: str
    department: str
    roles: tuple[GovernanceRole, ...] = ()
    party: str | None = None
    """The party they work for, if any."""


@dataclass(frozen=True)
class CalendarFact:
    """Service hours with one version. Holidays are local dates with their names."""

    key: str
    name: str
    time_zone: str
    windows: tuple[Window, ...]
    holidays: tuple[tuple[date, str], ...]


@dataclass(frozen=True)
class OwnerFact:
    """Who owns a service in which capacity."""

    person: str
    kind: OwnershipKind


@dataclass(frozen=True)
class ServiceFact:
    """A service, its owners, and the milestones of its life."""

    key: str
    name: str
    description: str
    criticality: Criticality
    department: str
    owners: tuple[OwnerFact, ...]
    lifecycle: tuple[tuple[LifecycleEventKind, datetime], ...]


@dataclass(frozen=True)
class TargetFact:
    """One promise of an agreement version. `duration_seconds` is service time of the calendar."""

    key: str
    name: str
    calendar: str
    duration_seconds: int
    objective_percent: Decimal
    stop_states: tuple[TicketState, ...]
    priorities: tuple[str, ...] = ()
    start_states: tuple[TicketState, ...] = ()
    pause_states: tuple[TicketState, ...] = ()
    resume_states: tuple[TicketState, ...] = ()
    cancel_states: tuple[TicketState, ...] = (TicketState.CANCELLED,)
    start: StartRule = StartRule.FROM_OPENING
    reopen: ReopenPolicy = ReopenPolicy.RESUME
    period: PeriodKind = PeriodKind.MONTH


@dataclass(frozen=True)
class AgreementVersionFact:
    """What an agreement says from `valid_from` on, written down at `recorded_at`."""

    valid_from: datetime
    recorded_at: datetime
    reason: str
    targets: tuple[TargetFact, ...]


@dataclass(frozen=True)
class AgreementFact:
    """An agreement about a service between a customer and a provider, with its versions, oldest first."""

    key: str
    name: str
    kind: AgreementKind
    service: str
    customer: str
    provider: str
    versions: tuple[AgreementVersionFact, ...]


@dataclass(frozen=True)
class TicketFact:
    """Everything the ticket system wrote about one ticket of a service, in order."""

    service: str
    events: tuple[TicketEventRecord, ...]


@dataclass(frozen=True)
class Blueprint:
    """One organisation, complete. `founded_at` is when its definitions were first written down."""

    key: str
    name: str
    time_zone: str
    founded_at: datetime
    departments: tuple[DepartmentFact, ...]
    parties: tuple[PartyFact, ...]
    people: tuple[PersonFact, ...]
    calendars: tuple[CalendarFact, ...]
    services: tuple[ServiceFact, ...]
    agreements: tuple[AgreementFact, ...]
    tickets: tuple[TicketFact, ...]
