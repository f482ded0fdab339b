"""Root fields of improvement."""

from enum import Enum

import strawberry

from schema.improvement.types import BreachAcceptance, BreachAcceptanceFilter, Improvement, ImprovementFilter
from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup
from schema.planner.ordering import ascending, descending


@strawberry.enum(description="Orders of acceptances of breaches.")
class BreachAcceptanceOrder(Enum):
    """By when they were given."""

    ACCEPTED_AT_ASC = ascending("accepted_at", description="The earliest first.")
    ACCEPTED_AT_DESC = descending("accepted_at", description="The latest first.")


@strawberry.type
class Queries:
    """The register, and breaches left as they are."""

    improvement: Improvement | None = lookup(
        "An improvement by its key; null if there is none.", key=("key", str, "The key of the improvement.")
    )
    improvements: Connection[Improvement] = connection(
        "The improvement register.", order=KeyOrder.KEY_ASC, filter_by=ImprovementFilter
    )
    breach_acceptances: Connection[BreachAcceptance] = connection(
        "Breaches somebody accepted without improvement.",
        order=BreachAcceptanceOrder.ACCEPTED_AT_DESC,
        filter_by=BreachAcceptanceFilter,
    )
