"""Clauses of agreements, and the requirements they carry."""

from typing import Any
from uuid import UUID

from services.agreements.clauses import link_clause, record_clause, unlink_clause
from services.agreements.rules import ClauseEntry
from services.db import ReadSession, fetch
from services.requirements.rules import Comparison
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Kind, Row, Run, Values, each, flat, spans

CLAUSES = """
SELECT c.id, a.key, c.reference, c.text, c.metric, c.comparison, c.value, c.unit FROM contract_clause c
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = c.agreement_id
WHERE c.organisation_id = $1::uuid ORDER BY a.key, c.reference
"""
LINKS = """
SELECT a.key || '/' || c.reference, r.key, l.binding, l.tenure, l.valid_from FROM clause_requirement l
JOIN contract_clause c ON c.organisation_id = $1::uuid AND c.id = l.clause_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = c.agreement_id
JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = l.requirement_id
WHERE l.organisation_id = $1::uuid ORDER BY a.key, c.reference, r.key, l.valid_from
"""


async def _clauses(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "agreement", "reference", "text", "metric", "comparison", "value", "unit")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, CLAUSES, organisation_id)]
    for row in rows:
        row["comparison"] = Comparison(row["comparison"]) if row["comparison"] else None
        row |= {name: row[name] or None for name in ("metric", "unit")}
    return rows


async def _links(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    """Spans; what an end says of being binding is nothing."""
    found: list[dict[str, Any]] = []
    for clause, requirement, binding, tenure, valid_from in await fetch(session, LINKS, organisation_id):
        if tenure == "held":
            found.append(
                {
                    "clause": clause,
                    "requirement": requirement,
                    "binding": binding,
                    "valid_from": valid_from,
                    "valid_until": None,
                }
            )
        elif found and (found[-1]["clause"], found[-1]["requirement"]) == (clause, requirement):
            found[-1]["valid_until"] = valid_from
    return found


async def _add_clause(run: Run, row: Row) -> UUID:
    said = row.values
    entry = ClauseEntry(
        run.known("agreements", said["agreement"]), said["reference"], said["text"], said.get("metric") or "",
        said.get("comparison"), said.get("value"), said.get("unit") or "",
    )  # fmt: skip
    return await record_clause(**run.by, entry=entry)


def _link(run: Run, row: Row) -> dict[str, Any]:
    return {
        "clause_id": run.known("contract_clauses", row.values["clause"]),
        "requirement_id": run.known("requirements", row.values["requirement"]),
    }


async def _begin(run: Run, row: Row) -> UUID:
    binding = row.values.get("binding", True)
    return await link_clause(**run.by, **_link(run, row), binding=binding, valid_from=row.values["valid_from"])


async def _end(run: Run, row: Row, _before: Values) -> None:
    await unlink_clause(**run.by, **_link(run, row), valid_from=row.values["valid_until"])


KINDS = (
    Kind(
        "contract_clauses",
        "What clauses of agreements grant.",
        (
            columns.key("agreement", "Which agreement.", of="agreements", required=True),
            columns.text("reference", "Where it stands, such as 4.2.", required=True),
            columns.text("text", "What it says.", required=True),
            columns.text("metric", "What a value is about, such as resolution time."),
            columns.choice("comparison", "Which side of the value is granted.", Comparison),
            columns.decimal("value", "The value."),
            columns.text("unit", "Its unit."),
        ),
        ("agreement", "reference"),
        _clauses,
        flat(each(_add_clause)),
        keyed_by=("agreement", "reference"),
    ),
    Kind(
        "clause_requirements",
        "Which requirements clauses carry.",
        (
            columns.key("clause", "The clause, as AGREEMENT/REFERENCE.", of="contract_clauses", required=True),
            columns.key("requirement", "The requirement.", of="requirements", required=True),
            columns.flag("binding", "Whether it can be enforced.", default=True),
            columns.instant("valid_from", "From when on.", required=True),
            columns.instant("valid_until", "Until when, exclusive; blank while it does."),
        ),
        ("clause", "requirement", "valid_from"),
        _links,
        spans(_begin, _end),
    ),
)
