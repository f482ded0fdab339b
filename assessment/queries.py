"""Reads of campaigns and of the latest answers in them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from assessment.claims import Answer, NotApplicable
from assessment.models import AssessmentAnswer, AssessmentCampaign
from assessment.rules import AnswerKind
from services.db import ReadSession


@dataclass(frozen=True)
class Campaign:
    """A campaign as it stands."""

    campaign_id: UUID
    title: str
    as_of: datetime
    pattern_set: str
    completed_at: datetime | None


async def latest_campaign(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> Campaign | None:
    """The campaign that is about the latest instant up to this one, completed or not. One statement."""
    statement = (
        select(AssessmentCampaign)
        .where(AssessmentCampaign.organisation_id == organisation_id, AssessmentCampaign.as_of <= as_of)
        .order_by(AssessmentCampaign.as_of.desc(), AssessmentCampaign.id.desc())
        .limit(1)
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return None if found is None else _campaign(found)


async def open_campaign(session: ReadSession, organisation_id: UUID, *, title: str) -> Campaign | None:
    """The latest campaign of this title that still takes answers. One statement."""
    statement = (
        select(AssessmentCampaign)
        .where(
            AssessmentCampaign.organisation_id == organisation_id,
            AssessmentCampaign.title == title,
            AssessmentCampaign.completed_at.is_(None),
        )
        .order_by(AssessmentCampaign.as_of.desc(), AssessmentCampaign.id.desc())
        .limit(1)
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return None if found is None else _campaign(found)


async def latest_answers(session: ReadSession, organisation_id: UUID, campaign_id: UUID) -> list[Answer]:
    """The newest answer of each respondent to each pattern, completed by what they were not heard on. One statement.

    Whoever answers about anything was asked about everything that anybody was asked about in the campaign.
    """
    table = AssessmentAnswer
    statement = (
        select(table)
        .where(table.organisation_id == organisation_id, table.campaign_id == campaign_id)
        .order_by(table.recorded_at, table.id)
    )
    latest: dict[tuple[str, str], Answer] = {}
    roles: dict[str, str] = {}
    for each in (await session.execute(statement)).scalars():
        answer = _answer(each)
        latest[each.pattern, answer.respondent] = answer
        roles[answer.respondent] = answer.role
    asked = sorted({pattern for pattern, _ in latest})
    return [
        latest.get((pattern, respondent)) or Answer(pattern, respondent, roles[respondent])
        for pattern in asked
        for respondent in sorted(roles)
    ]


def respondent_of(person_id: UUID | None, name: str) -> str:
    """What tells respondents apart: the id of a known person, or the name of any other."""
    return name if person_id is None else str(person_id)


def _campaign(stored: AssessmentCampaign) -> Campaign:
    return Campaign(stored.id, stored.title, stored.as_of, stored.pattern_set, stored.completed_at)


def _answer(stored: AssessmentAnswer) -> Answer:
    declared = None
    if (
        stored.kind is AnswerKind.NOT_APPLICABLE
        and stored.reason is not None
        and stored.approved_on is not None
        and stored.expires_on is not None
    ):
        declared = NotApplicable(
            stored.reason, stored.explanation, stored.approved_by, stored.approved_on, stored.expires_on
        )
    return Answer(
        stored.pattern,
        respondent_of(stored.person_id, stored.respondent),
        stored.role,
        None if stored.level is None else int(stored.level),
        declared,
    )
