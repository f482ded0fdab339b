"""Root fields of tickets."""

import strawberry

from schema.pagination import Connection
from schema.planner.declarations import connection, lookup
from schema.tickets.inputs import ClockFilter, ClockOrder, TicketFilter, TicketImportOrder, TicketOrder
from schema.tickets.types import Clock, Ticket, TicketImport


@strawberry.type
class Queries:
    """Tickets, clocks and imports."""

    ticket: Ticket | None = lookup(
        "A ticket by its number; null if there is none.", key=("key", str, "The number of the ticket in its source.")
    )
    tickets: Connection[Ticket] = connection("All tickets.", order=TicketOrder.OPENED_AT_DESC, filter_by=TicketFilter)
    clocks: Connection[Clock] = connection("All clocks.", order=ClockOrder.DUE_AT_ASC, filter_by=ClockFilter)
    ticket_imports: Connection[TicketImport] = connection(
        "All imports of export files.", order=TicketImportOrder.RECORDED_AT_DESC
    )
