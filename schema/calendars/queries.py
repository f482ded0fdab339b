"""Root fields of service hours."""

import strawberry

from schema.calendars.types import Calendar
from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup


@strawberry.type
class Queries:
    """Calendars."""

    calendar: Calendar | None = lookup(
        "A calendar by its key; null if there is none.", key=("key", str, "The key of the calendar.")
    )
    calendars: Connection[Calendar] = connection("All calendars.", order=KeyOrder.KEY_ASC)
