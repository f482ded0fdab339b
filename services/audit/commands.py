"""Writing the audit trail: changes are noted as they happen and kept just before their transaction commits.

Only `services.rows` notes changes of rows, so that no command can change one and forget to.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, Table, bindparam, insert, select, update

from services.audit.models import AuditEntry, AuditPersonalValue
from services.audit.rules import AuditKind, Difference, Noted, spelled
from services.db import TRAIL, Base, Trail, WriteSession, before_commit, new_id
from services.origin import Origin, current_origin

NOTED = "audit"
STAMPS = frozenset({"organisation_id", "id", "recorded_at", "received_at", "recorded_by"})
"""Columns an entry has itself."""


def table_of(model: type[Base]) -> Table:
    """The table of a mapped class."""
    return cast(Table, model.__table__)


def subject_type(model: type[Base]) -> str:
    """What people call a row of the table: the name of its class, or the one that says `__subject__`."""
    return str(getattr(model, "__subject__", model.__name__))


@cache
def trailed_columns(table: Table) -> tuple[Column[Any], ...]:
    """The columns whose values the trail keeps: neither stamps, nor secrets, nor what is worked out from other rows."""
    left_out = {Trail.SECRET, Trail.DERIVED}
    return tuple(
        column for column in table.columns if column.name not in STAMPS and column.info.get(TRAIL) not in left_out
    )


def note_created(
    session: WriteSession, model: type[Base], rows: Sequence[Mapping[str, Any]], stamps: Mapping[str, Any]
) -> None:
    """New rows, as they were inserted."""
    for values in rows:
        changes = {
            column.name: Difference(None, spelled(values.get(column.name, _default(column))))
            for column in trailed_columns(table_of(model))
        }
        _note(session, AuditKind.CREATED, model, values, changes, stamps)


def note_changed(
    session: WriteSession,
    model: type[Base],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    stamps: Mapping[str, Any],
) -> None:
    """A row that was `before`, all its columns, and of which `after` says what is new."""
    changes = {
        column.name: Difference(spelled(before[column.name]), spelled(after[column.name]))
        for column in trailed_columns(table_of(model))
        if column.name in after
    }
    _note(session, AuditKind.CHANGED, model, {**before, **after}, changes, stamps)


def note_ingested(
    session: WriteSession,
    *,
    subject: type[Base],
    subject_id: UUID | None,
    said: Mapping[str, Any],
    stamps: Mapping[str, Any],
) -> None:
    """Facts that came in by the bulk: `said` is what can be said of them all, such as how many they were."""
    changes = {name: Difference(None, spelled(value)) for name, value in said.items()}
    stamped = (stamps["organisation_id"], stamps["recorded_at"], stamps["recorded_by"])
    _noted(session).append(Noted(AuditKind.INGESTED, subject_type(subject), subject_id, None, *stamped, changes))


async def erase_personal_values(session: WriteSession, *, organisation_id: UUID, person_id: UUID, now: datetime) -> int:
    """Empty everything the trail keeps about a person, who stays in it by id. Returns how many values there were."""
    table = AuditPersonalValue
    erased = await session.execute(
        update(table)
        .where(table.organisation_id == organisation_id, table.person_id == person_id, table.erased_at.is_(None))
        .values(before=None, after=None, erased_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(erased.rowcount)  # type: ignore[attr-defined]


async def erase_plain_values(
    session: WriteSession,
    *,
    organisation_id: UUID,
    person_id: UUID,
    subject: type[Base],
    subject_ids: Sequence[UUID],
    now: datetime,
) -> int:
    """Take what tells about a person out of entries written when it was not kept apart yet. Returns how many had it.

    An empty `AuditPersonalValue` stays in its place. Entries are facts: where there are any, only the owner can.
    """
    table = table_of(AuditEntry)
    own = (table.c.organisation_id == organisation_id, table.c.subject_id.in_(subject_ids))
    written = (
        await session.execute(
            select(table.c.id, table.c.changes).where(*own, table.c.subject_type == subject_type(subject))
        )
    ).all()
    personal = _personal_columns(table_of(subject))
    found = [(id_, changes) for id_, changes in written if any(each["attribute"] in personal for each in changes)]
    if not found:
        return 0
    emptied = [
        {
            "organisation_id": organisation_id,
            "id": new_id(),
            "entry_id": id_,
            "person_id": person_id,
            "attribute": each["attribute"],
            "erased_at": now,
        }
        for id_, changes in found
        for each in changes
        if each["attribute"] in personal
    ]
    await session.execute(insert(table_of(AuditPersonalValue)), emptied)
    statement = update(table).where(table.c.organisation_id == organisation_id, table.c.id == bindparam("entry"))
    left = [
        {"entry": id_, "left": [each for each in changes if each["attribute"] not in personal]}
        for id_, changes in found
    ]
    await session.execute(statement.values(changes=bindparam("left")), left)
    return len(found)


def _personal_columns(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns if column.info.get(TRAIL) is Trail.PERSONAL)


def _note(
    session: WriteSession,
    kind: AuditKind,
    model: type[Base],
    row: Mapping[str, Any],
    changes: Mapping[str, Difference],
    stamps: Mapping[str, Any],
) -> None:
    table = table_of(model)
    personal = _personal_columns(table)
    subject_id = row["id"] if "id" in table.columns else None
    _noted(session).append(
        Noted(
            kind,
            subject_type(model),
            subject_id,
            row.get("version", 1) if "version" in table.columns else None,
            stamps["organisation_id"],
            stamps["recorded_at"],
            stamps["recorded_by"],
            {name: change for name, change in changes.items() if name not in personal},
            {name: change for name, change in changes.items() if name in personal},
            row.get("person_id") if "person_id" in table.columns else subject_id,
            row.get("account_id"),
        )
    )


def _noted(session: WriteSession) -> list[Noted]:
    before_commit(session, _keep)
    notes: list[Noted] = session.info.setdefault(NOTED, [])
    return notes


async def _keep(session: WriteSession) -> None:
    notes = [(new_id(), note) for note in session.info.pop(NOTED, [])]
    origin = current_origin()
    entries = [_entry(entry_id, note, origin) for entry_id, note in notes]
    people = await _people_of(session, [note for _, note in notes if note.account_id and note.personal])
    personal = [value for entry_id, note in notes for value in _personal_values(entry_id, note, people)]
    if entries:
        await session.execute(insert(table_of(AuditEntry)), entries)
    if personal:
        await session.execute(insert(table_of(AuditPersonalValue)), personal)


async def _people_of(session: WriteSession, notes: Sequence[Noted]) -> dict[UUID, UUID | None]:
    """Whose the accounts are that these notes are about."""
    if not notes:
        return {}
    account = Base.metadata.tables["account"]  # of a context above this one
    own = account.c.organisation_id.in_({note.organisation_id for note in notes})
    accounts = account.c.id.in_({note.account_id for note in notes})
    found = await session.execute(select(account.c.id, account.c.person_id).where(own, accounts))
    return {row.id: row.person_id for row in found}


def _entry(entry_id: UUID, note: Noted, origin: Origin) -> dict[str, Any]:
    return {
        "organisation_id": note.organisation_id,
        "id": entry_id,
        "kind": note.kind,
        "operation": origin.operation,
        "trace_id": origin.trace_id,
        "subject_type": note.subject_type,
        "subject_id": note.subject_id,
        "subject_version": note.version,
        "changes": [
            {"attribute": name, "before": change.before, "after": change.after} for name, change in note.plain.items()
        ],
        "recorded_at": note.recorded_at,
        "recorded_by": note.recorded_by,
    }


def _personal_values(entry_id: UUID, note: Noted, people: Mapping[UUID, UUID | None]) -> list[dict[str, Any]]:
    return [
        {
            "organisation_id": note.organisation_id,
            "id": new_id(),
            "entry_id": entry_id,
            "person_id": people.get(note.account_id) if note.account_id else note.person_id,
            "attribute": name,
            "before": change.before,
            "after": change.after,
            "erased_at": None,
        }
        for name, change in note.personal.items()
    ]


def _default(column: Column[Any]) -> Any:
    return column.default.arg if column.default is not None and column.default.is_scalar else None  # type: ignore[attr-defined]
