"""`slm bundle export` and `slm bundle import`: an organisation as files."""

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from services.db import Database
from slm.bundles import files
from slm.bundles.manifest import Manifest
from slm.bundles.records import Restored, restore_records, write_records
from slm.commands.access import actor_of
from slm.running import run_with_database

console = Console(highlight=False, soft_wrap=True)


def run_export(path: Path, *, organisation: str) -> None:
    """Write everything on record about an organisation to a folder, or to an archive if the name ends in .zip."""

    async def work(database: Database) -> Manifest:
        actor = await actor_of(database, organisation)
        async with database.snapshot(actor.organisation_id) as session:
            with files.writing(path) as writer:
                return await write_records(session, writer, organisation_id=actor.organisation_id, key=organisation)

    written = run_with_database(work)
    console.print(f"{written.rows:,} records of {organisation} written to {path}.", markup=False)
    console.print("It holds personal data, and no token: whoever imports it issues new ones.", style="dim")


def run_import(path: Path, *, organisation: str | None) -> None:
    """Make an organisation of an export."""

    async def work(database: Database) -> Restored:
        with files.reading(path) as bundle:
            return await restore_records(database, bundle, name=path.name, key=organisation, now=datetime.now(UTC))

    restored = run_with_database(work, migrate=True)
    key = organisation or restored.manifest.organisation_key
    if restored.rows:
        console.print(f"{restored.rows:,} records made the organisation {key}.", markup=False)
        console.print(f"It has no tokens yet: slm token create --organisation {key} --role viewer --label me")
    else:
        console.print(f"Nothing new: {key} has exactly these records already.", markup=False)
