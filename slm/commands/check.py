"""`slm check`: invariants over live data, and what to do where one does not hold."""

from datetime import UTC, datetime

from rich.console import Console

from services.db import Database
from slm.invariants.check import Result, broken, check, organisations
from slm.running import run_with_database

console = Console(highlight=False, soft_wrap=True)


def run_check(*, organisation: str | None, tickets: int | None) -> None:
    """Check one organisation or all of them. Exits with 1 when an invariant is broken."""
    if not run_with_database(lambda database: _check(database, organisation, tickets)):
        raise SystemExit(1)


async def _check(database: Database, organisation: str | None, tickets: int | None) -> bool:
    holds = True
    for key, organisation_id in (await organisations(database, key=organisation)).items():
        results = await check(database, organisation_id, now=datetime.now(UTC), tickets=tickets)
        wrong = list(broken(results))
        console.print(f"{key}: {len(results) - len(wrong)} of {len(results)} invariants hold", markup=False)
        for result in wrong:
            _show(result)
        holds = holds and not wrong
    return holds


def _show(result: Result) -> None:
    invariant, violations = result.invariant, result.violations
    console.print(f"  {invariant.name}: {violations.count:,} times not", style="bold red", markup=False)
    console.print(f"    {invariant.meaning}", markup=False)
    console.print(f"    {invariant.remedy}", markup=False)
    for key in violations.keys:
        console.print(f"    - {key}", markup=False)
    if violations.count > len(violations.keys):
        console.print(f"    and {violations.count - len(violations.keys):,} more", markup=False)
