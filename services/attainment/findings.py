"""What the figures of a review mean, in words. Pure: rules over counts, no dates and no names in code."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.attainment.figures import Figures, TargetFigures
from services.domain.rates import rate, shown_percent
from services.domain.vocabulary import TicketState
from services.tickets.rules import ClosingStall

ENOUGH = 30
"""Below this many tickets a share says too little to be a finding."""
NOTABLE_PERCENT = 5
"""A share from here on is worth a manager's attention."""
AGREEMENT_PERCENT = 95
"""Below this our clock and the recorded outcome measure different things."""


class FindingCode(StrEnum):
    """Stable names of findings."""

    CLOSING_STALLED = "closing_stalled"
    MISSED_THOUGH_RESOLVED = "missed_though_resolved"
    CLOCKS_DISAGREE = "clocks_disagree"
    MET_ONLY_AFTER_PAUSING = "met_only_after_pausing"
    REOPENED = "reopened"
    ENDS_BY_OPENING = "ends_by_opening"
    STILL_OVERDUE = "still_overdue"
    ASSUMED_TARGETS = "assumed_targets"
    NO_TARGETS = "no_targets"
    NO_TICKETS = "no_tickets"


class FindingWeight(StrEnum):
    """How a finding bears on the numbers."""

    DISTORTS = "distorts"
    """The numbers do not mean what they seem to."""
    MATTERS = "matters"
    """Something a manager should act on."""
    MISSING = "missing"
    """Something cannot be told, and this is what is missing."""


@dataclass(frozen=True)
class Finding:
    """One thing a reader of the review should know, with keys of some tickets behind it."""

    code: FindingCode
    weight: FindingWeight
    sentence: str
    tickets: tuple[str, ...] = ()


def findings(figures: Figures) -> list[Finding]:
    """Everything the rules find, what distorts the numbers first."""
    if not figures.tickets.tickets:
        return [
            Finding(
                FindingCode.NO_TICKETS, FindingWeight.MISSING, "No ticket falls into this review: nothing can be told."
            )
        ]
    found = [
        *(_stalled(stall, figures) for stall in figures.stalls),
        _missed_though_resolved(figures),
        _ends_by_opening(figures),
        *(_disagrees(target) for target in figures.targets),
        _met_only_after_pausing(figures),
        _reopened(figures),
        _overdue(figures),
        _assumed(figures),
        _no_targets(figures),
    ]
    order = list(FindingWeight)
    present = [finding for finding in found if finding]
    return sorted(present, key=lambda finding: order.index(finding.weight))


def _stalled(stall: ClosingStall, figures: Figures) -> Finding:
    caught_up = (
        f" On the next day {stall.closed_on_day_after:,} were closed at once." if stall.closed_on_day_after else ""
    )
    hours = round(figures.quickly.total_seconds() / 3600)
    quickly = figures.tickets.missed_though_resolved_quickly
    felt = (
        f" Of the {figures.tickets.recorded_missed:,} recorded breaches of this review, {quickly:,} were resolved"
        f" within {hours} hours of opening: red in the report, not felt by users."
        if quickly
        else ""
    )
    return Finding(
        FindingCode.CLOSING_STALLED,
        FindingWeight.DISTORTS,
        f"Closing stalled from {_span(stall.first_day, stall.last_day)}: {stall.closed:,} tickets were closed in"
        f" {stall.days} days, while {stall.resolved:,} were resolved ({stall.usually_resolved:,} is"
        f" usual).{caught_up}{felt}",
        figures.examples.get(FindingCode.MISSED_THOUGH_RESOLVED, ()),
    )


def _missed_though_resolved(figures: Figures) -> Finding | None:
    counts = figures.tickets
    known, quickly = counts.missed_resolution_known, counts.missed_though_resolved_quickly
    if known < ENOUGH or not is_notable(quickly, known):
        return None
    hours = round(figures.quickly.total_seconds() / 3600)
    times_closing = any(TicketState.RESOLVED.value not in target.stop_states for target in figures.targets)
    reason = " The agreed targets time the closing of a ticket, not its resolution." if times_closing else ""
    return Finding(
        FindingCode.MISSED_THOUGH_RESOLVED,
        FindingWeight.DISTORTS,
        f"{quickly:,} of {known:,} recorded breaches with a known resolution ({_percent(quickly, known)}) were resolved"
        f" within {hours} hours of opening.{reason}",
        figures.examples.get(FindingCode.MISSED_THOUGH_RESOLVED, ()),
    )


def _ends_by_opening(figures: Figures) -> Finding | None:
    if figures.last_opened_on is None or figures.closed_after_last_opening < ENOUGH:
        return None
    return Finding(
        FindingCode.ENDS_BY_OPENING,
        FindingWeight.DISTORTS,
        f"No ticket was opened after {_spelled(figures.last_opened_on)}, yet {figures.closed_after_last_opening:,} were"
        " closed later: the records end by opening date, so the last weeks hold slow tickets only and look worse than"
        " they were.",
    )


def _disagrees(target: TargetFigures) -> Finding | None:
    counts = target.clocks
    if (
        not target.is_comparable
        or counts.compared < ENOUGH
        or counts.agreeing * 100 >= AGREEMENT_PERCENT * counts.compared
    ):
        return None
    return Finding(
        FindingCode.CLOCKS_DISAGREE,
        FindingWeight.DISTORTS,
        f"For “{target.name}” our clock and the recorded outcome agree on only {counts.agreeing:,} of"
        f" {counts.compared:,} tickets ({_percent(counts.agreeing, counts.compared)}): they measure different things.",
    )


def _met_only_after_pausing(figures: Figures) -> Finding | None:
    clocks = figures.clocks
    if clocks.met < ENOUGH or not is_notable(clocks.met_only_after_pausing, clocks.met):
        return None
    return Finding(
        FindingCode.MET_ONLY_AFTER_PAUSING,
        FindingWeight.MATTERS,
        f"{clocks.met_only_after_pausing:,} of {clocks.met:,} met clocks"
        f" ({_percent(clocks.met_only_after_pausing, clocks.met)}) were on time only because they were paused.",
        figures.examples.get(FindingCode.MET_ONLY_AFTER_PAUSING, ()),
    )


def _reopened(figures: Figures) -> Finding | None:
    counts = figures.tickets
    if counts.tickets < ENOUGH or not is_notable(counts.reopened, counts.tickets):
        return None
    return Finding(
        FindingCode.REOPENED,
        FindingWeight.MATTERS,
        f"{counts.reopened:,} of {counts.tickets:,} tickets ({_percent(counts.reopened, counts.tickets)}) were reopened"
        " after they had been called done.",
        figures.examples.get(FindingCode.REOPENED, ()),
    )


def _overdue(figures: Figures) -> Finding | None:
    if not figures.overdue:
        return None
    return Finding(
        FindingCode.STILL_OVERDUE,
        FindingWeight.MATTERS,
        f"{figures.overdue:,} clocks are past their limit and still running.",
        figures.examples.get(FindingCode.STILL_OVERDUE, ()),
    )


def _assumed(figures: Figures) -> Finding | None:
    assumed = [target.name for target in figures.targets if target.assumed]
    if not assumed:
        return None
    names = ", ".join(f"“{name}”" for name in assumed)
    return Finding(
        FindingCode.ASSUMED_TARGETS,
        FindingWeight.MISSING,
        f"Nobody agreed to these targets, they are assumed: {names}. Their figures are illustrations, not verdicts.",
    )


def _no_targets(figures: Figures) -> Finding | None:
    if figures.targets:
        return None
    return Finding(
        FindingCode.NO_TARGETS,
        FindingWeight.MISSING,
        "No agreed target applies to these tickets, so no clock was computed: all there is was recorded by the source.",
    )


def is_notable(count: int, total: int) -> bool:
    """Whether a share is notable."""
    return count * 100 >= NOTABLE_PERCENT * total


def _percent(count: int, total: int) -> str:
    return shown_percent(rate(count, total).percent)


def _span(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {_spelled(last)}"
    return f"{_spelled(first)} to {_spelled(last)}"


def _spelled(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
