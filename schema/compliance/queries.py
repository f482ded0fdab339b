"""Root fields of compliance."""

import strawberry

from schema.compliance.blame import DesignBlame, resolve_design_blame
from schema.compliance.exposure import ServiceExposure, resolve_exposure
from schema.compliance.liability import Liabilities, resolve_liabilities
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

    liabilities: Liabilities = strawberry.field(
        resolver=resolve_liabilities,
        description="Services whose promises are not backed by what teams and suppliers owe, and what is at risk.",
    )
    design_blame: list[DesignBlame] = strawberry.field(
        resolver=resolve_design_blame,
        description="Services by how often service level management is blamed for their breaches, beside whether it was"
        " there when they were designed.",
    )
    breaches: Connection[Breach] = connection(
        "All broken promises, retracted ones included.", order=BreachOrder.BREACHED_AT_DESC, filter_by=BreachFilter
    )
