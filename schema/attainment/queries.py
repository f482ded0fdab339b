"""Root fields of attainment."""

import strawberry

from schema.attainment.grouped import AttainmentGroup, resolve_attainment
from schema.attainment.inputs import PeriodResultFilter, PeriodResultOrder
from schema.attainment.recomputations import Recomputation, RecomputationOrder
from schema.attainment.review import ServiceReview, resolve_service_review
from schema.attainment.types import PeriodResult
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class Queries:
    """Period results."""

    period_results: Connection[PeriodResult] = connection(
        "How often targets held, of all targets and periods.",
        order=PeriodResultOrder.PERIOD_START_DESC,
        filter_by=PeriodResultFilter,
    )
    recomputations: Connection[Recomputation] = connection(
        "Every change of a definition or calendar that was applied, with what became of it.",
        order=RecomputationOrder.RECORDED_AT_DESC,
    )
    attainment: list[AttainmentGroup] = strawberry.field(
        resolver=resolve_attainment,
        description="How often promises were kept, by any grouping of tickets: the most missed promises first.",
    )
    service_review: ServiceReview = strawberry.field(
        resolver=resolve_service_review,
        description=(
            "What a month, or a span of days, or everything held, and what one should know about it: the figures are"
            " counted when asked for, the findings come from rules. Give a month or days, not both."
        ),
    )
