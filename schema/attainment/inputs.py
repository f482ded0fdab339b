"""How period results are filtered and ordered."""

from enum import Enum

import strawberry

from schema.filters import InstantRange
from schema.planner.declarations import any_id_of, any_of, holds, within
from schema.planner.ordering import ascending, descending
from schema.vocabulary import Outcome, PeriodKind
from services.attainment.queries import period_is_frozen


@strawberry.enum(description="Orders of period results.")
class PeriodResultOrder(Enum):
    """By their periods."""

    PERIOD_START_ASC = ascending("period_start", description="The earliest period first.")
    PERIOD_START_DESC = descending("period_start", description="The latest period first.")


@strawberry.input(description="Conditions on period results; all that are given must hold.")
class PeriodResultFilter:
    """Which results."""

    target: list[strawberry.ID] | None = any_id_of("Target", "target_id", "Of one of these targets.")
    period: list[PeriodKind] | None = any_of("period", "Over periods of one of these kinds.")
    starts: InstantRange | None = within("period_start", "Whose period begins within this range.")
    ends: InstantRange | None = within("period_end", "Whose period ends within this range.")
    outcome: list[Outcome] | None = any_of("outcome", "With one of these outcomes.")
    is_frozen: bool | None = holds(period_is_frozen, "Whether somebody has signed it off.")
