"""Rows inserted as they are, for tests of reading: every column has a default, a test says what matters to it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.models import (
    Agreement,
    AgreementVersion,
    AvailabilityTargetVersion,
    ContractPoint,
    Target,
    TargetVersion,
)
from services.agreements.rules import AgreementKind, TargetKind, VersionStatus
from services.attainment.models import (
    PeriodAdjustment,
    PeriodFreeze,
    PeriodResult,
    Recomputation,
    RecomputedPeriodResult,
    SupersededPeriodResult,
)
from services.calendars.models import Calendar, CalendarClosure, CalendarHoliday, CalendarVersion, CalendarWindow
from services.catalogue.models import LifecycleEvent, Service, ServiceOwnership
from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind
from services.compliance.models import Breach, BreachRetraction
from services.compliance.rules import BreachKind
from services.db import Base, Database, new_id
from services.domain.vocabulary import ClockStatus, Outcome, PeriodKind, ReopenPolicy, StartRule, TicketState
from services.organisations.models import Department, Party, Person, RoleAssignment
from services.organisations.rules import Actor, GovernanceRole, PartyKind, Tenure
from services.tickets.models import Clock, ReportedClock, SupersededClock, Ticket, TicketEvent, TicketImport

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday; the default of most instants."""


async def store(database: Database, *rows: Base | Iterable[Base]) -> None:
    """Insert rows in the order given, in one transaction of their organisation."""
    flat = [row for item in rows for row in ([item] if isinstance(item, Base) else item)]
    async with database.writing(flat[0].organisation_id) as session:  # type: ignore[attr-defined]
        for row in flat:
            session.add(row)
            await session.flush()


class Rows:
    """Makes rows of one organisation, not stored yet, each with an id of its own."""

    def __init__(self, actor: Actor) -> None:
        self.organisation_id = actor.organisation_id
        self._stamps = {"recorded_at": START, "recorded_by": actor.account_id}

    def department(self, key: str = "it", **different: Any) -> Department:
        """A department."""
        return Department(**self._row(recorded=True), **{"key": key, "name": key, "parent_id": None} | different)

    def party(self, key: str = "acme", **different: Any) -> Party:
        """A customer."""
        return Party(**self._row(recorded=True), **{"key": key, "name": key, "kind": PartyKind.CUSTOMER} | different)

    def person(self, key: str = "ann", **different: Any) -> Person:
        """A person of no department and no party."""
        usual = {"key": key, "name": key, "email": None, "department_id": None, "party_id": None}
        return Person(**self._row(recorded=True), **usual | different)

    def role_assignment(self, person_id: UUID, **different: Any) -> RoleAssignment:
        """The beginning of a governance role."""
        usual = {
            "person_id": person_id,
            "role": GovernanceRole.SERVICE_LEVEL_MANAGER,
            "tenure": Tenure.HELD,
            "valid_from": START,
        }
        return RoleAssignment(**self._row(recorded=True), **usual | different)

    def calendar(self, key: str = "office") -> Calendar:
        """A calendar without versions."""
        return Calendar(**self._row(recorded=True), key=key, name=key)

    def calendar_version(self, calendar_id: UUID, **different: Any) -> CalendarVersion:
        """A version without hours."""
        usual = {
            "calendar_id": calendar_id,
            "valid_from": START,
            "time_zone": "Europe/London",
            "holiday_source": None,
            "holidays_reviewed": False,
            "assumed": False,
        }
        return CalendarVersion(**self._row(recorded=True), **usual | different)

    def window(self, version_id: UUID, weekday: int, opens: int, closes: int) -> CalendarWindow:
        """An opening, in seconds from local midnight."""
        return CalendarWindow(
            **self._row(), calendar_version_id=version_id, weekday=weekday, opens=opens, closes=closes
        )

    def holiday(self, version_id: UUID, day: date, name: str = "May Day") -> CalendarHoliday:
        """A holiday."""
        return CalendarHoliday(**self._row(), calendar_version_id=version_id, date=day, name=name)

    def closure(self, version_id: UUID, **different: Any) -> CalendarClosure:
        """A closure of an hour."""
        usual = {"starts_at": START, "ends_at": START + timedelta(hours=1), "reason": "Moving"}
        return CalendarClosure(**self._row(), calendar_version_id=version_id, **usual | different)

    def service(self, key: str = "mail", **different: Any) -> Service:
        """A service of no department."""
        usual = {
            "key": key,
            "name": key,
            "description": "",
            "criticality": Criticality.STANDARD,
            "department_id": None,
        }
        return Service(**self._row(recorded=True) | usual | different)

    def ownership(self, service_id: UUID, person_id: UUID) -> ServiceOwnership:
        """The beginning of owning a service."""
        return ServiceOwnership(
            **self._row(recorded=True),
            service_id=service_id,
            person_id=person_id,
            kind=OwnershipKind.SERVICE_LEVEL_OWNER,
            tenure=Tenure.HELD,
            valid_from=START,
        )

    def lifecycle_event(self, service_id: UUID) -> LifecycleEvent:
        """A service going live."""
        return LifecycleEvent(
            **self._row(recorded=True),
            service_id=service_id,
            kind=LifecycleEventKind.GO_LIVE,
            occurred_at=START,
            note="",
        )

    def agreement(self, service_id: UUID, key: str = "mail-sla", **different: Any) -> Agreement:
        """A service level agreement between parties not named."""
        usual = {"name": key, "kind": AgreementKind.SLA, "customer_id": None, "provider_id": None}
        return Agreement(**self._row(recorded=True), key=key, service_id=service_id, **usual | different)

    def agreement_version(self, agreement_id: UUID, **different: Any) -> AgreementVersion:
        """A version in force."""
        usual = {"valid_from": START, "status": VersionStatus.IN_FORCE, "reason": "first", "assumed": False}
        return AgreementVersion(**self._row(recorded=True), agreement_id=agreement_id, **usual | different)

    def target(self, agreement_id: UUID, key: str = "resolve", kind: TargetKind = TargetKind.CLOCK) -> Target:
        """A target without definitions."""
        return Target(**self._row(recorded=True), agreement_id=agreement_id, key=key, name=key, kind=kind)

    def contract_point(self, definition: TargetVersion) -> ContractPoint:
        """Everything within a week."""
        return ContractPoint(
            **self._row(),
            target_version_id=definition.id,
            probability_percent=Decimal(100),
            duration_seconds=7 * 86_400,
        )

    def availability_target_version(
        self, target_id: UUID, agreement_version_id: UUID, **different: Any
    ) -> AvailabilityTargetVersion:
        """99.9 % of each month around the clock, but for two hours of maintenance."""
        usual = {
            "calendar_id": None,
            "objective_percent": Decimal("99.9"),
            "period": PeriodKind.MONTH,
            "rolling_days": None,
            "maintenance_excluded": True,
            "maintenance_seconds": 7_200,
            "population_count": None,
            "population_share_percent": None,
            "assumed": False,
        }
        references = {"target_id": target_id, "agreement_version_id": agreement_version_id}
        return AvailabilityTargetVersion(**self._row(recorded=True), **references, **usual | different)

    def target_version(
        self, target_id: UUID, agreement_version_id: UUID, calendar_id: UUID, **different: Any
    ) -> TargetVersion:
        """Resolve within eight hours, for 95 % each month."""
        usual = {
            "duration_seconds": 8 * 3600,
            "limit_inclusive": True,
            "start_rule": StartRule.FROM_OPENING,
            "stop_states": ["resolved", "closed"],
            "pause_states": ["awaiting_customer"],
            "resume_states": [],
            "cancel_states": ["cancelled"],
            "start_states": [],
            "retroactive_pause": True,
            "reopen_policy": ReopenPolicy.RESUME,
            "priorities": ["3 - Moderate"],
            "categories": [],
            "objective_percent": Decimal("95.5"),
            "period": PeriodKind.MONTH,
            "assumed": False,
        }
        references = {
            "target_id": target_id,
            "agreement_version_id": agreement_version_id,
            "calendar_id": calendar_id,
        }
        return TargetVersion(**self._row(recorded=True), **references, **usual | different)

    def ticket(self, key: str, **different: Any) -> Ticket:
        """An open ticket about no known service."""
        usual = {
            "service_id": None,
            "customer_id": None,
            "provider_id": None,
            "opened_at": START,
            "state": TicketState.IN_PROGRESS,
            "priority": "3 - Moderate",
            "category": None,
            "subcategory": None,
            "team": None,
            "assignee": None,
            "event_count": 0,
            "reopen_count": 0,
            "last_event_at": START,
            "resolved_at": None,
            "closed_at": None,
            "recorded_outcome": None,
            "recorded_outcome_known_at": None,
        }
        return Ticket(**self._row(recorded=True), key=key, **usual | different)

    def ticket_import(self, **different: Any) -> TicketImport:
        """An import of an empty file."""
        usual = {
            "source": "servicenow",
            "file_name": "export.csv",
            "file_sha256": "0" * 64,
            "columns": ["number", "state"],
            "profile": "example",
            "time_zone": "UTC",
            "states_resolution": True,
            "rows_read": 0,
            "events_recorded": 0,
            "events_known": 0,
            "rows_rejected": 0,
            "tickets_touched": 0,
        }
        return TicketImport(**self._row(recorded=True), **usual | different)

    def event(self, ticket_id: UUID, sequence: int = 0, **different: Any) -> TicketEvent:
        """An update that says nothing but the state."""
        usual = {
            "import_id": None,
            "key": f"event-{sequence}",
            "occurred_at": START,
            "state": TicketState.NEW,
            "priority": None,
            "category": None,
            "subcategory": None,
            "team": None,
            "assignee": None,
            "resolved_at": None,
            "closed_at": None,
            "recorded_outcome": None,
            "attributes": {'Ünïcode "quoted"': "line\nbreak", "number": 1.5},
        }
        return TicketEvent(**self._row(recorded=True), ticket_id=ticket_id, sequence=sequence, **usual | different)

    def reported_clock(self, ticket_id: UUID, import_id: UUID, **different: Any) -> ReportedClock:
        """What another system said of a clock of its own that it stopped in time."""
        usual = {
            "key": "a1b2c3",
            "content_sha256": "0" * 64,
            "definition": "P3 resolution",
            "stage": "Completed",
            "status": ClockStatus.COMPLETED,
            "outcome": Outcome.MET,
            "started_at": START,
            "stopped_at": START,
            "due_at": START,
            "goal_seconds": 3_600,
            "elapsed_seconds": 0,
            "paused_seconds": 0,
            "attributes": {"has_breached": "false"},
        }
        return ReportedClock(**self._row(recorded=True), ticket_id=ticket_id, import_id=import_id, **usual | different)

    def clock(self, ticket_id: UUID, definition: TargetVersion, calendar_version_id: UUID, **different: Any) -> Clock:
        """A clock that has run two of eight hours."""
        usual = {
            "cycle": 1,
            "status": ClockStatus.RUNNING,
            "outcome": Outcome.PENDING,
            "started_at": START,
            "stopped_at": None,
            "due_at": START + timedelta(hours=8),
            "breached_at": None,
            "decided_at": None,
            "duration_seconds": 8 * 3600,
            "elapsed_seconds": 2 * 3600,
            "wall_clock_seconds": 4 * 3600,
            "paused_seconds": 0,
            "timeline": [],
            "computed_at": START + timedelta(hours=2),
        }
        references = {
            "ticket_id": ticket_id,
            "target_id": definition.target_id,
            "target_version_id": definition.id,
            "calendar_version_id": calendar_version_id,
        }
        return Clock(**self._row(), **references, **usual | different)

    def period_result(self, definition: TargetVersion, calendar_version_id: UUID, **different: Any) -> PeriodResult:
        """March 2026, met by 19 of 20."""
        usual = {
            "period": PeriodKind.MONTH,
            "period_start": datetime(2026, 3, 1, tzinfo=UTC),
            "period_end": datetime(2026, 4, 1, tzinfo=UTC),
            "met": 19,
            "missed": 1,
            "pending": 0,
            "cancelled": 2,
            "objective_percent": Decimal("95.5"),
            "attainment_percent": Decimal(95),
            "interval_low_percent": Decimal("76.388652"),
            "interval_high_percent": Decimal("99.111845"),
            "outcome": Outcome.MISSED,
            "inputs_digest": "d",
            "computed_at": START,
        }
        references = {
            "target_id": definition.target_id,
            "target_version_id": definition.id,
            "calendar_version_id": calendar_version_id,
        }
        return PeriodResult(**self._row(), **references, **usual | different)

    def breach(self, definition: TargetVersion, calendar_version_id: UUID, **different: Any) -> Breach:
        """A breach of a period, unless a ticket and a cycle are given with the kind."""
        usual = {
            "kind": BreachKind.PERIOD,
            "ticket_id": None,
            "cycle": None,
            "period": PeriodKind.MONTH,
            "period_start": datetime(2026, 3, 1, tzinfo=UTC),
            "breached_at": datetime(2026, 4, 1, tzinfo=UTC),
        }
        references = {
            "target_id": definition.target_id,
            "target_version_id": definition.id,
            "calendar_version_id": calendar_version_id,
        }
        return Breach(**self._row(recorded=True), **references, **usual | different)

    def clock_breach(self, clock: Clock, **different: Any) -> Breach:
        """The breach of a clock."""
        usual = {
            "kind": BreachKind.CLOCK,
            "ticket_id": clock.ticket_id,
            "target_id": clock.target_id,
            "target_version_id": clock.target_version_id,
            "calendar_version_id": clock.calendar_version_id,
            "cycle": clock.cycle,
            "period": None,
            "period_start": None,
            "breached_at": clock.due_at,
        }
        return Breach(**self._row(recorded=True), **usual | different)

    def retraction(self, breach_id: UUID) -> BreachRetraction:
        """A retraction."""
        return BreachRetraction(**self._row(recorded=True), breach_id=breach_id, reason="The monitor was wrong")

    def recomputation(self, **different: Any) -> Recomputation:
        """One by a version of an agreement or of a calendar, whose id is given."""
        usual = {"agreement_version_id": None, "calendar_version_id": None, "tickets": 1}
        counts = dict.fromkeys(
            ("clocks_changed", "periods_changed", "frozen_periods", "breaches_added", "breaches_removed"), 1
        )
        return Recomputation(**self._row(recorded=True), **usual | counts | different)

    def superseded_clock(self, clock: Clock, recomputation_id: UUID) -> SupersededClock:
        """What a clock showed before a change: the same."""
        figures = {name: value for name, value in vars(clock).items() if hasattr(SupersededClock, name)}
        own = {"recomputation_id": recomputation_id, "superseded_at": START}
        return SupersededClock(**figures | self._row() | own)

    def results_beside(
        self, result: PeriodResult, recomputation_id: UUID, person_id: UUID
    ) -> tuple[SupersededPeriodResult, PeriodFreeze, RecomputedPeriodResult, PeriodAdjustment]:
        """What a result was before a change, its signature, what it is computed to be, and an adjustment of it."""
        figures = {name: value for name, value in vars(result).items() if hasattr(SupersededPeriodResult, name)}
        of = {"period_result_id": result.id}
        signed = {**self._row(recorded=True), **of, "signed_by_id": person_id}
        was = {"recomputation_id": recomputation_id, "superseded_at": START}
        counts = {
            name: getattr(result, name) for name in ("met", "missed", "cancelled", "objective_percent", "outcome")
        }
        return (
            SupersededPeriodResult(**figures | self._row() | of | was),
            PeriodFreeze(**signed, note=""),
            RecomputedPeriodResult(**figures | self._row() | of),
            PeriodAdjustment(
                **signed | {"id": new_id()}, number=1, reason="counted twice",
                attainment_percent=result.attainment_percent, **counts,
            ),
        )  # fmt: skip

    def _row(self, *, recorded: bool = False) -> dict[str, Any]:
        identity = {"organisation_id": self.organisation_id, "id": new_id()}
        return identity | self._stamps if recorded else identity
