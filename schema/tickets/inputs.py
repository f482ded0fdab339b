"""How tickets, clocks and imports are filtered and ordered."""

from enum import Enum

import strawberry

from schema.filters import InstantRange
from schema.planner.declarations import any_id_of, any_of, is_set, within
from schema.planner.ordering import ascending, descending
from schema.vocabulary import ClockStatus, Outcome, TicketState


@strawberry.enum(description="Orders of tickets.")
class TicketOrder(Enum):
    """By instants of their lives."""

    OPENED_AT_ASC = ascending("opened_at", description="Opened first, first.")
    OPENED_AT_DESC = descending("opened_at", description="Opened last, first.")
    CLOSED_AT_ASC = ascending("closed_at", description="Closed first, first; those not closed come last.")
    CLOSED_AT_DESC = descending("closed_at", description="Those not closed come first, then the one closed last.")


@strawberry.input(description="Conditions on tickets; all that are given must hold.")
class TicketFilter:
    """Which tickets."""

    state: list[TicketState] | None = any_of("state", "In one of these states.")
    priority: list[str] | None = any_of("priority", "With one of these priorities, spelled as their source does.")
    category: list[str] | None = any_of("category", "In one of these categories, spelled as their source does.")
    team: list[str] | None = any_of("team", "With one of these teams, spelled as their source does.")
    assignee: list[str] | None = any_of("assignee", "With one of these people, spelled as their source does.")
    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "About one of these services.")
    customer: list[strawberry.ID] | None = any_id_of("Party", "customer_id", "Of one of these customers.")
    provider: list[strawberry.ID] | None = any_id_of("Party", "provider_id", "Worked on by one of these parties.")
    opened: InstantRange | None = within("opened_at", "Opened within this range.")
    resolved: InstantRange | None = within("resolved_at", "Resolved within this range.")
    closed: InstantRange | None = within("closed_at", "Closed within this range.")
    is_closed: bool | None = is_set("closed_at", "Whether it is closed.")
    recorded_outcome: list[Outcome] | None = any_of(
        "recorded_outcome", "Where the ticket system itself recorded one of these outcomes."
    )


@strawberry.enum(description="Orders of a ticket's events.")
class TicketEventOrder(Enum):
    """As they happened."""

    OCCURRED_AT_ASC = ascending("occurred_at", "sequence", description="As they happened.")
    OCCURRED_AT_DESC = descending("occurred_at", "sequence", description="The latest first.")


@strawberry.enum(description="Orders of clocks.")
class ClockOrder(Enum):
    """By what happens to them."""

    DUE_AT_ASC = ascending("due_at", description="Due first, first; those without a due instant come last.")
    DUE_AT_DESC = descending("due_at", description="Those without a due instant come first, then the one due last.")
    DECIDED_AT_ASC = ascending("decided_at", description="Decided first, first; undecided ones come last.")
    DECIDED_AT_DESC = descending("decided_at", description="Undecided ones come first, then the one decided last.")


@strawberry.input(description="Conditions on clocks; all that are given must hold.")
class ClockFilter:
    """Which clocks."""

    status: list[ClockStatus] | None = any_of("status", "With one of these statuses.")
    outcome: list[Outcome] | None = any_of("outcome", "With one of these outcomes.")
    target: list[strawberry.ID] | None = any_id_of("Target", "target_id", "Of one of these targets.")
    ticket: list[strawberry.ID] | None = any_id_of("Ticket", "ticket_id", "On one of these tickets.")
    due: InstantRange | None = within("due_at", "Due within this range.")
    decided: InstantRange | None = within("decided_at", "Decided within this range.")
    is_breached: bool | None = is_set("breached_at", "Whether the promise was broken.")


@strawberry.enum(description="Orders of imports.")
class TicketImportOrder(Enum):
    """By when they ran."""

    RECORDED_AT_ASC = ascending("recorded_at", description="The earliest first.")
    RECORDED_AT_DESC = descending("recorded_at", description="The latest first.")
