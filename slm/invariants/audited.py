"""The invariant over the audit trail: what the last entry about a thing says it became is what the thing is now."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table, select

from services.audit.commands import subject_type, table_of
from services.audit.rules import spelled
from services.db import Base, ReadSession, fetch
from slm.invariants.invariant import Invariant, Scope, Violations

AT_ONCE = 5_000
"""Things compared together."""

ALL_SUBJECTS = """
SELECT DISTINCT subject_id FROM audit_entry
WHERE organisation_id = $1::uuid AND kind <> 'ingested' AND subject_id > $2::uuid ORDER BY subject_id LIMIT $3::bigint
"""

SOME_SUBJECTS = """
SELECT subject_id FROM audit_entry WHERE organisation_id = $1::uuid AND kind <> 'ingested' AND subject_id IS NOT NULL
GROUP BY subject_id ORDER BY md5(subject_id::text || $2::text), subject_id LIMIT $3::bigint
"""

LAST_ENTRIES = """
SELECT DISTINCT ON (subject_type, subject_id) subject_type, subject_id, subject_version, changes::text
FROM audit_entry WHERE organisation_id = $1::uuid AND kind <> 'ingested' AND subject_id = ANY($2::uuid[])
ORDER BY subject_type, subject_id, id DESC
"""
"""The last by id: ids rise with time, and an entry gets its own while its transaction holds the thing."""


async def things_that_differ(session: ReadSession, scope: Scope) -> Violations:
    """Things that are not what their last audit entry says they became, in the attributes that it records."""
    tables = _tables()
    differing: list[str] = []
    async for chunk in _subjects(session, scope):
        entries: dict[str, list[tuple[UUID, int | None, dict[str, Any]]]] = defaultdict(list)
        for of_type, subject_id, version, changes in await fetch(session, LAST_ENTRIES, scope.organisation_id, chunk):
            after = {change["attribute"]: change["after"] for change in orjson.loads(changes)}
            entries[of_type].append((subject_id, version, after))
        for of_type, last in sorted(entries.items()):
            rows = await _rows(
                session, tables.get(of_type), scope.organisation_id, [subject_id for subject_id, _, _ in last]
            )
            for subject_id, version, after in last:
                wrong = _wrong(rows.get(subject_id), after if version is None else after | {"version": version})
                differing += [f"{of_type} {subject_id}: {wrong}"] if wrong else []
    return Violations.of(differing)


async def _subjects(session: ReadSession, scope: Scope) -> AsyncIterator[list[UUID]]:
    """What to compare, by the thousand: all, or as many as tickets are replayed, others on every day."""
    if scope.tickets is not None:
        day = scope.now.date().isoformat()
        some = [row[0] for row in await fetch(session, SOME_SUBJECTS, scope.organisation_id, day, scope.tickets)]
        for start in range(0, len(some), AT_ONCE):
            yield some[start : start + AT_ONCE]
        return
    last = UUID(int=0)
    while chunk := [row[0] for row in await fetch(session, ALL_SUBJECTS, scope.organisation_id, last, AT_ONCE)]:
        yield chunk
        last = chunk[-1]


def _tables() -> dict[str, Table]:
    """The table of each type of subject."""
    found = {subject_type(mapper.class_): table_of(mapper.class_) for mapper in Base.registry.mappers}
    return {name: table for name, table in found.items() if "id" in table.c}


async def _rows(
    session: ReadSession, table: Table | None, organisation_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    if table is None:
        return {}
    own = (table.c.organisation_id == organisation_id, table.c.id.in_(ids))
    return {row["id"]: dict(row) for row in (await session.execute(select(table).where(*own))).mappings()}


def _wrong(row: dict[str, Any] | None, recorded: dict[str, Any]) -> str:
    """The attributes that are not as recorded; one that the program no longer knows cannot be compared."""
    if row is None:
        return "is not there"
    return ", ".join(sorted(name for name, value in recorded.items() if name in row and spelled(row[name]) != value))


AUDITED = (
    Invariant(
        "audit-trail-agrees",
        "What the last audit entry of a thing says it became is what the thing is now.",
        "Somebody changed rows past the program: find out who, and make the change again through the program.",
        things_that_differ,
    ),
)
