"""Asking people, keeping what they said, and scoring what the records show beside it.

Administrators and managers start campaigns and score. Any account of the organisation may record an answer, a viewer's
too: an assessment that only managers can answer hears only managers.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from assessment import claims as claiming
from assessment.claims import NotApplicable, ReasonNotApplicable, not_applicable_problems, summarise_claims
from assessment.definitions import PatternSet, shipped_patterns
from assessment.evidence import Evidence
from assessment.facts import gather, has_live_services
from assessment.findings import Findings
from assessment.models import (
    AssessedUnit,
    AssessmentAnswer,
    AssessmentCampaign,
    AssessmentPatternScore,
    AssessmentScore,
)
from assessment.probes import probe_all
from assessment.queries import latest_answers, respondent_of
from assessment.rules import AnswerKind
from assessment.scoring import Score, score
from assessment.stored import pattern_rows, score_row
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import add_row, check_reference

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class NotApplicableEntry:
    """Why a pattern does not apply, who approved saying so, when, and up to and including which day it holds."""

    reason: ReasonNotApplicable
    explanation: str
    approved_by: str
    approved_on: date
    expires_on: date


async def start_campaign(session: WriteSession, *, actor: Actor, title: str, as_of: datetime, now: datetime) -> UUID:
    """Begin asking; what people say will be compared with the records of `as_of`. Returns the campaign's id."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("title", title)
    problems.past("as_of", as_of, now)
    problems.refuse("the assessment cannot be started")
    values = {"title": title, "as_of": as_of, "pattern_set": shipped_patterns().version, "completed_at": None}
    return await add_row(session, AssessmentCampaign, {**values, **actor.stamps(now)}, taken="try again")


async def record_answer(
    session: WriteSession,
    *,
    actor: Actor,
    campaign_id: UUID,
    pattern: str,
    role: str,
    person_id: UUID | None = None,
    respondent: str = "",
    level: int | None = None,
    not_applicable: NotApplicableEntry | None = None,
    now: datetime,
) -> UUID:
    """Keep what a respondent said about a pattern: a level, that it does not apply, or (with neither) nothing.

    The respondent is a known person or a name. A later answer of the same respondent takes the place of this one.
    Conflict when the campaign is completed. Returns the answer's id.
    """
    actor.require(Permission.ANSWER)
    problems = Problems()
    campaign = await _open_campaign(session, actor, campaign_id)
    definition = shipped_patterns().patterns.get(pattern)
    if definition is None:
        problems.add("pattern", f"expected the id of a pattern such as G1, got {pattern[:20]!r}")
    problems.text("role", role)
    problems.text("respondent", respondent, required=person_id is None)
    if person_id is not None and respondent:
        problems.add("respondent", "expected a name only where no person is given")
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    if level is not None and not 1 <= level <= 5:
        problems.add("level", f"expected a level from 1 to 5, got {level}")
    if level is not None and not_applicable is not None:
        problems.add("not_applicable", "expected either a level or that it does not apply, not both")
    if not_applicable is not None:
        _check_texts(problems, not_applicable)
    problems.refuse("the answer cannot be recorded")
    if not_applicable is not None and definition is not None:
        declared = NotApplicable(**vars(not_applicable))
        live = await has_live_services(session, actor.organisation_id, as_of=campaign.as_of)
        said = claiming.Answer(pattern, respondent_of(person_id, respondent), role, None, declared)
        for problem in not_applicable_problems(said, definition, live_services=live):
            problems.add(problem.field, problem.message)
        problems.refuse("the answer cannot be recorded")
    kind = (
        AnswerKind.LEVEL
        if level is not None
        else AnswerKind.NOT_APPLICABLE
        if not_applicable is not None
        else AnswerKind.UNANSWERED
    )
    values: dict[str, Any] = {
        "campaign_id": campaign_id,
        "pattern": pattern,
        "person_id": person_id,
        "respondent": respondent,
        "role": role,
        "kind": kind,
        "level": level,
        "reason": None,
        "explanation": "",
        "approved_by": "",
        "approved_on": None,
        "expires_on": None,
        **(vars(not_applicable) if not_applicable is not None else {}),
        **actor.stamps(now),
    }
    return await add_row(session, AssessmentAnswer, values, taken="try again")


async def complete_campaign(session: WriteSession, *, actor: Actor, campaign_id: UUID, now: datetime) -> UUID:
    """Score the campaign's answers beside the records of its as-of instant, and close it. Returns the score's id.

    Conflict when it is completed already, or was started under other patterns than the program ships now.
    """
    actor.require(Permission.DEFINE)
    campaign = await _open_campaign(session, actor, campaign_id, for_completion=True)
    if campaign.pattern_set != shipped_patterns().version:
        raise Conflict(f"the assessment was started under the patterns {campaign.pattern_set}; start another")
    score_id = await _score(session, actor, campaign_id, campaign.as_of, now)
    await session.execute(
        update(AssessmentCampaign)
        .where(
            AssessmentCampaign.organisation_id == actor.organisation_id,
            AssessmentCampaign.id == campaign_id,
        )
        .values(completed_at=now)
        .execution_options(synchronize_session=False)
    )
    return score_id


async def score_records(session: WriteSession, *, actor: Actor, as_of: datetime, now: datetime) -> UUID:
    """Score what the records of an instant show, without asking anybody. Returns the score's id."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("as_of", as_of, now)
    problems.refuse("the score cannot be computed")
    return await _score(session, actor, None, as_of, now)


def score_evidence(
    evidence: Evidence, claims: claiming.Claims | None = None, definitions: PatternSet | None = None
) -> tuple[Score, dict[str, Findings]]:
    """The score of evidence and the findings it rests on: pure, the same for the same evidence and claims."""
    findings = probe_all(evidence)
    return score(definitions or shipped_patterns(), findings, claims), findings


async def _score(session: WriteSession, actor: Actor, campaign_id: UUID | None, as_of: datetime, now: datetime) -> UUID:
    answers = [] if campaign_id is None else await latest_answers(session, actor.organisation_id, campaign_id)
    claims = summarise_claims(answers, as_of.date()) if answers else None
    evidence = await gather(session, actor.organisation_id, as_of=as_of)
    scored, findings = score_evidence(evidence, claims)
    values = {"campaign_id": campaign_id, "as_of": as_of, **score_row(scored, findings, claims), **actor.stamps(now)}
    score_id = await add_row(session, AssessmentScore, values, taken="the assessment is completed already")
    rows = list(pattern_rows(shipped_patterns(), scored, findings, claims))
    own = {"organisation_id": actor.organisation_id}
    patterns = [{**own, "score_id": score_id, **pattern} for pattern, _ in rows]
    await session.execute(insert(AssessmentPatternScore), patterns)
    units = [{**own, **unit} for _, of_pattern in rows for unit in of_pattern]
    for start in range(0, len(units), ROWS_AT_ONCE):
        await session.execute(insert(AssessedUnit), units[start : start + ROWS_AT_ONCE])
    return score_id


async def _open_campaign(
    session: WriteSession, actor: Actor, campaign_id: UUID, *, for_completion: bool = False
) -> AssessmentCampaign:
    """The campaign, locked: no answer arrives while it is completed, and answers do not wait for each other."""
    statement = (
        select(AssessmentCampaign)
        .where(AssessmentCampaign.organisation_id == actor.organisation_id, AssessmentCampaign.id == campaign_id)
        .with_for_update(read=not for_completion)
    )
    campaign = (await session.execute(statement)).scalar_one_or_none()
    if campaign is None:
        raise NotFound("there is no such assessment")
    if campaign.completed_at is not None:
        raise Conflict(f"the assessment was completed at {campaign.completed_at.isoformat()}")
    return campaign


def _check_texts(problems: Problems, entry: NotApplicableEntry) -> None:
    under = problems.under("not_applicable")
    under.text("explanation", entry.explanation, longest=LONGEST_NOTE)
    under.text("approved_by", entry.approved_by)
