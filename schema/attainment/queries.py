"""Root fields of attainment."""

import strawberry

from schema.attainment.inputs import PeriodResultFilter, PeriodResultOrder
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
