"""Climbing the nested predicates of a unit, one rung after the other, until one does not hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from assessment.findings import GradedUnit, Shortfall


@dataclass(frozen=True)
class Rung:
    """One predicate of a unit: whether it holds and, in case it does not, what is missing or what speaks against it.

    `contradicted`: a record shows the contrary, rather than no record showing it.
    """

    holds: bool
    otherwise: str
    contradicted: bool = False


def together(*conditions: Rung) -> Rung:
    """A predicate of several conditions: it holds when all do, and says of the first that does not."""
    return next((each for each in conditions if not each.holds), Rung(True, ""))


def climb(unit: str, rungs: Iterable[Rung], *, beyond: str, record_id: UUID | None = None) -> GradedUnit:
    """The unit at one more than the rungs that hold before the first that does not.

    `beyond`: which records the next predicate would need, where all rungs hold and there are none for it.
    """
    state = 1
    for rung in rungs:
        if not rung.holds:
            shortfall = Shortfall.CONTRADICTED if rung.contradicted else Shortfall.NOT_RECORDED
            return GradedUnit(unit, state, shortfall, rung.otherwise, record_id)
        state += 1
    return GradedUnit(unit, state, Shortfall.NOT_RECORDED, f"nothing on record: {beyond}", record_id)
