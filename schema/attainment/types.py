"""How often targets held."""

from datetime import datetime
from decimal import Decimal

from schema.agreements.types import Target, TargetVersion
from schema.calendars.types import CalendarVersion
from schema.nodes import Node
from schema.planner.declarations import column, planned, to_one
from schema.vocabulary import Outcome, PeriodKind
from services.attainment import models


@planned(models.PeriodResult, description="How often a target held over one period, and what that number is made of.")
class PeriodResult(Node):
    """A result, replaced until its period's facts are complete."""

    target: Target = to_one("The target.", "target_id")
    target_version: TargetVersion = to_one("The definition the objective was taken from.", "target_version_id")
    calendar_version: CalendarVersion = to_one(
        "The calendar in whose time zone the period lies.", "calendar_version_id"
    )
    period: PeriodKind = column("The kind of period.")
    period_start: datetime = column("The first instant of the period.")
    period_end: datetime = column("The first instant after the period.")
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
