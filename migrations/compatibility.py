"""Refuses migrations after which the released program could not go on: expand first, contract a release later.

While an installation is upgraded, the API of the previous release runs on the new schema (docs/operations.md). So a
migration that follows the released one may add, and may not take away or demand what that program does not know. The
step that takes away names the release since which nobody needs it any more, in a line such as `CONTRACT = "0.2.0"`.

This looks at the statements of `upgrade()`; they are written down as they would be sent, without a database.
"""

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent
RELEASED = ROOT / "migrations" / "released.json"
"""The schema of the last release: its revision, and its tables with their columns."""

_NAME = r'(?:ONLY\s+)?(?:IF\s+EXISTS\s+)?"?(\w+)"?'
_LITERAL = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_ALTER = re.compile(rf"ALTER\s+TABLE\s+{_NAME}\s+(.*)", re.DOTALL | re.IGNORECASE)
_DROP_TABLE = re.compile(r"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(.*)", re.DOTALL | re.IGNORECASE)
_ROWS = re.compile(rf"(?:DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+{_NAME}", re.IGNORECASE)
_REVOKE = re.compile(rf"REVOKE\s+.*?\s+ON\s+(?:TABLE\s+)?{_NAME}", re.DOTALL | re.IGNORECASE)

_ACTIONS = {
    "drops a column": re.compile(r"DROP\s+(?!CONSTRAINT\b|NOT\b|DEFAULT\b|EXPRESSION\b|IDENTITY\b)", re.IGNORECASE),
    "drops a default": re.compile(r"ALTER\s+(?:COLUMN\s+)?\S+\s+DROP\s+DEFAULT\b", re.IGNORECASE),
    "renames": re.compile(r"RENAME\s+(?!CONSTRAINT\b)", re.IGNORECASE),
    "changes a type": re.compile(r"ALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b", re.IGNORECASE),
    "forbids NULL": re.compile(r"ALTER\s+(?:COLUMN\s+)?\S+\s+SET\s+NOT\s+NULL\b", re.IGNORECASE),
    "adds a column that must be given": re.compile(
        r"ADD\s+(?!CONSTRAINT\b)(?!.*\b(?:DEFAULT|GENERATED)\b).*\bNOT\s+NULL\b", re.DOTALL | re.IGNORECASE
    ),
}


@dataclass(frozen=True)
class Refusal:
    """A statement of a migration that the released program could not live with."""

    revision: str
    what: str
    statement: str

    def __str__(self) -> str:
        said = " ".join(self.statement.split())
        return f"migration {self.revision} {self.what}: {said[:120]}"


def destructive(statement: str, tables: frozenset[str]) -> Iterator[str]:
    """What a statement takes away from these tables, or demands of those who write them."""
    plain = _LITERAL.sub("''", statement).strip().rstrip(";")
    if dropped := _DROP_TABLE.match(plain):
        names = {name.strip(' "\n\t') for name in re.split(r",|\bCASCADE\b", dropped[1], flags=re.IGNORECASE)}
        if names & tables:
            yield "drops a table"
    if (alter := _ALTER.match(plain)) and alter[1] in tables:
        for action in _split(alter[2]):
            yield from (what for what, pattern in _ACTIONS.items() if pattern.match(action))
    if (rows := _ROWS.match(plain)) and rows[1] in tables:
        yield "deletes rows"
    if (revoked := _REVOKE.match(plain)) and revoked[1] in tables:
        yield "takes a privilege away"


def statements_of(migration: ModuleType) -> list[str]:
    """What `upgrade()` sends. RuntimeError for a migration that asks the database something first."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written, "transactional_ddl": False}
    )
    try:
        with Operations.context(context):
            migration.upgrade()
    except AttributeError as failure:
        raise RuntimeError(f"migration {migration.revision} reads the database, so it cannot be checked") from failure
    return [statement for statement in written.getvalue().split(";\n") if statement.strip()]


def refusals(migration: ModuleType, tables: frozenset[str], releases: frozenset[str]) -> Iterator[Refusal]:
    """What is wrong with a migration newer than the released schema, whose tables these are."""
    contract = getattr(migration, "CONTRACT", None)
    if contract is not None and contract not in releases:
        yield Refusal(migration.revision, "contracts since a release that is not in CHANGELOG.md", str(contract))
    for statement in statements_of(migration):
        for what in destructive(statement, tables):
            if contract is None:
                yield Refusal(migration.revision, what, statement)


@cache
def released() -> Mapping[str, Any]:
    """The committed description of the last release's schema."""
    content: Mapping[str, Any] = json.loads(RELEASED.read_text(encoding="utf-8"))
    return content


def releases(changelog: str) -> frozenset[str]:
    """The versions a change log has headings for."""
    return frozenset(re.findall(r"^## \[?(\d+\.\d+\.\d+)", changelog, re.MULTILINE))


def newer_migrations() -> list[Script]:
    """The migrations after the released one, oldest first. An error when migrations are not one line."""
    scripts = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))
    scripts.get_current_head()  # raises when there are several
    return list(reversed(list(scripts.iterate_revisions("head", released()["revision"]))))


def main() -> int:
    """Print every refusal; 1 when there is one."""
    known = releases((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    tables = frozenset(released()["tables"])
    found = [refusal for script in newer_migrations() for refusal in refusals(script.module, tables, known)]
    for refusal in found:
        print(refusal, file=sys.stderr)  # noqa: T201
    return 1 if found else 0


def _split(actions: str) -> Iterator[str]:
    """The actions of one ALTER TABLE: commas outside of parentheses divide them."""
    depth, begin = 0, 0
    for place, sign in enumerate(actions):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            yield actions[begin:place].strip()
            begin = place + 1
    yield actions[begin:].strip()


if __name__ == "__main__":
    sys.exit(main())
