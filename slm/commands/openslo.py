"""`slm openslo`: check files of OpenSLO, take them in, and write what is on record as one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.db import Database
from services.errors import FieldProblem, Invalid
from services.measurement.openslo_export import Exported
from services.measurement.openslo_import import Change
from services.measurement.sources.openslo.yaml_reader import LARGEST_TEXT
from slm.openslo import Kept, Located, check_files, export_all, import_files
from slm.running import run_with_database

console = Console(highlight=False, soft_wrap=True)
SHOWN = 20
MOST_FILES = 1_000
ENDINGS = (".yaml", ".yml")


def run_check(paths: Sequence[Path]) -> None:
    """List the documents of files, what is wrong with them, and what to know about them. Exits with 1 if any is."""
    checked = check_files(_contents(paths))
    table = Table("kind", "name", "file", "line", box=None, pad_edge=False, header_style="dim")
    for name, documents in checked.documents.items():
        for document in documents:
            table.add_row(document.kind, Text(document.name), Text(name), str(document.root.place.line))
    if table.rows:
        console.print(table)
    _tell("warnings", checked.warnings, "yellow")
    if checked.problems:
        _tell("problems", checked.problems, "bold red")
        raise SystemExit(1)
    console.print(f"{len(table.rows):,} documents of OpenSLO v1, nothing wrong with them.")


def run_import(paths: Sequence[Path], *, organisation: str, dry_run: bool) -> None:
    """Take in the documents of files, all or none. Exits with 1 when there are problems."""
    contents = _contents(paths)

    async def work(database: Database) -> Kept:
        return await import_files(database, contents, organisation_key=organisation, dry_run=dry_run)

    kept = run_with_database(work, migrate=True)
    _tell("warnings", kept.warnings, "yellow")
    if kept.problems:
        _tell("problems", kept.problems, "bold red")
        console.print("[bold red]Nothing was kept.[/]")
        raise SystemExit(1)
    shown = [entry for entry in kept.entries if entry.change is not Change.UNCHANGED]
    table = Table("", "what", "key", box=None, pad_edge=False, header_style="dim")
    for entry in shown[:SHOWN]:
        table.add_row(entry.change.value, entry.what, Text(entry.key))
    if shown:
        console.print(table)
    if len(shown) > SHOWN:
        console.print(f"and {len(shown) - SHOWN:,} more")
    counts = [(change, sum(entry.change is change for entry in kept.entries)) for change in Change]
    console.print(f"{', '.join(f'{number:,} {change.value}' for change, number in counts)}.")
    if dry_run:
        console.print("A dry run: nothing was kept.")


def run_export(path: Path, *, organisation: str) -> None:
    """Write every document, and every target in force as one, to a new file."""
    if path.exists():
        raise Invalid("nothing was exported", [FieldProblem("path", f"expected a new file; {path} is there already")])

    async def work(database: Database) -> Exported:
        return await export_all(database, organisation_key=organisation)

    exported = run_with_database(work, migrate=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(exported.text.encode())
    unfinished.replace(path)
    for unstated in exported.unstated:
        console.print(f"not exported: {unstated.target}: {unstated.reason}", style="yellow", markup=False)
    console.print(
        f"{exported.kept:,} documents as they came and {exported.stated:,} made of what is agreed, in {path}.",
        markup=False,
    )


def _contents(paths: Sequence[Path]) -> Mapping[str, bytes]:
    """What is in the files; of folders, in every YAML file below them. One more byte than may be is read of each."""
    files = [
        file
        for path in paths
        for file in (sorted(each for each in path.rglob("*") if each.suffix in ENDINGS) if path.is_dir() else [path])
    ]
    if not 0 < len(files) <= MOST_FILES:
        problem = FieldProblem("files", f"expected 1 to {MOST_FILES:,} files, got {len(files):,}")
        raise Invalid("there is nothing to read" if not files else "there is too much to read", [problem])
    contents = {}
    for file in files:
        with file.open("rb") as opened:
            contents[str(file)] = opened.read(4 * LARGEST_TEXT + 1)
    return contents


def _tell(what: str, found: Sequence[Located], style: str) -> None:
    if not found:
        return
    console.print(f"[{style}]{len(found):,} {what}[/]")
    for file, finding in found[:SHOWN]:
        value = f" ({finding.value!r})" if finding.value else ""
        where = f"{file}:{finding.line}:{finding.column}"
        field = f" {finding.field}:" if finding.field else ""
        console.print(f"  {where}:{field} {finding.reason}{value}", markup=False)
    if len(found) > SHOWN:
        console.print(f"  and {len(found) - SHOWN:,} more")
