"""Signing results off, and saying with a signature what a signed one should have been."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from services.attainment.models import PeriodAdjustment, PeriodFreeze, PeriodResult
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.domain.rates import judge, rate
from services.domain.vocabulary import Outcome
from services.errors import Conflict, NotFound
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.organisations.turns import wait_for_turn
from services.rows import add_row, check_reference

MOST_COUNTED = 10**12
OBJECTIVE_PLACES = 6


@dataclass(frozen=True)
class AdjustedFigures:
    """What a period is said to have been: clocks that kept the promise, broke it, or were cancelled.

    `objective_percent`: the share that had to keep it, above 0 and at most 100; None for that of the frozen result.
    """

    met: int
    missed: int
    cancelled: int = 0
    objective_percent: Decimal | None = None


async def freeze_period_result(
    session: WriteSession, *, actor: Actor, period_result_id: UUID, signed_by_id: UUID, note: str = "", now: datetime
) -> UUID:
    """Sign a result off on behalf of a person; from then on it changes only by adjustments. Returns the freeze's id.

    Conflict while the period runs, while clocks that could change its outcome are pending, or when it is frozen before.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("note", note, longest=LONGEST_NOTE, required=False)
    await check_reference(session, problems, "signed_by_id", Person, actor.organisation_id, signed_by_id)
    problems.refuse("the period result cannot be frozen")
    await wait_for_turn(session, actor.organisation_id)
    result = await _result(session, actor, period_result_id)
    if result.period_end > now:
        raise Conflict(f"the period ends at {result.period_end.isoformat()}; it can be frozen from then on")
    if result.outcome is Outcome.PENDING:
        raise Conflict("the period is not judged yet: clocks that count in it are pending")
    return await add_row(
        session,
        PeriodFreeze,
        {
            "period_result_id": period_result_id,
            "signed_by_id": signed_by_id,
            "note": note,
            **actor.stamps(now),
        },
        taken="the period result is frozen already",
    )


async def adjust_period_result(
    session: WriteSession,
    *,
    actor: Actor,
    period_result_id: UUID,
    figures: AdjustedFigures,
    reason: str,
    signed_by_id: UUID,
    expected_adjustments: int,
    now: datetime,
) -> UUID:
    """Say with a person's signature what a frozen period should have been; what was frozen stays beside it.

    Outcome and attainment follow from the counts and the objective. Conflict when the result is not frozen, or has
    another number of adjustments than the caller expects, so that nobody overrides what they have not seen. Returns
    the adjustment's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("reason", reason, longest=LONGEST_NOTE)
    for name in ("met", "missed", "cancelled"):
        if not 0 <= getattr(figures, name) <= MOST_COUNTED:
            problems.add(f"figures.{name}", f"expected 0 to {MOST_COUNTED}, got {getattr(figures, name)}")
    _check_objective(problems, figures.objective_percent)
    await check_reference(session, problems, "signed_by_id", Person, actor.organisation_id, signed_by_id)
    problems.refuse("the period result cannot be adjusted")
    await wait_for_turn(session, actor.organisation_id)
    result = await _result(session, actor, period_result_id)
    if not await _count(session, actor, PeriodFreeze, period_result_id):
        raise Conflict("the period result is not frozen: it follows what is recorded by itself")
    known = await _count(session, actor, PeriodAdjustment, period_result_id)
    if known != expected_adjustments:
        raise Conflict(f"the period result has {known} adjustments, not {expected_adjustments}: look at them first")
    objective = figures.objective_percent or result.objective_percent
    decided = figures.met + figures.missed
    outcome = judge(met=figures.met, missed=figures.missed, pending=0, objective_percent=objective, finished=True)
    return await add_row(
        session,
        PeriodAdjustment,
        {
            "period_result_id": period_result_id,
            "number": known + 1,
            "signed_by_id": signed_by_id,
            "reason": reason,
            "met": figures.met,
            "missed": figures.missed,
            "cancelled": figures.cancelled,
            "objective_percent": objective,
            "attainment_percent": rate(figures.met, decided).percent,
            "outcome": outcome,
            **actor.stamps(now),
        },
        taken="somebody else adjusted the period result at the same moment",
    )


def _check_objective(problems: Problems, percent: Decimal | None) -> None:
    if percent is None:
        return
    if not percent.is_finite() or not 0 < percent <= 100:
        problems.add("figures.objective_percent", "expected a percentage above 0 and at most 100")
    elif percent != round(percent, OBJECTIVE_PLACES):
        problems.add("figures.objective_percent", f"expected at most {OBJECTIVE_PLACES} decimal places")


async def _result(session: WriteSession, actor: Actor, period_result_id: UUID) -> PeriodResult:
    statement = select(PeriodResult).where(
        PeriodResult.organisation_id == actor.organisation_id, PeriodResult.id == period_result_id
    )
    result = (await session.execute(statement)).scalar_one_or_none()
    if result is None:
        raise NotFound("there is no such period result")
    return result


async def _count(
    session: WriteSession, actor: Actor, table: type[PeriodFreeze] | type[PeriodAdjustment], period_result_id: UUID
) -> int:
    own = (table.organisation_id == actor.organisation_id, table.period_result_id == period_result_id)
    return (await session.execute(select(func.count()).select_from(table).where(*own))).scalar_one()
