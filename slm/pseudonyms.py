"""Replacing a person by a pseudonym wherever they are on record by name: in their own row, and where it is asked for.

Ticket systems write names of people into tickets: who asked, who worked on it. Which of them mean this person only the
operator knows, so they are given. Every text, and every value inside stored JSON, that consists of such a name
and nothing else is replaced, and the value in every reason of a forecast, which the program wrote; texts that people
wrote are not searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import Table, Text, select
from sqlalchemy.dialects.postgresql import JSONB

from services.audit.models import AuditPersonalValue
from services.db import Database, ReadSession, WriteSession, execute, fetch
from services.errors import NotFound
from services.forecasting.rules import sentence_pattern
from services.idempotency.commands import empty_outcomes_naming
from services.organisations.models import Person
from services.organisations.pseudonyms import Pseudonymised, pseudonymise_person
from services.organisations.rules import Actor
from slm.bundles.tables import quoted, record_tables

NEVER_NAMES = frozenset(
    {"key", "sha256", "file_sha256", "content_sha256", "inputs_digest", "findings_digest", "time_zone"}
)
"""Columns that identify a thing, or cannot hold the name of a person."""

ROWS_AT_ONCE = 1_000
REPLACE_IN_REASONS = r"""
WITH named AS (
    SELECT id FROM forecast WHERE organisation_id = $1::uuid AND id > $2::uuid AND reasons::text ~ $3::text
    ORDER BY id LIMIT $5::bigint
)
UPDATE forecast SET reasons = regexp_replace(reasons::text, $3::text, '\1' || $4::text || '\2', 'g')::jsonb
WHERE organisation_id = $1::uuid AND id IN (SELECT id FROM named)
RETURNING id
"""


@dataclass(frozen=True)
class Erased:
    """What the person is called now, and how many rows named them, by table."""

    person: Pseudonymised
    rows: dict[str, int]


async def pseudonymise(
    database: Database, *, actor: Actor, person_key: str, names: Sequence[str], now: datetime
) -> Erased:
    """Pseudonymise a person, and replace these names of theirs wherever a record consists of one of them.

    All of it in one transaction. With names the database must be opened as the owner of the tables, because events of
    tickets are facts that the program itself can never change. Raises NotFound for an unknown person.
    """
    async with database.writing(actor.organisation_id) as session:
        own = (Person.organisation_id == actor.organisation_id, Person.key == person_key)
        person_id = (await session.execute(select(Person.id).where(*own))).scalar_one_or_none()
        if person_id is None:
            raise NotFound(f"there is no person with the key {person_key!r}")
        known = await _known_of(session, actor, person_id)
        await empty_outcomes_naming(session, organisation_id=actor.organisation_id, texts=known | set(names))
        person = await pseudonymise_person(session, actor=actor, person_id=person_id, now=now)
        rows: dict[str, int] = {}
        if names:
            for record in record_tables():
                changed = await _replace(session, record.table, actor, names, person.name)
                rows |= {record.name: changed} if changed else {}
            if reasoned := await _replace_in_reasons(session, actor, names, person.name):
                rows["forecast"] = rows.get("forecast", 0) + reasoned
    return Erased(person, rows)


async def _known_of(session: ReadSession, actor: Actor, person_id: UUID) -> set[str]:
    """What the person is and was called."""
    kept = AuditPersonalValue
    now = select(Person.key, Person.name, Person.email)
    then = select(kept.before, kept.after).where(kept.person_id == person_id, kept.attribute != "label")
    own = (
        now.where(Person.organisation_id == actor.organisation_id, Person.id == person_id),
        then.where(kept.organisation_id == actor.organisation_id),
    )
    return {text for statement in own for row in await session.execute(statement) for text in row if text}


async def _replace(session: WriteSession, table: Table, actor: Actor, names: Sequence[str], pseudonym: str) -> int:
    texts = [
        quoted(each.name) for each in table.columns if isinstance(each.type, Text) and each.name not in NEVER_NAMES
    ]
    documents = [quoted(each.name) for each in table.columns if isinstance(each.type, JSONB)]
    if not texts and not documents:
        return 0
    said = [f"{name} = CASE WHEN {name} = ANY($2::text[]) THEN $3::text ELSE {name} END" for name in texts]
    said += [f"{name} = {_replaced(name, len(names))}::jsonb" for name in documents]
    where = [f"{name} = ANY($2::text[])" for name in texts]
    where += [f"{name}::text LIKE ANY($4::text[])" for name in documents]
    spelt = [orjson.dumps(name).decode() for name in names]
    result = await execute(
        session,
        f"UPDATE {quoted(table.name)} SET {', '.join(said)} WHERE organisation_id = $1::uuid AND ({' OR '.join(where)})"  # noqa: S608
        " AND $2::text[] IS NOT NULL AND $3::text IS NOT NULL AND $4::text[] IS NOT NULL AND $5::text[] IS NOT NULL"
        " AND $6::text IS NOT NULL",
        actor.organisation_id,
        list(names),
        pseudonym,
        [f"%{_like(name)}%" for name in spelt],
        spelt,
        orjson.dumps(pseudonym).decode(),
    )
    return result.rowcount


async def _replace_in_reasons(session: WriteSession, actor: Actor, names: Sequence[str], pseudonym: str) -> int:
    """Replace the names in the sentences in which the program itself says what a forecast is associated with."""
    pattern = sentence_pattern([orjson.dumps(name).decode()[1:-1] for name in names])
    replaced, after = 0, UUID(int=0)
    while True:
        found = await fetch(session, REPLACE_IN_REASONS, actor.organisation_id, after, pattern, pseudonym, ROWS_AT_ONCE)
        replaced += len(found)
        if len(found) < ROWS_AT_ONCE:
            return replaced
        after = max(id_ for (id_,) in found)


def _replaced(column: str, names: int) -> str:
    """The JSON text with each name, quotes included, replaced: a name within a longer text is never followed by one."""
    expression = f"{column}::text"
    for number in range(1, names + 1):
        expression = f"replace({expression}, ($5::text[])[{number}], $6::text)"
    return expression


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
