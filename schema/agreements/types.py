"""Agreements, their versions, and the targets they promise."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from schema.attainment.inputs import PeriodResultFilter, PeriodResultOrder
from schema.calendars.types import Calendar
from schema.catalogue.dependency_types import Component
from schema.catalogue.types import Service
from schema.nodes import Node, Recorded, Versioned
from schema.organisations.types import Party
from schema.pagination import Connection
from schema.planner.declarations import any_id_of, any_of, column, connection, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.requirements.types import ServiceLevelRequirement
from schema.tickets.inputs import ClockFilter, ClockOrder
from schema.vocabulary import (
    AgreementKind,
    Comparison,
    PeriodKind,
    ReopenPolicy,
    StartRule,
    TargetKind,
    Tenure,
    TicketState,
    VersionStatus,
)
from services.agreements import models
from services.agreements.queries import agreement_version_until

if TYPE_CHECKING:
    from schema.alignment.chain_types import ChainJudgement
    from schema.attainment.types import PeriodResult
    from schema.contracts.types import (
        AgreementParticipation,
        AgreementTerms,
        CreditBand,
        ProcurementEvent,
        ProcurementRecommendation,
    )
    from schema.measurement.types import IndicatorTarget
    from schema.tickets.types import Clock


@planned(
    models.ContractPoint,
    description="A further point of what a target promises: a share of tickets and the time that share takes at most."
    " Tickets are judged by the target's own time alone.",
)
class ContractPoint(Node):
    """A point of a version of a target."""

    target_version: "TargetVersion" = to_one("The definition it is part of.", "target_version_id")
    probability_percent: Decimal = column("The share of tickets, in percent.")
    duration_seconds: int = column("Within how many seconds of service hours.")


@planned(models.TargetVersion, description="How one version of an agreement defines a target about tickets.")
class TargetVersion(Node, Recorded):
    """What is timed, on which calendar, and how often it must hold."""

    target: "Target" = to_one("The target.", "target_id")
    agreement_version: "AgreementVersion" = to_one("The version of the agreement.", "agreement_version_id")
    calendar: Calendar = to_one("The calendar whose service hours count.", "calendar_id")
    duration_seconds: int = column("How long it may take, in seconds of service hours.")
    limit_inclusive: bool = column("Whether stopping exactly at the limit keeps the promise.")
    start_rule: StartRule = column("Where a clock begins to count.")
    start_states: list[TicketState] = column(
        "States in which a clock starts; empty: any that neither stops nor cancels it."
    )
    stop_states: list[TicketState] = column("States that complete a clock.")
    pause_states: list[TicketState] = column("States in which a clock waits.")
    resume_states: list[TicketState] = column(
        "States in which a waiting clock goes on; empty: any that does not pause it."
    )
    cancel_states: list[TicketState] = column("States that cancel a clock.")
    retroactive_pause: bool = column(
        "Whether waiting before the target applied counts as waiting, where a clock counts from the opening."
    )
    reopen_policy: ReopenPolicy = column("What a ticket opened again means for its clock.")
    priorities: list[str] = column("Priorities of the tickets it applies to; empty: all.")
    categories: list[str] = column("Categories of the tickets it applies to; empty: all.")
    objective_percent: Decimal = column("The share of tickets that must keep it in each period, in percent.")
    period: PeriodKind = column("The period over which the objective is judged.")
    assumed: bool = column("Whether nobody has confirmed it yet.")
    points: list[ContractPoint] = to_many(
        "What is promised beside that about other times, by the share of tickets.",
        "target_version_id",
        order=Order(("probability_percent",)),
    )


@planned(
    models.AvailabilityTargetVersion,
    description="How one version of an agreement defines a target of availability.",
)
class AvailabilityTargetVersion(Node, Recorded):
    """How much of the agreed time of each window a service is there."""

    target: "Target" = to_one("The target.", "target_id")
    agreement_version: "AgreementVersion" = to_one("The version of the agreement.", "agreement_version_id")
    calendar: Calendar | None = to_one(
        "The calendar whose service hours are the agreed time; null: around the clock.", "calendar_id"
    )
    objective_percent: Decimal = column("The share of the agreed time of each window, in percent.")
    period: PeriodKind | None = column(
        "The calendar period that is a window, in the zone of the calendar, or of the organisation where there is"
        " none; null if windows are rolling."
    )
    rolling_days: int | None = column("Any so many days in a row are a window; null if windows are calendar periods.")
    maintenance_excluded: bool = column("Whether planned maintenance is no part of the agreed time.")
    maintenance_seconds: int | None = column(
        "At most how much of it in a window, in seconds; null: without a limit, or not excluded."
    )
    population_count: int | None = column(
        "Over how many users, sites or devices it is counted; null if the agreement does not say."
    )
    population_share_percent: Decimal | None = column(
        "Which share of them is ours, in percent; null if the agreement does not say."
    )
    assumed: bool = column("Whether nobody has confirmed it yet.")


@planned(
    models.TargetRequirement, description="An entry in the history of which requirements a target promises to meet."
)
class TargetRequirement(Node, Recorded):
    """The beginning or the end of promising what a requirement asks for."""

    target: "Target" = to_one("The target.", "target_id")
    requirement: ServiceLevelRequirement = to_one("The requirement.", "requirement_id")
    tenure: Tenure = column("Whether the target promises it from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this target and requirement.")


@planned(models.Target, description="A promise of an agreement, the same through all versions that define it.")
class Target(Node, Recorded, Versioned):
    """A target."""

    agreement: "Agreement" = to_one("The agreement that promises it.", "agreement_id")
    key: str = column("Its short name, unique in the agreement.")
    name: str = column("Its name for people.")
    kind: TargetKind = column("What it is about.")
    versions: list[TargetVersion] = to_many(
        "Its definitions if it is about tickets, in the order they were recorded.",
        "target_id",
        order=Order(("recorded_at",)),
    )
    availability_versions: list[AvailabilityTargetVersion] = to_many(
        "Its definitions if it is about availability, in the order they were recorded.",
        "target_id",
        order=Order(("recorded_at",)),
    )
    credit_bands: list[Annotated["CreditBand", strawberry.lazy("schema.contracts.types")]] = to_many(
        "The credits that terms of its agreement grant for it, from the lowest attainment up.",
        "target_id",
        order=Order(("lower_percent",)),
    )
    requirement_links: list[TargetRequirement] = to_many(
        "Every entry about the requirements it promises, oldest first.", "target_id", order=Order(("valid_from",))
    )
    indicator_links: list[Annotated["IndicatorTarget", strawberry.lazy("schema.measurement.types")]] = to_many(
        "Every entry about the indicators that watch it, oldest first.", "target_id", order=Order(("valid_from",))
    )
    judgements: list[Annotated["ChainJudgement", strawberry.lazy("schema.alignment.chain_types")]] = to_many(
        "Every judgement of whether it is backed, oldest first; of a promise to a customer.",
        "target_id",
        order=Order(("recorded_at",)),
    )
    clocks: Connection[Annotated["Clock", strawberry.lazy("schema.tickets.types")]] = connection(
        "Its clocks on all tickets.", "target_id", order=ClockOrder.DECIDED_AT_DESC, filter_by=ClockFilter
    )
    period_results: Connection[Annotated["PeriodResult", strawberry.lazy("schema.attainment.types")]] = connection(
        "How often it held, period by period.",
        "target_id",
        order=PeriodResultOrder.PERIOD_START_DESC,
        filter_by=PeriodResultFilter,
    )


@planned(models.AgreementVersion, description="What an agreement says from an instant on, until its next version.")
class AgreementVersion(Node, Recorded):
    """A version of an agreement."""

    agreement: "Agreement" = to_one("The agreement of which it is a version.", "agreement_id")
    valid_from: datetime = column("Since when it holds.")
    valid_until: datetime | None = expression(
        agreement_version_until, "The first instant at which it no longer holds; null while no version follows."
    )
    status: VersionStatus = column("Whether the agreement is in force or ends with this version.")
    reason: str = column("Why it was made.")
    assumed: bool = column("Whether nobody has confirmed it yet.")
    target_versions: list[TargetVersion] = to_many(
        "The targets about tickets as it defines them.", "agreement_version_id", order=Order(("recorded_at",))
    )
    terms: Optional[Annotated["AgreementTerms", strawberry.lazy("schema.contracts.types")]] = to_one(  # noqa: UP045 - lazy
        "What it says beside its targets; null: not recorded, so unknown.", ("", "agreement_version_id"), optional=True
    )
    availability_target_versions: list[AvailabilityTargetVersion] = to_many(
        "The targets of availability as it defines them.", "agreement_version_id", order=Order(("recorded_at",))
    )


@planned(models.ClauseRequirement, description="An entry in the history of which requirements a clause carries.")
class ClauseRequirement(Node, Recorded):
    """The beginning or the end of carrying a requirement."""

    clause: "ContractClause" = to_one("The clause.", "clause_id")
    requirement: ServiceLevelRequirement = to_one("The requirement.", "requirement_id")
    binding: bool = column("Whether it carries it so that it can be enforced; false where it ends.")
    tenure: Tenure = column("Whether the clause carries it from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this clause and requirement.")


@planned(models.ContractClause, description="A clause of an agreement, perhaps with the value it grants.")
class ContractClause(Node, Recorded):
    """A clause; its words never change."""

    agreement: "Agreement" = to_one("The agreement.", "agreement_id")
    reference: str = column("Where it stands, such as 4.2.")
    text: str = column("What it says.")
    metric: str = column("What its value is about; may be empty where none is stated.")
    comparison: Comparison | None = column("Which side of the value is granted; null where none is stated.")
    value: Decimal | None = column("The value; null where none is stated.")
    unit: str = column("The unit of the value; may be empty where none is stated.")
    requirement_links: list[ClauseRequirement] = to_many(
        "Every entry about the requirements it carries, oldest first.", "clause_id", order=Order(("valid_from",))
    )


@planned(
    models.ComponentSupport, description="An entry in the history of which components an OLA or UC says something of."
)
class ComponentSupport(Node, Recorded):
    """The beginning or the end of supporting a component."""

    agreement: "Agreement" = to_one("The agreement.", "agreement_id")
    component: Component = to_one("The component.", "component_id")
    tenure: Tenure = column("Whether the agreement supports it from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this agreement and component.")


@planned(
    models.Agreement, description="A promise about a service between two parties. What it says is in its versions."
)
class Agreement(Node, Recorded, Versioned):
    """An agreement."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    kind: AgreementKind = column("What kind of agreement it is.")
    service: Service = to_one("The service it is about.", "service_id")
    customer: Party | None = to_one("The party to whom the promise is made; null if not named.", "customer_id")
    provider: Party | None = to_one("The party that makes the promise; null if not named.", "provider_id")
    versions: list[AgreementVersion] = to_many(
        "Everything it has ever said, oldest first.", "agreement_id", order=Order(("valid_from",))
    )
    supports: list[ComponentSupport] = to_many(
        "Every entry about the components it supports, oldest first.", "agreement_id", order=Order(("valid_from",))
    )
    participations: list[Annotated["AgreementParticipation", strawberry.lazy("schema.contracts.types")]] = to_many(
        "Every entry about who owns, negotiates and signs it, oldest first.",
        "agreement_id",
        order=Order(("valid_from",)),
    )
    procurement_events: list[Annotated["ProcurementEvent", strawberry.lazy("schema.contracts.types")]] = to_many(
        "What procurement did about it, oldest first.", "agreement_id", order=Order(("occurred_at",))
    )
    recommendations: list[Annotated["ProcurementRecommendation", strawberry.lazy("schema.contracts.types")]] = to_many(
        "What was recommended about it, oldest first.", "agreement_id", order=Order(("recommended_at",))
    )
    targets: list[Target] = to_many("Everything it has ever promised, by key.", "agreement_id", order=Order(("key",)))
    clauses: list[ContractClause] = to_many(
        "Its clauses on record, by reference.", "agreement_id", order=Order(("reference",))
    )


@strawberry.input(description="Conditions on agreements; all that are given must hold.")
class AgreementFilter:
    """Which agreements."""

    kind: list[AgreementKind] | None = any_of("kind", "Of one of these kinds.")
    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "About one of these services.")
    customer: list[strawberry.ID] | None = any_id_of("Party", "customer_id", "Made to one of these parties.")
    provider: list[strawberry.ID] | None = any_id_of("Party", "provider_id", "Made by one of these parties.")
