"""What models learned, as a terminal report: from which cases, how well beside simpler ones, and how reliably."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports.forecasting_terminal import MOMENTS, bar
from services.forecasting.records import NewScore
from services.forecasting.rules import LEAK_SUSPECTED_AUC
from services.forecasting.training import Trained

NO_MODEL = "Too few finished cases of both outcomes to learn from: nothing is forecast, the share of breaches is shown."


def trained_report(trained: Trained, *, width: int) -> RenderableType:
    """What a model was learned from, and its family beside the others."""
    model = trained.model
    said = [
        Text(f"\n{MOMENTS[model.moment]}", style="bold"),
        Text(
            f"Learned from {model.cases:,} cases known by {model.trained_as_of:%Y-%m-%d %H:%M} UTC,"
            f" {model.base_rate:.1%} of them breaches; published: {model.family.value.replace('_', ' ')}."
        )
        if model.cases
        else Text("No case is on record to learn from: no ticket has ended under a promise yet."),
    ]
    said += [
        Text(
            f"Left out {model.cases_left_out:,} tickets opened from {found.start:%Y-%m-%d} until before"
            f" {found.end:%Y-%m-%d}: {found.reason}.",
            style="dim",
        )
        for found in model.disturbances
    ]
    if "abstention" in model.parameters and model.cases:
        said.append(Text(NO_MODEL, style="cyan"))
    return Group(*said, *scores_report("Week by week within the training data", trained.scores, width=width))


def scores_report(title: str, lines: Sequence[NewScore], *, width: int) -> Iterator[RenderableType]:
    """One line per family, the best Brier score first; the bar is the skill over the base rate of the tested."""
    if not lines:
        return
    table = _table(title)
    _columns(table, ("", "AUC", "Brier", "log-loss", "ECE", "skill", "", "forecasts"))
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
            bar(max(skill, 0.0), "green", width=width),
            f"{scores.forecasts:,}",
        )
    yield table
    if any((line.scores.auc or 0) > LEAK_SUSPECTED_AUC and not line.age_seconds for line in lines):
        yield Text(f"An AUC above {LEAK_SUSPECTED_AUC} at opening: suspect a leak until shown otherwise.", style="red")


def reliability_report(lines: Iterable[NewScore], *, width: int) -> RenderableType:
    """What the published family said beside what happened, in ten bins."""
    table = _table("Said and happened, published model")
    _columns(table, ("forecasts", "said", "", "happened", "95 % interval"))
    for line in lines:
        for found in line.scores.reliability if line.published else ():
            share = found.happened.count / found.forecasts
            low, high = found.happened.low_percent or 0, found.happened.high_percent or 0
            table.add_row(
                f"{found.forecasts:,}",
                f"{found.mean_probability:.0%}",
                bar(share, "cyan", width=width),
                f"{share:.0%}",
                f"{low:.0f} to {high:.0f} %",
            )
    return table


def _table(title: str) -> Table:
    return Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False)


def _columns(table: Table, headings: Iterable[str]) -> None:
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
