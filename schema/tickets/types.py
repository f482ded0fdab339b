"""Tickets, what happened to them, and the clocks that time them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from schema.agreements.types import Target, TargetVersion
from schema.calendars.types import CalendarVersion
from schema.catalogue.types import Service
from schema.nodes import Node, Recorded
from schema.organisations.types import Party
from schema.pagination import Connection
from schema.planner.declarations import (
    column,
    connection,
    embedded,
    expression,
    member,
    planned,
    to_many,
    to_one,
)
from schema.planner.ordering import Order
from schema.scalars import Json
from schema.tickets.inputs import TicketEventOrder
from schema.vocabulary import ClockStatus, ClockTransitionKind, Outcome, TicketState
from services.tickets import models
from services.tickets.queries import clock_percent_elapsed, clock_percent_elapsed_wall

if TYPE_CHECKING:
    from schema.attainment.recomputations import Recomputation
    from schema.compliance.types import Breach

_SOURCE = "as its source spells it; null if the source does not say"


@planned(models.TicketImport, description="One import of an export file: what was read, and what became of every row.")
class TicketImport(Node, Recorded):
    """An import."""

    source: str = column("The kind of ticket system, such as `servicenow`.")
    file_name: str = column("The name of the file.")
    file_sha256: str = column("The SHA-256 of the file, in hexadecimal.")
    columns: list[str] = column("The columns of the file, in order.")
    profile: str = column("The name of the profile by which they were understood.")
    time_zone: str = column("The IANA time zone in which the file's times were read.")
    states_resolution: bool = column("Whether the file has a column for the instant of resolution.")
    rows_read: int = column("Rows in the file.")
    events_recorded: int = column("New events, or new reports of clocks.")
    events_known: int = column("Rows that were recorded before.")
    rows_rejected: int = column("Rows that could not be read.")
    tickets_touched: int = column("Tickets to which the new events belong.")


@planned(models.TicketEvent, description="One update of a ticket, as its system of record wrote it.")
class TicketEvent(Node, Recorded):
    """An event; never changed."""

    ticket: "Ticket" = to_one("The ticket.", "ticket_id")
    imported_by: TicketImport | None = to_one(
        "The import that brought it; null if it came through the API.", "import_id"
    )
    key: str = column("Its name in the source, unique on its ticket: what makes recording it twice harmless.")
    sequence: int = column("Its place among events of the same instant.")
    occurred_at: datetime = column("When it happened.")
    state: TicketState = column("The state it led to.")
    priority: str | None = column(f"The priority after it, {_SOURCE}.")
    category: str | None = column(f"The category after it, {_SOURCE}.")
    subcategory: str | None = column(f"The subcategory after it, {_SOURCE}.")
    team: str | None = column(f"The team after it, {_SOURCE}.")
    assignee: str | None = column(f"The person after it, {_SOURCE}.")
    resolved_at: datetime | None = column("The instant of resolution it states; null if it states none.")
    closed_at: datetime | None = column("The instant of closing it states; null if it states none.")
    recorded_outcome: Outcome | None = column("The outcome it states; null if it states none.")
    attributes: Json = column("Every column of its source, untouched, by the source's names.")
    synthesised: bool = column(
        "Whether its source wrote no such update: it was made from an instant of a row that says how the ticket stands."
    )


@strawberry.type(description="Something that happened to a clock, and the rule that made it happen.")
class ClockTransition:
    """One line of a clock's timeline."""

    at: datetime = member("When it happened.", "at")
    kind: ClockTransitionKind = member("What happened.", "kind")
    elapsed_seconds: int = member("Seconds of service hours the clock had run by then.", "business_seconds")
    wall_clock_seconds: int = member(
        "The same by the clock on the wall, as if always in service.", "wall_clock_seconds"
    )
    percent: int | None = member("The percentage crossed; null for all but thresholds.", "percent")
    rule: str = member("The rule of the target that made it happen, in words.", "rule")
    event: TicketEvent | None = to_one("The event that caused it; null where the instant was computed.", "event_id")


@planned(
    models.SupersededClock, description="What a clock showed until a changed definition or calendar made it show else."
)
class SupersededClock(Node):
    """A clock as it was."""

    ticket: "Ticket" = to_one("The ticket it timed.", "ticket_id")
    target: Target = to_one("The promise it measured.", "target_id")
    target_version: TargetVersion = to_one("The definition it was computed by.", "target_version_id")
    calendar_version: CalendarVersion = to_one("The service hours it was computed by.", "calendar_version_id")
    cycle: int = column("1 for the first clock of this target on this ticket, more after reopening.")
    status: ClockStatus = column("What it was doing.")
    outcome: Outcome = column("Whether the promise was kept, as it was judged then.")
    started_at: datetime = column("Since when it counted.")
    stopped_at: datetime | None = column("When it was completed or cancelled; null while it was not.")
    due_at: datetime | None = column("When its duration was used up or would have been; null while paused.")
    breached_at: datetime | None = column("When it broke the promise; null if it had not.")
    decided_at: datetime | None = column("When its outcome was decided; null while pending.")
    duration_seconds: int = column("How long it was allowed to take, in seconds of service hours.")
    elapsed_seconds: int = column("Seconds of service hours used, until it stopped or was computed.")
    wall_clock_seconds: int = column("Seconds used by the clock on the wall, pauses excluded.")
    paused_seconds: int = column("Seconds of service hours spent waiting.")
    timeline: list[ClockTransition] = embedded("Why its numbers were what they were, in order.", "timeline")
    computed_at: datetime = column("When it was computed.")
    superseded_at: datetime = column("Until when this was what it showed.")
    recomputation: Annotated["Recomputation", strawberry.lazy("schema.attainment.recomputations")] = to_one(
        "The change that made it show something else.", "recomputation_id"
    )


@planned(models.Clock, description="A target's clock on a ticket, as it stood when it was last computed.")
class Clock(Node):
    """What follows from a ticket's events under one definition and one calendar version."""

    ticket: "Ticket" = to_one("The ticket it times.", "ticket_id")
    target: Target = to_one("The promise it measures.", "target_id")
    target_version: TargetVersion = to_one("The definition it was computed by.", "target_version_id")
    calendar_version: CalendarVersion = to_one("The service hours it was computed by.", "calendar_version_id")
    cycle: int = column("1 for the first clock of this target on this ticket, more after reopening.")
    status: ClockStatus = column("What it is doing.")
    outcome: Outcome = column("Whether the promise was kept.")
    started_at: datetime = column("Since when it counts.")
    stopped_at: datetime | None = column("When it was completed or cancelled; null while it was not.")
    due_at: datetime | None = column(
        "When its duration is used up if nothing pauses it any more; null while paused. Fixed once reached."
    )
    breached_at: datetime | None = column("When it broke the promise; null if it has not.")
    decided_at: datetime | None = column("When its outcome was decided; null while pending.")
    duration_seconds: int = column("How long it may take, in seconds of service hours.")
    elapsed_seconds: int = column("Seconds of service hours used, until it stopped or was computed.")
    wall_clock_seconds: int = column("Seconds used by the clock on the wall, pauses excluded.")
    paused_seconds: int = column("Seconds of service hours spent waiting.")
    percent_elapsed: Decimal = expression(
        clock_percent_elapsed, "Service hours used, in percent of the duration; above 100 after the due instant."
    )
    percent_elapsed_wall_clock: Decimal = expression(
        clock_percent_elapsed_wall, "Wall-clock time used, in percent of the duration."
    )
    timeline: list[ClockTransition] = embedded(
        "Why its numbers are what they are: everything that happened to it, in order.", "timeline"
    )
    computed_at: datetime = column("When it was last computed. A running clock has run on since.")
    superseded: list[SupersededClock] = to_many(
        "What it showed before changed definitions or calendars, oldest first.",
        ("ticket_id", "ticket_id"),
        ("target_id", "target_id"),
        ("cycle", "cycle"),
        order=Order(("superseded_at",)),
    )
    breach: Optional[Annotated["Breach", strawberry.lazy("schema.compliance.types")]] = to_one(  # noqa: UP045
        "The breach recorded for it; null if there is none.",
        ("ticket_id", "ticket_id"),
        ("target_id", "target_id"),
        ("cycle", "cycle"),
        optional=True,
        found_by="ticket_id",
    )


@planned(
    models.ReportedClock,
    description="What another system said of its own clock on a ticket: to be laid beside ours, and never ours.",
)
class ReportedClock(Node, Recorded):
    """A report; never changed. A later one that says something else stands beside it."""

    ticket: "Ticket" = to_one("The ticket.", "ticket_id")
    imported_by: TicketImport = to_one("The import that brought it.", "import_id")
    key: str = column(
        "The clock's identity on its ticket in that system: what reports of the same clock have in common."
    )
    definition: str = column("The name of the definition it ran by in that system.")
    stage: str | None = column("What it was doing, as that system spells it; null if it does not say.")
    status: ClockStatus | None = column("What it was doing; null if the word for it has no known meaning.")
    outcome: Outcome = column(
        "What that system concluded. MET only for a clock that stopped without breaching; CANNOT_TELL where it does "
        "not say whether it breached."
    )
    started_at: datetime = column("Since when it counted.")
    stopped_at: datetime | None = column("When it stopped; null if it had not.")
    due_at: datetime | None = column("When it breaches or would have; null if that system does not say.")
    goal_seconds: int | None = column(
        "How long it may take, in seconds of that system's service hours; null if unsaid."
    )
    elapsed_seconds: int | None = column("How much it had used, in the same seconds; null if that system does not say.")
    paused_seconds: int | None = column("How long it had waited; null if that system does not say.")
    attributes: Json = column("Every column of its source, untouched, by the source's names.")


@planned(models.Ticket, description="A ticket: its identity, and where it stands after its latest event.")
class Ticket(Node, Recorded):
    """A ticket."""

    key: str = column("Its number in its source, unique in the organisation.")
    service: Service | None = to_one("The service it is about; null if not known.", "service_id")
    customer: Party | None = to_one("The customer it concerns; null if not known.", "customer_id")
    provider: Party | None = to_one("The party that works on it; null if not known.", "provider_id")
    opened_at: datetime = column("When it was opened.")
    state: TicketState = column("Its state.")
    priority: str | None = column(f"Its priority, {_SOURCE}.")
    category: str | None = column(f"Its category, {_SOURCE}.")
    subcategory: str | None = column(f"Its subcategory, {_SOURCE}.")
    team: str | None = column(f"The team that has it, {_SOURCE}.")
    assignee: str | None = column(f"The person who has it, {_SOURCE}.")
    event_count: int = column("How many events are recorded.")
    reopen_count: int = column("How often it was opened again after being resolved or closed.")
    last_event_at: datetime = column("When its latest event happened.")
    resolved_at: datetime | None = column("When it was last resolved; null if it is not.")
    closed_at: datetime | None = column("When it was last closed; null if it is not.")
    recorded_outcome: Outcome | None = column(
        "What the ticket system itself concluded about its agreement; null if it says nothing."
    )
    recorded_outcome_known_at: datetime | None = column("Since when that conclusion is known; null without one.")
    events: Connection[TicketEvent] = connection(
        "What happened to it.", "ticket_id", order=TicketEventOrder.OCCURRED_AT_ASC
    )
    clocks: list[Clock] = to_many("Its clocks, in the order they started.", "ticket_id", order=Order(("started_at",)))
    reported_clocks: list[ReportedClock] = to_many(
        "Clocks on it as other systems reported them, in the order they started; to be laid beside its own.",
        "ticket_id",
        order=Order(("started_at", "recorded_at")),
    )
