"""The services, who owns them, and the milestones of their lives."""

from typing import Any
from uuid import UUID

from services.catalogue.commands import (
    assign_ownership,
    create_services,
    end_ownership,
    record_lifecycle_event,
    update_service,
)
from services.catalogue.design_gates import record_design_gate, record_gate_participation
from services.catalogue.rules import (
    Criticality,
    DesignGateEntry,
    GateOutcome,
    GateParticipationEntry,
    GateParticipationKind,
    GateRole,
    LifecycleEventKind,
    OwnershipKind,
    ServiceEntry,
)
from services.db import ReadSession, fetch
from services.rows import Outcome
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Kind, Row, Run, Values, each, flat, paired, spans, together

SERVICES = """
SELECT s.id, s.key, s.name, s.description, s.criticality, d.key FROM service s
LEFT JOIN department d ON d.organisation_id = $1::uuid AND d.id = s.department_id
WHERE s.organisation_id = $1::uuid ORDER BY s.key
"""
OWNERS = """
SELECT s.key, p.key, o.kind, o.tenure, o.valid_from FROM service_ownership o
JOIN service s ON s.organisation_id = $1::uuid AND s.id = o.service_id
JOIN person p ON p.organisation_id = $1::uuid AND p.id = o.person_id
WHERE o.organisation_id = $1::uuid ORDER BY s.key, p.key, o.kind, o.valid_from
"""
MILESTONES = """
SELECT s.key, e.kind, e.occurred_at, e.note FROM lifecycle_event e
JOIN service s ON s.organisation_id = $1::uuid AND s.id = e.service_id
WHERE e.organisation_id = $1::uuid ORDER BY s.key, e.occurred_at, e.kind
"""

GATES = """
SELECT g.id, s.key, g.key, g.name, g.held_at, g.outcome, g.note FROM design_gate g
JOIN service s ON s.organisation_id = $1::uuid AND s.id = g.service_id
WHERE g.organisation_id = $1::uuid ORDER BY s.key, g.key
"""
PARTICIPATIONS = """
SELECT s.key || '/' || g.key, p.key, d.role, d.kind, d.occurred_at FROM design_gate_participation d
JOIN design_gate g ON g.organisation_id = $1::uuid AND g.id = d.design_gate_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = g.service_id
JOIN person p ON p.organisation_id = $1::uuid AND p.id = d.person_id
WHERE d.organisation_id = $1::uuid ORDER BY s.key, g.key, p.key, d.role, d.kind
"""


async def _services(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "key", "name", "description", "criticality", "department")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, SERVICES, organisation_id)]
    return [
        {**row, "description": row["description"] or None, "criticality": Criticality(row["criticality"])}
        for row in rows
    ]


async def _owners(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("service", "person", "kind", "tenure", "valid_from")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, OWNERS, organisation_id)]
    return paired([{**row, "kind": OwnershipKind(row["kind"])} for row in rows], ("service", "person", "kind"))


async def _milestones(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    return [
        {"service": row[0], "kind": LifecycleEventKind(row[1]), "occurred_at": row[2], "note": row[3] or None}
        for row in await fetch(session, MILESTONES, organisation_id)
    ]


async def _gates(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "service", "key", "name", "held_at", "outcome", "note")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, GATES, organisation_id)]
    return [{**row, "outcome": GateOutcome(row["outcome"]), "note": row["note"] or None} for row in rows]


async def _participations(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "design_gate": gate,
            "person": person,
            "role": GateRole(role),
            "kind": GateParticipationKind(kind),
            "occurred_at": occurred_at,
        }
        for gate, person, role, kind, occurred_at in await fetch(session, PARTICIPATIONS, organisation_id)
    ]


def _said(run: Run, values: Values) -> dict[str, Any]:
    return {
        "name": values["name"],
        "description": values.get("description") or "",
        "criticality": values.get("criticality") or Criticality.STANDARD,
        "department_id": run.id_of("departments", values.get("department")),
    }


async def _add_services(run: Run, rows: list[Row]) -> list[Outcome]:
    entries = [ServiceEntry(key=row.values["key"], **_said(run, row.values)) for row in rows]
    return await create_services(**run.by, entries=entries)


async def _change_service(run: Run, row: Row, before: Values) -> None:
    said = {**before, **row.values}
    if said["department"] is None and before["department"] is not None:
        run.problems.append(row.problem("department", "expected another department, or none of this column"))
    await update_service(**run.by, service_id=before["id"], **_said(run, said))


def _ownership(run: Run, row: Row) -> dict[str, Any]:
    return {
        "service_id": run.known("services", row.values["service"]),
        "person_id": run.known("people", row.values["person"]),
        "kind": row.values["kind"],
    }


async def _begin_ownership(run: Run, row: Row) -> UUID:
    return await assign_ownership(**run.by, **_ownership(run, row), valid_from=row.values["valid_from"])


async def _end_ownership(run: Run, row: Row, _before: Values) -> None:
    await end_ownership(**run.by, **_ownership(run, row), valid_from=row.values["valid_until"])


async def _add_milestone(run: Run, row: Row) -> UUID:
    service_id = run.known("services", row.values["service"])
    return await record_lifecycle_event(
        **run.by, service_id=service_id, kind=row.values["kind"], occurred_at=row.values["occurred_at"],
        note=row.values.get("note") or "",
    )  # fmt: skip


async def _add_gate(run: Run, row: Row) -> UUID:
    said = row.values
    entry = DesignGateEntry(
        run.known("services", said["service"]), said["key"], said["name"], said["held_at"], said["outcome"],
        said.get("note") or "",
    )  # fmt: skip
    return await record_design_gate(**run.by, entry=entry)


async def _add_participation(run: Run, row: Row) -> UUID:
    said = row.values
    gate_id, person_id = run.known("design_gates", said["design_gate"]), run.known("people", said["person"])
    entry = GateParticipationEntry(gate_id, person_id, said["role"], said["kind"], said.get("occurred_at"))
    return await record_gate_participation(**run.by, entry=entry)


KINDS = (
    Kind(
        "services",
        "What customers receive and agreements are about.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.text("description", "What it is."),
            columns.choice("criticality", "How much depends on it.", Criticality, default=Criticality.STANDARD),
            columns.key("department", "The department that provides it.", of="departments"),
        ),
        ("key",),
        _services,
        flat(together(_add_services), _change_service),
        keyed_by=("key",),
    ),
    Kind(
        "service_owners",
        "Who owns a service in which capacity.",
        (
            columns.key("service", "Which service.", of="services", required=True),
            columns.key("person", "Who owns it.", of="people", required=True),
            columns.choice("kind", "In which capacity.", OwnershipKind, required=True),
            columns.instant("valid_from", "From when on.", required=True),
            columns.instant("valid_until", "Until when, exclusive; blank while it is owned."),
        ),
        ("service", "person", "kind", "valid_from"),
        _owners,
        spans(_begin_ownership, _end_ownership),
    ),
    Kind(
        "service_milestones",
        "What happened to services: designed, live, retired.",
        (
            columns.key("service", "Which service.", of="services", required=True),
            columns.choice("kind", "What happened.", LifecycleEventKind, required=True),
            columns.instant("occurred_at", "When.", required=True),
            columns.text("note", "What there is to say about it."),
        ),
        ("service", "kind", "occurred_at"),
        _milestones,
        flat(each(_add_milestone)),
    ),
    Kind(
        "design_gates",
        "Gates that designs of services had to pass.",
        (
            columns.key("service", "Which service.", of="services", required=True),
            columns.key("key", "Its key within the service.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.instant("held_at", "When it was held.", required=True),
            columns.choice("outcome", "What came of it.", GateOutcome, required=True),
            columns.text("note", "What there is to say about it."),
        ),
        ("service", "key"),
        _gates,
        flat(each(_add_gate)),
        keyed_by=("service", "key"),
    ),
    Kind(
        "design_gate_participations",
        "Who attended or signed design gates.",
        (
            columns.key("design_gate", "The gate, as SERVICE/GATE.", of="design_gates", required=True),
            columns.key("person", "Who took part.", of="people", required=True),
            columns.choice("role", "What they stood for there.", GateRole, required=True),
            columns.choice("kind", "Whether they attended or signed.", GateParticipationKind, required=True),
            columns.instant("occurred_at", "When; blank: when the gate was held."),
        ),
        ("design_gate", "person", "role", "kind"),
        _participations,
        flat(each(_add_participation)),
    ),
)
