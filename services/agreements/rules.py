"""What an agreement promises, and which tickets a promise is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from uuid import UUID

from services.domain.inputs import Problems
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState

MOST_TARGETS = 200
MOST_SELECTED = 100
LONGEST_DURATION = 3_660 * 86_400
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


@dataclass(frozen=True)
class TargetDefinition:
    """What one target promises: how long its span of a ticket may take, and how often that must hold.

    `duration_seconds` is business time on the calendar, above 0; `limit_inclusive` says whether a stop exactly at the
    limit keeps the promise. A clock starts when a matching ticket is in one of `start_states` (empty: in any state
    that neither stops nor cancels), waits in `pause_states`, goes on in `resume_states` (empty: in every state that
    does not pause), completes in `stop_states` and is dropped in `cancel_states`. `priorities` and `categories` select
    tickets (empty: all). `objective_percent` of the tickets of each `period` must keep the promise, in (0, 100].
    `key` identifies the target through all versions of its agreement. `assumed`: nobody has confirmed it yet.
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


def selects(selector: Sequence[str], value: str | None) -> bool:
    """Whether a selector admits a value. An empty selector admits everything; a missing value only that."""
    return not selector or (value is not None and value in selector)


def check_targets(targets: Sequence[TargetDefinition], problems: Problems) -> None:
    """Every problem of every target, under its position."""
    if not targets:
        problems.add("", "expected at least one target")
    if not problems.at_most("", targets, MOST_TARGETS):
        return
    first_with: dict[str, int] = {}
    for position, target in enumerate(targets):
        here = problems.under(position)
        _check_target(target, here)
        if first_with.setdefault(target.key, position) != position:
            here.add("key", f"expected each key once, got that of target {first_with[target.key]} again")


def _check_target(target: TargetDefinition, problems: Problems) -> None:
    problems.key("key", target.key)
    problems.text("name", target.name)
    if not 0 < target.duration_seconds <= LONGEST_DURATION:
        problems.add(
            "duration_seconds", f"expected 1 to {LONGEST_DURATION} business seconds, got {target.duration_seconds}"
        )
    _check_objective(target.objective_percent, problems)
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


def _check_objective(percent: Decimal, problems: Problems) -> None:
    if not percent.is_finite() or not 0 < percent <= 100:
        problems.add("objective_percent", "expected a percentage above 0 and at most 100")
    elif percent != round(percent, OBJECTIVE_PLACES):
        problems.add("objective_percent", f"expected at most {OBJECTIVE_PLACES} decimal places")


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
