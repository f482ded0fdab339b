"""What an agreement promises, and which tickets a promise is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from uuid import UUID

from services.domain.inputs import LONGEST_NOTE, Problems
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState
from services.requirements.rules import Comparison, check_value

MOST_TARGETS = 200
MOST_SELECTED = 100
MOST_POINTS = 20
LONGEST_DURATION = 3_660 * 86_400
LONGEST_WINDOW_DAYS = 3_660
LARGEST_POPULATION = 10**12
OBJECTIVE_PLACES = 6


class AgreementKind(StrEnum):
    """Service level agreement, operational level agreement, underpinning contract, experience level agreement."""

    SLA = "sla"
    OLA = "ola"
    UC = "uc"
    XLA = "xla"


class VersionStatus(StrEnum):
    """Versions carry only their start; an `ended` version closes the one before it."""

    IN_FORCE = "in_force"
    ENDED = "ended"


class TargetKind(StrEnum):
    """What a target is about; it stays the same through all versions of its agreement."""

    CLOCK = "clock"
    """How long something may take, ticket by ticket."""
    AVAILABILITY = "availability"
    """How much of the time the service must be there."""


@dataclass(frozen=True)
class ContractPoint:
    """A further point of what a clock target promises: so many per cent of the tickets within so many seconds."""

    probability_percent: Decimal
    duration_seconds: int


@dataclass(frozen=True)
class TargetDefinition:
    """What one target promises: how long its span of a ticket may take, and how often that must hold.

    `duration_seconds` is business time on the calendar, above 0; `limit_inclusive` says whether a stop exactly at the
    limit keeps the promise. A clock starts when a matching ticket is in one of `start_states` (empty: in any state
    that neither stops nor cancels), waits in `pause_states`, goes on in `resume_states` (empty: in every state that
    does not pause), completes in `stop_states` and is dropped in `cancel_states`. `priorities` and `categories` select
    tickets (empty: all). `objective_percent` of the tickets of each `period` must keep the promise, in (0, 100].
    `points` are what the agreement says beside that point about other times. `key` identifies the target through all
    versions of its agreement. `assumed`: nobody has confirmed it yet.
    """

    key: str
    name: str
    calendar_id: UUID
    duration_seconds: int
    stop_states: Sequence[TicketState]
    objective_percent: Decimal
    start_states: Sequence[TicketState] = ()
    pause_states: Sequence[TicketState] = ()
    resume_states: Sequence[TicketState] = ()
    cancel_states: Sequence[TicketState] = ()
    limit_inclusive: bool = True
    start_rule: StartRule = StartRule.FROM_OPENING
    retroactive_pause: bool = True
    reopen_policy: ReopenPolicy = ReopenPolicy.RESUME
    priorities: Sequence[str] = ()
    categories: Sequence[str] = ()
    period: PeriodKind = PeriodKind.MONTH
    assumed: bool = False
    points: Sequence[ContractPoint] = ()


@dataclass(frozen=True)
class AvailabilityDefinition:
    """What one target promises of a service being there: `objective_percent` of the agreed time of each window.

    A window is a calendar `period`, or any `rolling_days` in a row, never both. The agreed time is that of the calendar
    `calendar_id`; None means around the clock. Where `maintenance_excluded`, planned maintenance is no part of it, up
    to `maintenance_seconds` in a window (None: without a limit). `population_count` says over how many users, sites or
    devices the promise is counted, `population_share_percent` which share of them is ours, if the agreement says so.
    """

    key: str
    name: str
    objective_percent: Decimal
    period: PeriodKind | None = PeriodKind.MONTH
    rolling_days: int | None = None
    calendar_id: UUID | None = None
    maintenance_excluded: bool = False
    maintenance_seconds: int | None = None
    population_count: int | None = None
    population_share_percent: Decimal | None = None
    assumed: bool = False


Definition = TargetDefinition | AvailabilityDefinition


@dataclass(frozen=True)
class AgreementEntry:
    """An agreement about a service to create, with its first version, in force from `valid_from`."""

    key: str
    name: str
    kind: AgreementKind
    service_id: UUID
    valid_from: datetime
    targets: Sequence[TargetDefinition]
    customer_id: UUID | None = None
    provider_id: UUID | None = None
    reason: str = ""
    assumed: bool = False
    availability_targets: Sequence[AvailabilityDefinition] = ()


def selects(selector: Sequence[str], value: str | None) -> bool:
    """Whether a selector admits a value. An empty selector admits everything; a missing value only that."""
    return not selector or (value is not None and value in selector)


def check_targets(
    targets: Sequence[TargetDefinition], availability_targets: Sequence[AvailabilityDefinition], problems: Problems
) -> None:
    """Every problem of every target of either kind, under its list and position; together they have one set of keys."""
    if not targets and not availability_targets:
        problems.add("targets", "expected at least one target")
    lists: dict[str, Sequence[Definition]] = {"targets": targets, "availability_targets": availability_targets}
    first_with: dict[str, str] = {}
    for field, definitions in lists.items():
        if not problems.at_most(field, definitions, MOST_TARGETS):
            continue
        for position, target in enumerate(definitions):
            here, place = problems.under(field, position), f"{field}.{position}"
            if isinstance(target, TargetDefinition):
                _check_target(target, here)
            else:
                _check_availability(target, here)
            if (first := first_with.setdefault(target.key, place)) != place:
                here.add("key", f"expected each key once, got that of {first} again")


def _check_target(target: TargetDefinition, problems: Problems) -> None:
    problems.key("key", target.key)
    problems.text("name", target.name)
    if not 0 < target.duration_seconds <= LONGEST_DURATION:
        problems.add(
            "duration_seconds", f"expected 1 to {LONGEST_DURATION} business seconds, got {target.duration_seconds}"
        )
    _check_percent("objective_percent", target.objective_percent, problems)
    _check_points(target, problems)
    for field, values in (("priorities", target.priorities), ("categories", target.categories)):
        if problems.at_most(field, values, MOST_SELECTED):
            problems.distinct(field, values)
            for position, value in enumerate(values):
                problems.text(f"{field}.{position}", value)
    _check_states(
        {
            "start_states": target.start_states,
            "stop_states": target.stop_states,
            "pause_states": target.pause_states,
            "resume_states": target.resume_states,
            "cancel_states": target.cancel_states,
        },
        problems,
    )


def _check_availability(target: AvailabilityDefinition, problems: Problems) -> None:
    problems.key("key", target.key)
    problems.text("name", target.name)
    _check_percent("objective_percent", target.objective_percent, problems)
    if (target.period is None) is (target.rolling_days is None):
        problems.add("rolling_days", "expected either a calendar period or a number of rolling days")
    _check_whole("rolling_days", target.rolling_days, 1, LONGEST_WINDOW_DAYS, problems)
    _check_whole("maintenance_seconds", target.maintenance_seconds, 0, LONGEST_DURATION, problems)
    if target.maintenance_seconds is not None and not target.maintenance_excluded:
        problems.add("maintenance_seconds", "expected none, because maintenance is not excluded")
    _check_whole("population_count", target.population_count, 1, LARGEST_POPULATION, problems)
    if target.population_share_percent is not None:
        _check_percent("population_share_percent", target.population_share_percent, problems)


def _check_points(target: TargetDefinition, problems: Problems) -> None:
    """The points and the target's own one: whatever is kept more often may take longer, never shorter."""
    if not problems.at_most("points", target.points, MOST_POINTS):
        return
    own = ContractPoint(target.objective_percent, target.duration_seconds)
    for position, point in enumerate(target.points):
        here = problems.under("points", position)
        _check_percent("probability_percent", point.probability_percent, here)
        _check_whole("duration_seconds", point.duration_seconds, 1, LONGEST_DURATION, here)
        for other in (own, *target.points[:position]):
            share = point.probability_percent - other.probability_percent
            time = point.duration_seconds - other.duration_seconds
            if not (share > 0 < time or share < 0 > time):
                said = f"{other.probability_percent} % within {other.duration_seconds} s"
                here.add("duration_seconds", f"expected more per cent exactly where more time, beside {said}")


def _check_percent(field: str, percent: Decimal, problems: Problems) -> None:
    if not percent.is_finite() or not 0 < percent <= 100:
        problems.add(field, "expected a percentage above 0 and at most 100")
    elif percent != round(percent, OBJECTIVE_PLACES):
        problems.add(field, f"expected at most {OBJECTIVE_PLACES} decimal places")


def _check_whole(field: str, value: int | None, least: int, most: int, problems: Problems) -> None:
    if value is not None and not least <= value <= most:
        problems.add(field, f"expected {least} to {most:,}, got {value}")


def _check_states(states: Mapping[str, Sequence[TicketState]], problems: Problems) -> None:
    """A state has one effect on a clock, except that a clock may start in a state in which it then waits or runs."""
    if not states["stop_states"]:
        problems.add("stop_states", "expected at least one state that completes the clock")
    if states["resume_states"] and not states["pause_states"]:
        problems.add("resume_states", "expected states that pause the clock, too")
    for field, values in states.items():
        problems.distinct(field, values)
    for (field, values), (other, others) in combinations(states.items(), 2):
        shared = sorted(set(values) & set(others))
        if shared and {field, other} not in ({"start_states", "pause_states"}, {"start_states", "resume_states"}):
            problems.add(other, f"expected no state of {field}, got {', '.join(shared)}")


@dataclass(frozen=True)
class ClauseEntry:
    """A clause of an agreement to record, by its reference such as 4.2: in words, and as a value where one is stated.

    A value comes with the metric it is about, its unit and its comparison, or not at all.
    """

    agreement_id: UUID
    reference: str
    text: str
    metric: str = ""
    comparison: Comparison | None = None
    value: Decimal | None = None
    unit: str = ""


def check_clause(entry: ClauseEntry, problems: Problems) -> None:
    """Add what is wrong with what a clause says."""
    problems.text("reference", entry.reference)
    problems.text("text", entry.text, longest=LONGEST_NOTE)
    problems.text("metric", entry.metric, required=entry.value is not None)
    problems.text("unit", entry.unit, required=entry.value is not None)
    if (entry.value is None) != (entry.comparison is None):
        problems.add("comparison", "expected a comparison exactly where a value is stated")
    if entry.value is not None:
        check_value("value", entry.value, problems)
