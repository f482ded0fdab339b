"""Which column of an export holds what: names as ServiceNow and the tools around it spell them."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from services.domain.vocabulary import TicketState
from services.errors import FieldProblem, Invalid


class EventField(StrEnum):
    """What a ticket event is made of. Values are the names a profile uses under `columns`."""

    NUMBER = "number"
    STATE = "state"
    UPDATED_AT = "updated_at"
    OPENED_AT = "opened_at"
    MODIFICATION_COUNT = "modification_count"
    PRIORITY = "priority"
    IMPACT = "impact"
    URGENCY = "urgency"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    TEAM = "team"
    ASSIGNEE = "assignee"
    CUSTOMER = "customer"
    CONTACT_TYPE = "contact_type"
    LOCATION = "location"
    OUTCOME = "outcome"
    RESPONDED_AT = "responded_at"
    RESOLVED_AT = "resolved_at"
    CLOSED_AT = "closed_at"


class Layout(StrEnum):
    """What a row of an export is."""

    UPDATES = "updates"
    """One update of a ticket; a ticket has as many rows as it had updates."""
    TICKETS = "tickets"
    """A ticket as it stands, with the instants at which it was opened, resolved, closed."""


REQUIRED: Mapping[Layout, tuple[EventField, ...]] = {
    Layout.UPDATES: (
        EventField.NUMBER,
        EventField.STATE,
        EventField.UPDATED_AT,
        EventField.OPENED_AT,
        EventField.MODIFICATION_COUNT,
    ),
    Layout.TICKETS: (EventField.NUMBER, EventField.OPENED_AT),
}

ALIASES: Mapping[EventField, tuple[str, ...]] = {
    EventField.NUMBER: ("number", "ticket_number", "incident_number", "incident_id", "ticket_id", "issue_key"),
    EventField.STATE: ("incident_state", "state", "ident_state", "status"),
    EventField.UPDATED_AT: ("sys_updated_at", "sys_updated_on", "updated_at", "updated"),
    EventField.OPENED_AT: ("opened_at", "opened", "opened_on", "created_at", "created"),
    EventField.MODIFICATION_COUNT: ("sys_mod_count", "modification_count", "updates"),
    EventField.PRIORITY: ("priority",),
    EventField.IMPACT: ("impact",),
    EventField.URGENCY: ("urgency",),
    EventField.CATEGORY: ("category",),
    EventField.SUBCATEGORY: ("subcategory",),
    EventField.TEAM: ("assignment_group", "team"),
    EventField.ASSIGNEE: ("assigned_to", "assignee"),
    EventField.CUSTOMER: ("caller_id", "caller", "customer"),
    EventField.CONTACT_TYPE: ("contact_type", "channel"),
    EventField.LOCATION: ("location",),
    EventField.OUTCOME: ("made_sla",),
    EventField.RESPONDED_AT: ("responded_at", "first_response_at", "first_response", "acknowledged_at"),
    EventField.RESOLVED_AT: ("resolved_at", "resolved"),
    EventField.CLOSED_AT: ("closed_at", "closed"),
}

STATES: Mapping[str, TicketState] = {
    "new": TicketState.NEW,
    "open": TicketState.NEW,
    "1": TicketState.NEW,
    "active": TicketState.IN_PROGRESS,
    "assigned": TicketState.IN_PROGRESS,
    "in progress": TicketState.IN_PROGRESS,
    "work in progress": TicketState.IN_PROGRESS,
    "2": TicketState.IN_PROGRESS,
    "on hold": TicketState.ON_HOLD,
    "pending": TicketState.ON_HOLD,
    "awaiting evidence": TicketState.ON_HOLD,
    "awaiting change": TicketState.ON_HOLD,
    "3": TicketState.ON_HOLD,
    "5": TicketState.ON_HOLD,
    "awaiting user info": TicketState.AWAITING_CUSTOMER,
    "awaiting caller": TicketState.AWAITING_CUSTOMER,
    "4": TicketState.AWAITING_CUSTOMER,
    "awaiting vendor": TicketState.AWAITING_SUPPLIER,
    "awaiting problem": TicketState.AWAITING_PROBLEM,
    "resolved": TicketState.RESOLVED,
    "6": TicketState.RESOLVED,
    "closed": TicketState.CLOSED,
    "closed complete": TicketState.CLOSED,
    "7": TicketState.CLOSED,
    "canceled": TicketState.CANCELLED,
    "cancelled": TicketState.CANCELLED,
    "8": TicketState.CANCELLED,
}
"""The states of ServiceNow's incident process by label and by number, for words a profile does not map itself.

Number 3 has been both "Awaiting Problem" and "On Hold", and 5 "Awaiting Evidence": work waits in all of them.
"""


AGAIN = " (2)"
"""What is put after the second of two columns of one name, as some systems write a column per value of a list."""


def plain(name: str) -> str:
    """A column name without what varies between exports: case, spaces, underscores, hyphens, dots."""
    return re.sub(r"[\s_.\-]+", "", name.casefold())


def plain_state(word: str) -> str:
    """A state word without what varies: case and the width of its spaces."""
    return " ".join(word.casefold().split())


Field = TypeVar("Field", bound=StrEnum)


def locate(
    columns: Sequence[str],
    overrides: Mapping[Field, Sequence[str]],
    aliases: Mapping[Field, Sequence[str]],
    required: Sequence[Field],
) -> dict[Field, int]:
    """Where each field of `aliases` is among the columns; a field without a column is absent.

    The first alias with a column wins; a column with ServiceNow's `u_` prefix stands in for one without. A profile's
    own names replace the aliases and must exist; an empty list means the field is not read. Raises Invalid naming every
    required field without a column and the names that were tried, and every field whose column is there twice.
    """
    by_name: dict[str, int] = {}
    for prefix in ("", "u_"):
        for index, column in enumerate(columns):
            if column.casefold().startswith(prefix):
                by_name.setdefault(plain(column[len(prefix) :]), index)
    found: dict[Field, int] = {}
    problems: list[FieldProblem] = []
    for field in aliases:
        names = overrides.get(field, aliases[field])
        places = [by_name[plain(name)] for name in names if plain(name) in by_name]
        if places and f"{columns[places[0]]}{AGAIN}" in columns:
            problems.append(FieldProblem(f"columns.{field}", f"more than once: {columns[places[0]]}"))
        elif places:
            found[field] = places[0]
        elif field in required or (field in overrides and names):
            tried = ", ".join(names) or "none"
            problems.append(FieldProblem(f"columns.{field}", f"no column for {field} (tried: {tried})"))
    if problems:
        has = ", ".join(columns[:60])[:1000]
        raise Invalid(f"{'; '.join(problem.message for problem in problems)}. Its columns are: {has}", problems)
    return found
