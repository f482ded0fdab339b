"""`slm assess`: what an organisation's records say of its maturity, what its people claim, and the score of both."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from rich.console import Console

from assessment.answer_file import FileAnswer, read_answers
from assessment.claims import summarise_claims
from assessment.commands import (
    AnswerEntry,
    complete_campaign,
    record_answers,
    score_evidence,
    score_records,
    start_campaign,
)
from assessment.definitions import shipped_patterns
from assessment.facts import gather
from assessment.queries import Campaign, latest_answers, latest_campaign, open_campaign
from reports.assessment_terminal import AssessmentReport, Heard, assessment_report
from services.db import Database, ReadSession
from services.errors import FieldProblem, Invalid
from services.organisations.queries import people_by_key
from services.organisations.rules import Actor
from services.tickets.sources.records import Rejection
from slm.commands.access import actor_of
from slm.running import run_with_database

SHOWN_REJECTIONS = 20
console = Console(highlight=False)


def run_assess(organisation: str, *, as_of: str | None) -> None:
    """Score an organisation as its records stood at an instant, keep the score, and print it."""
    now = datetime.now(UTC)
    instant = now if as_of is None else _instant(as_of)

    async def work(database: Database) -> AssessmentReport:
        return await assess(database, organisation, as_of=instant, now=now)

    console.print(assessment_report(run_with_database(work), width=console.width))


async def assess(database: Database, organisation_key: str, *, as_of: datetime, now: datetime) -> AssessmentReport:
    """Score the records and keep the score; the report shows the same, beside the latest claims.

    Raises Invalid for an instant that has not come.
    """
    actor = await actor_of(database, organisation_key)
    async with database.writing(actor.organisation_id) as session:
        await score_records(session, actor=actor, as_of=as_of, now=now)
        return await assessed(session, actor, organisation_key, as_of=as_of)


async def assessed(session: ReadSession, actor: Actor, organisation: str, *, as_of: datetime) -> AssessmentReport:
    """The records of an instant, scored beside what the latest campaign up to then heard; nothing is kept."""
    evidence = await gather(session, actor.organisation_id, as_of=as_of)
    campaign = await latest_campaign(session, actor.organisation_id, as_of=as_of)
    answers = [] if campaign is None else await latest_answers(session, actor.organisation_id, campaign.campaign_id)
    claims = summarise_claims(answers, as_of.date()) if answers else None
    scored, findings = score_evidence(evidence, claims)
    heard = None
    if campaign is not None and claims is not None:
        roles = {answer.respondent: answer.role for answer in answers}
        heard = Heard(campaign.title, campaign.as_of, tuple(sorted(roles.values())), campaign.completed_at is None)
    return AssessmentReport(organisation, as_of, shipped_patterns(), scored, findings, claims, heard)


def run_answers(file: Path, *, organisation: str, title: str, as_of: str | None, keep_open: bool) -> None:
    """Record a file of answers and, unless more are to come, score them. Exits with 1 when lines are at fault."""
    now = datetime.now(UTC)
    answers, rejections = read_answers(file)
    if rejections:
        _refuse(rejections)
    instant = now if as_of is None else _instant(as_of)

    async def work(database: Database) -> AssessmentReport:
        actor = await actor_of(database, organisation)
        async with database.writing(actor.organisation_id) as session:
            campaign = await open_campaign(session, actor.organisation_id, title=title)
            _refuse_another_instant(campaign, as_of, instant)
            campaign_id = (
                await start_campaign(session, actor=actor, title=title, as_of=instant, now=now)
                if campaign is None
                else campaign.campaign_id
            )
            people = await people_by_key(session, actor.organisation_id)
            entries = [_known(answer.entry, people) for answer in answers]
            await record_answers(session, actor=actor, campaign_id=campaign_id, answers=entries, now=now)
            if not keep_open:
                await complete_campaign(session, actor=actor, campaign_id=campaign_id, now=now)
            return await assessed(session, actor, organisation, as_of=campaign.as_of if campaign else instant)

    try:
        report = run_with_database(work)
    except Invalid as invalid:
        if located := _located(invalid, answers):
            _refuse(located)
        raise
    respondents = len({answer.entry.respondent for answer in answers})
    console.print(f"{len(answers):,} answers of {respondents} respondents recorded in “{title}”.", markup=False)
    console.print(assessment_report(report, width=console.width))


def _known(entry: AnswerEntry, people: dict[str, UUID]) -> AnswerEntry:
    """The answer of a person on record, where the respondent is written by the key of one."""
    person_id = people.get(entry.respondent)
    return entry if person_id is None else replace(entry, person_id=person_id, respondent="")


def _refuse_another_instant(campaign: Campaign | None, as_of: str | None, instant: datetime) -> None:
    if campaign is not None and as_of is not None and campaign.as_of != instant:
        message = f"expected {campaign.as_of.isoformat()}, which this assessment was started for"
        raise Invalid("the answers cannot be recorded", [FieldProblem("as-of", message)])


def _located(invalid: Invalid, answers: Sequence[FileAnswer]) -> list[Rejection]:
    """The problems of single answers by line and column of their file."""
    found = []
    for problem in invalid.problems:
        if place := re.fullmatch(r"answers\.(\d+)\.(?:not_applicable\.)?(\w+)", problem.field):
            answer, column = answers[int(place[1])], place[2]
            value = getattr(answer.entry, column, None) or getattr(answer.entry.not_applicable, column, None)
            found.append(Rejection(answer.line, column, "" if value is None else str(value), problem.message))
    return found


def _refuse(rejections: Sequence[Rejection]) -> None:
    said = Console(stderr=True, highlight=False, soft_wrap=True)
    said.print(f"[bold red]Nothing was recorded[/]: {len(rejections)} problems in the file.")
    for row in rejections[:SHOWN_REJECTIONS]:
        where = f"line {row.line}" + (f", {row.column}" if row.column else "")
        said.print(f"  {where}: {row.reason} ({row.value!r})", markup=False)
    if len(rejections) > SHOWN_REJECTIONS:
        said.print(f"  and {len(rejections) - SHOWN_REJECTIONS} more")
    raise SystemExit(1)


def _instant(written: str) -> datetime:
    """A day means its first instant in UTC."""
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        problem = FieldProblem("as-of", f"expected a day or an instant such as 2026-03-05, got {written[:40]!r}")
        raise Invalid("the organisation cannot be assessed", [problem]) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
