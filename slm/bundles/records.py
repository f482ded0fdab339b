"""An organisation's records as files, one JSON object a line: written from one snapshot, read back whole or not at all.

Rows keep their ids, and what was concluded travels with what it was concluded from, so that links, cursors and answers
are afterwards what they were before (docs/decisions/0009).
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from services.db import Database, ReadSession, WriteSession, execute, new_id, stream
from services.errors import Conflict, Invalid
from services.organisations.commands import claim_key
from services.organisations.models import Account, BundleImport, DueOrganisation, OrganisationKey
from services.organisations.queries import system_actor
from services.organisations.rules import SYSTEM_ACCOUNT
from slm.bundles import manifest as manifests
from slm.bundles.files import Files, Writer
from slm.bundles.manifest import Manifest, RecordFile
from slm.bundles.tables import RecordTable, record_tables

ROWS_AT_ONCE = 2_000
BYTES_AT_ONCE = 4 << 20
LONGEST_ROW = 16 << 20
MOST_ROWS_AT_ONCE = 100_000
MOST_BYTES_AT_ONCE = 64 << 20
"""Of a table whose rows refer to one another: they are written together, parents and children in any order.
These are departments: a hundred thousand with long names take less. PostgreSQL takes a JSON array below 256 MiB."""


async def write_records(session: ReadSession, writer: Writer, *, organisation_id: UUID, key: str) -> Manifest:
    """Write every record of the organisation and the manifest; the session is a snapshot.

    Raises Invalid for an organisation with more accounts than a manifest may name.
    """
    accounts = await _accounts(session, organisation_id)
    manifests.refuse_too_large(key, organisation_id, accounts, {table.name: table.columns for table in record_tables()})
    records = {}
    for table in record_tables():
        lines = _lines(session, table, table.columns, organisation_id, accounts)
        first = await anext(lines, None)
        if first is not None:
            with writer.open(_file_name(table.name)) as file:
                records[table.name] = await _write(file, table, first, lines)
    manifest = Manifest(key, organisation_id, accounts, records)
    with writer.open(manifests.NAME) as file:
        file.write(manifest.spell())
    return manifest


async def differing_records(session: ReadSession, manifest: Manifest, *, organisation_id: UUID) -> list[str]:
    """The tables whose rows are not exactly those of the manifest."""
    accounts = await _accounts(session, organisation_id)
    differing = []
    for table in record_tables():
        said = manifest.records.get(table.name)
        columns = said.columns if said else table.columns
        digest, rows = sha256(), 0
        async for chunk in _lines(session, table, columns, organisation_id, accounts):
            digest.update(chunk[1])
            rows += chunk[0]
        if (rows, digest.hexdigest()) != ((said.rows, said.sha256) if said else (0, sha256().hexdigest())):
            differing.append(table.name)
    return differing


class _NotKept(Exception):
    """Ends the transaction without keeping anything."""


@dataclass(frozen=True)
class Restored:
    """What became of an export's records. `rows` is 0 when the organisation had exactly them already."""

    organisation_id: UUID
    manifest: Manifest
    rows: int


async def restore_records(
    database: Database, files: Files, *, name: str, key: str | None, now: datetime, dry_run: bool = False
) -> Restored:
    """Make an organisation of the records of an export, under its own key or another one.

    All of them in one transaction, compared with the manifest before it ends. An organisation that has exactly these
    records is left as it is; Conflict when it has others, because records are never merged. The organisation keeps its
    id where no other has it here; so do its accounts, which have no tokens yet. A dry run keeps nothing.
    """
    manifest = _read_manifest(files)
    key = key or manifest.organisation_key
    async with database.reading(None) as session:
        found = await session.execute(select(OrganisationKey.organisation_id).where(OrganisationKey.key == key))
        known = found.scalar_one_or_none()
        taken = select(OrganisationKey.key).where(OrganisationKey.organisation_id == manifest.organisation_id)
        is_free = (await session.execute(taken)).first() is None
        accounts = await _free_ids(session, manifest.accounts)
    if known is not None:
        async with database.snapshot(known) as session:
            differing = await differing_records(session, manifest, organisation_id=known)
        if differing:
            raise Conflict(
                f"the organisation {key!r} exists and has other records than the export ({', '.join(differing[:8])});"
                " records go into a new organisation only"
            )
        return Restored(known, manifest, rows=0)
    organisation_id = manifest.organisation_id if is_free else new_id()
    with suppress(_NotKept):
        async with database.writing(organisation_id) as writing:
            await claim_key(writing, organisation_id=organisation_id, key=key)
            await _restore(writing, files, manifest, organisation_id, accounts, name, key, now)
            if dry_run:
                raise _NotKept
    return Restored(organisation_id, manifest, manifest.rows)


async def _restore(
    session: WriteSession,
    files: Files,
    manifest: Manifest,
    organisation_id: UUID,
    accounts: dict[str, UUID],
    name: str,
    key: str,
    now: datetime,
) -> None:
    for table in record_tables():
        if said := manifest.records.get(table.name):
            await _load(session, files, table, said, organisation_id, accounts, key)
    differing = await differing_records(session, manifest, organisation_id=organisation_id)
    if differing:
        raise Invalid(f"what was stored is not what the manifest says: {', '.join(differing[:8])}")
    actor = await system_actor(session, organisation_id=organisation_id)
    named = {"name": name, "source_key": manifest.organisation_key, "records": manifest.rows}
    digest = sha256(manifest.spell()).hexdigest()
    await session.execute(
        insert(BundleImport).values(id=new_id(), manifest_sha256=digest, **named, **actor.stamps(now))
    )
    # What fell due on the way is the worker's to find.
    await session.execute(insert(DueOrganisation).values(organisation_id=organisation_id, due_at=now))


def _read_manifest(files: Files) -> Manifest:
    with files.open(manifests.NAME) as file:
        manifest = manifests.read_manifest(file.read(manifests.LARGEST + 1))
    known = {table.name: set(table.columns) for table in record_tables()}
    for name, said in manifest.records.items():
        if not set(said.columns) <= known.get(name, set()):
            raise Invalid(f"{manifests.NAME}: this program does not know all columns of {name}: is it an older one?")
        if _file_name(name) not in files.names:
            raise Invalid(f"{manifests.NAME} names {_file_name(name)}, which is not there")
    if SYSTEM_ACCOUNT not in manifest.accounts:
        raise Invalid(f"{manifests.NAME}: expected the account {SYSTEM_ACCOUNT!r}")
    return manifest


async def _load(
    session: WriteSession,
    files: Files,
    table: RecordTable,
    said: RecordFile,
    organisation_id: UUID,
    accounts: dict[str, UUID],
    key: str,
) -> None:
    statement = table.writing(said.columns)
    if table.refers_to_itself and said.rows > MOST_ROWS_AT_ONCE:
        raise Invalid(f"{_file_name(table.name)}: expected at most {MOST_ROWS_AT_ONCE:,} rows, got {said.rows:,}")
    done = doubled = 0
    digest = sha256()
    with files.open(_file_name(table.name)) as file:
        for rows in _chunks(file, table, said):
            digest.update("".join(rows).encode())
            try:
                await execute(
                    session, statement, organisation_id, f"[{','.join(rows)}]", list(accounts), list(accounts.values()),
                    key,
                )  # fmt: skip
            except DBAPIError as failure:
                if (getattr(failure.orig, "sqlstate", None) or "")[:2] not in ("22", "23"):  # data, constraints
                    raise
                where = f"{_file_name(table.name)}, lines {done + 1} to {done + len(rows)}"
                raise Invalid(f"{where}: a row cannot be stored: {failure.orig}") from None
            done += len(rows)
            if done > doubled:
                doubled = 2 * done
                await execute(session, "DISCARD PLANS")  # see docs/decisions/0005
    if digest.hexdigest() != said.sha256:
        raise _other_rows(table, said)


def _chunks(file: IO[bytes], table: RecordTable, said: RecordFile) -> Iterator[list[str]]:
    rows: list[str] = []
    held = seen = 0
    while line := file.readline(LONGEST_ROW + 1):
        if len(line) > LONGEST_ROW:
            raise Invalid(f"{_file_name(table.name)}: a line is longer than {LONGEST_ROW >> 20} MiB")
        try:
            rows.append(line.decode())
        except UnicodeDecodeError:
            raise Invalid(f"{_file_name(table.name)}: expected UTF-8") from None
        seen += 1
        held += len(line)
        if seen > said.rows:
            raise _other_rows(table, said)
        if table.refers_to_itself and held > MOST_BYTES_AT_ONCE:
            raise Invalid(f"{_file_name(table.name)}: expected at most {MOST_BYTES_AT_ONCE >> 20} MiB")
        full = len(rows) >= ROWS_AT_ONCE or held >= BYTES_AT_ONCE
        if full and not table.refers_to_itself:
            yield rows
            rows, held = [], 0
    if rows:
        yield rows


def _other_rows(table: RecordTable, said: RecordFile) -> Invalid:
    return Invalid(f"{_file_name(table.name)}: these are not the {said.rows:,} rows of the manifest")


async def _free_ids(session: ReadSession, accounts: dict[str, UUID]) -> dict[str, UUID]:
    """The accounts with their ids, or new ones where an account of this installation has them.

    Asked before an organisation is set, because from then on accounts of others cannot be seen.
    """
    taken = set(await session.scalars(select(Account.id).where(Account.id.in_(list(accounts.values())))))
    return {name: new_id() if id_ in taken else id_ for name, id_ in accounts.items()}


async def _accounts(session: ReadSession, organisation_id: UUID) -> dict[str, UUID]:
    found = select(Account.name, Account.id).where(Account.organisation_id == organisation_id).order_by(Account.name)
    return {row.name: row.id for row in await session.execute(found)}


Chunk = tuple[int, bytes]
"""How many rows, and their lines."""


async def _lines(
    session: ReadSession,
    table: RecordTable,
    columns: Sequence[str],
    organisation_id: UUID,
    accounts: dict[str, UUID],
) -> AsyncIterator[Chunk]:
    bound: dict[str, object] = {"organisation": organisation_id}
    statement = table.reading(columns)
    if ":names" in statement:
        bound |= {"names": list(accounts), "ids": list(accounts.values())}
    async for rows in stream(session, statement, bound, size=ROWS_AT_ONCE):
        yield len(rows), b"".join(row[0].encode() + b"\n" for row in rows)


async def _write(file: IO[bytes], table: RecordTable, first: Chunk, lines: AsyncIterator[Chunk]) -> RecordFile:
    digest, (rows, content) = sha256(first[1]), first
    file.write(content)
    async for more, content in lines:
        digest.update(content)
        file.write(content)
        rows += more
    return RecordFile(table.columns, rows, digest.hexdigest())


def _file_name(table: str) -> str:
    return f"records/{table}.jsonl"
