"""`slm train`, `slm forecast` and `slm backtest`: what models learned, said and were worth, in the terminal."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from reports.forecasting_terminal import MOMENTS, board_line, targets_report, tickets_report
from reports.learning_terminal import reliability_report, scores_report, trained_report
from services.db import Database
from services.domain.period import midnight
from services.errors import FieldProblem, Invalid
from services.forecasting.overview import BoardLine, TargetsAtRisk, score_board, targets_at_risk
from services.forecasting.queries import AtRisk, most_at_risk
from services.forecasting.rules import ForecastSubject
from services.forecasting.training import Backtest, Trained
from services.organisations.queries import organisation_time_zone
from services.organisations.rules import Actor
from slm import forecasting
from slm.commands.access import actor_of
from slm.forecasting_upkeep import keep_organisation_current
from slm.running import run_with_database

SHOWN = 10

console = Console(highlight=False)


def run_train(organisation: str, *, as_of: str | None) -> None:
    """Train on what was known by an instant and show what was learned from and how well each family did."""

    async def work(database: Database) -> list[Trained]:
        actor, instant = await _asked(database, organisation, as_of)
        return await forecasting.train(database, actor=actor, as_of=instant, now=datetime.now(UTC))

    with _waiting("Learning from finished tickets and periods…"):
        learned = run_with_database(work)
    for trained in learned:
        console.print(trained_report(trained, width=console.width))


def run_forecast(organisation: str, *, as_of: str | None, if_due: bool) -> None:
    """Forecast open tickets and running periods, score what has become final, and show what is most at risk.

    `if_due`: only where that was not done within the hour, as the worker does by itself.
    """
    if if_due and as_of is not None:
        problem = FieldProblem("as-of", "expected no day together with --if-due, which is about now")
        raise Invalid("nothing can be forecast", [problem])

    async def work(database: Database) -> tuple[str, TargetsAtRisk, list[AtRisk], list[BoardLine]]:
        now = datetime.now(UTC)
        actor, instant = await _asked(database, organisation, as_of)
        if if_due:
            await keep_organisation_current(database, actor.organisation_id, now=now)
            said = "The forecasts are current."
        else:
            made = await forecasting.forecast(database, actor=actor, as_of=instant, now=now)
            settled = await forecasting.score(database, actor=actor, now=now)
            said = f"{len(made):,} forecasts made, {settled.forecasts:,} earlier ones scored by what happened."
        async with database.reading(actor.organisation_id) as session:
            targets = await targets_at_risk(session, actor.organisation_id, limit=SHOWN)
            tickets = await most_at_risk(session, actor.organisation_id, subject=ForecastSubject.TICKET, limit=SHOWN)
            board = await score_board(session, actor.organisation_id)
        return said, targets, tickets, board

    with _waiting("Forecasting; where no model is in use yet, it is learned first…"):
        said, targets, tickets, board = run_with_database(work)
    console.print(said)
    console.print(targets_report(targets, width=console.width))
    console.print(tickets_report(tickets, width=console.width))
    if board:
        console.print()
        console.print(board_line(board))


def run_backtest(organisation: str, *, cut_off: str, until: str | None) -> None:
    """Train as of a past day and show how well what came after it was forecast."""

    async def work(database: Database) -> list[Backtest]:
        actor, cut = await _asked(database, organisation, cut_off, field="cut-off")
        _, end = await _asked(database, organisation, until, field="until")
        if cut >= end:
            raise Invalid("the backtest cannot be made", [FieldProblem("until", "expected a day after the cut-off")])
        return await forecasting.backtest(database, actor=actor, cut_off=cut, until=end, now=datetime.now(UTC))

    with _waiting("Learning from the time before the cut-off and testing on the time after it…"):
        tests = run_with_database(work)
    for test in tests:
        console.print(trained_report(test.trained, width=console.width))
        for age in sorted({line.age_seconds for line in test.scores}):
            lines = [line for line in test.scores if line.age_seconds == age]
            title = f"{MOMENTS[test.moment]}, opened after the cut-off{_at(age)}"
            console.print(*scores_report(title, lines, width=console.width), sep="\n")
            console.print(reliability_report(lines, width=console.width))


def _waiting(what: str) -> AbstractContextManager[object]:
    """A line on standard error while something takes its time."""
    return Console(stderr=True).status(what)


def _at(age: int) -> str:
    return (
        ""
        if not age
        else f", still open after {age // 3600} h"
        if age >= 3600
        else f", still open after {age // 60} min"
    )


async def _asked(
    database: Database, organisation: str, day: str | None, *, field: str = "as-of"
) -> tuple[Actor, datetime]:
    """Who asks, and the beginning of the day in the organisation's zone; now without a day."""
    actor = await actor_of(database, organisation)
    if day is None:
        return actor, datetime.now(UTC)
    async with database.reading(actor.organisation_id) as session:
        zone = ZoneInfo(await organisation_time_zone(session, organisation_id=actor.organisation_id))
    try:
        return actor, midnight(datetime.strptime(day, "%Y-%m-%d").date(), zone)  # noqa: DTZ007 - a local date
    except ValueError:
        problem = FieldProblem(field, f"expected a day such as 2016-04-18, got {day[:20]!r}")
        raise Invalid("nothing can be forecast", [problem]) from None
