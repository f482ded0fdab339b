"""What mutations of agreements are given."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import strawberry

from schema.bulk import ITEMS, MODE
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY, NAME
from schema.references import referenced, referenced_if_given
from schema.vocabulary import AgreementKind, BulkMode, Comparison, PeriodKind, ReopenPolicy, StartRule, TicketState
from services.agreements.rules import AvailabilityDefinition, ClauseEntry, ContractPoint, TargetDefinition
from services.organisations.rules import Actor

REASON = "Why, at most 4000 characters."
PREVIEWED_FACTS = (
    "The `facts` of a preview; null if there was none. The answer then says whether facts have arrived since."
)
ASSUMED = "Whether nobody has confirmed it yet, so that what is built on it is provisional."


@strawberry.input(description="A further point of what a target promises about tickets.")
class ContractPointInput:
    """A point."""

    probability_percent: Decimal = strawberry.field(
        description="The share of tickets, in percent: above 0, at most 100, another than at every other point."
    )
    duration_seconds: int = strawberry.field(
        description="Within how many seconds of service hours; the larger the share, the longer."
    )


@strawberry.input(description="A target as a version of an agreement defines it. A state has one effect on a clock.")
class TargetInput:
    """A promise about tickets."""

    key: str = strawberry.field(
        description="Its short name, unique in the agreement; a target is the same in all versions that use it."
    )
    name: str = strawberry.field(description=NAME)
    calendar_id: strawberry.ID = strawberry.field(description="The calendar whose service hours count.")
    duration_seconds: int = strawberry.field(
        description="How long it may take, in seconds of service hours: above 0, at most 3660 days."
    )
    stop_states: list[TicketState] = strawberry.field(description="States that complete a clock, at least one.")
    objective_percent: Decimal = strawberry.field(
        description="The share of tickets that must keep it in each period, in percent: above 0, at most 100."
    )
    limit_inclusive: bool = strawberry.field(
        default=True, description="Whether stopping exactly at the limit keeps the promise."
    )
    start_rule: StartRule = strawberry.field(
        default=StartRule.FROM_OPENING, description="Where a clock begins to count."
    )
    start_states: list[TicketState] = strawberry.field(
        default_factory=list,
        description="States in which a clock starts; empty: any that neither stops nor cancels it.",
    )
    pause_states: list[TicketState] = strawberry.field(
        default_factory=list, description="States in which a clock waits."
    )
    resume_states: list[TicketState] = strawberry.field(
        default_factory=list,
        description="States in which a waiting clock goes on; empty: any that does not pause it.",
    )
    cancel_states: list[TicketState] = strawberry.field(default_factory=list, description="States that cancel a clock.")
    retroactive_pause: bool = strawberry.field(
        default=True,
        description="Whether waiting before the target applied counts as waiting, if a clock counts from the opening.",
    )
    reopen_policy: ReopenPolicy = strawberry.field(
        default=ReopenPolicy.RESUME, description="What a ticket opened again means for its clock."
    )
    priorities: list[str] = strawberry.field(
        default_factory=list, description="Priorities of the tickets it applies to, at most 100; empty: all."
    )
    categories: list[str] = strawberry.field(
        default_factory=list, description="Categories of the tickets it applies to, at most 100; empty: all."
    )
    period: PeriodKind = strawberry.field(
        default=PeriodKind.MONTH, description="The period over which the objective is judged."
    )
    assumed: bool = strawberry.field(default=False, description=ASSUMED)
    points: list[ContractPointInput] = strawberry.field(
        default_factory=list,
        description="What is promised beside that about other times, at most 20 points; no ticket is judged by them.",
    )


@strawberry.input(description="A target of availability as a version of an agreement defines it.")
class AvailabilityTargetInput:
    """A promise about how much of the time a service is there."""

    key: str = strawberry.field(
        description="Its short name, unique among all targets of the agreement, the same in all versions that use it."
    )
    name: str = strawberry.field(description=NAME)
    objective_percent: Decimal = strawberry.field(
        description="The share of the agreed time of each window, in percent: above 0, at most 100."
    )
    period: PeriodKind | None = strawberry.field(
        default=PeriodKind.MONTH, description="The calendar period that is a window; null if windows are rolling."
    )
    rolling_days: int | None = strawberry.field(
        default=None, description="Any so many days in a row are a window, at most 3660; then `period` must be null."
    )
    calendar_id: strawberry.ID | None = strawberry.field(
        default=None, description="The calendar whose service hours are the agreed time; null: around the clock."
    )
    maintenance_excluded: bool = strawberry.field(
        default=False, description="Whether planned maintenance is no part of the agreed time."
    )
    maintenance_seconds: int | None = strawberry.field(
        default=None, description="At most how much of it in a window, in seconds; null: without a limit."
    )
    population_count: int | None = strawberry.field(
        default=None, description="Over how many users, sites or devices it is counted; null if not said."
    )
    population_share_percent: Decimal | None = strawberry.field(
        default=None, description="Which share of them is ours, in percent; null if not said."
    )
    assumed: bool = strawberry.field(default=False, description=ASSUMED)


@strawberry.input(description="An agreement to create, with its first version.")
class CreateAgreementInput:
    """An agreement."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    kind: AgreementKind = strawberry.field(description="What kind of agreement it is.")
    service_id: strawberry.ID = strawberry.field(description="The service it is about.")
    valid_from: datetime = strawberry.field(description="Since when it holds; may lie in the past.")
    targets: list[TargetInput] = strawberry.field(
        description="What it promises about tickets: at most 200 targets, one at least of either kind."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The party to whom the promise is made; null if not named."
    )
    provider_id: strawberry.ID | None = strawberry.field(
        default=None, description="The party that makes the promise; null if not named."
    )
    reason: str = strawberry.field(default="", description=REASON)
    assumed: bool = strawberry.field(default=False, description=ASSUMED)
    availability_targets: list[AvailabilityTargetInput] = strawberry.field(
        default_factory=list, description="What it promises about being there: at most 200 targets."
    )


@strawberry.input(description="Several agreements at once.")
class CreateAgreementsInput:
    """Up to a thousand."""

    items: list[CreateAgreementInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A version of an agreement to publish.")
class PublishAgreementVersionInput:
    """A version."""

    agreement_id: strawberry.ID = strawberry.field(description="The agreement.")
    valid_from: datetime = strawberry.field(description="Since when it holds; after the start of its latest version.")
    targets: list[TargetInput] = strawberry.field(
        description="Everything promised about tickets from then on: at most 200 targets, one at least of either kind."
        " One left out is no longer promised."
    )
    reason: str = strawberry.field(default="", description=REASON)
    assumed: bool = strawberry.field(default=False, description=ASSUMED)
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    previewed_facts: str | None = strawberry.field(default=None, description=PREVIEWED_FACTS)
    availability_targets: list[AvailabilityTargetInput] = strawberry.field(
        default_factory=list,
        description="Everything promised about being there from then on, at most 200 targets. One left out is no longer"
        " promised.",
    )


@strawberry.input(description="The end of an agreement.")
class EndAgreementInput:
    """An end."""

    agreement_id: strawberry.ID = strawberry.field(description="The agreement.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The first instant at which it promises nothing; null: now."
    )
    reason: str = strawberry.field(description=REASON)
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    previewed_facts: str | None = strawberry.field(default=None, description=PREVIEWED_FACTS)


@strawberry.input(description="A change in which requirements a target promises to meet.")
class RequirementLinkInput:
    """The beginning or the end of promising what a requirement asks for."""

    target_id: strawberry.ID = strawberry.field(description="The target.")
    requirement_id: strawberry.ID = strawberry.field(
        description="The requirement, of the service the target's agreement is about."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


def definitions_of(actor: Actor, given: Sequence[TargetInput]) -> list[TargetDefinition]:
    """The targets in the terms of the domain."""
    return [
        TargetDefinition(
            key=target.key,
            name=target.name,
            calendar_id=referenced(actor, "Calendar", target.calendar_id),
            duration_seconds=target.duration_seconds,
            stop_states=target.stop_states,
            objective_percent=target.objective_percent,
            start_states=target.start_states,
            pause_states=target.pause_states,
            resume_states=target.resume_states,
            cancel_states=target.cancel_states,
            limit_inclusive=target.limit_inclusive,
            start_rule=target.start_rule,
            retroactive_pause=target.retroactive_pause,
            reopen_policy=target.reopen_policy,
            priorities=target.priorities,
            categories=target.categories,
            period=target.period,
            assumed=target.assumed,
            points=[ContractPoint(point.probability_percent, point.duration_seconds) for point in target.points],
        )
        for target in given
    ]


def availability_of(actor: Actor, given: Sequence[AvailabilityTargetInput]) -> list[AvailabilityDefinition]:
    """The targets of availability in the terms of the domain."""
    return [
        AvailabilityDefinition(
            key=target.key,
            name=target.name,
            objective_percent=target.objective_percent,
            period=target.period,
            rolling_days=target.rolling_days,
            calendar_id=referenced_if_given(actor, "Calendar", target.calendar_id),
            maintenance_excluded=target.maintenance_excluded,
            maintenance_seconds=target.maintenance_seconds,
            population_count=target.population_count,
            population_share_percent=target.population_share_percent,
            assumed=target.assumed,
        )
        for target in given
    ]


@strawberry.input(description="A clause of an agreement, perhaps with the value it grants.")
class RecordContractClauseInput:
    """A clause."""

    agreement_id: strawberry.ID = strawberry.field(description="The agreement.")
    reference: str = strawberry.field(description="Where it stands, such as 4.2; unique in the agreement.")
    text: str = strawberry.field(description="What it says, at most 4000 characters.")
    metric: str = strawberry.field(default="", description="What its value is about; needed where one is stated.")
    comparison: Comparison | None = strawberry.field(
        default=None, description="Which side of the value is granted; given exactly where a value is."
    )
    value: Decimal | None = strawberry.field(default=None, description="The value; null where none is stated.")
    unit: str = strawberry.field(default="", description="The unit of the value; needed where one is stated.")

    def entry(self, actor: Actor) -> ClauseEntry:
        """The clause in the terms of the domain."""
        agreement_id = referenced(actor, "Agreement", self.agreement_id)
        return ClauseEntry(agreement_id, self.reference, self.text, self.metric, self.comparison, self.value, self.unit)


@strawberry.input(description="Several clauses at once.")
class RecordContractClausesInput:
    """Up to a thousand."""

    items: list[RecordContractClauseInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A requirement that a clause carries.")
class LinkClauseInput:
    """The beginning of carrying it."""

    clause_id: strawberry.ID = strawberry.field(description="The clause.")
    requirement_id: strawberry.ID = strawberry.field(description="The requirement.")
    binding: bool = strawberry.field(default=True, description="Whether it carries it so that it can be enforced.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="A requirement that a clause no longer carries.")
class UnlinkClauseInput:
    """The end of carrying it."""

    clause_id: strawberry.ID = strawberry.field(description="The clause.")
    requirement_id: strawberry.ID = strawberry.field(description="The requirement.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )
