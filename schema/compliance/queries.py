"""Root fields of compliance."""

import strawberry

from schema.compliance.exposure import ServiceExposure, resolve_exposure
from schema.compliance.types import Breach, BreachFilter, BreachOrder
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class Queries:
    """Breaches, and what promises are worth."""

    exposure: list[ServiceExposure] = strawberry.field(
        resolver=resolve_exposure,
        description="What promises are worth, service by service: credits owed for periods that were missed, what can"
        " still be owed, and what failing costs. Nothing is converted between currencies.",
    )

    breaches: Connection[Breach] = connection(
        "All broken promises, retracted ones included.", order=BreachOrder.BREACHED_AT_DESC, filter_by=BreachFilter
    )
