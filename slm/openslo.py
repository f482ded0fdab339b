"""Bringing files of OpenSLO into an organisation, in one transaction, and writing what is on record as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from services.db import Database
from services.errors import NotFound
from services.measurement.openslo_export import Exported, export_documents
from services.measurement.openslo_import import Entry, import_documents
from services.measurement.openslo_queries import stored_documents
from services.measurement.sources.openslo.documents import Document, Reading, read_bytes
from services.measurement.sources.openslo.nodes import Finding
from services.organisations.queries import find_organisation, system_actor
from slm.logs import job

log = structlog.get_logger(__name__)


class Located(NamedTuple):
    """A finding with the file it is in."""

    file: str
    finding: Finding


@dataclass(frozen=True)
class Checked:
    """What was read from files: the documents by file, what keeps them out, and what to know about them."""

    documents: Mapping[str, Sequence[Document]]
    problems: Sequence[Located]
    warnings: Sequence[Located]


@dataclass(frozen=True)
class Kept:
    """What came of an import; `kept` is False when nothing was new, not to be kept, or something is wrong."""

    entries: Sequence[Entry]
    problems: Sequence[Located]
    warnings: Sequence[Located]
    kept: bool


class _NotKept(Exception):
    """Ends the transaction without keeping anything."""


def check_files(contents: Mapping[str, bytes], *, known: Sequence[str] = ()) -> Checked:
    """Read files that may refer to one another, and to what is known by key."""
    alone = {name: read_bytes(content) for name, content in contents.items()}
    readings = alone
    if len(contents) > 1 or known:
        # Only now is known what each may refer to.
        readings = {
            name: read_bytes(content, beside=_others(alone, name), known=known) for name, content in contents.items()
        }
    problems = [Located(name, found) for name, reading in readings.items() for found in reading.problems]
    warnings = [Located(name, found) for name, reading in readings.items() for found in reading.warnings]
    documents = {name: reading.documents for name, reading in readings.items()}
    return Checked(documents, [*problems, *_repeated(readings)], warnings)


def _others(readings: Mapping[str, Reading], name: str) -> list[Document]:
    return [document for other, reading in readings.items() if other != name for document in reading.documents]


def _repeated(readings: Mapping[str, Reading]) -> list[Located]:
    first: dict[tuple[str, str], str] = {}
    problems = []
    for name, reading in readings.items():
        for document in reading.documents:
            place = first.setdefault((document.kind, document.name), name)
            if place != name:
                reason = f"expected each document once: {place} has it already"
                finding = Finding(*document.root.place, "metadata.name", reason, document.name)
                problems.append(Located(name, finding))
    return problems


async def import_files(
    database: Database, contents: Mapping[str, bytes], *, organisation_key: str, dry_run: bool = False
) -> Kept:
    """Take in every document of the files, or none. A dry run does the same and keeps nothing.

    Raises NotFound for an unknown organisation.
    """
    now = datetime.now(UTC)
    organisation_id = await _organisation(database, organisation_key)
    async with database.reading(organisation_id) as session:
        known = [each.key for each in await stored_documents(session, organisation_id)]
    checked = check_files(contents, known=known)
    if checked.problems:
        return Kept((), checked.problems, checked.warnings, kept=False)
    file_of = {id(document): name for name, documents in checked.documents.items() for document in documents}
    documents = [document for found in checked.documents.values() for document in found]
    kept = False
    try:
        async with database.writing(organisation_id) as writing:
            actor = await system_actor(writing, organisation_id=organisation_id)
            imported = await import_documents(writing, actor=actor, documents=documents, now=now)
            kept = imported.is_new and not imported.problems and not dry_run
            if not kept:
                raise _NotKept
    except _NotKept:
        pass
    with job("openslo", organisation_id=organisation_id, actor_id=actor.account_id):
        log.info("openslo.imported", stored=kept, documents=len(documents), problems=len(imported.problems))
    problems = [Located(file_of[id(document)], found) for document, found in imported.problems]
    warnings = [Located(file_of[id(document)], found) for document, found in imported.warnings]
    return Kept(imported.entries, problems, [*checked.warnings, *warnings], kept)


async def export_all(database: Database, *, organisation_key: str) -> Exported:
    """Everything on record about an organisation as OpenSLO. Raises NotFound for an unknown organisation."""
    organisation_id = await _organisation(database, organisation_key)
    async with database.snapshot(organisation_id) as session:
        return await export_documents(session, organisation_id, now=datetime.now(UTC))


async def _organisation(database: Database, key: str) -> UUID:
    async with database.reading(None) as session:
        found = await find_organisation(session, key=key)
    if found is None:
        raise NotFound(f"there is no organisation with the key {key!r}")
    return found
