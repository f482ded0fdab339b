"""Credits back to back: what we owe for an outcome against what those below owe us for the same one (methods E.6).

An outcome is an attainment in percent; schedules are steps over half-open bands [lower, upper), nothing above them.
Everything here is proved from the schedules alone: nobody's performance is looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True)
class Step:
    """What is owed while attainment lies in [lower, upper), in one currency."""

    lower_percent: Decimal
    upper_percent: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Schedule:
    """The credits of one agreement for one period; `cap`: the most they come to, None where there is none."""

    steps: Sequence[Step]
    cap: Decimal | None = None

    def owed(self, attained: Decimal) -> Decimal:
        """What is owed for an attainment."""
        found = next((step.amount for step in self.steps if step.lower_percent <= attained < step.upper_percent), None)
        if found is None:
            return Decimal(0)
        return found if self.cap is None else min(found, self.cap)


@dataclass(frozen=True)
class Outcomes:
    """Attainments in [lower, upper): what we owe for each of them, and what comes back at most."""

    lower_percent: Decimal
    upper_percent: Decimal
    owed: Decimal
    recoverable: Decimal

    @property
    def gap(self) -> Decimal:
        """What stays with us."""
        return self.owed - self.recoverable


@dataclass(frozen=True)
class Recourse:
    """All outcomes for which something is owed, the worst first among equals, highest attainment first."""

    outcomes: tuple[Outcomes, ...]

    @property
    def worst(self) -> Outcomes | None:
        """The outcome of which most stays with us; None where everything comes back or nothing is owed."""
        lost = [each for each in self.outcomes if each.gap > 0]
        return max(lost, key=lambda each: (each.gap, each.upper_percent), default=None)

    @property
    def dead_bands(self) -> tuple[Outcomes, ...]:
        """Outcomes for which we owe something and nothing comes back, neighbours joined; `owed` is the most of each."""
        joined: list[Outcomes] = []
        for each in self.outcomes:
            if each.recoverable:
                continue
            if joined and joined[-1].lower_percent == each.upper_percent:
                before = joined.pop()
                each = Outcomes(each.lower_percent, before.upper_percent, max(before.owed, each.owed), Decimal(0))
            joined.append(each)
        return tuple(joined)


def recourse(ours: Schedule, below: Sequence[Schedule]) -> Recourse:
    """Outcome by outcome, highest first. Those below are taken to fall as far as we do, all of them: the most that can
    come back; one that alone fails brings back less."""
    cuts = sorted({Decimal(0), Decimal(100), *_sides([ours, *below])}, reverse=True)
    found = []
    for upper, lower in pairwise(cuts):
        owed = ours.owed(lower)
        if owed:
            found.append(Outcomes(lower, upper, owed, sum((each.owed(lower) for each in below), Decimal(0))))
    return Recourse(tuple(found))


def _sides(schedules: Iterable[Schedule]) -> Iterable[Decimal]:
    for schedule in schedules:
        for step in schedule.steps:
            yield step.lower_percent
            yield step.upper_percent
