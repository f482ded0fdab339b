"""Root fields of the service catalogue."""

import strawberry

from schema.catalogue.dependency_types import Component, ResponseChain, ResponseChainFilter
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
    component: Component | None = lookup(
        "A component by its key; null if there is none.", key=("key", str, "The key of the component.")
    )
    components: Connection[Component] = connection("All components that services are built of.", order=KeyOrder.KEY_ASC)
    response_chain: ResponseChain | None = lookup(
        "A response chain by its key; null if there is none.", key=("key", str, "The key of the response chain.")
    )
    response_chains: Connection[ResponseChain] = connection(
        "All response chains.", order=KeyOrder.KEY_ASC, filter_by=ResponseChainFilter
    )
