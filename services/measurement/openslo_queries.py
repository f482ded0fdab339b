"""What is on record of documents of OpenSLO, and of what they can be about."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.db import ReadSession, fetch

LATEST = """
SELECT d.key, d.id, v.id, v.number, v.sha256, v.text FROM openslo_document d
JOIN openslo_document_version v ON v.organisation_id = $1::uuid AND v.document_id = d.id AND v.number = d.version
WHERE d.organisation_id = $1::uuid ORDER BY d.id
"""
OBJECTIVES = """
SELECT o.document_version_id, o.service_id, o.indicator_id, o.target_id FROM openslo_objective o
JOIN openslo_document_version v ON v.organisation_id = $1::uuid AND v.id = o.document_version_id
JOIN openslo_document d ON d.organisation_id = $1::uuid AND d.id = v.document_id AND d.version = v.number
WHERE o.organisation_id = $1::uuid ORDER BY o.document_version_id, o.position
"""
TARGETS = """
SELECT a.key || '/' || t.key, t.id, a.service_id FROM target t
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE t.organisation_id = $1::uuid
"""
INDICATORS = "SELECT i.key, i.id, i.service_id FROM indicator i WHERE i.organisation_id = $1::uuid"
SERVICES = "SELECT s.key, s.id FROM service s WHERE s.organisation_id = $1::uuid"
WATCHED = """
SELECT DISTINCT ON (l.target_id, l.indicator_id) l.target_id, l.indicator_id, l.tenure FROM indicator_target l
WHERE l.organisation_id = $1::uuid ORDER BY l.target_id, l.indicator_id, l.valid_from DESC
"""

About = tuple[UUID | None, UUID | None, UUID | None]
"""Of an objective: the service, the indicator and the target."""


@dataclass(frozen=True)
class StoredDocument:
    """A document by its latest version, with what its objectives are about."""

    key: str
    id: UUID
    version_id: UUID
    number: int
    sha256: str
    text: str
    about: tuple[About, ...]


@dataclass(frozen=True)
class Catalogue:
    """What documents can be about, by key; that of a target is AGREEMENT/TARGET."""

    services: dict[str, UUID]
    indicators: dict[str, tuple[UUID, UUID]]
    """Each with its service."""
    targets: dict[str, tuple[UUID, UUID]]
    """Each with the service of its agreement."""
    watched: set[tuple[UUID, UUID]]
    """Which targets which indicators watch, by the latest entry about them."""


async def stored_documents(session: ReadSession, organisation_id: UUID) -> list[StoredDocument]:
    """Every document by its latest version, in the order in which they first came. Two statements."""
    about: dict[UUID, list[Any]] = defaultdict(list)
    for version_id, *refers_to in await fetch(session, OBJECTIVES, organisation_id):
        about[version_id].append(tuple(refers_to))
    return [
        StoredDocument(key, id_, version_id, number, sha256, text, tuple(about[version_id]))
        for key, id_, version_id, number, sha256, text in await fetch(session, LATEST, organisation_id)
    ]


async def catalogue(session: ReadSession, organisation_id: UUID) -> Catalogue:
    """What an organisation has that documents can be about. Four statements."""
    return Catalogue(
        dict(await fetch(session, SERVICES, organisation_id)),
        {key: (id_, service_id) for key, id_, service_id in await fetch(session, INDICATORS, organisation_id)},
        {key: (id_, service_id) for key, id_, service_id in await fetch(session, TARGETS, organisation_id)},
        {
            (target_id, indicator_id)
            for target_id, indicator_id, tenure in await fetch(session, WATCHED, organisation_id)
            if tenure == "held"
        },
    )
