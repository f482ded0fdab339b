"""Broken promises."""

from datetime import datetime
from enum import Enum
from typing import Optional

import strawberry

from schema.agreements.types import Target, TargetVersion
from schema.attainment.recomputations import Recomputation
from schema.attainment.types import PeriodResult
from schema.calendars.types import CalendarVersion
from schema.filters import InstantRange
from schema.nodes import Node, Recorded
from schema.organisations.types import Person
from schema.planner.declarations import any_id_of, any_of, column, expression, holds, planned, to_many, to_one, within
from schema.planner.ordering import Order, ascending, descending
from schema.tickets.types import Clock, Ticket
from schema.vocabulary import BreachKind, GovernanceRole, PeriodKind
from services.compliance import models
from services.compliance.queries import breach_is_retracted, breach_still_agrees


@planned(models.BreachAccountability, description="A decision about who answers for a breach; the last one holds.")
class BreachAccountability(Node, Recorded):
    """A decision; never changed."""

    breach: "Breach" = to_one("The breach.", "breach_id")
    role: GovernanceRole = column("The role that answers for it.")
    person: Person | None = to_one("The person who does; null if not named.", "person_id")
    decided_by: Person = to_one("Who decided so.", "decided_by_id")
    decided_at: datetime = column("When.")
    reason: str = column("Why.")


@planned(models.BreachRetraction, description="A reasoned statement that a recorded breach was none.")
class BreachRetraction(Node, Recorded):
    """A retraction; the breach itself stays."""

    breach: "Breach" = to_one("The breach it is about.", "breach_id")
    reason: str = column("Why it was no breach.")
    recomputation: Recomputation | None = to_one(
        "The changed definition or calendar that mended it; null if a person retracted it. Such a retraction counts"
        " only while what is computed agrees with it: see `isRetracted` of the breach.",
        "recomputation_id",
    )


@planned(
    models.Breach, description="A broken promise, recorded once and for good: reopening or recomputing removes nothing."
)
class Breach(Node, Recorded):
    """A breach."""

    kind: BreachKind = column("Whether a ticket or a whole period broke it.")
    target: Target = to_one("The promise that was broken.", "target_id")
    target_version: TargetVersion = to_one("The definition it was judged by.", "target_version_id")
    calendar_version: CalendarVersion = to_one("The service hours it was judged by.", "calendar_version_id")
    ticket: Ticket | None = to_one("The ticket; null for periods.", "ticket_id")
    cycle: int | None = column("Which of the target's clocks on the ticket; null for periods.")
    clock: Clock | None = to_one(
        "The clock as it stands now; null for periods, and where the clock is no longer there.",
        ("ticket_id", "ticket_id"),
        ("target_id", "target_id"),
        ("cycle", "cycle"),
        optional=True,
        found_by="ticket_id",
    )
    period: PeriodKind | None = column("The kind of period; null for tickets.")
    period_start: datetime | None = column("The first instant of the period; null for tickets.")
    period_result: PeriodResult | None = to_one(
        "The result of the period as it stands now; null for tickets.",
        ("target_id", "target_id"),
        ("period", "period"),
        ("period_start", "period_start"),
        optional=True,
    )
    breached_at: datetime = column("When the promise was broken.")
    accountabilities: list[BreachAccountability] = to_many(
        "Every decision about who answers for it, oldest first; the last one holds.",
        "breach_id",
        order=Order(("decided_at",)),
    )
    retraction: Optional[BreachRetraction] = to_one(  # noqa: UP045 - like its neighbours with forward references
        "The statement that it was none; null if nobody made one.", ("", "breach_id"), optional=True
    )
    is_retracted: bool = expression(
        breach_is_retracted,
        "Whether it is retracted: by a person, or by a changed definition or calendar with which what is computed today"
        " agrees.",
    )
    still_agrees: bool = expression(
        breach_still_agrees,
        "Whether what is computed today still says so: the clock or the period it was recorded for is missed.",
    )


@strawberry.enum(description="Orders of breaches.")
class BreachOrder(Enum):
    """By when they happened."""

    BREACHED_AT_ASC = ascending("breached_at", description="The earliest first.")
    BREACHED_AT_DESC = descending("breached_at", description="The latest first.")


@strawberry.input(description="Conditions on breaches; all that are given must hold.")
class BreachFilter:
    """Which breaches."""

    kind: list[BreachKind] | None = any_of("kind", "Of one of these kinds.")
    target: list[strawberry.ID] | None = any_id_of("Target", "target_id", "Of one of these targets.")
    ticket: list[strawberry.ID] | None = any_id_of("Ticket", "ticket_id", "Of one of these tickets.")
    breached: InstantRange | None = within("breached_at", "Broken within this range.")
    is_retracted: bool | None = holds(breach_is_retracted, "Whether it is retracted, by a person or by a change.")
    still_agrees: bool | None = holds(breach_still_agrees, "Whether what is computed today still says so.")
