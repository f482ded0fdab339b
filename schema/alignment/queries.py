"""Root fields of alignment: the trace, and whether promises are backed."""

import strawberry

from schema.alignment.chain_queries import ChainQueries
from schema.alignment.coverage import (
    CoverageReport,
    DesignTraceability,
    resolve_coverage,
    resolve_design_traceability,
)
from schema.alignment.trace import TileTraces, TraceMatrix, resolve_tile_traces, resolve_trace_matrix
from schema.alignment.underpinning import Underpinning, resolve_underpinning


@strawberry.type
class Queries(ChainQueries):
    """What is computed when it is asked for."""

    trace_matrix: TraceMatrix = strawberry.field(
        resolver=resolve_trace_matrix,
        description="Requirements by key, each with what monitors, promises and contracts it at an instant, the hops to"
        " a dashboard, and when it was approved.",
    )
    tile_traces: TileTraces = strawberry.field(
        resolver=resolve_tile_traces,
        description="Tiles by key, each traced back to the requirements it goes back to at an instant.",
    )
    coverage: CoverageReport = strawberry.field(
        resolver=resolve_coverage, description="How much of what is live was designed, at an instant."
    )
    design_traceability: DesignTraceability = strawberry.field(
        resolver=resolve_design_traceability,
        description="Whether requirements were captured in design and today's dashboards trace to them.",
    )
    underpinning: Underpinning = strawberry.field(
        resolver=resolve_underpinning,
        description="How many targets promised to customers are underpinned, and how many gaps wait for an owner.",
    )
