"""`slm person pseudonymise`: for ever, so the key is said twice."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from services.errors import FieldProblem, Invalid
from slm.commands.access import actor_of
from slm.pseudonyms import Erased, pseudonymise
from slm.running import database_provided, open_database, read_settings, said_plainly
from slm.settings import Settings

console = Console(highlight=False, soft_wrap=True)
MOST_NAMES = 50


def run_pseudonymise(key: str, *, organisation: str, confirm: str | None, ticket_names: Sequence[str]) -> None:
    """Replace a person by a pseudonym. Invalid unless `confirm` is the person's key."""
    problems = []
    if confirm != key:
        problems.append(FieldProblem("confirm", f"expected the person's key again, because nothing undoes it: {key}"))
    if len(ticket_names) > MOST_NAMES or not all(name.strip() for name in ticket_names):
        problems.append(FieldProblem("ticket-name", f"expected at most {MOST_NAMES} names, none of them blank"))
    if problems:
        raise Invalid("the person stays as they are", problems)
    with database_provided(read_settings(), migrate=False) as settings, said_plainly():
        erased = asyncio.run(_pseudonymise(settings, key, organisation, ticket_names))
    console.print(f"{key} is {erased.person.key} now; {erased.person.accounts} accounts closed.", markup=False)
    for table, rows in sorted(erased.rows.items()):
        console.print(f"  {table}: {rows:,} rows named them")
    console.print("Texts that people wrote were not searched, and backups made before still name them.", style="dim")


async def _pseudonymise(settings: Settings, key: str, organisation: str, ticket_names: Sequence[str]) -> Erased:
    owner = open_database(settings, pool_size=2, as_owner=True)
    try:
        actor = await actor_of(owner, organisation)
        return await pseudonymise(owner, actor=actor, person_key=key, names=ticket_names, now=datetime.now(UTC))
    finally:
        await owner.close()
