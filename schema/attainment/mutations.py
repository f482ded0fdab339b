"""Signing results off, and adjusting signed ones."""

from decimal import Decimal
from typing import Annotated

import strawberry

from schema.attainment.types import PeriodAdjustment, PeriodFreeze, PeriodResult
from schema.mutation import Change, Refusal, mutation
from schema.planner.declarations import row, stored
from schema.references import referenced
from services.attainment import freezing


@strawberry.input(description="A signature under a period result.")
class FreezePeriodResultInput:
    """Which result, and who signs it."""

    period_result_id: strawberry.ID = strawberry.field(description="The result, of a period that ended and is judged.")
    signed_by_id: strawberry.ID = strawberry.field(description="The person who signs it.")
    note: str = strawberry.field(default="", description="What they say about it, at most 4,000 characters.")


@strawberry.input(description="What a frozen period should have been. Outcome and attainment follow from it.")
class AdjustedFiguresInput:
    """Counts of clocks."""

    met: int = strawberry.field(description="Clocks that kept the promise, 0 or more.")
    missed: int = strawberry.field(description="Clocks that broke it, 0 or more.")
    cancelled: int = strawberry.field(default=0, description="Clocks that were cancelled, 0 or more.")
    objective_percent: Decimal | None = strawberry.field(
        default=None,
        description="The share that must keep the promise, above 0, at most 100; null: that of the frozen result.",
    )


@strawberry.input(description="A signed adjustment of a frozen period result.")
class AdjustPeriodResultInput:
    """Which result, what it should have been, why, and who says so."""

    period_result_id: strawberry.ID = strawberry.field(description="The frozen result.")
    figures: AdjustedFiguresInput = strawberry.field(description="What it should have been.")
    reason: str = strawberry.field(description="Why the frozen figures are not right, 1 to 4,000 characters.")
    signed_by_id: strawberry.ID = strawberry.field(description="The person who signs it.")
    expected_adjustments: int = strawberry.field(
        description="How many adjustments it has as far as you know. With another number the answer is a Conflict."
    )


@strawberry.type(description="A result was frozen.")
class FreezePeriodResultPayload:
    """See freezePeriodResult."""

    freeze: PeriodFreeze = stored("The signature.")
    period_result: PeriodResult = stored("The result.")


@strawberry.type(description="A frozen result was adjusted. What was frozen stays beside it.")
class AdjustPeriodResultPayload:
    """See adjustPeriodResult."""

    adjustment: PeriodAdjustment = stored("The adjustment.")
    period_result: PeriodResult = stored("The result.")


FreezePeriodResultResult = Annotated[
    FreezePeriodResultPayload | Refusal,
    strawberry.union("FreezePeriodResultResult", description="What freezePeriodResult answers."),
]
AdjustPeriodResultResult = Annotated[
    AdjustPeriodResultPayload | Refusal,
    strawberry.union("AdjustPeriodResultResult", description="What adjustPeriodResult answers."),
]


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation(
        "Sign a period result off. From then on neither late facts nor changed definitions change it, only adjustments."
        " Role manager or administrator."
    )
    async def freeze_period_result(
        self,
        change: Change,
        given: Annotated[
            FreezePeriodResultInput, strawberry.argument(name="input", description="Which result, and who signs.")
        ],
    ) -> FreezePeriodResultResult:
        """See services.attainment.freezing.freeze_period_result."""
        session, actor, now = change
        result_id = referenced(actor, "PeriodResult", given.period_result_id)
        frozen = await freezing.freeze_period_result(
            session,
            actor=actor,
            period_result_id=result_id,
            signed_by_id=referenced(actor, "Person", given.signed_by_id),
            note=given.note,
            now=now,
        )
        return FreezePeriodResultPayload(freeze=row(frozen), period_result=row(result_id))

    @mutation(
        "Say with a signature and a reason what a frozen period result should have been. Readers of the result get"
        " both; overviews, breaches, reports and forecasts do not follow it."
        " Role manager or administrator."
    )
    async def adjust_period_result(
        self,
        change: Change,
        given: Annotated[
            AdjustPeriodResultInput, strawberry.argument(name="input", description="Which result, what and why.")
        ],
    ) -> AdjustPeriodResultResult:
        """See services.attainment.freezing.adjust_period_result."""
        session, actor, now = change
        result_id = referenced(actor, "PeriodResult", given.period_result_id)
        figures = given.figures
        adjusted = await freezing.adjust_period_result(
            session,
            actor=actor,
            period_result_id=result_id,
            figures=freezing.AdjustedFigures(figures.met, figures.missed, figures.cancelled, figures.objective_percent),
            reason=given.reason,
            signed_by_id=referenced(actor, "Person", given.signed_by_id),
            expected_adjustments=given.expected_adjustments,
            now=now,
        )
        return AdjustPeriodResultPayload(adjustment=row(adjusted), period_result=row(result_id))
