"""`slm bundle export`, `import` and `describe`: an organisation as files."""

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from services.db import Database
from services.errors import FieldProblem, Invalid
from slm.bundles import files, manifest
from slm.bundles.definitions.bringing import Brought, bring_definitions
from slm.bundles.definitions.columns import read_instant
from slm.bundles.definitions.registry import KINDS
from slm.bundles.definitions.telling import tell_difference, tell_problems
from slm.bundles.definitions.writing import write_definitions
from slm.bundles.records import Restored, restore_records, write_records
from slm.commands.access import actor_of
from slm.running import run_with_database

console = Console(highlight=False, soft_wrap=True)


def run_export(path: Path, *, organisation: str, definitions_only: bool) -> None:
    """Write an organisation to a folder, or to an archive if the name ends in .zip."""

    async def work(database: Database) -> tuple[int, int]:
        actor = await actor_of(database, organisation)
        async with database.snapshot(actor.organisation_id) as session:
            with files.writing(path) as writer:
                definitions = await write_definitions(session, writer, organisation_id=actor.organisation_id)
                if definitions_only:
                    return definitions, 0
                written = await write_records(session, writer, organisation_id=actor.organisation_id, key=organisation)
                return definitions, written.rows

    definitions, records = run_with_database(work)
    said = f"{definitions:,} definitions" + ("" if definitions_only else f" and {records:,} records")
    console.print(f"{said} of {organisation} written to {path}.", markup=False)
    if not definitions_only:
        console.print("It holds personal data, and no token: whoever imports it issues new ones.", style="dim")


def run_import(
    path: Path,
    *,
    organisation: str | None,
    dry_run: bool,
    definitions_only: bool,
    valid_from: str | None,
    reason: str,
    problems: Path | None,
) -> None:
    """Make an organisation of an export, or make one say what the files say. Exits with 1 when there are problems."""
    begins = _instant(valid_from)

    async def work(database: Database) -> tuple[Restored | None, Brought | None, str]:
        now = datetime.now(UTC)
        with files.reading(path) as bundle:
            restored = None
            if manifest.NAME in bundle.names and not definitions_only:
                restored = await restore_records(
                    database, bundle, name=path.name, key=organisation, now=now, dry_run=dry_run
                )
            key = organisation or (restored.manifest.organisation_key if restored else None)
            if key is None:
                problem = FieldProblem("organisation", "expected the key of an organisation: the bundle has none")
                raise Invalid("the bundle cannot be imported", [problem])
            if restored is not None and (dry_run or all("/" in name for name in bundle.names)):
                return restored, None, key
            brought = await bring_definitions(
                database, bundle, key=key, now=now, valid_from=begins, reason=reason, dry_run=dry_run
            )
        return restored, brought, key

    restored, brought, key = run_with_database(work, migrate=True)
    if restored is not None:
        _tell_restored(restored, key, dry_run=dry_run)
    if brought is not None and brought.problems:
        listed_in = problems or path.with_name(f"{path.name}.problems.csv")
        tell_problems(console, brought.problems, listed_in, records_kept=restored is not None and restored.rows > 0)
        raise SystemExit(1)
    if brought is not None:
        tell_difference(console, brought)
        if dry_run:
            console.print("A dry run: nothing was kept.")


def describe() -> None:
    """Say which files a bundle may hold, and their columns."""
    for kind in KINDS:
        console.print(f"[bold]{kind.name}[/] (.csv or .yaml): {kind.meaning}")
        for column in kind.columns:
            needed = " (needed)" if column.required else ""
            console.print(f"    {column.name}{needed}: {column.meaning}", markup=False)


def _tell_restored(restored: Restored, key: str, *, dry_run: bool) -> None:
    if not restored.rows:
        console.print(f"Nothing new: {key} has exactly these records already.", markup=False)
    elif dry_run:
        console.print(f"A dry run: {restored.rows:,} records would make the organisation {key}.", markup=False)
    else:
        console.print(f"{restored.rows:,} records made the organisation {key}.", markup=False)
        console.print(f"It has no tokens yet: slm token create --organisation {key} --role viewer --label me")


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text, UTC)
    except ValueError as wrong:
        raise Invalid("the bundle cannot be imported", [FieldProblem("valid-from", str(wrong))]) from None
