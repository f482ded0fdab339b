"""What `slm demo` prints: services with bars, tickets whose time runs out, and queries to paste."""

import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.attainment.overview import ServiceStanding, TicketAtRisk
from services.attainment.review import ServiceReview
from services.domain.rates import shown_percent
from slm.http.graphiql import examples

AT_RISK_WITHIN = timedelta(hours=24)
BAR_CELLS = 24
SHOWN = 6
FINDINGS_SHOWN = 4


def show_standings(console: Console, standings: Sequence[ServiceStanding]) -> None:
    """Promises kept per service in the last finished periods of its targets, fewest first."""
    table = Table(title="Promises kept, last finished month", title_justify="left", box=None, pad_edge=False)
    for column, justify in (("service", "left"), ("kept", "right"), ("", "left"), ("targets", "left")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for standing in standings:
        missed = standing.targets_missed
        table.add_row(
            standing.name,
            shown_percent(standing.kept.percent),
            _bar(standing),
            Text(f"{missed} missed" if missed else "all met", style="red" if missed else "green")
            + Text(f" of {missed + standing.targets_met}", style="dim"),
        )
    console.print(table)


def _bar(standing: ServiceStanding) -> Text:
    filled = round(float(standing.kept.percent or 0) / 100 * BAR_CELLS)
    style = "red" if standing.targets_missed else "green"
    return Text("█" * filled, style=style) + Text("░" * (BAR_CELLS - filled), style="dim")


def show_tickets_at_risk(console: Console, at_risk: Sequence[TicketAtRisk], now: datetime) -> None:
    """The tickets that fall due next."""
    hours = int(AT_RISK_WITHIN.total_seconds() // 3600)
    table = Table(
        title=f"\nFalling due within {hours} hours: {len(at_risk)}", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("in", justify="right", no_wrap=True, min_width=7)
    table.add_column("ticket", no_wrap=True, min_width=10)
    table.add_column("service", no_wrap=True)
    table.add_column("promise", no_wrap=True)
    for ticket in at_risk[:SHOWN]:
        minutes = int((ticket.due_at - now).total_seconds() // 60)
        table.add_row(f"{minutes // 60}h {minutes % 60:02d}m", ticket.ticket, ticket.service, ticket.target)
    console.print(table)


def show_findings(console: Console, review: ServiceReview) -> None:
    """The first findings of a review, the ones that distort its numbers before the others."""
    console.print("\n[bold]What the numbers do not say by themselves[/]")
    for finding in review.findings[:FINDINGS_SHOWN]:
        console.print(Padding(Text(f"! {finding.sentence}"), (0, 0, 0, 2)))


def show_queries(console: Console, port: int) -> None:
    """One query as a command to paste, and where the others are."""
    shown = examples()
    if not shown:
        return
    lines = (line for line in shown[0].query.splitlines() if not line.startswith("#"))
    body = orjson.dumps({"query": " ".join(" ".join(lines).split())}).decode()
    address = f"http://127.0.0.1:{port}"
    console.print("\n[bold]Ask it yourself[/]")
    console.print(
        f"curl -s {address}/graphql -H 'Content-Type: application/json' -d {shlex.quote(body)}",
        soft_wrap=True, markup=False,
    )  # fmt: skip
    console.print(f"In a browser, with {len(shown)} queries ready: {address}/", soft_wrap=True)
