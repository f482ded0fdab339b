"""`slm align`: whether what was promised to customers can be kept, in the terminal."""

from datetime import UTC, datetime

from rich.console import Console

from services.alignment.commands import Aligned
from services.alignment.queries import Standing, standing
from services.db import Database
from slm.alignment import align_organisation
from slm.commands.access import actor_of
from slm.running import run_with_database

console = Console(highlight=False)


def run_align(organisation: str, *, everything: bool) -> None:
    """Judge what changed, or everything again, and count the verdicts."""

    async def work(database: Database) -> tuple[Aligned, Standing]:
        actor = await actor_of(database, organisation)
        done = await align_organisation(database, actor=actor, now=datetime.now(UTC), everything=everything)
        async with database.reading(actor.organisation_id) as session:
            return done, await standing(session, actor.organisation_id)

    done, counted = run_with_database(work)
    console.print(f"{done.promises:,} promises to customers, {done.judged:,} judged now.")
    for verdict, promises in counted.verdicts.items():
        console.print(f"  {verdict.value.replace('_', ' ')}: {promises:,}")
    console.print(f"{counted.open_gaps:,} open gaps, {counted.without_owner:,} of them without an owner.")
