"""Root fields of requirements."""

import strawberry

from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup
from schema.requirements.types import RequirementFilter, ServiceLevelRequirement


@strawberry.type
class Queries:
    """Service level requirements."""

    requirement: ServiceLevelRequirement | None = lookup(
        "A requirement by its key; null if there is none.", key=("key", str, "The key of the requirement.")
    )
    requirements: Connection[ServiceLevelRequirement] = connection(
        "All service level requirements.", order=KeyOrder.KEY_ASC, filter_by=RequirementFilter
    )
