"""Changed definitions and calendars as they were applied to what is recorded."""

from enum import Enum

import strawberry

from schema.agreements.types import AgreementVersion
from schema.attainment.types import SupersededPeriodResult
from schema.calendars.types import CalendarVersion
from schema.nodes import Node, Recorded
from schema.pagination import Connection
from schema.planner.declarations import column, connection, planned, to_one
from schema.planner.ordering import ascending, descending
from schema.tickets.types import SupersededClock
from services.attainment import models


@strawberry.enum(description="Orders of recomputations.")
class RecomputationOrder(Enum):
    """By when they happened."""

    RECORDED_AT_ASC = ascending("recorded_at", description="The earliest first.")
    RECORDED_AT_DESC = descending("recorded_at", description="The latest first.")


@strawberry.enum(description="Orders of what was superseded.")
class SupersededOrder(Enum):
    """By when it was, and by when it had been computed."""

    SUPERSEDED_AT_ASC = ascending("superseded_at", description="Superseded first, first.")
    SUPERSEDED_AT_DESC = descending("superseded_at", description="Superseded last, first.")
    COMPUTED_AT_ASC = ascending("computed_at", description="Computed first, first.")
    COMPUTED_AT_DESC = descending("computed_at", description="Computed last, first.")


@planned(
    models.Recomputation,
    description="A changed definition or calendar was applied: new results beside the old, which stay readable.",
)
class Recomputation(Node, Recorded):
    """What became of a change."""

    agreement_version: AgreementVersion | None = to_one(
        "The version of an agreement that was published; null if a calendar's was.", "agreement_version_id"
    )
    calendar_version: CalendarVersion | None = to_one(
        "The version of a calendar that was published; null if an agreement's was.", "calendar_version_id"
    )
    tickets: int = column("Tickets it is about: opened since it holds, of the services concerned.")
    clocks_changed: int = column("Clocks that show something else, or are new.")
    periods_changed: int = column("Period results that say something else, or are new.")
    frozen_periods: int = column("Frozen results that would say something else, and stay.")
    breaches_added: int = column("Breaches that were recorded, or count again.")
    breaches_removed: int = column("Breaches that no longer hold; each is retracted, with this change as the reason.")
    superseded_clocks: Connection[SupersededClock] = connection(
        "What the clocks showed before.", "recomputation_id", order=SupersededOrder.SUPERSEDED_AT_ASC
    )
    superseded_period_results: Connection[SupersededPeriodResult] = connection(
        "What the period results said before.", "recomputation_id", order=SupersededOrder.SUPERSEDED_AT_ASC
    )
