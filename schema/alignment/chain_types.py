"""Whether promises are backed by what is below them, and what is done about the gaps."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum

import strawberry

from schema.agreements.types import AgreementVersion, Target
from schema.catalogue.types import Service
from schema.nodes import Node, Recorded
from schema.organisations.types import Person
from schema.planner.declarations import (
    any_id_of,
    any_of,
    column,
    embedded,
    holds,
    member,
    planned,
    to_many,
    to_one,
)
from schema.planner.ordering import Order, ascending, descending
from schema.vocabulary import Axis, AxisState, ChainVerdict, ComponentKind, GapEntryKind, Gate
from services.alignment import models


@strawberry.type(description="A component in the graph of a judgement, with the best that supports it.")
class ChainNode:
    """A node to draw."""

    key: str = member("The key of the component.", "key")
    name: str = member("Its name.", "name")
    kind: ComponentKind = member("Whether it can fail by itself.", "kind")
    gate: Gate | None = member("How many of those it needs must work; null where it needs none.", "gate")
    at_least: int | None = member("How many are enough, with the gate AT_LEAST.", "at_least")
    provider: str | None = member("The name of the party that provides it; null where nobody has said.", "provider")
    agreement_key: str | None = member("The agreement that says how well it works; null if none does.", "agreement_key")
    target_key: str | None = member("The target of that agreement.", "target_key")
    promised_percent: str | None = member("What that target promises, in percent.", "promised_percent")
    effective_percent: str | None = member(
        "What the promise is worth in our windows at worst: other windows, maintenance, hours and population come off."
        " Null for times.",
        "effective_percent",
    )
    problem: str | None = member("Why nothing is promised of it; null if something is.", "problem")


@strawberry.type(description="A component needs another one, or hands tickets over to it.")
class ChainEdge:
    """An edge to draw."""

    from_key: str = member("The key of the component that needs, or that a ticket leaves.", "from_key")
    to_key: str = member("The key of the component that is needed, or that gets the ticket.", "to_key")


@strawberry.type(
    description="A row of the scenario in which everybody below keeps their promises and ours is broken: an outage,"
    " tickets that take their time at a hop, or an instant that is covered by ours alone."
)
class WitnessRow:
    """See services.alignment.judging."""

    component_key: str = member("The component; empty in the row that says how many more there are.", "component_key")
    at: str | None = member("The start of the window, the opening of the ticket, or the instant.", "at")
    from_second: str | None = member("From which second of agreed time of the window it is down.", "from_second")
    until_second: str | None = member(
        "Until which second it is down; of tickets, how many seconds they take at this hop.", "until_second"
    )
    share_percent: str | None = member("The share of the window, or of the tickets, in percent.", "share_percent")
    case: int | None = member("What has the same number happens together: one outage, or one kind of ticket.", "case")
    exact_from: str | None = member("The same as fromSecond without rounding, as a fraction.", "exact_from")
    exact_until: str | None = member("The same as untilSecond of an outage without rounding.", "exact_until")
    exact_share: str | None = member("The same as sharePercent without rounding, as a fraction of one.", "exact_share")
    note: str = member("What happens.", "note")


@strawberry.type(
    description="Attainments for which we owe the same, and what comes back at most from those below, if all of them"
    " fall as far. Proved from the schedules of credits alone; half-open: from lowerPercent, below upperPercent."
)
class CreditBalance:
    """See services.domain.recourse."""

    lower_percent: str = member("The least attainment, in percent.", "lower_percent")
    upper_percent: str = member("The attainment it ends before.", "upper_percent")
    owed: str = member("What we owe the customer.", "owed")
    recoverable: str = member("What those below owe us at most; 0 is a dead band.", "recoverable")
    currency: str | None = member("The currency of both.", "currency")


@strawberry.type(description="The id of a version or link that a judgement rests on.")
class JudgementInput:
    """Enough to see that a judgement was made from the same facts as another."""

    version_id: str = member("The id within the organisation.", "id")


AXIS_STATE = "Whether it holds."
SHORTFALL = "By how much it fails; the unit is in the reason. Null where it holds, or no number says it."
REASON = "What is missing, and the unit of the shortfall; empty where it holds."


@planned(
    models.ChainJudgement,
    description="What came of comparing a promise with everything that is to keep it, on four axes. It is a proof about"
    " commitments, not a forecast: backed means that it is kept whenever everybody below keeps theirs, whatever happens"
    " together. Never changed; other facts lead to another judgement.",
)
class ChainJudgement(Node, Recorded):
    """A verdict with its axes, its graph and its witness."""

    target: Target = to_one("The promise.", "target_id")
    agreement_version: AgreementVersion = to_one("The version that promises it.", "agreement_version_id")
    valid_at: datetime = column("The instant it is about: what was in force then.")
    verdict: ChainVerdict = column("The verdict.")
    value_state: AxisState = column("How well: whether what is promised below suffices.")
    value_shortfall: Decimal | None = column(SHORTFALL)
    value_reason: str = column(REASON)
    coverage_state: AxisState = column("At which times: whether all our hours are theirs, over the calendar year.")
    coverage_shortfall: Decimal | None = column(SHORTFALL)
    coverage_reason: str = column(REASON)
    term_state: AxisState = column("For how long: whether theirs lasts as long as ours.")
    term_shortfall: Decimal | None = column(SHORTFALL)
    term_reason: str = column(REASON)
    scope_state: AxisState = column("By which definition: whether all that ours is about is what theirs is about.")
    scope_shortfall: Decimal | None = column(SHORTFALL)
    scope_reason: str = column(REASON)
    guaranteed_percent: Decimal | None = column("What is surely kept, in percent; null where that cannot be told.")
    best_case_percent: Decimal | None = column(
        "The most that can be kept if everybody delivers exactly the minimum at the best of times; null if not known."
    )
    estimated_percent: Decimal | None = column(
        "An ESTIMATE, apart from the verdict: what is kept if all deliver what is promised and fail independently of"
        " each other. Null for promises about tickets, where a component has no agreement, or where too much is shared."
    )
    redundant: bool | None = column(
        "Whether no single component and no single party brings the service down; null where a party is not named, and"
        " for promises about tickets."
    )
    shared_providers: str = column("Parties that provide every leg of something redundant, by name; empty if none.")
    nodes: list[ChainNode] = embedded("The components it was made from.", "nodes")
    edges: list[ChainEdge] = embedded("What needs what, or who hands tickets to whom.", "edges")
    witness: list[WitnessRow] = embedded("The scenario that shows it, empty for a promise that is backed.", "witness")
    credits: list[CreditBalance] = embedded(
        "What we owe against what comes back, highest attainment first; empty if nothing is owed.", "credits"
    )
    credits_missing: str = column("What is not on record to tell the credits by; empty if all is.")
    inputs: list[JudgementInput] = embedded("The versions and links it rests on.", "inputs")


@planned(models.TargetAlignment, description="A promise to a customer with the judgement that holds of it.")
class TargetAlignment(Node):
    """Which judgement holds."""

    target: Target = to_one("The promise.", "target_id")
    service: Service = to_one("The service it is about.", "service_id")
    verdict: ChainVerdict | None = column("The verdict; null while it is not promised, or not judged yet.")
    severity: int = column("3 for what cannot be kept, 2 not backed, 1 unknown, 0 backed, -1 not judged.")
    judged_at: datetime = column("When it was judged.")
    judgement: ChainJudgement | None = to_one("The judgement; null while there is none.", "judgement_id")


@planned(
    models.AlignmentGapEntry, description="Somebody was made the owner of a gap, accepted its risk, or took that back."
)
class AlignmentGapEntry(Node, Recorded):
    """An entry; never changed."""

    gap: "AlignmentGap" = to_one("The gap.", "gap_id")
    kind: GapEntryKind = column("What was done.")
    person: Person = to_one("The owner, or who accepted it or took that back.", "person_id")
    due_on: date | None = column("By when the owner is to close it; null if no day was named.")
    expires_at: datetime | None = column("The first instant at which it is accepted no longer; null unless accepted.")
    decided_at: datetime = column("When.")
    reason: str = column("Why; may be empty.")


@planned(
    models.AlignmentGap,
    description="An axis on which a promise is not backed: the same gap however often it closes and opens again.",
)
class AlignmentGap(Node):
    """A gap."""

    target: Target = to_one("The promise.", "target_id")
    axis: Axis = column("The axis.")
    judgement: ChainJudgement = to_one("The latest judgement that shows it.", "judgement_id")
    opened_at: datetime = column("When it was seen first, or again.")
    closed_at: datetime | None = column("When it was seen no longer; null while it is open.")
    is_open: bool = column("Whether the latest judgement shows it.")
    has_owner: bool = column("Whether somebody answers for it. Nobody is red.")
    owner: Person | None = to_one("Who answers for closing it; null if nobody does.", "owner_id")
    due_on: date | None = column("By when; null if no day was named.")
    accepted_until: datetime | None = column(
        "Until before when its risk is accepted; null if it is not. From then on it counts as open again."
    )
    entries: list[AlignmentGapEntry] = to_many(
        "Everything done about it, oldest first.", "gap_id", order=Order(("decided_at",))
    )


@strawberry.enum(description="Orders of promises by their verdicts.")
class TargetAlignmentOrder(Enum):
    """By how bad."""

    WORST_FIRST = descending("severity", description="What cannot be kept first.")
    BEST_FIRST = ascending("severity", description="What is not judged, then what is backed, first.")


@strawberry.input(description="Conditions on promises by their verdicts; all that are given must hold.")
class TargetAlignmentFilter:
    """Which promises."""

    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "About one of these services.")
    verdict: list[ChainVerdict] | None = any_of("verdict", "With one of these verdicts.")


@strawberry.enum(description="Orders of gaps.")
class AlignmentGapOrder(Enum):
    """By whether somebody answers for them."""

    WITHOUT_OWNER_FIRST = ascending("has_owner", "opened_at", description="Those nobody answers for, oldest first.")
    WITH_OWNER_FIRST = descending("has_owner", "opened_at", description="Those somebody answers for, latest first.")


def _is_open(gap: str) -> str:
    return f"{gap}.is_open"


@strawberry.input(description="Conditions on gaps; all that are given must hold.")
class AlignmentGapFilter:
    """Which gaps."""

    is_open: bool | None = holds(_is_open, "Whether the latest judgement shows it.")
    axis: list[Axis] | None = any_of("axis", "On one of these axes.")
