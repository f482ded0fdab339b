"""The service review as a terminal report: what a manager would read first, and forward."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.attainment.figures import ClockCounts, Figures, GroupFigures, SelectionBasis, TargetFigures
from services.attainment.findings import Finding, FindingWeight
from services.attainment.review import ServiceReview
from services.domain.rates import Rate, meets_objective, rate, shown_percent

GROUPS_SHOWN = 8
WIDE = 110
WIDE_BAR, NARROW_BAR = 20, 8
FEW = 30
"""Below this many decided tickets a share is shown dimmed, with its interval."""

MARKS = {
    FindingWeight.DISTORTS: ("!", "bold red"),
    FindingWeight.MATTERS: ("»", "bold yellow"),
    FindingWeight.MISSING: ("?", "bold cyan"),
}


def review_report(review: ServiceReview, *, width: int) -> RenderableType:
    """The whole report, findings first. Below 110 columns of `width` it leaves out what is least needed."""
    wide = width >= WIDE
    figures = review.figures
    return Group(
        *_heading(review),
        *_findings(review.findings),
        *_outcomes(figures),
        *_targets(figures, wide=wide),
        *_groups(figures, wide=wide),
        _legend(wide=wide),
    )


def _heading(review: ServiceReview) -> Iterator[RenderableType]:
    figures = review.figures
    yield Text(f"Service review · {figures.organisation}", style="bold")
    known = f"{figures.last_event_at:%Y-%m-%d %H:%M} UTC" if figures.last_event_at else "none"
    yield Text(
        f"{_selected(figures)} · days in {figures.time_zone} · newest record {known} · made"
        f" {review.made_at:%Y-%m-%d %H:%M} UTC",
        style="dim",
    )


def _selected(figures: Figures) -> str:
    selection = figures.selection
    verb = {SelectionBasis.OPENED: "opened", SelectionBasis.CLOSED: "closed"}[selection.basis]
    if selection.start is None and selection.end is None:
        return "all tickets"
    start = f" from {selection.start:%Y-%m-%d}" if selection.start else ""
    end = f" before {selection.end:%Y-%m-%d}" if selection.end else ""
    return f"tickets {verb}{start}{end}"


def _findings(found: tuple[Finding, ...]) -> Iterator[RenderableType]:
    yield Text("\nWhat you should know", style="bold")
    if not found:
        yield Text("  No rule found anything unusual in these records.")
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3, justify="right")
    table.add_column()
    for finding in found:
        mark, style = MARKS[finding.weight]
        body = Text(finding.sentence)
        if finding.tickets:
            body.append(f"\nfor example {', '.join(finding.tickets)}", style="dim")
        table.add_row(Text(mark, style=style), body)
    yield table


def _outcomes(figures: Figures) -> Iterator[RenderableType]:
    tickets, clocks = figures.tickets, figures.clocks
    if not tickets.tickets:
        return
    yield Text("\nRecorded outcome beside our own clocks", style="bold")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", min_width=24)
    table.add_column()
    table.add_row("tickets", f"{tickets.tickets:,}, of which {tickets.closed:,} closed")
    breaches = tickets.recorded_breaches
    unknown = tickets.tickets - breaches.total
    table.add_row(
        "recorded breaches",
        f"{shown_percent(breaches.percent)} — {breaches.count:,} of {breaches.total:,}"
        + (f"; {unknown:,} without a recorded outcome" if unknown else ""),
    )
    if figures.targets:
        table.add_row(
            "our clocks met",
            f"{shown_percent(clocks.attainment.percent)} — {clocks.met:,} of {clocks.met + clocks.missed:,}",
        )
        table.add_row("not counted", f"{clocks.pending:,} still pending, {clocks.cancelled:,} cancelled")
        compared = sum(target.clocks.compared for target in figures.targets if target.is_comparable)
        if compared:
            agreeing = sum(target.clocks.agreeing for target in figures.targets if target.is_comparable)
            share = shown_percent(rate(agreeing, compared).percent)
            table.add_row("both agree", f"{share} of {compared:,} clocks whose tickets have a recorded outcome")
        table.add_row("the tail", _tail(clocks))
        paused = shown_percent(rate(clocks.paused, clocks.met + clocks.missed + clocks.pending).percent)
        table.add_row("paused", f"{paused} of clocks; {clocks.met_only_after_pausing:,} met only because of it")
    table.add_row(
        "reopened", f"{shown_percent(tickets.reopened_share.percent)} — {tickets.reopened:,} of {tickets.tickets:,}"
    )
    yield Padding(table, (0, 0, 0, 2))


def _targets(figures: Figures, *, wide: bool) -> Iterator[RenderableType]:
    if not figures.targets:
        return
    yield Text("\nTargets", style="bold")
    table = _table("target", wide=wide)
    _columns(table, "of", "attainment", *(("95 % interval",) if wide else ()), "objective", "")
    _columns(table, *(("p95 over", "worst over", "worst ticket") if wide else ()))
    for target in figures.targets:
        table.add_row(*_target_row(target, wide=wide))
    yield table


def _target_row(target: TargetFigures, *, wide: bool) -> Iterator[str | Text]:
    clocks = target.clocks
    decided = clocks.met + clocks.missed
    kept = decided > 0 and meets_objective(clocks.met, decided, target.objective_percent)
    yield target.name + (" (assumed)" if target.assumed else "")
    yield f"{decided:,}"
    yield _bar(clocks.attainment, wide=wide)
    if wide:
        yield _interval(clocks.attainment)
    yield f"{target.objective_percent.normalize():f} %"
    yield Text("no data", style="cyan") if not decided else Text("met", "green") if kept else Text("missed", "red")
    if wide:
        yield _hours(clocks.p95_overrun_seconds)
        yield _hours(clocks.worst_overrun_seconds)
        yield target.worst_ticket or ""


def _groups(figures: Figures, *, wide: bool) -> Iterator[RenderableType]:
    for grouping, rows in groupby(figures.groups, key=lambda group: group.grouping):
        groups = list(rows)
        yield Text(f"\nBy {grouping.value}, worst first", style="bold")
        table = _table(grouping.value, wide=wide)
        _columns(table, "tickets", "breached", "recorded breaches", *(("95 % interval",) if wide else ()))
        _columns(table, "our clocks met", *(("of",) if wide else ()))
        for group in groups[:GROUPS_SHOWN]:
            table.add_row(*_group_row(group, wide=wide))
        yield table
        if len(groups) > GROUPS_SHOWN:
            yield Text(f"  and {len(groups) - GROUPS_SHOWN} more; GraphQL lists them all", style="dim")


def _group_row(group: GroupFigures, *, wide: bool) -> Iterator[str | Text]:
    breaches, attainment = group.tickets.recorded_breaches, group.clocks.attainment
    yield group.value if group.value is not None else Text("(none)", style="dim")
    yield f"{group.tickets.tickets:,}"
    yield f"{breaches.count:,}"
    yield _bar(breaches, bad=True, wide=wide)
    if wide:
        yield _interval(breaches)
    yield shown_percent(attainment.percent)
    if wide:
        yield f"{attainment.total:,}"


def _legend(*, wide: bool) -> RenderableType:
    over = " Over: business hours beyond the limit of missed clocks." if wide else ""
    return Text(
        f"\nDimmed: fewer than {FEW} decided, too few to trust. Intervals are 95 % (Wilson). Percentages are cut, not"
        f" rounded.{over}",
        style="dim",
    )


def _table(first: str, *, wide: bool) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim", pad_edge=False)
    table.add_column("  " + first, overflow="fold", min_width=16, max_width=44 if wide else 26)
    return table


def _columns(table: Table, *headings: str) -> None:
    for heading in headings:
        bar = heading in ("attainment", "recorded breaches")
        table.add_column(heading, justify="left" if bar else "right", no_wrap=True)


def _bar(rate: Rate, *, wide: bool, bad: bool = False) -> Text:
    if rate.percent is None:
        return Text("no data", style="cyan")
    width = WIDE_BAR if wide else NARROW_BAR
    cells = int(rate.percent * width / 100)
    colour = "red" if bad else "green"
    bar = Text("█" * cells, style=colour) + Text("·" * (width - cells), style="dim")
    return bar + Text(f" {shown_percent(rate.percent):>7}", style="dim" if rate.total < FEW else "")


def _interval(rate: Rate) -> Text:
    if rate.low_percent is None or rate.high_percent is None:
        return Text("")
    return Text(f"{rate.low_percent:.1f}–{rate.high_percent:.1f}", style="dim")


def _hours(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / 3600:,.1f} h"


def _tail(clocks: ClockCounts) -> str:
    if clocks.p95_overrun_seconds is None:
        return "no clock missed its limit"
    return (
        f"of the missed, 95 % were over by at most {_hours(clocks.p95_overrun_seconds)};"
        f" the worst by {_hours(clocks.worst_overrun_seconds)}"
    )
