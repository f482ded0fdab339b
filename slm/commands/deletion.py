"""`slm organisation delete`: what will go is shown first, and goes only when its key is said twice."""

import asyncio
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from slm.deletion import count_rows, delete_organisation, find_doomed
from slm.running import database_provided, open_database, read_settings, said_plainly
from slm.settings import Settings

console = Console(highlight=False, soft_wrap=True)


def run_delete_organisation(key: str, *, confirm: str | None) -> None:
    """Delete an organisation, or say what there is to delete. Exits with 1 when `confirm` is not its key."""
    with database_provided(read_settings(), migrate=False) as settings, said_plainly():
        is_deleted = asyncio.run(_delete(settings, key, confirm))
    if not is_deleted:
        raise SystemExit(1)


async def _delete(settings: Settings, key: str, confirm: str | None) -> bool:
    owner = open_database(settings, pool_size=2, as_owner=True)
    try:
        organisation_id = await find_doomed(owner, key=key)
        if confirm != key:
            _show("rows", await count_rows(owner, organisation_id=organisation_id))
            console.print(f"Nothing was deleted. To delete all of it for ever: --confirm {key}", markup=False)
            return False
        _show("rows deleted", await delete_organisation(owner, organisation_id=organisation_id))
        console.print(f"Deleted the organisation {key}. Backups made before still hold it.", markup=False)
        return True
    finally:
        await owner.close()


def _show(title: str, counts: Mapping[str, int]) -> None:
    table = Table("table", title, box=None)
    table.columns[1].justify = "right"
    for name, count in sorted(counts.items()):
        table.add_row(name, f"{count:,}")
    console.print(table)
