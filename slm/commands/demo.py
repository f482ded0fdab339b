"""`slm demo`: from nothing to an organisation whose numbers can be looked at, on this machine alone."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from assessment.commands import score_evidence
from assessment.facts import gather
from services.attainment.overview import service_standings, tickets_at_risk
from services.db import Database
from slm import importing, worker
from slm.commands.demo_summary import (
    AT_RISK_WITHIN,
    show_findings,
    show_maturity,
    show_queries,
    show_standings,
    show_tickets_at_risk,
)
from slm.commands.importing import progress_bar, tell
from slm.commands.review import review_of, show
from slm.commands.serve import listening, serve
from slm.logs import configure_logging
from slm.reference.generate import generate
from slm.reference.load import load
from slm.running import database_provided, open_database, read_settings, run_with_database
from slm.settings import Environment, Settings

SEED = 7
INCIDENTS = "incidents"
"""The organisation a real export is imported as."""

console = Console(highlight=False)


def run_demo(*, incidents: Path | None, port: int | None, once: bool) -> None:
    """Load the generated organisation unless it is there, import `incidents` if given, summarise, and serve."""
    read = read_settings().model_copy(update={"environment": Environment.DEVELOPMENT, "log_level": "warning"})
    settings = listening(read, port=port)
    configure_logging(settings)
    console.print("Setting up the database, loading and computing…", style="dim")
    with database_provided(settings, migrate=True, supervised=True) as provided:
        key = run_with_database(_load_and_tell, settings=provided)
        if incidents is not None:
            run_with_database(lambda database: _import_and_tell(database, incidents), settings=provided)
        show_queries(console, provided.port)
        if not once:
            demo = provided.model_copy(update={"demo_organisation": key})
            serve(demo, beside=lambda stopping: _work_beside(demo, stopping))


async def _load_and_tell(database: Database) -> str:
    now = datetime.now(UTC)
    blueprint, _ = generate(SEED, now)
    actor = await load(database, blueprint, now=now)
    await worker.work(database, now=now)  # an earlier demo's tickets have gone on falling due
    async with database.reading(actor.organisation_id) as session:
        standings = await service_standings(session, organisation_id=actor.organisation_id, now=now)
        at_risk = await tickets_at_risk(session, organisation_id=actor.organisation_id, now=now, within=AT_RISK_WITHIN)
        scored, _ = score_evidence(await gather(session, actor.organisation_id, as_of=now))
    console.rule(f"[bold]{blueprint.name}")
    show_standings(console, standings)
    show_tickets_at_risk(console, at_risk, now)
    show_findings(console, await review_of(database, blueprint.key))
    show_maturity(console, scored, blueprint.key)
    console.print(f"\nThe whole review: slm review --organisation {blueprint.key}")
    return blueprint.key


async def _import_and_tell(database: Database, path: Path) -> None:
    console.rule(f"[bold]{path.name}")
    with progress_bar() as progress:
        report = await importing.import_servicenow(
            database, path=path, organisation_key=INCIDENTS, keep_good=True, progress=progress
        )
    tell(report, path.with_name(f"{path.name}.rejected.csv"))
    show(await review_of(database, INCIDENTS))
    console.print(
        f"To read it over GraphQL: slm token create --organisation {INCIDENTS} --role viewer --label me", soft_wrap=True
    )


async def _work_beside(settings: Settings, stopping: asyncio.Event) -> None:
    """The worker in the same process: breaches are recorded at their due instants while the demo is looked at."""
    database = open_database(settings, pool_size=2)
    try:
        await worker.run(database, stopping=stopping)
    finally:
        await database.close()
