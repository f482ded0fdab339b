"""`slm train`, `slm forecast` and `slm backtest`: what models learned, said and were worth, in the terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.db import Database
from services.domain.period import midnight
from services.errors import FieldProblem, Invalid
from services.forecasting.queries import AtRisk, most_at_risk
from services.forecasting.records import NewScore
from services.forecasting.rules import LEAK_SUSPECTED_AUC, ForecastMoment, ForecastSubject
from services.forecasting.training import Backtest, Trained
from services.organisations.queries import organisation_time_zone
from services.organisations.rules import Actor
from slm import forecasting
from slm.commands.access import actor_of
from slm.running import run_with_database

BAR_CELLS = 20
SHOWN = 10
HIGH_RISK = 0.5
MOMENTS = {
    ForecastMoment.OPENING: "Tickets at opening",
    ForecastMoment.OPEN: "Open tickets",
    ForecastMoment.PERIOD: "Periods",
}

console = Console(highlight=False)


def run_train(organisation: str, *, as_of: str | None) -> None:
    """Train on what was known by an instant and show what was learned from and how well each family did."""

    async def work(database: Database) -> list[Trained]:
        actor, instant = await _asked(database, organisation, as_of)
        return await forecasting.train(database, actor=actor, as_of=instant, now=datetime.now(UTC))

    for trained in run_with_database(work):
        show_trained(console, trained)


def run_forecast(organisation: str, *, as_of: str | None) -> None:
    """Forecast open tickets and running periods, score what has become final, and show what is most at risk."""

    async def work(database: Database) -> tuple[int, int, list[list[AtRisk]]]:
        now = datetime.now(UTC)
        actor, instant = await _asked(database, organisation, as_of)
        made = await forecasting.forecast(database, actor=actor, as_of=instant, now=now)
        async with database.reading(actor.organisation_id) as session:
            ranked = [
                await most_at_risk(session, actor.organisation_id, subject=subject, limit=SHOWN)
                for subject in (ForecastSubject.PERIOD, ForecastSubject.TICKET)
            ]
        settled = await forecasting.score(database, actor=actor, now=now)
        return len(made), settled.forecasts, ranked

    made, settled, (periods, tickets) = run_with_database(work)
    console.print(f"{made} forecasts made, {settled} earlier ones scored by what happened.")
    show_at_risk(console, "Targets most at risk of missing their objective", periods)
    show_at_risk(console, "Tickets most at risk of breaking their promise", tickets)


def run_backtest(organisation: str, *, cut_off: str, until: str | None) -> None:
    """Train as of a past day and show how well what came after it was forecast."""

    async def work(database: Database) -> list[Backtest]:
        actor, cut = await _asked(database, organisation, cut_off, field="cut-off")
        _, end = await _asked(database, organisation, until, field="until")
        if cut >= end:
            raise Invalid("the backtest cannot be made", [FieldProblem("until", "expected a day after the cut-off")])
        return await forecasting.backtest(database, actor=actor, cut_off=cut, until=end, now=datetime.now(UTC))

    for test in run_with_database(work):
        show_trained(console, test.trained)
        for age in sorted({line.age_seconds for line in test.scores}):
            lines = [line for line in test.scores if line.age_seconds == age]
            show_scores(console, f"{MOMENTS[test.moment]}, opened after the cut-off{_at(age)}", lines)
            show_reliability(console, lines)


def show_trained(console: Console, trained: Trained) -> None:
    """What a model was learned from, and its place among the others."""
    model = trained.model
    console.rule(f"[bold]{MOMENTS[model.moment]}")
    console.print(
        f"Learned from {model.cases} cases known by {model.trained_as_of:%Y-%m-%d %H:%M} UTC,"
        f" {model.base_rate:.1%} of them breaches; published: {model.family.value.replace('_', ' ')}."
    )
    for disturbance in model.disturbances:
        console.print(
            f"Left out {model.cases_left_out} tickets opened from {disturbance.start:%Y-%m-%d} until before"
            f" {disturbance.end:%Y-%m-%d}: {disturbance.reason}."
        )
    if "abstention" in model.parameters:
        console.print("Too few finished tickets of both outcomes: nothing is forecast, the base rate is shown.")
    show_scores(console, "Week by week within the training data", trained.scores)


def show_scores(console: Console, title: str, lines: Sequence[NewScore]) -> None:
    """One line per family, the best Brier score first; the bar is the skill over the base rate of the tested."""
    if not lines:
        return
    table = Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False)
    for column in ("", "AUC", "Brier", "log-loss", "ECE", "skill", "", "n"):
        table.add_column(column, justify="left" if not column else "right")
    for line in sorted(lines, key=lambda line: line.scores.brier):
        scores = line.scores
        share = scores.happened / scores.forecasts
        skill = 1 - scores.brier / (share * (1 - share)) if 0 < share < 1 else 0.0
        table.add_row(
            Text(line.family.value.replace("_", " "), style="bold" if line.published else ""),
            "" if scores.auc is None else f"{scores.auc:.3f}",
            f"{scores.brier:.4f}",
            f"{scores.log_loss:.4f}",
            f"{scores.calibration_error:.3f}",
            f"{skill:+.2f}",
            _bar(max(skill, 0.0), "green"),
            f"{scores.forecasts}",
        )
    console.print(table)
    if any((line.scores.auc or 0) > LEAK_SUSPECTED_AUC and not line.age_seconds for line in lines):
        console.print(
            f"An AUC above {LEAK_SUSPECTED_AUC} at opening: suspect a leak until shown otherwise.", style="red"
        )


def show_reliability(console: Console, lines: Sequence[NewScore]) -> None:
    """What the published family said beside what happened."""
    table = Table(title="\nSaid and happened, published model", title_justify="left", box=None, pad_edge=False)
    for column in ("n", "said", "", "happened", "95 % interval"):
        table.add_column(column, justify="left" if not column else "right")
    for line in lines:
        for found in line.scores.reliability if line.published else ():
            share = found.happened.count / found.forecasts
            low, high = found.happened.low_percent or 0, found.happened.high_percent or 0
            table.add_row(
                f"{found.forecasts}",
                f"{found.mean_probability:.0%}",
                _bar(share, "cyan"),
                f"{share:.0%}",
                f"{low:.0f} to {high:.0f} %",
            )
    console.print(table)


def show_at_risk(console: Console, title: str, ranked: Sequence[AtRisk]) -> None:
    """The highest probabilities first, each with its reasons."""
    if not ranked:
        return
    console.print(f"\n{title}", style="italic")
    for found in ranked:
        interval = (
            "" if found.low is None or found.high is None else f" ({percent(found.low)} to {percent(found.high)})"
        )
        bar = _bar(found.probability, "red" if found.probability >= HIGH_RISK else "yellow")
        what = " · ".join(name for name in (found.ticket or found.target, found.service, found.team) if name)
        console.print(Text(f"{percent(found.probability):>4} ") + bar + Text(f" {what}{interval}", style="bold"))
        for reason in found.reasons:
            console.print(Padding(Text(reason, style="dim"), (0, 0, 0, 6 + BAR_CELLS)))


def percent(probability: float) -> str:
    """A probability in whole percent; only what is certain is shown as 0 or 100."""
    if 0 < probability < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= probability < 1 else f"{probability:.0%}"


def _bar(share: float, style: str) -> Text:
    filled = round(share * BAR_CELLS)
    return Text("█" * filled, style=style) + Text("░" * (BAR_CELLS - filled), style="dim")


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
