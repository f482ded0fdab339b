"""`slm import task-sla` and `jira-sla`: record what another system says of its clocks, and what became of each row."""

from pathlib import Path

from services.db import Database
from services.tickets.sources.clock_profile import ClockProfile
from services.tickets.sources.export import ProfileSource
from services.tickets.sources.profile import load_profile_as
from slm.commands.importing import console, progress_bar, run_measured, tell_rejections
from slm.importing_clocks import ClockImportReport, ClockSource, import_clocks


def run_clock_import(
    file: Path, *, source: ClockSource, organisation: str, profile: Path | None, time_zone: str | None, keep_good: bool,
    rejections: Path | None,
) -> None:  # fmt: skip
    """Import an export of clocks into an organisation. Exits with 1 when rows were rejected and nothing was stored."""
    given = load_profile_as(ClockProfile, profile) if profile else None

    async def work(database: Database) -> ClockImportReport:
        with progress_bar() as progress:
            return await import_clocks(
                database, path=file, source=source, organisation_key=organisation, profile=given, time_zone=time_zone,
                keep_good=keep_good, progress=progress,
            )  # fmt: skip

    report = run_measured(work)
    _tell(report, rejections or file.with_name(f"{file.name}.rejected.csv"))
    if report.rejections and not report.stored:
        raise SystemExit(1)


def _tell(report: ClockImportReport, rejected: Path) -> None:
    export, counts = report.export, report.counts
    if export.profile_source is ProfileSource.SHIPPED_EXAMPLE:
        console.print(
            f"Read with the example profile {export.profile.name!r}, because the columns match.", markup=False
        )
    if export.time_zone_assumed:
        console.print(f"[yellow]Times without an offset are taken for {export.time_zone}: an assumption.[/]")
    if report.stored:
        console.print(
            f"[bold]{counts.events_recorded:,} reports of clocks[/] recorded from {counts.rows_read:,} rows;"
            f" {counts.events_known:,} were known."
        )
        said = ", ".join(f"{outcome.replace('_', ' ')} {count:,}" for outcome, count in report.outcomes.most_common())
        console.print(f"Their own conclusions, kept beside ours and not taken over: {said}.")
    elif report.stopped:
        console.print(
            f"[bold red]Nothing was stored[/]: reading stopped after {len(report.rejections):,} rejected rows."
        )
    elif report.rejections:
        console.print("[bold red]Nothing was stored[/], because rows were rejected; --keep-good stores the others.")
    else:
        console.print(f"Nothing new: all {counts.events_known:,} reports were known already.")
    if report.rejections:
        tell_rejections(report.rejections, rejected)
