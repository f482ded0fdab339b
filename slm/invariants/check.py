"""Checking every invariant in one organisation, in one snapshot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.db import Database, fetch
from services.errors import NotFound
from slm.invariants.audited import AUDITED
from slm.invariants.invariant import Invariant, Scope, Violations
from slm.invariants.references import REFERENCES
from slm.invariants.replayed import REPLAYED
from slm.invariants.stored import STORED

INVARIANTS: tuple[Invariant, ...] = (*STORED, *REFERENCES, *REPLAYED, *AUDITED)

ORGANISATIONS = (
    "SELECT key, organisation_id FROM organisation_key WHERE $1::text IS NULL OR key = $1::text ORDER BY key"
)


@dataclass(frozen=True)
class Result:
    """What became of one invariant in one organisation."""

    invariant: Invariant
    violations: Violations


async def organisations(database: Database, *, key: str | None = None) -> dict[str, UUID]:
    """The organisations by key, or the one asked for. Raises NotFound when there is none of that key."""
    async with database.reading(None) as session:
        found = {row[0]: row[1] for row in await fetch(session, ORGANISATIONS, key)}
    if key is not None and not found:
        raise NotFound(f"there is no organisation with the key {key!r}")
    return found


async def check(
    database: Database, organisation_id: UUID, *, now: datetime, tickets: int | None = 1_000
) -> list[Result]:
    """Every invariant, all seeing the organisation as it is at one instant. Reads only, as the runtime role.

    Of its tickets `tickets` are replayed, others every day; None replays all.
    """
    scope = Scope(organisation_id, now, tickets)
    async with database.snapshot(organisation_id) as session:
        return [Result(invariant, await invariant.find(session, scope)) for invariant in INVARIANTS]


def broken(results: list[Result]) -> Iterator[Result]:
    """Those that do not hold."""
    return (result for result in results if result.violations.count)
