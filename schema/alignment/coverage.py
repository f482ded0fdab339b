"""Coverage figures and the answer to the question whether requirements from design reach today's dashboards."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated

import strawberry

from assessment.definitions import shipped_patterns
from schema.alignment.trace import AS_OF, instant_of
from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.vocabulary import ApprovalTiming, CoverageCode
from services.alignment.coverage import Counted, Coverage, coverage
from services.errors import FieldProblem, Invalid
from services.organisations.rules import Actor

MOST_GAPS = 500
QUESTION = "Q1"


@strawberry.type(description="Something that a figure of coverage does not count, and why.")
class CoverageGap:
    """See services.alignment.coverage.Gap."""

    id: strawberry.ID = strawberry.field(description="The service, requirement or tile, for `node`.")
    name: str = strawberry.field(description="What it is called.")
    because: str = strawberry.field(description="Why it is not counted.")


@strawberry.type(description="How many of how many.")
class CoverageFigure:
    """See services.alignment.coverage.Counted."""

    code: CoverageCode = strawberry.field(description="What is counted.")
    numerator: int | None = strawberry.field(description="How many; null if it cannot be told.")
    denominator: int | None = strawberry.field(description="Of how many; null if it cannot be told.")
    percent: Decimal | None = strawberry.field(
        description="The share in percent, rounded to six places; null if it cannot be told."
    )
    because: str = strawberry.field(description="Why it cannot be told: the records that are missing; else empty.")
    missing: list[CoverageGap] = strawberry.field(description="What is not counted, as many as were asked for.")
    missing_count: int = strawberry.field(description="How many things are not counted.")


@strawberry.type(description="How many live services had their earliest requirement approved when.")
class TimingCount:
    """One timing."""

    timing: ApprovalTiming = strawberry.field(description="When.")
    services: int = strawberry.field(description="How many live services.")


@strawberry.type(description="How much of what is live was designed, at an instant.")
class CoverageReport:
    """See services.alignment.coverage.Coverage."""

    as_of: datetime = strawberry.field(description="The instant.")
    headline: str = strawberry.field(description="How many live services are managed as they were designed, in words.")
    figures: list[CoverageFigure] = strawberry.field(description="Every figure there is.")
    timings: list[TimingCount] = strawberry.field(description="When requirements were approved, earliest first.")


@strawberry.type(
    description="Were requirements captured in design, and do today's dashboards trace to them? Whom to ask, by which"
    " records, and what is missing."
)
class DesignTraceability:
    """The answer to question Q1."""

    as_of: datetime = strawberry.field(description="The instant.")
    in_design: CoverageFigure = strawberry.field(description="Live services with a requirement approved in design.")
    traceable: CoverageFigure = strawberry.field(
        description="Of requirements approved in design, those that lead to a dashboard without a gap, as it stands."
    )
    tiles: CoverageFigure = strawberry.field(description="The other way round: tiles that go back to a requirement.")
    ask: list[str] = strawberry.field(description="Whom to ask.")
    data: list[str] = strawberry.field(description="Which records show it.")
    missing: list[str] = strawberry.field(description="Which records are missing to tell; empty if it can be told.")


async def resolve_coverage(
    info: Info,
    as_of: Annotated[datetime | None, strawberry.argument(description=AS_OF)] = None,
    gaps: Annotated[int, strawberry.argument(description="How many `missing` of each figure at most, 0 to 500.")] = 50,
) -> CoverageReport:
    """Every figure."""
    found = await _found(info, as_of, gaps)
    return CoverageReport(
        as_of=found.as_of,
        headline=found.headline,
        figures=[_figure(info.context.actor, each, gaps) for each in found.figures],
        timings=[TimingCount(timing=timing, services=count) for timing, count in found.timings.items()],
    )


async def resolve_design_traceability(
    info: Info,
    as_of: Annotated[datetime | None, strawberry.argument(description=AS_OF)] = None,
    gaps: Annotated[int, strawberry.argument(description="How many `missing` of each figure at most, 0 to 500.")] = 50,
) -> DesignTraceability:
    """Three of the figures, and where they come from."""
    found = await _found(info, as_of, gaps)
    by_code = {each.code: each for each in found.figures}
    chosen = [
        by_code[CoverageCode.REQUIRED_IN_DESIGN],
        by_code[CoverageCode.TRACEABLE_OF_DESIGNED],
        by_code[CoverageCode.TILES_TRACEABLE],
    ]
    in_design, traceable, tiles = (_figure(info.context.actor, each, gaps) for each in chosen)
    pattern = shipped_patterns().patterns[QUESTION]
    return DesignTraceability(
        as_of=found.as_of,
        in_design=in_design,
        traceable=traceable,
        tiles=tiles,
        ask=list(pattern.ask),
        data=list(pattern.data),
        missing=[each.because for each in chosen if each.because],
    )


async def _found(info: Info, as_of: datetime | None, gaps: int) -> Coverage:
    if not 0 <= gaps <= MOST_GAPS:
        problem = FieldProblem("gaps", f"expected 0 to {MOST_GAPS}, got {gaps}")
        raise Invalid("the figures cannot be shown", [problem])
    organisation_id, instant = info.context.actor.organisation_id, instant_of(info, as_of)
    async with info.context.database.reading(organisation_id) as session:
        return await coverage(session, organisation_id, as_of=instant)


def _figure(actor: Actor, counted: Counted, gaps: int) -> CoverageFigure:
    percent = None
    if counted.total:
        share = Decimal(100 * counted.count) / counted.total
        percent = share.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return CoverageFigure(
        code=counted.code,
        numerator=None if counted.total is None else counted.count,
        denominator=counted.total,
        percent=percent,
        because=counted.because,
        missing=[
            CoverageGap(
                id=strawberry.ID(encode_global_id(gap.type_name, actor.organisation_id, gap.id)),
                name=gap.name,
                because=gap.because,
            )
            for gap in counted.gaps[:gaps]
        ],
        missing_count=len(counted.gaps),
    )
