"""How often targets held, what was said of it before, and what was signed."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from schema.agreements.types import Target, TargetVersion
from schema.calendars.types import CalendarVersion
from schema.nodes import Node, Recorded
from schema.organisations.types import Person
from schema.planner.declarations import column, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.requirements.meaning import DESIGN_GATES, MEANINGFUL, MEANINGLESS_BECAUSE
from schema.vocabulary import GateStanding, Meaninglessness, Outcome, PeriodKind
from services.attainment import models
from services.attainment.meaning import gates_of_result, is_result_meaningful, result_meaningless_because

if TYPE_CHECKING:
    from schema.attainment.recomputations import Recomputation


@planned(
    models.SupersededPeriodResult,
    description="What a result said until a change, or a fact that came after its period was judged, made it say else.",
)
class SupersededPeriodResult(Node):
    """A result as it was."""

    period_result: "PeriodResult" = to_one("The result as it stands.", "period_result_id")
    target_version: TargetVersion = to_one("The definition the objective was taken from.", "target_version_id")
    calendar_version: CalendarVersion = to_one(
        "The calendar in whose time zone the period lies.", "calendar_version_id"
    )
    met: int = column("Clocks decided within the period that kept the promise.")
    missed: int = column("Clocks decided within the period that broke it.")
    pending: int = column("Clocks not decided when this was computed.")
    cancelled: int = column("Clocks that were cancelled; they count for nothing.")
    objective_percent: Decimal = column("The share that must keep the promise, in percent.")
    attainment_percent: Decimal | None = column("The share that kept it, in percent; null when none was decided.")
    interval_low_percent: Decimal | None = column(
        "Lower end of the interval in which the true share lies with 95 % confidence; null when none was decided."
    )
    interval_high_percent: Decimal | None = column("Upper end of that interval; null when none was decided.")
    outcome: Outcome = column("Whether the objective was reached.")
    inputs_digest: str = column("A digest of what went in: the same inputs give the same digest.")
    computed_at: datetime = column("When it was computed.")
    superseded_at: datetime = column("Until when this was the result.")
    recomputation: Optional[  # noqa: UP045 - like its neighbours with forward references
        Annotated["Recomputation", strawberry.lazy("schema.attainment.recomputations")]
    ] = to_one(
        "The changed definition or calendar that superseded it; null if facts that came late did.", "recomputation_id"
    )


@planned(models.RecomputedPeriodResult, description="What a frozen period comes to as computed now; it does not count.")
class RecomputedPeriodResult(Node):
    """Beside what was signed."""

    period_result: "PeriodResult" = to_one("The frozen result.", "period_result_id")
    target_version: TargetVersion = to_one("The definition the objective was taken from.", "target_version_id")
    calendar_version: CalendarVersion = to_one(
        "The calendar in whose time zone the period lies.", "calendar_version_id"
    )
    met: int = column("Clocks decided within the period that kept the promise.")
    missed: int = column("Clocks decided within the period that broke it.")
    pending: int = column("Clocks not decided when this was computed.")
    cancelled: int = column("Clocks that were cancelled; they count for nothing.")
    objective_percent: Decimal = column("The share that must keep the promise, in percent.")
    attainment_percent: Decimal | None = column("The share that kept it, in percent; null when none was decided.")
    interval_low_percent: Decimal | None = column(
        "Lower end of the interval in which the true share lies with 95 % confidence; null when none was decided."
    )
    interval_high_percent: Decimal | None = column("Upper end of that interval; null when none was decided.")
    outcome: Outcome = column("Whether the objective was reached.")
    inputs_digest: str = column("A digest of what went in: the same inputs give the same digest.")
    computed_at: datetime = column("When it was computed.")


@planned(models.PeriodFreeze, description="A person signed a result off: it changes only by adjustments since.")
class PeriodFreeze(Node, Recorded):
    """A signature."""

    period_result: "PeriodResult" = to_one("The result, as it was signed.", "period_result_id")
    signed_by: Person | None = to_one("Who signed it; null if you may not see them.", "signed_by_id", optional=True)
    note: str = column("What they said about it; may be empty.")


@planned(
    models.PeriodAdjustment,
    description="New figures of a frozen result, signed and with a reason. They are shown beside what was frozen, and"
    " the last one is in force between those who signed. Nothing else reads them: overviews, filters, breaches, reports"
    " and forecasts do not follow.",
)
class PeriodAdjustment(Node, Recorded):
    """An adjustment."""

    period_result: "PeriodResult" = to_one("The frozen result.", "period_result_id")
    number: int = column("1 for the first adjustment of the result, 2 for the next.")
    signed_by: Person | None = to_one("Who signed it; null if you may not see them.", "signed_by_id", optional=True)
    reason: str = column("Why the frozen figures are not right.")
    met: int = column("Clocks that kept the promise.")
    missed: int = column("Clocks that broke it.")
    cancelled: int = column("Clocks that were cancelled; they count for nothing.")
    objective_percent: Decimal = column("The share that must keep the promise, in percent.")
    attainment_percent: Decimal | None = column("The share that kept it, in percent; null when none was decided.")
    outcome: Outcome = column("Whether the objective was reached by these figures.")


@planned(models.PeriodResult, description="How often a target held over one period, and what that number is made of.")
class PeriodResult(Node):
    """A result, replaced when facts or definitions say something new, until it is frozen."""

    target: Target = to_one("The target.", "target_id")
    period: PeriodKind = column("The kind of period.")
    period_start: datetime = column("The first instant of the period.")
    period_end: datetime = column("The first instant after the period.")
    target_version: TargetVersion = to_one("The definition the objective was taken from.", "target_version_id")
    calendar_version: CalendarVersion = to_one(
        "The calendar in whose time zone the period lies.", "calendar_version_id"
    )
    met: int = column("Clocks decided within the period that kept the promise.")
    missed: int = column("Clocks decided within the period that broke it.")
    pending: int = column("Clocks not decided when this was computed.")
    cancelled: int = column("Clocks that were cancelled; they count for nothing.")
    objective_percent: Decimal = column("The share that must keep the promise, in percent.")
    attainment_percent: Decimal | None = column("The share that kept it, in percent; null when none was decided.")
    interval_low_percent: Decimal | None = column(
        "Lower end of the interval in which the true share lies with 95 % confidence; null when none was decided."
    )
    interval_high_percent: Decimal | None = column("Upper end of that interval; null when none was decided.")
    outcome: Outcome = column("Whether the objective was reached.")
    inputs_digest: str = column("A digest of what went in: the same inputs give the same digest.")
    computed_at: datetime = column("When it was computed.")
    meaningful: bool | None = expression(is_result_meaningful, MEANINGFUL)
    meaningless_because: Meaninglessness | None = expression(result_meaningless_because, MEANINGLESS_BECAUSE)
    design_gates: GateStanding = expression(gates_of_result, DESIGN_GATES)
    freeze: PeriodFreeze | None = to_one(
        "Who signed it off and when; null while it follows what is recorded. Frozen figures never change.",
        ("", "period_result_id"),
        optional=True,
    )
    recomputed: RecomputedPeriodResult | None = to_one(
        "What a frozen period comes to as computed since; null if it was not computed since, or is not frozen.",
        ("", "period_result_id"),
        optional=True,
    )
    adjustments: list[PeriodAdjustment] = to_many(
        "What was said with a signature that the frozen figures should have been, oldest first. The last one is in"
        " force; the figures of the result itself, and every number worked out from it, do not follow.",
        "period_result_id",
        order=Order(("number",)),
    )
    superseded: list[SupersededPeriodResult] = to_many(
        "What it said before, oldest first: with this a report of that time can be made again.",
        "period_result_id",
        order=Order(("superseded_at",)),
    )
