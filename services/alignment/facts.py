"""What judging a promise needs, as plain values: promises, agreements, the graph, and calendars as of one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from services.agreements.rules import AgreementKind, TargetKind
from services.alignment.structure import ComponentFact
from services.domain.business_time import CalendarDefinition
from services.domain.recourse import Schedule
from services.domain.vocabulary import PeriodKind


@dataclass(frozen=True)
class AgreementFact:
    """An agreement in force, by the version that says so. None: it does not say.

    `ends_at`: when its term ends or it is known to end. `extends_at`: until when we may prolong it at our own choice.
    """

    agreement_id: UUID
    version_id: UUID
    key: str
    kind: AgreementKind
    service_id: UUID
    valid_from: datetime
    ends_at: datetime | None = None
    extends_at: datetime | None = None
    terms_id: UUID | None = None
    notice_days: int | None = None
    exclusions: Sequence[str] = ()
    population_share: Fraction | None = None
    coverage_calendar_id: UUID | None = None
    """The hours it is about at all; None: it does not say, so those of its targets."""
    maintenance_seconds: int = 0
    """Planned maintenance a month that it speaks of."""
    force_majeure: bool = False
    """Whether it excludes what nobody can help."""


@dataclass(frozen=True)
class PromiseFact:
    """A target in force. `points` are the shares of tickets promised within so many seconds of service hours."""

    target_id: UUID
    version_id: UUID
    key: str
    agreement: AgreementFact
    kind: TargetKind
    objective: Fraction
    calendar_id: UUID | None
    period: PeriodKind | None
    rolling_days: int | None = None
    points: Sequence[tuple[Fraction, int]] = ()
    stop_states: frozenset[str] = frozenset()
    pause_states: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    maintenance_excluded: bool = False
    maintenance_seconds: int | None = None
    population_share: Fraction | None = None


@dataclass(frozen=True)
class StructureFact:
    """On which component a service stands."""

    structure_id: UUID
    component_id: UUID


@dataclass(frozen=True)
class ResponseChainFact:
    """The hops of a response chain; components at one hop work in parallel."""

    chain_id: UUID
    version_id: UUID
    key: str
    stop_states: frozenset[str]
    hops: Sequence[Sequence[UUID]]
    missing: int = 0
    """How many of its versions and hops that were ever recorded are not there."""


@dataclass(frozen=True)
class SupportFact:
    """An agreement that says how well a component works."""

    support_id: UUID
    agreement_id: UUID


@dataclass(frozen=True)
class CalendarFact:
    """A version of a calendar and what it says."""

    version_id: UUID
    definition: CalendarDefinition


@dataclass(frozen=True)
class ScheduleFact:
    """The credits a target grants by its version's terms, in one currency."""

    currency: str | None
    schedule: Schedule


@dataclass(frozen=True)
class Landscape:
    """Everything in force at `valid_at` by what was recorded until `known_by`."""

    valid_at: datetime
    known_by: datetime
    promises: Sequence[PromiseFact] = ()
    """Those to customers."""
    backing: Mapping[UUID, Sequence[PromiseFact]] = field(default_factory=dict)
    """Of OLAs and UCs, by the agreement."""
    components: Mapping[UUID, ComponentFact] = field(default_factory=dict)
    structures: Mapping[UUID, StructureFact] = field(default_factory=dict)
    """By service."""
    chains: Mapping[UUID, Sequence[ResponseChainFact]] = field(default_factory=dict)
    """By service."""
    supports: Mapping[UUID, Sequence[SupportFact]] = field(default_factory=dict)
    """By component."""
    agreements: Mapping[UUID, AgreementFact] = field(default_factory=dict)
    """OLAs and UCs in force."""
    calendars: Mapping[UUID, CalendarFact] = field(default_factory=dict)
    schedules: Mapping[tuple[UUID, UUID], ScheduleFact] = field(default_factory=dict)
    """By the version of the agreement and the target."""
