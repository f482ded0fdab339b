"""The audit trail played back: its entries, applied in order to nothing, are the tables as they stand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

import assessment.models  # noqa: F401  adds its tables to the metadata
from services.audit.commands import subject_type, table_of, trailed_columns
from services.audit.models import AuditEntry, AuditPersonalValue
from services.audit.rules import AuditKind, spelled
from services.db import Base, Database, ReadSession
from services.models import metadata

UNTRAILED: Mapping[str, str] = {
    "alignment_gap": "worked out from judgements and from entries, which have theirs",
    "api_token_use": "when a token was used, which is not a change",
    "assessed_unit": "worked out with the score it belongs to",
    "assessment_pattern_score": "worked out with the score it belongs to",
    "audit_entry": "the trail itself",
    "audit_personal_value": "the trail itself",
    "breach": "worked out when tickets are settled; names the definition and says who recorded it",
    "bundle_import": "moves a whole organisation with its trail, and names the export",
    "chain_judgement": "worked out from versions it names",
    "clock": "worked out from events and definitions",
    "due_organisation": "what the worker is to do",
    "forecast": "worked out by a model it names",
    "forecast_model": "learned from tickets it counts",
    "forecast_score": "worked out from forecasts",
    "idempotency_key": "what was asked for, not what is",
    "organisation_key": "the key of the organisation, which is in its entry",
    "period_result": "worked out from clocks",
    "recomputation": "what became of a version, which has its entry",
    "recomputed_period_result": "worked out from clocks",
    "reported_clock": "comes in by the bulk; one entry names the import",
    "superseded_clock": "what was worked out before, by a recomputation it names",
    "superseded_period_result": "what was worked out before",
    "target_alignment": "worked out from judgements",
    "ticket": "comes in by the bulk; one entry names the import",
    "ticket_event": "comes in by the bulk; one entry names the import",
    "ticket_import": "one entry says what it brought",
}
"""Tables whose rows have no entries of their own, each with the reason."""

State = dict[tuple[str, str], dict[str, Any]]
"""By type and id of the subject: its attributes as the trail spells them."""


def trailed_models() -> list[type[Base]]:
    """The mapped classes whose rows have entries."""
    models: list[type[Base]] = [mapper.class_ for mapper in Base.registry.mappers]
    return [model for model in models if table_of(model).name not in UNTRAILED]


async def replayed(database: Database, organisation_id: UUID) -> State:
    """What the trail says the organisation is. Raises AssertionError where an entry does not follow the one before."""
    async with database.reading(organisation_id) as session:
        entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.organisation_id == organisation_id)))
        personal = list(
            await session.scalars(
                select(AuditPersonalValue).where(AuditPersonalValue.organisation_id == organisation_id)
            )
        )
    said: dict[UUID, list[Mapping[str, Any]]] = {entry.id: list(entry.changes) for entry in entries}
    for value in personal:
        said[value.entry_id].append({"attribute": value.attribute, "before": value.before, "after": value.after})
    state: State = {}
    for entry in sorted(entries, key=_order):
        if entry.kind is not AuditKind.INGESTED:
            _apply(state, entry, said[entry.id])
    return state


def _order(entry: AuditEntry) -> tuple[int, bool, UUID]:
    """Versions of a subject follow each other under its lock; what counts none is changed after it was created."""
    return entry.subject_version or 0, entry.kind is not AuditKind.CREATED, entry.id


def _apply(state: State, entry: AuditEntry, changes: list[Mapping[str, Any]]) -> None:
    subject = (entry.subject_type, str(entry.subject_id or entry.organisation_id))
    assert (subject in state) is (entry.kind is AuditKind.CHANGED), f"{entry.kind} {subject}"
    known = state.setdefault(subject, {})
    for change in changes:
        assert known.get(change["attribute"]) == change["before"], f"{subject}: {change} after {known}"
        known[change["attribute"]] = change["after"]


async def stored(database: Database, organisation_id: UUID) -> State:
    """What the tables say the organisation is."""
    state: State = {}
    async with database.reading(organisation_id) as session:
        for model in trailed_models():
            state |= await _rows(session, model, organisation_id)
    return state


async def _rows(session: ReadSession, model: type[Base], organisation_id: UUID) -> State:
    table: Table = table_of(model)
    key = "id" if "id" in table.columns else "organisation_id"
    rows = await session.execute(select(table).where(table.columns.organisation_id == organisation_id))
    return {
        (subject_type(model), str(row[key])): {
            column.name: spelled(row[column.name]) for column in trailed_columns(table)
        }
        for row in rows.mappings()
    }


def all_tables() -> set[str]:
    """The names of all tables there are."""
    return set(metadata.tables)
