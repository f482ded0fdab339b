"""Asking people, keeping what they said, and scoring what the records show beside it.

Administrators and managers start campaigns and score. Any account of the organisation may record an answer, a viewer's
too: an assessment that only managers can answer hears only managers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

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
from services.db import WriteSession, new_id
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import add_row, change_row, check_reference, existing_ids

ROWS_AT_ONCE = 1_000
MOST_ANSWERS = 10_000


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


@dataclass(frozen=True)
class AnswerEntry:
    """What a respondent said about a pattern: a level, that it does not apply, or (with neither) nothing.

    The respondent is a known person or a name.
    """

    pattern: str
    role: str
    person_id: UUID | None = None
    respondent: str = ""
    level: int | None = None
    not_applicable: NotApplicableEntry | None = None

    @property
    def kind(self) -> AnswerKind:
        """Which of the three it is."""
        if self.level is not None:
            return AnswerKind.LEVEL
        return AnswerKind.UNANSWERED if self.not_applicable is None else AnswerKind.NOT_APPLICABLE


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
    """Keep what one respondent said about one pattern. A later answer of the same respondent takes its place.

    Conflict when the campaign is completed. Returns the answer's id.
    """
    actor.require(Permission.ANSWER)
    entry = AnswerEntry(pattern, role, person_id, respondent, level, not_applicable)
    problems = Problems()
    campaign = await _open_campaign(session, actor, campaign_id)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    await _check_answers(session, actor, campaign, [(problems, entry)])
    problems.refuse("the answer cannot be recorded")
    return await add_row(session, AssessmentAnswer, _answer_row(actor, campaign_id, entry, now), taken="try again")


async def record_answers(
    session: WriteSession, *, actor: Actor, campaign_id: UUID, answers: Sequence[AnswerEntry], now: datetime
) -> None:
    """Keep the answers of several respondents, all or none. A later answer to the same takes the place of an earlier.

    Conflict when the campaign is completed; a problem names the answer by its place, from 0.
    """
    actor.require(Permission.ANSWER)
    problems = Problems()
    campaign = await _open_campaign(session, actor, campaign_id)
    if problems.at_most("answers", answers, MOST_ANSWERS):
        named = {each.person_id for each in answers if each.person_id is not None}
        people = await existing_ids(session, Person, actor.organisation_id, named)
        checked = [(problems.under("answers", position), entry) for position, entry in enumerate(answers)]
        for found, entry in checked:
            if entry.person_id is not None and entry.person_id not in people:
                found.add("person_id", "expected a known person, got an id of none")
        await _check_answers(session, actor, campaign, checked)
    problems.refuse("the answers cannot be recorded")
    rows = [{"id": new_id(), **_answer_row(actor, campaign_id, entry, now)} for entry in answers]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await session.execute(insert(AssessmentAnswer), rows[start : start + ROWS_AT_ONCE])


async def _check_answers(
    session: WriteSession,
    actor: Actor,
    campaign: AssessmentCampaign,
    answers: Sequence[tuple[Problems, AnswerEntry]],
) -> None:
    """Add what is wrong with each answer to its problems."""
    excused = any(entry.not_applicable is not None for _, entry in answers)
    live = excused and await has_live_services(session, actor.organisation_id, as_of=campaign.as_of)
    for problems, entry in answers:
        _check_answer(problems, entry, live_services=live)


def _check_answer(problems: Problems, entry: AnswerEntry, *, live_services: bool) -> None:
    definition = shipped_patterns().patterns.get(entry.pattern)
    if definition is None:
        problems.add("pattern", f"expected the id of a pattern such as G1, got {entry.pattern[:20]!r}")
    problems.text("role", entry.role)
    problems.text("respondent", entry.respondent, required=entry.person_id is None)
    if entry.person_id is not None and entry.respondent:
        problems.add("respondent", "expected a name only where no person is given")
    if entry.level is not None and not 1 <= entry.level <= 5:
        problems.add("level", f"expected a level from 1 to 5, got {entry.level}")
    declared = entry.not_applicable
    if declared is None:
        return
    if entry.level is not None:
        problems.add("not_applicable", "expected either a level or that it does not apply, not both")
        return
    under = problems.under("not_applicable")
    under.text("explanation", declared.explanation, longest=LONGEST_NOTE)
    under.text("approved_by", declared.approved_by)
    if definition is None or not (declared.explanation.strip() and declared.approved_by.strip()):
        return
    respondent = respondent_of(entry.person_id, entry.respondent)
    said = claiming.Answer(entry.pattern, respondent, entry.role, None, NotApplicable(**vars(declared)))
    for problem in not_applicable_problems(said, definition, live_services=live_services):
        problems.add(problem.field, problem.message)


def _answer_row(actor: Actor, campaign_id: UUID, entry: AnswerEntry, now: datetime) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "pattern": entry.pattern,
        "person_id": entry.person_id,
        "respondent": entry.respondent,
        "role": entry.role,
        "kind": entry.kind,
        "level": entry.level,
        "reason": None,
        "explanation": "",
        "approved_by": "",
        "approved_on": None,
        "expires_on": None,
        **(vars(entry.not_applicable) if entry.not_applicable is not None else {}),
        **actor.stamps(now),
    }


async def complete_campaign(session: WriteSession, *, actor: Actor, campaign_id: UUID, now: datetime) -> UUID:
    """Score the campaign's answers beside the records of its as-of instant, and close it. Returns the score's id.

    Conflict when it is completed already, or was started under other patterns than the program ships now.
    """
    actor.require(Permission.DEFINE)
    campaign = await _open_campaign(session, actor, campaign_id, for_completion=True)
    if campaign.pattern_set != shipped_patterns().version:
        raise Conflict(f"the assessment was started under the patterns {campaign.pattern_set}; start another")
    score_id = await _score(session, actor, campaign_id, campaign.as_of, now)
    await change_row(session, campaign, {"completed_at": now}, stamps=actor.stamps(now))
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
