"""Takes in sound documents of OpenSLO: their texts as versions, and what both sides know as what we call it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.catalogue.commands import create_services
from services.catalogue.rules import Criticality, ServiceEntry
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE
from services.measurement.commands import create_indicators
from services.measurement.links import record_indicator_link
from services.measurement.models import OpenSloDocument, OpenSloDocumentVersion, OpenSloObjective
from services.measurement.openslo_queries import About, Catalogue, StoredDocument, catalogue, stored_documents
from services.measurement.rules import BUDGETING_METHODS, OPENSLO_KINDS, IndicatorEntry, ThresholdOperator
from services.measurement.sources.openslo.documents import Document
from services.measurement.sources.openslo.nodes import Finding
from services.measurement.sources.openslo.objectives import (
    TARGET,
    ObjectiveStatement,
    indicators,
    objectives,
    service_of,
)
from services.organisations.rules import Actor, Permission, Tenure
from services.rows import add_row, add_rows, count_version, lock_row, sole


class Change(StrEnum):
    """What an import does to something."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Entry(NamedTuple):
    """One thing an import looked at: a document, or what became of it here."""

    change: Change
    what: str
    key: str


@dataclass
class Imported:
    """What came of an import. With a problem nothing of it may be kept: the caller undoes its transaction."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[tuple[Document, Finding]] = field(default_factory=list)
    warnings: list[tuple[Document, Finding]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether anything was added or changed."""
        return any(entry.change is not Change.UNCHANGED for entry in self.entries)


async def import_documents(
    session: WriteSession, *, actor: Actor, documents: Sequence[Document], now: datetime
) -> Imported:
    """Store the documents, and create the services and indicators they state that are not there yet.

    An SLO that names a target by annotation is about that target, and its indicator watches the target from `now` on;
    any other is kept as an objective of its own. What is there already is left as it is. Importing the same again
    changes nothing.
    """
    actor.require(Permission.DEFINE)
    run = _Run(session, actor, now, await catalogue(session, actor.organisation_id))
    stored = {each.key: each for each in await stored_documents(session, actor.organisation_id)}
    await run.add_services(documents)
    await run.add_indicators(documents)
    for document in documents:
        await run.store(document, stored.get(document.key))
    return run.imported


@dataclass
class _Run:
    session: WriteSession
    actor: Actor
    now: datetime
    known: Catalogue
    imported: Imported = field(default_factory=Imported)

    async def add_services(self, documents: Sequence[Document]) -> None:
        for document in documents:
            if document.kind != "Service":
                continue
            stated = service_of(document.root)
            if stated.key in self.known.services:
                self._note(Change.UNCHANGED, "service", stated.key)
                continue
            description = stated.description[:LONGEST_NOTE]
            entry = ServiceEntry(stated.key, stated.name, description, Criticality.STANDARD, None)
            outcomes = await create_services(self.session, actor=self.actor, entries=[entry], now=self.now)
            self.known.services[stated.key] = sole(outcomes)
            self._note(Change.ADDED, "service", stated.key)

    async def add_indicators(self, documents: Sequence[Document]) -> None:
        """Those that are of one service, as they say themselves or as the objectives about them are."""
        about: dict[str, str] = {}
        for document in documents:
            for objective in objectives(document.root) if document.kind == "SLO" else ():
                about.setdefault(objective.indicator, objective.service)
        for stated in indicators(documents):
            service_id = self.known.services.get(stated.service or about.get(stated.key, ""))
            if stated.key in self.known.indicators:
                self._note(Change.UNCHANGED, "indicator", stated.key)
            elif service_id is not None:
                entry = IndicatorEntry(stated.key, stated.name, service_id, stated.metric, stated.unit)
                outcomes = await create_indicators(self.session, actor=self.actor, entries=[entry], now=self.now)
                self.known.indicators[stated.key] = (sole(outcomes), service_id)
                self._note(Change.ADDED, "indicator", stated.key)

    async def store(self, document: Document, before: StoredDocument | None) -> None:
        stated = objectives(document.root) if document.kind == "SLO" else []
        about = tuple([await self._about(document, objective) for objective in stated])
        key = document.key
        sha256 = hashlib.sha256(document.text.encode()).hexdigest()
        if before is not None and (before.sha256, before.about) == (sha256, about):
            self._note(Change.UNCHANGED, "document", key)
            return
        document_id, number = await self._next_version(document, key, before)
        version = {"document_id": document_id, "number": number, "text": document.text, "sha256": sha256}
        stamps = self.actor.stamps(self.now)
        (version_id,) = await add_rows(self.session, OpenSloDocumentVersion, [version], stamps=stamps)
        rows = [
            _row(version_id, position, objective, refers_to)
            for position, (objective, refers_to) in enumerate(zip(stated, about, strict=True), start=1)
        ]
        await add_rows(self.session, OpenSloObjective, rows, stamps=stamps)
        self._note(Change.CHANGED if before else Change.ADDED, "document", key)

    async def _next_version(self, document: Document, key: str, before: StoredDocument | None) -> tuple[UUID, int]:
        stamps = self.actor.stamps(self.now)
        taken = f"somebody else is importing {key} at this moment"
        if before is None:
            values = {"key": key, "kind": OPENSLO_KINDS[document.kind], **stamps}
            return await add_row(self.session, OpenSloDocument, values, taken=taken), 1
        row = await lock_row(
            self.session, OpenSloDocument, self.actor.organisation_id, before.id, noun="document",
            expected_version=before.number,
        )  # fmt: skip
        await count_version(self.session, row, stamps=stamps)
        return before.id, before.number + 1

    async def _about(self, document: Document, objective: ObjectiveStatement) -> About:
        service_id = self.known.services.get(objective.service)
        indicator_id, measured = self.known.indicators.get(objective.indicator, (None, None))
        if service_id is None:
            self._warn(document, "spec.service", f"there is no service {objective.service!r}; kept without one")
        elif measured != service_id:
            reason = f"there is no indicator {objective.indicator!r} of this service; kept without one"
            self._warn(document, "spec.indicatorRef", reason)
        if measured != service_id:
            indicator_id = None
        target_id, promised = self.known.targets.get(objective.target, (None, None))
        if objective.target and target_id is None:
            self._refuse(document, objective, "expected AGREEMENT/TARGET of a target there is")
        elif objective.target and promised != service_id:
            self._refuse(document, objective, f"expected a target about the service {objective.service}")
        elif target_id is not None and indicator_id is not None:
            await self._watch(objective, target_id, indicator_id)
        return service_id, indicator_id, target_id

    async def _watch(self, objective: ObjectiveStatement, target_id: UUID, indicator_id: UUID) -> None:
        if (target_id, indicator_id) in self.known.watched:
            return
        await record_indicator_link(
            self.session, actor=self.actor, target_id=target_id, indicator_id=indicator_id, tenure=Tenure.HELD,
            valid_from=self.now, now=self.now,
        )  # fmt: skip
        self.known.watched.add((target_id, indicator_id))
        self._note(Change.ADDED, "indicator of a target", f"{objective.indicator} -> {objective.target}")

    def _refuse(self, document: Document, objective: ObjectiveStatement, reason: str) -> None:
        node = document.root.get("metadata", "annotations", TARGET) or document.root
        finding = Finding(*node.place, f"metadata.annotations.{TARGET}", reason, objective.target)
        if (document, finding) not in self.imported.problems:
            self.imported.problems.append((document, finding))

    def _warn(self, document: Document, path: str, reason: str) -> None:
        node = document.root.get(*path.split(".")) or document.root
        finding = Finding(*node.place, path, reason)
        if (document, finding) not in self.imported.warnings:
            self.imported.warnings.append((document, finding))

    def _note(self, change: Change, what: str, key: str) -> None:
        self.imported.entries.append(Entry(change, what, key))


def _row(version_id: UUID, position: int, objective: ObjectiveStatement, about: About) -> dict[str, object]:
    service_id, indicator_id, target_id = about
    return {
        "document_version_id": version_id,
        "position": position,
        "name": objective.name,
        "budgeting_method": BUDGETING_METHODS[objective.method],
        "target_percent": objective.target_percent,
        "operator": ThresholdOperator(objective.operator) if objective.operator else None,
        "threshold": objective.threshold,
        "window_duration": objective.window_duration,
        "window_is_rolling": objective.window_is_rolling,
        "window_start": objective.window_start,
        "window_time_zone": objective.window_time_zone,
        "service_id": service_id,
        "indicator_id": indicator_id,
        "target_id": target_id,
    }
