"""A signed result stays; what is found later stands beside it and enters by a signed adjustment only."""

import asyncio
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from services.attainment.freezing import AdjustedFigures, adjust_period_result, freeze_period_result
from services.db import Database
from services.domain.vocabulary import Outcome, TicketState
from services.errors import Conflict, Invalid, NotFound, NotPermitted
from services.organisations.rules import AccessRole, Actor
from tests.factories.changes import JULY, MONDAY, faster, rows
from tests.factories.organisations import new_actor, new_person
from tests.factories.tickets import event, happened, hours


async def result_id(database: Database, actor: Actor) -> UUID:
    ((id_,),) = await rows(database, actor, "SELECT id FROM period_result WHERE organisation_id = $1")
    found: UUID = id_
    return found


@pytest.fixture
async def ann(database: Database, actor: Actor) -> UUID:
    return await new_person(database, actor)


async def freeze(database: Database, actor: Actor, ann: UUID, now: datetime = JULY) -> UUID:
    id_ = await result_id(database, actor)
    async with database.writing(actor.organisation_id) as session:
        return await freeze_period_result(session, actor=actor, period_result_id=id_, signed_by_id=ann, now=now)


async def adjust(
    database: Database, actor: Actor, ann: UUID, *, met: int = 1, missed: int = 1, expected: int = 0
) -> UUID:
    id_ = await result_id(database, actor)
    async with database.writing(actor.organisation_id) as session:
        return await adjust_period_result(
            session,
            actor=actor,
            period_result_id=id_,
            figures=AdjustedFigures(met, missed),
            reason="two tickets were counted twice",
            signed_by_id=ann,
            expected_adjustments=expected,
            now=JULY,
        )


@pytest.mark.capability("R3", partly=True)
async def test_a_frozen_result_stays_and_what_it_would_be_stands_beside_it(
    database: Database, actor: Actor, judged: UUID, calendar_id: UUID, ann: UUID
) -> None:
    await freeze(database, actor, ann)
    before = await rows(database, actor, "SELECT xmin::text, * FROM period_result WHERE organisation_id = $1")
    effect = await faster(database, actor, calendar_id)
    assert (effect.periods.total, effect.frozen_periods.total) == (0, 1)
    (frozen,) = effect.frozen_periods.shown
    assert frozen.before is not None
    assert (frozen.before.outcome, frozen.after.outcome) == (Outcome.MET, Outcome.MISSED)
    assert await rows(database, actor, "SELECT xmin::text, * FROM period_result WHERE organisation_id = $1") == before
    (recomputed,) = await rows(database, actor, "SELECT * FROM recomputed_period_result WHERE organisation_id = $1")
    assert (recomputed.met, recomputed.missed, recomputed.outcome) == (1, 1, "missed")
    kinds = await rows(database, actor, "SELECT kind FROM breach WHERE organisation_id = $1")
    assert [kind for (kind,) in kinds] == ["clock"]


async def test_late_facts_do_not_move_a_frozen_result(
    database: Database, actor: Actor, judged: UUID, ann: UUID
) -> None:
    await freeze(database, actor, ann)
    late = [
        event("late", MONDAY, TicketState.NEW),
        event("late", MONDAY + hours(1), TicketState.CLOSED, sequence=1),
    ]
    await happened(database, actor, judged, late, JULY + hours(5))
    assert [
        tuple(r) for r in await rows(database, actor, "SELECT met FROM period_result WHERE organisation_id = $1")
    ] == [(2,)]
    sql = "SELECT met FROM recomputed_period_result WHERE organisation_id = $1"
    assert [tuple(row) for row in await rows(database, actor, sql)] == [(3,)]


async def test_a_period_that_runs_or_waits_is_not_frozen(
    database: Database, actor: Actor, service_id: UUID, ann: UUID
) -> None:
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    with pytest.raises(Conflict, match="ends at"):
        await freeze(database, actor, ann, now=MONDAY)
    with pytest.raises(Conflict, match="not judged yet"):
        await freeze(database, actor, ann)


async def test_of_two_who_freeze_at_the_same_moment_one_is_told(
    database: Database, actor: Actor, judged: UUID, ann: UUID
) -> None:
    outcomes = await asyncio.gather(*(freeze(database, actor, ann) for _ in range(3)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Conflict", "UUID"]


async def test_an_adjustment_is_signed_numbered_and_judged_by_the_frozen_objective(
    database: Database, actor: Actor, judged: UUID, ann: UUID
) -> None:
    await freeze(database, actor, ann)
    await adjust(database, actor, ann)
    (made,) = await rows(database, actor, "SELECT * FROM period_adjustment WHERE organisation_id = $1")
    assert (made.number, made.signed_by_id, made.outcome) == (1, ann, "missed")
    assert (made.attainment_percent, made.objective_percent) == (Decimal(50), Decimal(95))


async def test_only_a_frozen_result_is_adjusted(database: Database, actor: Actor, judged: UUID, ann: UUID) -> None:
    with pytest.raises(Conflict, match="not frozen"):
        await adjust(database, actor, ann)


async def test_nobody_overrides_an_adjustment_they_have_not_seen(
    database: Database, actor: Actor, judged: UUID, ann: UUID
) -> None:
    await freeze(database, actor, ann)
    outcomes = await asyncio.gather(*(adjust(database, actor, ann) for _ in range(3)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Conflict", "UUID"]
    await adjust(database, actor, ann, met=2, missed=0, expected=1)


async def test_figures_below_zero_and_missing_reasons_are_refused_by_name(
    database: Database, actor: Actor, judged: UUID, ann: UUID
) -> None:
    await freeze(database, actor, ann)
    with pytest.raises(Invalid) as refused:
        await adjust(database, actor, ann, met=-1)
    assert [problem.field for problem in refused.value.problems] == ["figures.met"]


async def test_results_of_others_are_neither_frozen_nor_adjusted(
    database: Database, actor: Actor, judged: UUID
) -> None:
    other, id_ = await new_actor(database), await result_id(database, actor)
    person = await new_person(database, other)
    with pytest.raises(NotFound):
        async with database.writing(other.organisation_id) as session:
            await freeze_period_result(session, actor=other, period_result_id=id_, signed_by_id=person, now=JULY)


async def test_only_who_may_define_signs(database: Database, actor: Actor, judged: UUID, ann: UUID) -> None:
    with pytest.raises(NotPermitted):
        await freeze(database, Actor(actor.organisation_id, actor.account_id, "reader", AccessRole.VIEWER), ann)


async def test_freezing_while_facts_arrive_keeps_one_of_both_and_shows_the_other(
    database: Database, actor: Actor, judged: UUID, ann: UUID
) -> None:
    late = [
        event("late", MONDAY, TicketState.NEW),
        event("late", MONDAY + hours(1), TicketState.CLOSED, sequence=1),
    ]
    await asyncio.gather(freeze(database, actor, ann), happened(database, actor, judged, late, JULY + hours(5)))
    ((met,),) = await rows(database, actor, "SELECT met FROM period_result WHERE organisation_id = $1")
    beside = await rows(database, actor, "SELECT met FROM recomputed_period_result WHERE organisation_id = $1")
    assert (met, [row.met for row in beside]) in [(3, []), (2, [3])]
