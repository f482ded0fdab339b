"""How Wexcombe Stores is run, and how its people see it: decided by the end of its history alone, loaded once."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select

from assessment.commands import score_evidence
from assessment.definitions import PATTERN_IDS
from assessment.facts import gather
from assessment.models import AssessmentAnswer, AssessmentScore
from assessment.rules import AnswerKind
from assessment.verdicts import Verdict, judge
from services.db import Database, Tenant, new_id
from services.governance.models import Meeting
from services.governance.rules import Rhythm
from services.organisations.rules import Actor
from slm.reference.load_wexcombe import load_wexcombe
from slm.reference.wexcombe_answers import RESPONDENTS, answers
from slm.reference.wexcombe_governance import meetings, views

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


def test_views_and_meetings_are_decided_by_the_end_of_the_history() -> None:
    assert list(views(UNTIL)) == list(views(UNTIL))
    assert list(meetings(UNTIL)) == list(meetings(UNTIL))
    assert {meeting.rhythm for meeting in meetings(UNTIL)} == {Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY}


def test_nothing_is_held_or_done_after_the_end() -> None:
    assert all(meeting.held_at <= UNTIL for meeting in meetings(UNTIL))
    assert all(meeting.done_at is None or meeting.done_at <= UNTIL for meeting in meetings(UNTIL))


def test_everybody_is_asked_about_everything_and_every_kind_of_answer_occurs() -> None:
    people: dict[str, UUID] = {key: new_id() for key, _ in RESPONDENTS}
    given = list(answers(people, UNTIL.date()))
    assert len(given) == len(RESPONDENTS) * len(PATTERN_IDS)
    assert {answer.kind for answer in given} == set(AnswerKind)


async def test_its_records_give_every_verdict_and_its_people_claim_more(
    database: Database, demo_organisation: Actor
) -> None:
    actor = demo_organisation
    async with database.reading(actor.organisation_id) as session:
        scored, _ = score_evidence(await gather(session, actor.organisation_id, as_of=datetime.now(UTC)))
        statement = select(AssessmentScore).where(AssessmentScore.organisation_id == actor.organisation_id)
        stored = (await session.execute(statement)).scalars().one()
    verdicts = {judge(found).verdict for found in scored.patterns.values()}
    assert verdicts >= {Verdict.MET, Verdict.NOT_MET, Verdict.DETECTED, Verdict.CANNOT_TELL}
    assert stored.campaign_id is not None
    assert stored.agreement is not None


async def test_loading_it_again_changes_nothing(database: Database, demo_organisation: Actor) -> None:
    async def counted(table: type[Tenant]) -> int:
        async with database.reading(demo_organisation.organisation_id) as session:
            statement = select(func.count()).select_from(table)
            own = statement.where(table.organisation_id == demo_organisation.organisation_id)
            return (await session.execute(own)).scalar_one()

    before = [await counted(Meeting), await counted(AssessmentAnswer)]
    await load_wexcombe(database, seed=8, now=datetime.now(UTC), tickets=200)
    assert [await counted(Meeting), await counted(AssessmentAnswer)] == before
