"""What became of an improvement, and what a breach led to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

MOST_BREACHES = 1_000
MOST_CHANGED_OBJECTS = 50


class Consequence(StrEnum):
    """What a breach leads to, from nothing to a lasting change (capability Q5)."""

    NONE = "none"
    APOLOGY = "apology"
    """An explanation, a message or a credit: nothing is different afterwards."""
    WORKAROUND = "workaround"
    """The effect was worked around; the cause is still there."""
    CORRECTIVE = "corrective"
    """The fault was put right this time."""
    STRUCTURAL = "structural"
    """Design, agreement, process, tooling, capacity, supplier or staffing was changed for good."""


STRENGTH = {consequence: strength for strength, consequence in enumerate(Consequence)}


class ImprovementStatus(StrEnum):
    """How far an improvement has come; each is reached at most once."""

    REGISTERED = "registered"
    IMPLEMENTED = "implemented"
    VERIFIED = "verified"
    """Its effect was looked at and found."""
    INEFFECTIVE = "ineffective"
    """Its effect was looked at and not found."""
    STOPPED = "stopped"
    """Given up before it was implemented."""


FOLLOWS: dict[ImprovementStatus, ImprovementStatus] = {
    ImprovementStatus.IMPLEMENTED: ImprovementStatus.REGISTERED,
    ImprovementStatus.STOPPED: ImprovementStatus.REGISTERED,
    ImprovementStatus.VERIFIED: ImprovementStatus.IMPLEMENTED,
    ImprovementStatus.INEFFECTIVE: ImprovementStatus.IMPLEMENTED,
}
"""The status each one comes after."""


class ChangedObjectKind(StrEnum):
    """What a lasting change may alter."""

    DESIGN = "design"
    REQUIREMENT = "requirement"
    TARGET = "target"
    AGREEMENT = "agreement"
    PROCESS = "process"
    CONFIGURATION = "configuration"
    TOOLING = "tooling"
    CAPACITY = "capacity"
    SUPPLIER = "supplier"
    STAFFING = "staffing"


@dataclass(frozen=True)
class ChangedObjectEntry:
    """What was changed, and the reference of the change that did it, where there is one."""

    kind: ChangedObjectKind
    name: str
    change_reference: str = ""


@dataclass(frozen=True)
class ImprovementEntry:
    """An entry of the register to make, perhaps in answer to breaches."""

    key: str
    title: str
    consequence: Consequence
    registered_at: datetime
    description: str = ""
    cause: str = ""
    service_id: UUID | None = None
    owner_id: UUID | None = None
    breach_ids: Sequence[UUID] = ()


@dataclass(frozen=True)
class ImprovementFacts:
    """What is on record of one improvement for a breach: the kind it claims, and what shows it."""

    claimed: Consequence
    implemented_at: datetime | None
    verified_at: datetime | None
    has_change_reference: bool


@dataclass(frozen=True)
class BreachOutcome:
    """The strongest thing a breach led to, and how long that took."""

    consequence: Consequence
    is_verified: bool
    time_to_consequence: timedelta | None


def shown_consequence(facts: ImprovementFacts) -> Consequence:
    """What an improvement amounts to by the record: nothing before it is implemented.

    One that claims to be structural counts as corrective unless a change it refers to shows it.
    """
    if facts.implemented_at is None:
        return Consequence.NONE
    if facts.claimed is Consequence.STRUCTURAL and not facts.has_change_reference:
        return Consequence.CORRECTIVE
    return facts.claimed


def breach_outcome(breached_at: datetime, improvements: Iterable[ImprovementFacts]) -> BreachOutcome:
    """The strongest consequence of a breach; of equally strong ones a verified one, then the earliest.

    Time is wall-clock time from the breach; an improvement finished before it took none.
    """
    shown = [(shown_consequence(facts), facts) for facts in improvements if facts.implemented_at is not None]
    if not shown:
        return BreachOutcome(Consequence.NONE, is_verified=False, time_to_consequence=None)
    strongest = max(STRENGTH[consequence] for consequence, _ in shown)
    candidates = [facts for consequence, facts in shown if STRENGTH[consequence] == strongest]
    verified = [facts for facts in candidates if facts.verified_at is not None]
    first = min(facts.implemented_at for facts in verified or candidates if facts.implemented_at is not None)
    return BreachOutcome(
        list(Consequence)[strongest],
        is_verified=bool(verified),
        time_to_consequence=max(first - breached_at, timedelta()),
    )


def refusal_of(status: ImprovementStatus, reached: Collection[ImprovementStatus]) -> str | None:
    """Why an improvement that has reached these statuses cannot reach this one; None when it can."""
    if status in reached:
        return f"the improvement is {status.value} already"
    if status not in FOLLOWS or FOLLOWS[status] not in reached:
        return f"an improvement is {status.value} only after it is {FOLLOWS.get(status, status).value}"
    others = [other for other in reached if other is not status and FOLLOWS.get(other) is FOLLOWS[status]]
    return f"the improvement is {others[0].value} already" if others else None
