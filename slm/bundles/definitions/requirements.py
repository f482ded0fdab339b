"""Service level requirements with their versions, who approved them, and when one may be left unmet."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.db import ReadSession, fetch
from services.requirements.commands import (
    approve_requirement,
    create_requirement,
    publish_requirement_version,
    waive_requirement,
    withdraw_approval,
)
from services.requirements.rules import (
    ApprovalDecision,
    Comparison,
    CostBasis,
    RequirementDefinition,
    RequirementPriority,
)
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import UNKNOWN, Kind, Row, Run, Values, each, flat
from slm.bundles.definitions.versions import Versioned

VERSIONS = """
SELECT r.id, r.key, s.key, v.valid_from, v.statement, v.metric, v.comparison, v.target_value, v.unit,
       v.business_outcome, v.cost_of_failure, v.cost_amount, v.cost_currency, v.cost_basis, v.priority, v.reason, v.id
FROM requirement_version v
JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = v.requirement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = r.service_id
WHERE v.organisation_id = $1::uuid ORDER BY r.key, v.valid_from
"""
APPROVALS = """
SELECT r.key, v.valid_from, p.key, a.decided_at, a.decision, a.note
FROM requirement_approval a
JOIN requirement_version v ON v.organisation_id = $1::uuid AND v.id = a.requirement_version_id
JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = v.requirement_id
JOIN person p ON p.organisation_id = $1::uuid AND p.id = a.person_id
WHERE a.organisation_id = $1::uuid ORDER BY r.key, v.valid_from, a.decided_at, p.key
"""
WAIVERS = """
SELECT r.key, w.valid_from, w.valid_until, p.key, w.reason FROM requirement_waiver w
JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = w.requirement_id
JOIN person p ON p.organisation_id = $1::uuid AND p.id = w.person_id
WHERE w.organisation_id = $1::uuid ORDER BY r.key, w.valid_from
"""
CONTENT = (
    "statement", "metric", "comparison", "target_value", "unit", "business_outcome", "cost_of_failure", "cost_amount",
    "cost_currency", "cost_basis", "priority",
)  # fmt: skip
NAMES = ("id", "key", "service", "valid_from", *CONTENT, "reason", "version_id")


async def _requirements(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    rows = [dict(zip(NAMES, row, strict=True)) for row in await fetch(session, VERSIONS, organisation_id)]
    for row in rows:
        row["comparison"] = Comparison(row["comparison"]) if row["comparison"] else None
        row["cost_basis"] = CostBasis(row["cost_basis"]) if row["cost_basis"] else None
        row["priority"] = RequirementPriority(row["priority"]) if row["priority"] else None
        row |= {name: row[name] or None for name in (*CONTENT, "reason") if isinstance(row[name], str)}
    return rows


async def _approvals(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("requirement", "valid_from", "person", "decided_at", "decision", "note")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, APPROVALS, organisation_id)]
    return [{**row, "decision": ApprovalDecision(row["decision"]), "note": row["note"] or None} for row in rows]


async def _waivers(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("requirement", "valid_from", "valid_until", "person", "reason")
    return [dict(zip(names, row, strict=True)) for row in await fetch(session, WAIVERS, organisation_id)]


def _definition(content: Values) -> RequirementDefinition:
    return RequirementDefinition(
        statement=content.get("statement") or "",
        metric=content.get("metric") or "",
        comparison=content.get("comparison"),
        target_value=content.get("target_value"),
        unit=content.get("unit") or "",
        business_outcome=content.get("business_outcome") or "",
        cost_of_failure=content.get("cost_of_failure") or "",
        cost_amount=content.get("cost_amount"),
        cost_currency=content.get("cost_currency"),
        cost_basis=content.get("cost_basis"),
        priority=content.get("priority"),
    )


async def _create(run: Run, row: Row, content: Values) -> UUID:
    return await create_requirement(
        **run.by, key=row.values["key"], service_id=run.known("services", row.values["service"]),
        valid_from=content["valid_from"], definition=_definition(content), reason=content["reason"],
    )  # fmt: skip


async def _publish(run: Run, _row: Row, requirement_id: UUID, content: Values) -> None:
    await publish_requirement_version(
        **run.by, requirement_id=requirement_id, valid_from=content["valid_from"], definition=_definition(content),
        reason=content["reason"],
    )  # fmt: skip


async def _bring_approvals(kind: Kind, run: Run, rows: list[Row]) -> None:
    """A row that does not say which version is about the latest one."""
    stored = await _requirements(run.session, run.actor.organisation_id)
    latest = {version["key"]: version["valid_from"] for version in stored}
    versions = {(version["key"], version["valid_from"]): version["version_id"] for version in stored}

    async def add(run: Run, row: Row) -> UUID:
        version = (row.values["requirement"], row.values["valid_from"])
        return await _add_approval(run, row, versions.get(version, UNKNOWN))

    meant = [
        replace(row, values={**row.values, "valid_from": row.values.get("valid_from") or latest[key]})
        for row in rows
        if (key := row.values["requirement"]) in latest
    ]
    await flat(each(add))(kind, run, sorted(meant, key=lambda row: row.values["decided_at"]))


async def _add_approval(run: Run, row: Row, version_id: UUID) -> UUID:
    by = {**run.by, "requirement_version_id": version_id, "person_id": run.known("people", row.values["person"])}
    note, decided_at = row.values.get("note") or "", row.values["decided_at"]
    if row.values.get("decision") is ApprovalDecision.WITHDRAWN:
        return await withdraw_approval(**by, withdrawn_at=decided_at, reason=note)
    return await approve_requirement(**by, approved_at=decided_at, note=note)


async def _add_waiver(run: Run, row: Row) -> UUID:
    return await waive_requirement(
        **run.by, requirement_id=run.known("requirements", row.values["requirement"]),
        person_id=run.known("people", row.values["person"]), valid_from=row.values["valid_from"],
        valid_until=row.values["valid_until"], reason=row.values["reason"],
    )  # fmt: skip


KINDS = (
    Kind(
        "requirements",
        "What customers need of services. A row that differs from the latest version is a new version.",
        (
            columns.key("key", "Its key.", required=True),
            columns.key("service", "The service it is of.", of="services", required=True),
            columns.instant("valid_from", "From when on this version holds; blank: the latest, or one from now on."),
            columns.text("statement", "What is needed, in words.", required=True),
            columns.text("metric", "What a value is about, such as resolution time."),
            columns.choice("comparison", "Which side of the value is acceptable.", Comparison),
            columns.decimal("target_value", "The value."),
            columns.text("unit", "Its unit."),
            columns.text("business_outcome", "What it is good for."),
            columns.text("cost_of_failure", "What it costs when it is not met, in words."),
            columns.decimal("cost_amount", "The same as an amount."),
            columns.text("cost_currency", "Its currency, such as EUR."),
            columns.choice("cost_basis", "What that is counted by.", CostBasis),
            columns.choice("priority", "How much it matters compared with others.", RequirementPriority),
            columns.text("reason", "Why there is this version."),
        ),
        ("key", "valid_from"),
        _requirements,
        Versioned(CONTENT, _create, _publish).bring(),
        keyed_by=("key",),
        optional_identity=frozenset({"valid_from"}),
    ),
    Kind(
        "requirement_approvals",
        "Who approved a version of a requirement, or withdrew that.",
        (
            columns.key("requirement", "Which requirement.", of="requirements", required=True),
            columns.instant("valid_from", "Which version, by its start; blank: the latest."),
            columns.key("person", "Who decided.", of="people", required=True),
            columns.instant("decided_at", "When.", required=True),
            columns.choice("decision", "What was decided.", ApprovalDecision, default=ApprovalDecision.APPROVED),
            columns.text("note", "What there is to say about it; of a withdrawal, why."),
        ),
        ("requirement", "valid_from", "person", "decided_at"),
        _approvals,
        _bring_approvals,
        optional_identity=frozenset({"valid_from"}),
    ),
    Kind(
        "requirement_waivers",
        "Who accepts that a requirement is not met for a while.",
        (
            columns.key("requirement", "Which requirement.", of="requirements", required=True),
            columns.instant("valid_from", "From when on.", required=True),
            columns.instant("valid_until", "Until when, exclusive.", required=True),
            columns.key("person", "Who accepts it.", of="people", required=True),
            columns.text("reason", "Why.", required=True),
        ),
        ("requirement", "valid_from"),
        _waivers,
        flat(each(_add_waiver)),
    ),
)
