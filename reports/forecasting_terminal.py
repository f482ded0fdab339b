"""Forecasts as a terminal report: what is most at risk and why, and what forecasts were worth.

Reads stored forecasts only, so a process that must not learn can show them.
"""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.forecasting.overview import BoardLine, TargetsAtRisk
from services.forecasting.queries import AtRisk
from services.forecasting.rules import ForecastMoment, ScoreBasis

WIDE = 110
WIDE_BAR, NARROW_BAR = 20, 10
HIGH_RISK = 0.5
MOMENTS = {
    ForecastMoment.OPENING: "Tickets at opening",
    ForecastMoment.OPEN: "Open tickets",
    ForecastMoment.PERIOD: "Periods",
}
BASES = {
    ScoreBasis.ROLLING_ORIGIN: "week by week in training",
    ScoreBasis.LIVE: "made before the outcome",
}


def targets_report(found: TargetsAtRisk, *, width: int, reasons: int = 1) -> RenderableType:
    """The running periods whose outcome is open, the highest risk first, each with its first reasons."""
    title = Text("\nTargets most at risk of missing their objective this period", style="bold")
    if found.as_of is None:
        return Group(title, Text("  No running period can be forecast: none of its targets has a ticket on record."))
    made = Text(f"  forecast from what was known at {found.as_of:%Y-%m-%d %H:%M} UTC", style="dim")
    settled = Text(f"  of {found.targets} targets", style="red").append(f" {_settled(found)}")
    if not found.ranked:
        return Group(title, made, settled.append(": nothing is left that could still be turned"))
    others = "; of the others:" if len(found.ranked) < found.targets else ":"
    return Group(title, made, settled.append(others), _ranking(found.ranked, width=width, reasons=reasons))


def _settled(found: TargetsAtRisk) -> str:
    """What can hardly be turned any more."""
    said = [f"{found.missed_already} have missed theirs already"] if found.missed_already else []
    theirs = "will" if said else "will miss theirs"
    said += [f"{found.all_but_missed} all but certainly {theirs}"] if found.all_but_missed else []
    return " and ".join(said) or "none has missed its objective yet"


def tickets_report(ranked: Sequence[AtRisk], *, width: int, reasons: int = 2) -> RenderableType:
    """The open tickets with the highest probability of a breach, each with its first reasons."""
    title = Text("\nTickets most at risk of breaking their promise", style="bold")
    if not ranked:
        return Group(title, Text("  No open ticket can be forecast: none is open, or too few have ended."))
    return Group(title, _ranking(ranked, width=width, reasons=reasons))


def _ranking(ranked: Sequence[AtRisk], *, width: int, reasons: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True, min_width=6)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", min_width=7)
    table.add_column(overflow="fold")
    for found in ranked:
        style = "red" if found.probability >= HIGH_RISK else "yellow"
        what = Text(" · ".join(name for name in (found.service, found.ticket or found.target, found.team) if name))
        for reason in found.reasons[:reasons]:
            what.append(f"\n{reason}", style="dim")
        table.add_row(percent(found.probability), bar(found.probability, style, width=width), _interval(found), what)
    return table


def _interval(found: AtRisk) -> Text:
    if found.low is None or found.high is None:
        return Text("")
    return Text(f"{100 * found.low:.0f}-{100 * found.high:.0f} %", style="dim")


def percent(probability: float) -> str:
    """A probability in whole percent; only what is certain is shown as 0 or 100."""
    if 0 < probability < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= probability < 1 else f"{100 * probability:.0f} %"


def board_line(lines: Sequence[BoardLine]) -> Text:
    """The score board in a sentence: how good forecasts of each moment were, beside the base rate."""
    said = [
        f"{MOMENTS[line.moment].lower()} {_worth(line)} over {line.forecasts:,} forecasts {BASES[line.basis]}"
        for line in lines
    ]
    if ForecastMoment.PERIOD not in {line.moment for line in lines}:
        said.append("periods not scored yet, as none that was forecast has ended")
    return Text("Score board: ", style="bold").append("; ".join(said) + ".", style="none")


def _worth(line: BoardLine) -> str:
    beside = "" if line.base_rate_brier is None else f" (base rate {line.base_rate_brier:.3f})"
    ranked = "" if line.auc is None else f"AUC {line.auc:.2f}, "
    return f"{ranked}Brier {line.brier:.3f}{beside}"


def bar(share: float, style: str, *, width: int) -> Text:
    """A share from 0 to 1 as a bar: 20 cells from 110 columns of `width` on, else 10."""
    cells = WIDE_BAR if width >= WIDE else NARROW_BAR
    filled = round(share * cells)
    return Text("█" * filled, style=style) + Text("░" * (cells - filled), style="dim")
