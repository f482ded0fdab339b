"""`slm demo`: from nothing to an organisation whose numbers can be looked at, on this machine alone."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from reports.assessment_terminal import profile_report
from reports.forecasting_terminal import board_line, targets_report
from services.alignment.underpinning import promises_standing, underpinning_of
from services.attainment.overview import service_standings, tickets_at_risk
from services.db import Database
from services.forecasting.overview import score_board, targets_at_risk
from services.organisations.rules import Actor
from slm import importing, worker
from slm.commands.assess import assessed
from slm.commands.demo_summary import (
    AT_RISK_WITHIN,
    show_findings,
    show_queries,
    show_standings,
    show_tickets_at_risk,
)
from slm.commands.importing import progress_bar, tell
from slm.commands.review import review_of, show
from slm.commands.serve import listening, serve
from slm.forecasting_apart import ForecastsApart, ForecastsNotMade
from slm.idempotency_upkeep import OutcomesEmptied
from slm.logs import configure_logging
from slm.reference.load_wexcombe import load_wexcombe
from slm.reference.organisation import Blueprint
from slm.running import database_provided, open_database, read_settings, run_with_database, url_of
from slm.settings import Environment, Settings

SHOWN = 10
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
        key = run_with_database(lambda database: _load_and_tell(database, url_of(provided)), settings=provided)
        if incidents is not None:
            run_with_database(lambda database: _import_and_tell(database, incidents), settings=provided)
        show_queries(console, provided.port)
        if not once:
            demo = provided.model_copy(update={"demo_organisation": key})
            serve(demo, beside=lambda stopping: _work_beside(demo, stopping))


async def _load_and_tell(database: Database, url: str) -> str:
    now = datetime.now(UTC)
    blueprint, actor = await load_wexcombe(database, seed=SEED, now=now)
    await worker.work(database, now=now)  # an earlier demo's tickets have gone on falling due
    forecasting = asyncio.create_task(ForecastsApart(url).keep_current(database, actor.organisation_id, now=now))
    try:
        await _tell(database, blueprint, actor, now)
        await _tell_forecasts(database, actor, forecasting)
    finally:
        forecasting.cancel()
        with suppress(asyncio.CancelledError, ForecastsNotMade):
            await forecasting
    console.print(f"\nMore: slm review, assess, forecast --organisation {blueprint.key}", soft_wrap=True)
    return blueprint.key


async def _tell(database: Database, blueprint: Blueprint, actor: Actor, now: datetime) -> None:
    async with database.reading(actor.organisation_id) as session:
        standings = await service_standings(session, organisation_id=actor.organisation_id, now=now)
        at_risk = await tickets_at_risk(session, organisation_id=actor.organisation_id, now=now, within=AT_RISK_WITHIN)
    console.rule(f"[bold]{blueprint.name}")
    show_standings(console, standings)
    show_tickets_at_risk(console, at_risk, now)
    show_findings(console, await review_of(database, blueprint.key))
    async with database.reading(actor.organisation_id) as session:
        report = await assessed(session, actor, blueprint.name, as_of=now)
        underpinned = underpinning_of(*await promises_standing(session, actor.organisation_id, now=now))
    console.print(profile_report(report, width=console.width))
    gaps = underpinned.gaps
    console.print(f"\n{underpinned.headline} {gaps.without_owner} of {gaps.total} open gaps have no owner.")


async def _tell_forecasts(database: Database, actor: Actor, forecasting: asyncio.Task[None]) -> None:
    """What is forecast, once that is done; where it cannot be, why, and what was forecast before."""
    trouble = None
    with Console(stderr=True).status("Learning from finished tickets, in a process of its own, and forecasting…"):
        try:
            await forecasting
        except ForecastsNotMade as failure:
            trouble = failure.message
    async with database.reading(actor.organisation_id) as session:
        targets = await targets_at_risk(session, actor.organisation_id, limit=SHOWN)
        board = await score_board(session, actor.organisation_id)
    if trouble is not None:
        console.print(f"\nNo new forecasts: {trouble}", style="bold red", markup=False)
    if trouble is None or targets.as_of is not None:
        console.print(targets_report(targets, width=console.width))
    if board:
        console.print(board_line(board))


async def _import_and_tell(database: Database, path: Path) -> None:
    console.rule(f"[bold]{path.name}")
    with progress_bar() as progress:
        report = await importing.import_tickets(
            database, path=path, organisation_key=INCIDENTS, keep_good=True, progress=progress
        )
    tell(report, path.with_name(f"{path.name}.rejected.csv"))
    show(await review_of(database, INCIDENTS))
    console.print(
        f"To read it over GraphQL: slm token create --organisation {INCIDENTS} --role viewer --label me", soft_wrap=True
    )


async def _work_beside(settings: Settings, stopping: asyncio.Event) -> None:
    """The worker in the same process: breaches are recorded at their due instants while the demo is looked at.

    Forecasts are kept current by child processes, because this one answers requests.
    """
    database = open_database(settings, pool_size=2)
    try:
        await worker.run(database, stopping=stopping, upkeep=[OutcomesEmptied(), ForecastsApart(url_of(settings))])
    finally:
        await database.close()
