"""`slm import servicenow` and `tickets`: read an export, show how far it is, and say what became of every row."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.db import Database
from services.tickets.sources.columns import Layout
from services.tickets.sources.export import ProfileSource
from services.tickets.sources.profile import load_profile
from services.tickets.sources.records import Rejection
from services.tickets.sources.rejections import write_rejections
from slm import importing
from slm.importing import ImportReport
from slm.importing_clocks import ClockImportReport
from slm.logs import configure_logging
from slm.metrics import write_import
from slm.running import read_settings, run_with_database

console = Console(highlight=False, soft_wrap=True)
SHOWN_REJECTIONS = 5

Report = TypeVar("Report", ImportReport, ClockImportReport)


def run_import(
    file: Path, *, layout: Layout, organisation: str, profile: Path | None, service: str | None, time_zone: str | None,
    keep_good: bool, rejections: Path | None,
) -> None:  # fmt: skip
    """Import an export into an organisation, created and migrated as needed. Exits with 1 when rows were rejected."""
    given = load_profile(profile) if profile else None

    async def work(database: Database) -> ImportReport:
        with progress_bar() as progress:
            return await importing.import_tickets(
                database, path=file, layout=layout, organisation_key=organisation, profile=given, time_zone=time_zone,
                service_key=service, keep_good=keep_good, progress=progress,
            )  # fmt: skip

    report = run_measured(work)
    tell(report, rejections or file.with_name(f"{file.name}.rejected.csv"))
    if report.rejections and not report.stored:
        raise SystemExit(1)


def run_measured(work: Callable[[Database], Awaitable[Report]]) -> Report:
    """Run an import with its log lines set up, and leave its figures where they are asked for."""
    settings = read_settings()
    configure_logging(settings)
    report = run_with_database(work, settings=settings, migrate=True)
    if settings.metrics_file is not None:
        counts = report.counts
        write_import(
            settings.metrics_file, recorded=counts.events_recorded, known=counts.events_known,
            rejected=counts.rows_rejected, stored=report.stored,
        )  # fmt: skip
    return report


@contextmanager
def progress_bar() -> Iterator[importing.Progress]:
    """A bar per phase of an import, on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        phases: dict[str, TaskID] = {}

        def show(phase: str, done: int, total: int) -> None:
            if phase not in phases:
                phases[phase] = bars.add_task(phase.capitalize(), total=total)
            bars.update(phases[phase], completed=done, total=total)

        yield show


def tell(report: ImportReport, rejected: Path) -> None:
    """Print what became of an import, and list its rejected rows in a file."""
    _tell_how_read(report)
    counts = report.counts
    if report.stored:
        console.print(
            f"[bold]{counts.events_recorded:,} events[/] of [bold]{counts.tickets_touched:,} tickets[/] recorded"
            f" from {counts.rows_read:,} rows; {counts.events_known:,} were known, {report.repetitions:,} repeated."
        )
        if report.created:
            console.print(f"Created: {', '.join(report.created)}.", markup=False)
        console.print(f"{report.breaches:,} breaches recorded for the first time.")
    elif report.stopped:
        console.print(
            f"[bold red]Nothing was stored[/]: reading stopped after {len(report.rejections):,} rejected rows of"
            f" {counts.rows_read:,}. Is this the right profile?"
        )
    elif report.rejections:
        console.print("[bold red]Nothing was stored[/], because rows were rejected; --keep-good stores the others.")
    elif not counts.rows_read:
        console.print("The export has a header and no rows: nothing was stored.")
    else:
        console.print(f"Nothing new: all {counts.events_known:,} events were known already.")
    if report.restated:
        said = ", ".join(f"{column} ({events:,})" for column, events in report.restated.most_common())
        console.print(
            f"Known events that say other or more than was recorded first, which stays: {said}.",
            style="yellow", markup=False,
        )  # fmt: skip
    if not report.has_targets:
        console.print(
            "[yellow]No targets are agreed for these tickets: no clock runs, and none can be met or missed.[/]"
        )
    if report.rejections:
        tell_rejections(report.rejections, rejected)


def _tell_how_read(report: ImportReport) -> None:
    export = report.export
    if export.profile_source is ProfileSource.SHIPPED_EXAMPLE:
        console.print(
            f"[yellow]Read with the example profile {export.profile.name!r}, because the columns match and no --profile"
            " was given. What it assumes is marked as assumed.[/]"
        )
    if export.encoding != "utf-8":
        console.print(f"[yellow]The text is not UTF-8 and was read as {export.encoding}: an assumption.[/]")
    if export.time_zone_assumed:
        console.print(f"[yellow]Times without an offset are taken for {export.time_zone}: an assumption.[/]")
    if export.profile.layout is Layout.TICKETS:
        console.print(
            "[yellow]The events are made from the instants of each row and marked so: pauses and changes of priority in"
            " between are not in the file.[/]"
        )
    if report.unknown_states:
        words = ", ".join(f"{word or '(blank)'} ({rows:,})" for word, rows in report.unknown_states.most_common(10))
        console.print(f"States without a known meaning: {words}.", style="yellow", markup=False)


def tell_rejections(rejections: Sequence[Rejection], rejected: Path) -> None:
    """List rejected rows in a file, and print where and the first of them."""
    written = write_rejections(rejected, rejections)
    console.print(f"[bold red]{written:,} rows rejected[/], listed in {rejected}. The first:")
    for row in rejections[:SHOWN_REJECTIONS]:
        where = f"line {row.line}" + (f", {row.column}" if row.column else "")
        console.print(f"  {where}: {row.reason} ({row.value!r})", markup=False)
