"""The commands `slm bundle`: options and help."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Organisations as files: to set up, to leave, to move.", no_args_is_help=True)

Organisation = Annotated[str, typer.Option("--organisation", help="The organisation's key.", show_default=False)]


@app.command("export")
def export_bundle(
    path: Annotated[Path, typer.Argument(help="A new folder, or a new file NAME.zip.", show_default=False)],
    organisation: Organisation,
    definitions_only: Annotated[
        bool, typer.Option("--definitions-only", help="What was agreed, without what happened.")
    ] = False,
) -> None:
    """Write everything on record about an organisation, to import it elsewhere. No token is in it."""
    from slm.commands.bundle import run_export

    run_export(path, organisation=organisation, definitions_only=definitions_only)


@app.command("import")
def import_bundle(
    path: Annotated[Path, typer.Argument(exists=True, readable=True, show_default=False)],
    organisation: Annotated[str | None, typer.Option(help="The organisation's key [default: its own]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and keep nothing.")] = False,
    definitions_only: Annotated[
        bool, typer.Option("--definitions-only", help="Of an export, only what was agreed.")
    ] = False,
    valid_from: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD or an instant: the start of new versions [default: now]")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why there are new versions, where the files do not say it.")] = "",
    problems: Annotated[Path | None, typer.Option(help="Where to list problems.")] = None,
) -> None:
    """Set up or update an organisation from files, or make one of an export. Importing again changes nothing."""
    from slm.commands.bundle import run_import

    run_import(
        path, organisation=organisation, dry_run=dry_run, definitions_only=definitions_only, valid_from=valid_from,
        reason=reason, problems=problems,
    )  # fmt: skip


@app.command("describe")
def describe_bundle() -> None:
    """List the files a bundle may hold, and their columns."""
    from slm.commands.bundle import describe

    describe()
