"""Root fields of compliance."""

import strawberry

from schema.compliance.types import Breach, BreachFilter, BreachOrder
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class Queries:
    """Breaches."""

    breaches: Connection[Breach] = connection(
        "All broken promises, retracted ones included.", order=BreachOrder.BREACHED_AT_DESC, filter_by=BreachFilter
    )
