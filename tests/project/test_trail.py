"""Nothing changes a row that belongs in the audit trail except through `services.rows`, which writes the entry."""

import ast
import re
from pathlib import Path

import pytest

from tests.project.files import ROOT, text_of
from tests.trail import UNTRAILED

WRITERS = {
    "assessment/commands.py": "the parts of a score",
    "services/audit/commands.py": "the trail itself",
    "services/forecasting/commands.py": "models and their scores",
    "services/idempotency/commands.py": "keys of repeated changes",
    "services/organisations/commands.py": "the key of an organisation",
    "services/requirements/commands.py": "how many decisions there are about a requirement",
    "services/rows.py": "the one way",
    "services/tickets/commands.py": "imports",
    "slm/bundles/records.py": "organisations that move, with their trail",
    "slm/deletion.py": "organisations that are deleted, with their trail",
}
"""Modules that build statements of their own that write, and what they write: see `UNTRAILED`."""
COUNTING = {
    ("services/agreements/component_support.py", "component"),
    ("services/agreements/record_counts.py", "target"),
}
"""Modules whose SQL writes only columns of a table that are worked out (`DERIVED`)."""
WRITING = re.compile(r"\b(?:INSERT INTO|UPDATE(?! SET| SKIP)|DELETE FROM)\s+(\w+)")


def modules() -> list[Path]:
    return sorted(path for package in ("assessment", "services", "slm") for path in (ROOT / package).rglob("*.py"))


def builds_writes(source: str) -> bool:
    """Whether a module imports what makes writing statements."""
    imported = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom))
    return any(
        (node.module or "").startswith("sqlalchemy")
        and {"insert", "update", "delete"} & {name.name for name in node.names}
        for node in imported
    )


def written_tables(source: str) -> set[str]:
    """The tables that SQL texts of a module write."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {table for text in texts if isinstance(text, str) for table in WRITING.findall(text)}


def test_only_known_modules_build_statements_that_write() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in modules() if builds_writes(text_of(path))}
    assert found == set(WRITERS), "write through services.rows, which keeps the audit trail, or say here why not"


def test_sql_texts_write_only_what_has_no_entries() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), table) for path in modules() for table in written_tables(text_of(path))
    }
    assert {(path, table) for path, table in found if table not in UNTRAILED} == COUNTING


@pytest.mark.parametrize(
    ("source", "builds", "tables"),
    [
        ("from sqlalchemy import select, update", True, set()),
        ("from sqlalchemy.dialects.postgresql import insert", True, set()),
        ("from sqlalchemy import select", False, set()),
        ("SQL = 'INSERT INTO service (key) VALUES (1) ON CONFLICT DO UPDATE SET key = 2'", False, {"service"}),
        ("SQL = 'SELECT 1 FROM service FOR UPDATE SKIP LOCKED'", False, set()),
    ],
)
def test_what_writes_is_seen(source: str, builds: bool, tables: set[str]) -> None:
    assert (builds_writes(source), written_tables(source)) == (builds, tables)
