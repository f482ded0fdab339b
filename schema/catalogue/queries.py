"""Root fields of the service catalogue."""

import strawberry

from schema.catalogue.types import Service, ServiceFilter
from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup


@strawberry.type
class Queries:
    """Services."""

    service: Service | None = lookup(
        "A service by its key; null if there is none.", key=("key", str, "The key of the service.")
    )
    services: Connection[Service] = connection(
        "All services, retired ones included.", order=KeyOrder.KEY_ASC, filter_by=ServiceFilter
    )
