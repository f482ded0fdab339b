"""Campaigns, answers and scores in the database, on small organisations."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from assessment.claims import ReasonNotApplicable
from assessment.commands import (
    NotApplicableEntry,
    complete_campaign,
    record_answer,
    score_records,
    start_campaign,
)
from assessment.definitions import PATTERN_IDS
from assessment.facts import STATEMENTS, gather
from assessment.models import AssessedUnit, AssessmentPatternScore, AssessmentScore
from assessment.queries import latest_answers
from assessment.verdicts import Verdict
from services.db import Database
from services.errors import Conflict, NotFound, NotPermitted
from services.organisations.rules import AccessRole, Actor
from tests.factories.organisations import new_actor
from tests.factories.refusals import refused_fields
from tests.factories.world import new_world
from tests.statements import Statements

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DECLARED = NotApplicableEntry(
    ReasonNotApplicable.NO_PURCHASES, "Nothing is bought", "cio", date(2026, 11, 1), date(2027, 10, 31)
)


async def started(database: Database, actor: Actor) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await start_campaign(session, actor=actor, title="Autumn", as_of=NOW, now=NOW)


async def said(
    database: Database, actor: Actor, campaign_id: UUID, pattern: str = "R1", name: str = "ann", **answer: object
) -> None:
    async with database.writing(actor.organisation_id) as session:
        await record_answer(
            session, actor=actor, campaign_id=campaign_id, pattern=pattern, respondent=name, role="manager",
            **{"now": NOW} | answer,  # type: ignore[arg-type]
        )  # fmt: skip


async def completed(database: Database, actor: Actor, campaign_id: UUID) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await complete_campaign(session, actor=actor, campaign_id=campaign_id, now=NOW)


async def patterns_of(database: Database, actor: Actor, score_id: UUID) -> dict[str, AssessmentPatternScore]:
    async with database.reading(actor.organisation_id) as session:
        statement = select(AssessmentPatternScore).where(
            AssessmentPatternScore.organisation_id == actor.organisation_id,
            AssessmentPatternScore.score_id == score_id,
        )
        return {each.pattern: each for each in (await session.execute(statement)).scalars()}


async def scored(database: Database, actor: Actor, as_of: datetime = NOW) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await score_records(session, actor=actor, as_of=as_of, now=NOW)


async def test_an_organisation_without_records_gets_a_score_that_cannot_tell(database: Database, actor: Actor) -> None:
    found = await patterns_of(database, actor, await scored(database, actor))
    assert set(found) == set(PATTERN_IDS)
    assert {each.verdict for each in found.values()} == {Verdict.CANNOT_TELL}
    assert all(each.missing and each.reason and each.confirmed is None for each in found.values())


async def test_a_score_keeps_every_unit_behind_it(database: Database, actor: Actor) -> None:
    await new_world(database, actor)
    found = await patterns_of(database, actor, await scored(database, actor))
    async with database.reading(actor.organisation_id) as session:
        units = (await session.execute(select(AssessedUnit).order_by(AssessedUnit.position))).scalars().all()
    for pattern in found.values():
        assert sum(unit.pattern_score_id == pattern.id for unit in units) == pattern.units
    assert found["R3"].units > 0
    assert all(unit.reason and unit.failed_predicate for unit in units if unit.shortfall)


async def test_the_same_instant_and_records_give_the_same_score(database: Database, actor: Actor) -> None:
    await new_world(database, actor)
    first, second = await scored(database, actor), await scored(database, actor)
    async with database.reading(actor.organisation_id) as session:
        scores = [await session.get_one(AssessmentScore, (actor.organisation_id, id_)) for id_ in (first, second)]
    assert scores[0].findings_digest == scores[1].findings_digest
    one, other = [await patterns_of(database, actor, id_) for id_ in (first, second)]
    columns = [
        column.name for column in AssessmentPatternScore.__table__.columns if column.name not in ("id", "score_id")
    ]
    for name in PATTERN_IDS:
        assert [getattr(one[name], column) for column in columns] == [
            getattr(other[name], column) for column in columns
        ]


async def test_nothing_recorded_after_the_instant_counts(database: Database, actor: Actor) -> None:
    world = await new_world(database, actor)
    before = world.breach.recorded_at - timedelta(days=1)
    found = await patterns_of(database, actor, await scored(database, actor, as_of=before))
    assert {each.verdict for each in found.values()} == {Verdict.CANNOT_TELL}


async def test_gathering_takes_the_same_statements_whatever_there_is(
    database: Database, actor: Actor, statements: Statements
) -> None:
    for filled in (False, True):
        if filled:
            await new_world(database, actor)
        async with database.reading(actor.organisation_id) as session:
            statements.clear()
            await gather(session, actor.organisation_id, as_of=NOW)
            assert len(statements.texts) == STATEMENTS


async def test_a_later_answer_of_the_same_respondent_counts(database: Database, actor: Actor) -> None:
    campaign = await started(database, actor)
    await said(database, actor, campaign, level=2)
    await said(database, actor, campaign, level=4, now=NOW + timedelta(minutes=1))
    found = await patterns_of(database, actor, await completed(database, actor, campaign))
    assert (found["R1"].claimed, found["R1"].claim_least, found["R1"].claim_most) == (4, 4, 4)


async def test_the_claim_is_the_lower_median_with_its_spread_beside_the_evidence(
    database: Database, actor: Actor
) -> None:
    await new_world(database, actor)
    campaign = await started(database, actor)
    for name, level in (("ann", 3), ("bob", 4), ("cid", 4), ("dee", 3)):
        await said(database, actor, campaign, pattern="R3", name=name, level=level)
        await said(database, actor, campaign, pattern="G1", name=name, level=1)
    r3 = (await patterns_of(database, actor, await completed(database, actor, campaign)))["R3"]
    assert (r3.claimed, r3.claim_least, r3.claim_most) == (3, 3, 4)
    assert r3.confirmed is not None
    assert r3.gap == 3 - r3.confirmed


async def test_who_was_asked_and_said_nothing_is_on_record_as_that(database: Database, actor: Actor) -> None:
    campaign = await started(database, actor)
    await said(database, actor, campaign, level=4)
    await said(database, actor, campaign, name="bob")
    async with database.reading(actor.organisation_id) as session:
        answers = await latest_answers(session, actor.organisation_id, campaign)
    assert {answer.respondent: answer.level for answer in answers} == {"ann": 4, "bob": None}
    found = await patterns_of(database, actor, await completed(database, actor, campaign))
    assert found["R1"].claimed is None


async def test_a_pattern_may_be_declared_not_applicable_with_reason_and_approver(
    database: Database, actor: Actor
) -> None:
    campaign = await started(database, actor)
    await said(database, actor, campaign, pattern="G6", not_applicable=DECLARED)
    with refused_fields("not_applicable.approved_by"):
        await said(database, actor, campaign, pattern="G6", name="cio", not_applicable=DECLARED)


async def test_an_answer_says_what_is_wrong_with_it(database: Database, actor: Actor) -> None:
    campaign = await started(database, actor)
    with refused_fields("pattern", "respondent", "level"):
        await said(database, actor, campaign, pattern="Z9", name=" ", level=6)


async def test_a_completed_campaign_takes_no_answer_and_no_second_score(database: Database, actor: Actor) -> None:
    campaign = await started(database, actor)
    await completed(database, actor, campaign)
    with pytest.raises(Conflict):
        await said(database, actor, campaign, level=3)
    with pytest.raises(Conflict):
        await completed(database, actor, campaign)


async def test_a_viewer_may_answer_but_neither_start_nor_score(database: Database, actor: Actor) -> None:
    campaign = await started(database, actor)
    viewer = Actor(actor.organisation_id, actor.account_id, "viewer", AccessRole.VIEWER)
    await said(database, viewer, campaign, level=3)
    with pytest.raises(NotPermitted):
        await started(database, viewer)
    with pytest.raises(NotPermitted):
        await completed(database, viewer, campaign)
    with pytest.raises(NotPermitted):
        await scored(database, viewer)


async def test_a_campaign_of_another_organisation_does_not_exist(database: Database, actor: Actor) -> None:
    campaign, stranger = await started(database, actor), await new_actor(database)
    with pytest.raises(NotFound):
        await said(database, stranger, campaign, level=3)
    await new_world(database, actor)
    found = await patterns_of(database, stranger, await scored(database, stranger))
    assert {each.verdict for each in found.values()} == {Verdict.CANNOT_TELL}
