"""The statements every context needs for rows of its own: find, add, lock and change them.

Whatever adds or changes a row here notes it for the audit trail, which is kept in the same transaction; a test sees
that commands write in no other way, apart from facts that come in by the bulk and conclusions that are worked out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.audit.commands import note_changed, note_created, table_of
from services.db import Base, ReadSession, Tenant, WriteSession, new_id
from services.domain.inputs import Problems
from services.errors import Conflict, Invalid, NotFound, ServiceError

STAMPS = ("organisation_id", "recorded_at", "recorded_by")

Row = TypeVar("Row", bound=Base)
Entry = TypeVar("Entry")


class BulkMode(StrEnum):
    """What becomes of the good entries where others cannot be accepted."""

    ALL_OR_NOTHING = "all_or_nothing"
    PER_ITEM = "per_item"


Outcome = UUID | ServiceError
"""What became of one of several entries: the id of what was written, or why it was not."""


async def add_row(session: WriteSession, table: type[Base], values: Mapping[str, Any], *, taken: str) -> UUID:
    """Insert a row under a new id; raise Conflict saying `taken` when a unique key of it is taken.

    The key decides, not a look-up before it: of two editors at the same moment one gets the row, one the Conflict.
    `values` include the stamps of the actor.
    """
    stamps = {name: values[name] for name in STAMPS}
    others = {name: value for name, value in values.items() if name not in STAMPS}
    (created,) = await add_rows_unless_taken(session, table, [others], stamps=stamps)
    if created is None:
        raise Conflict(taken)
    return created


async def add_rows(
    session: WriteSession, table: type[Base], rows: Sequence[Mapping[str, Any]], *, stamps: Mapping[str, Any]
) -> list[UUID]:
    """Insert rows under new ids, in one statement. That a unique key is taken is a defect: check before.

    `stamps` are the actor's; a table without columns for them leaves them out.
    """
    created = await add_rows_unless_taken(session, table, rows, stamps=stamps)
    if None in created:
        raise RuntimeError(f"two rows of {table_of(table).name} under one key")
    return [id_ for id_ in created if id_ is not None]


async def add_rows_unless_taken(
    session: WriteSession, table: type[Base], rows: Sequence[Mapping[str, Any]], *, stamps: Mapping[str, Any]
) -> list[UUID | None]:
    """The same, with None in the place of each row whose unique key is taken."""
    columns = table_of(table).columns
    own = {name: value for name, value in stamps.items() if name in columns}
    made = [({"id": new_id()} if "id" in columns else {}) | dict(row) | own for row in rows]
    if not made:
        return []
    key = _key_of(table)
    # Ids are ours, so which rows were inserted is known without an order of the answer.
    statement = insert(table_of(table)).on_conflict_do_nothing().returning(columns[key])
    inserted = set((await session.execute(statement, made)).scalars())
    note_created(session, table, [row for row in made if row[key] in inserted], stamps)
    return [row[key] if row[key] in inserted else None for row in made]


async def add_entries(
    session: WriteSession,
    table: type[Base],
    entries: Sequence[Entry],
    *,
    check: Callable[[Entry, Problems], None],
    values: Callable[[Entry], Mapping[str, Any]],
    refusal: str,
    taken: Callable[[Entry], str],
    stamps: Mapping[str, Any],
) -> list[Outcome]:
    """Insert a row for each entry that `check` finds nothing wrong with, all in one statement.

    The outcomes stand in the order of the entries: an id, Invalid saying `refusal`, or Conflict saying `taken`. One
    that is refused keeps none of the others away: who wants all or nothing raises the refusal, which undoes the rest.
    """
    outcomes: list[Outcome | None] = []
    sound = []
    for entry in entries:
        problems = Problems()
        check(entry, problems)
        try:
            problems.refuse(refusal)
        except Invalid as refused:
            outcomes.append(refused)
        else:
            outcomes.append(None)
            sound.append(entry)
    ids = await add_rows_unless_taken(session, table, [values(entry) for entry in sound], stamps=stamps)
    added = iter(zip(sound, ids, strict=True))

    def came_of(entry: Entry, id_: UUID | None) -> Outcome:
        return Conflict(taken(entry)) if id_ is None else id_

    return [came_of(*next(added)) if outcome is None else outcome for outcome in outcomes]


def sole(outcomes: Sequence[Outcome]) -> UUID:
    """The id that came of a single entry; its refusal is raised."""
    (outcome,) = outcomes
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def added(entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> list[tuple[Entry, UUID]]:
    """The entries that were written, with their ids."""
    pairs = zip(entries, outcomes, strict=True)
    return [(entry, outcome) for entry, outcome in pairs if isinstance(outcome, UUID)]


async def lock_row(
    session: WriteSession,
    table: type[Row],
    organisation_id: UUID,
    id_: UUID,
    *,
    noun: str,
    expected_version: int | None = None,
) -> Row:
    """The row as it stands, held until the transaction ends: whoever wants to edit it, too, waits here.

    Raises NotFound, and Conflict when somebody else edited it since the caller looked at `expected_version`.
    """
    columns = table_of(table).columns
    own = (columns["organisation_id"] == organisation_id, columns[_key_of(table)] == id_)
    # What an earlier statement of this transaction read may be older than the lock.
    statement = select(table).where(*own).with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no such {noun}")
    if "version" in columns:
        require_version(row.version, expected_version, noun=noun)  # type: ignore[attr-defined]
    return row


def require_version(current: int, expected: int | None, *, noun: str) -> None:
    """Raise Conflict with the current version unless it is the expected one, where one is expected."""
    if expected is not None and expected != current:
        raise Conflict(
            f"somebody else changed the {noun}: it is at version {current}, not {expected}; look at it again",
            current_version=current,
        )


async def change_row(
    session: WriteSession,
    row: Base,
    values: Mapping[str, Any],
    *,
    stamps: Mapping[str, Any],
    recorded_anew: bool = False,
) -> None:
    """Change a locked row to what `values` say that it does not say yet, under its next version if it counts them.

    `recorded_anew`: the row then bears the stamps of this change. Without anything new nothing happens.
    """
    new = {name: value for name, value in values.items() if getattr(row, name) != value}
    if new:
        await _write(session, row, new, stamps, recorded_anew=recorded_anew)


async def count_version(session: WriteSession, row: Base, *, stamps: Mapping[str, Any]) -> None:
    """Count a new version of a locked row of which something else says what is new."""
    await _write(session, row, {}, stamps, recorded_anew=False)


async def count_record(
    session: WriteSession, table: type[Base], organisation_id: UUID, id_: UUID, column: str, *, records: int = 1
) -> None:
    """Add to a count that a row keeps of the records about it, so that one that is missing shows.

    What is counted is in the audit trail itself, so the count has no entry there.
    """
    columns = table_of(table).columns
    own = (columns["organisation_id"] == organisation_id, columns["id"] == id_)
    await session.execute(update(table_of(table)).where(*own).values({column: columns[column] + records}))


async def _write(
    session: WriteSession, row: Base, new: dict[str, Any], stamps: Mapping[str, Any], *, recorded_anew: bool
) -> None:
    model = type(row)
    columns = table_of(model).columns
    before = {column.name: getattr(row, column.name) for column in columns}
    if "version" in columns:
        new["version"] = before["version"] + 1
    restamped = {name: stamps[name] for name in STAMPS[1:]} if recorded_anew else {}
    key = _key_of(model)
    await session.execute(
        update(table_of(model))
        .where(columns["organisation_id"] == before["organisation_id"], columns[key] == before[key])
        .values(new | restamped)
    )
    note_changed(session, model, before, new, stamps)


def _key_of(model: type[Base]) -> str:
    """The column that tells rows of an organisation apart; an organisation is a row of itself."""
    return "id" if "id" in table_of(model).columns else "organisation_id"


async def existing_ids(
    session: ReadSession, table: type[Tenant], organisation_id: UUID, ids: Iterable[UUID | None]
) -> frozenset[UUID]:
    """Which of these ids are rows of the organisation; None stands for a reference that was left out."""
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return frozenset()
    statement = select(table.id).where(table.organisation_id == organisation_id, table.id.in_(wanted))
    return frozenset((await session.execute(statement)).scalars())


async def check_reference(
    session: ReadSession,
    problems: Problems,
    field: str,
    table: type[Tenant],
    organisation_id: UUID,
    id: UUID | None,  # noqa: A002  the column's name
) -> None:
    """Add a problem when the field names a row this organisation does not have."""
    check_known(problems, field, table, id, await existing_ids(session, table, organisation_id, [id]))


def check_known(problems: Problems, field: str, table: type[Tenant], id_: UUID | None, known: Collection[UUID]) -> None:
    """Add a problem when the field names a row that is not among the known ones."""
    if id_ is not None and id_ not in known:
        problems.add(field, f"expected a known {table.__name__.lower()}, got an id of none")
