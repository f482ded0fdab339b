"""`slm assess`: what an organisation's records say of its maturity, in the terminal and kept as a score."""

from datetime import UTC, datetime

from rich.console import Console

from assessment.commands import score_evidence, score_records
from assessment.definitions import shipped_patterns
from assessment.facts import gather
from reports.assessment_terminal import AssessmentReport, assessment_report
from services.db import Database
from services.errors import FieldProblem, Invalid
from slm.commands.access import actor_of
from slm.running import run_with_database


def run_assess(organisation: str, *, as_of: str | None) -> None:
    """Score an organisation as its records stood at an instant, keep the score, and print it."""
    now = datetime.now(UTC)
    instant = now if as_of is None else _instant(as_of)

    async def work(database: Database) -> AssessmentReport:
        return await assess(database, organisation, as_of=instant, now=now)

    Console(highlight=False).print(assessment_report(run_with_database(work)))


async def assess(database: Database, organisation_key: str, *, as_of: datetime, now: datetime) -> AssessmentReport:
    """Score and keep it; the report shows the same evidence. Raises Invalid for an instant that has not come."""
    actor = await actor_of(database, organisation_key)
    async with database.writing(actor.organisation_id) as session:
        await score_records(session, actor=actor, as_of=as_of, now=now)
        evidence = await gather(session, actor.organisation_id, as_of=as_of)
    scored, findings = score_evidence(evidence)
    return AssessmentReport(organisation_key, as_of, shipped_patterns(), scored, findings)


def _instant(written: str) -> datetime:
    """A day means its first instant in UTC."""
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        problem = FieldProblem("as-of", f"expected a day or an instant such as 2026-03-05, got {written[:40]!r}")
        raise Invalid("the organisation cannot be assessed", [problem]) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
