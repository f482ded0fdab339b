"""One invariant, and how a statement becomes one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.db import ReadSession, fetch

MOST_SHOWN = 20
"""Violations shown of one invariant; all are counted."""


@dataclass(frozen=True)
class Scope:
    """What is looked at: one organisation at `now`, and how many of its tickets are replayed (None for all)."""

    organisation_id: UUID
    now: datetime
    tickets: int | None


@dataclass(frozen=True)
class Violations:
    """How many rows break an invariant, and the first of them by their keys."""

    count: int
    keys: tuple[str, ...]

    @classmethod
    def of(cls, keys: list[str]) -> "Violations":
        """All of these."""
        return cls(len(keys), tuple(sorted(keys)[:MOST_SHOWN]))


Find = Callable[[ReadSession, Scope], Awaitable[Violations]]


@dataclass(frozen=True)
class Invariant:
    """A rule with a stable name; `meaning` says what holds, `remedy` what to do where it does not."""

    name: str
    meaning: str
    remedy: str
    find: Find


def by_statement(sql: str) -> Find:
    """Violations are the rows of a statement: one text each that names what is wrong. $1 organisation, $2 now."""
    bounded = f"""
    WITH asked AS (SELECT $1::uuid, $2::timestamptz), violation (key) AS ({sql})
    SELECT key, count(*) OVER () FROM violation ORDER BY key LIMIT $3::bigint
    """  # noqa: S608 - a statement of this package, no input

    async def find(session: ReadSession, scope: Scope) -> Violations:
        rows = await fetch(session, bounded, scope.organisation_id, scope.now, MOST_SHOWN)
        return Violations(rows[0][1] if rows else 0, tuple(row[0] for row in rows))

    return find
