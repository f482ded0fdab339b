"""The commands `slm openslo`: options and help."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Service level objectives as files of OpenSLO v1.", no_args_is_help=True)

Organisation = Annotated[str, typer.Option("--organisation", help="The organisation's key.", show_default=False)]
Paths = Annotated[
    list[Path],
    typer.Argument(exists=True, readable=True, help="Files, or folders of YAML files.", show_default=False),
]


@app.command("check")
def check_files(paths: Paths) -> None:
    """Say what is wrong with files, where, and what was expected; and what to beware of. Needs no database."""
    from slm.commands.openslo import run_check

    run_check(paths)


@app.command("import")
def import_files(
    paths: Paths,
    organisation: Organisation,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and keep nothing.")] = False,
) -> None:
    """Take in every document of the files, or none. Importing again changes nothing."""
    from slm.commands.openslo import run_import

    run_import(paths, organisation=organisation, dry_run=dry_run)


@app.command("export")
def export_file(
    path: Annotated[Path, typer.Argument(help="A new file.", show_default=False)], organisation: Organisation
) -> None:
    """Write the imported documents as they came, and the targets in force that none of them states."""
    from slm.commands.openslo import run_export

    run_export(path, organisation=organisation)
