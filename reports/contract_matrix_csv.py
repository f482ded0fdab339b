"""The contract matrix as a CSV file people open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from services.agreements.contracts import AXES, ContractAlignment, ContractRow

HEADER = (
    "supplier", "service", "agreement", "kind", "owners", "ownership", "term_ends_at", "notice_days",
    "decision_due_at", "renewal", "signed_at", "sourced_by", "signer_roles", "binding_requirements",
    "other_requirements", "promises", "backed", "value", "coverage", "term", "scope", "missing",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def contract_matrix_csv(rows: Iterable[ContractRow]) -> str:
    """A line for each contract. A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow(map(_cell, _values(row)))
    return text.getvalue()


def _values(row: ContractRow) -> tuple[object, ...]:
    instants = (row.term_ends_at, row.decision_due_at, row.signed_at)
    ends, due, signed = (None if instant is None else instant.isoformat() for instant in instants)
    return (
        row.contract.supplier_name, row.contract.service_name, row.contract.name, row.contract.kind.value,
        "; ".join(row.owners), row.ownership.value, ends, row.notice_days, due,
        None if row.renewal is None else row.renewal.value, signed, row.sourced_by.value,
        "; ".join(role.value for role in row.signer_roles), row.binding_requirements, row.other_requirements,
        *_aligned(row.alignment), "; ".join(row.missing),
    )  # fmt: skip


def _aligned(found: ContractAlignment | None) -> tuple[object, ...]:
    return (None,) * 6 if found is None else (found.promises, found.backed, *(found.states[axis] for axis in AXES))


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
