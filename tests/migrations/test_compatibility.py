"""Migrations expand first: what the released program could not live with is refused, and it can still write."""

from types import ModuleType, SimpleNamespace
from typing import cast

import pytest
from alembic import op
from alembic.script import ScriptDirectory

from migrations.compatibility import ROOT, destructive, newer_migrations, refusals, released, releases, statements_of
from slm.migrate import alembic_config
from tests.migrations.released import described

TABLES = frozenset({"party", "person"})


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DROP TABLE party", "drops a table"),
        ("drop table if exists other, party cascade;", "drops a table"),
        ("ALTER TABLE party DROP COLUMN kind", "drops a column"),
        ("ALTER TABLE party DROP kind", "drops a column"),
        ("ALTER TABLE party ADD COLUMN note TEXT, DROP COLUMN kind", "drops a column"),
        ("ALTER TABLE party RENAME COLUMN kind TO sort", "renames"),
        ("ALTER TABLE party RENAME kind TO sort", "renames"),
        ("ALTER TABLE party RENAME TO side", "renames"),
        ("ALTER TABLE party ALTER COLUMN kind TYPE VARCHAR(10)", "changes a type"),
        ("ALTER TABLE party ALTER kind SET DATA TYPE TEXT USING kind::text", "changes a type"),
        ("ALTER TABLE party ALTER COLUMN note SET NOT NULL", "forbids NULL"),
        ("ALTER TABLE ONLY party ADD COLUMN note TEXT NOT NULL", "adds a column that must be given"),
        ("ALTER TABLE party ADD note NUMERIC(9, 6) NOT NULL", "adds a column that must be given"),
        ("ALTER TABLE party ALTER COLUMN received_at DROP DEFAULT", "drops a default"),
        ("DELETE FROM party WHERE true", "deletes rows"),
        ("TRUNCATE party", "deletes rows"),
        ("REVOKE UPDATE ON party FROM slm_runtime", "takes a privilege away"),
    ],
)
def test_each_way_to_take_something_away_is_seen(statement: str, what: str) -> None:
    assert list(destructive(statement, TABLES)) == [what]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE side (id UUID NOT NULL)",
        "ALTER TABLE party ADD COLUMN note TEXT",
        "ALTER TABLE party ADD COLUMN note TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE party ADD COLUMN note TEXT NOT NULL DEFAULT 'DROP TABLE party'",
        "ALTER TABLE party DROP CONSTRAINT ck_party_partykind",
        "ALTER TABLE party ADD CONSTRAINT ck_party_partykind CHECK (kind IN ('customer', 'supplier'))",
        "ALTER TABLE party ALTER COLUMN kind DROP NOT NULL",
        "ALTER TABLE party ENABLE ROW LEVEL SECURITY",
        "GRANT UPDATE (name) ON party TO slm_runtime",
        "UPDATE party SET name = 'DROP TABLE party'",
        "DROP TABLE made_since_the_release",
        "ALTER TABLE made_since_the_release DROP COLUMN kind",
        "DROP INDEX ix_party",
    ],
)
def test_what_only_adds_or_is_newer_than_the_release_is_admitted(statement: str) -> None:
    assert list(destructive(statement, TABLES)) == []


def migration(statement: str, **marks: str) -> ModuleType:
    return cast(ModuleType, SimpleNamespace(revision="9999", upgrade=lambda: op.execute(statement), **marks))


def test_a_destructive_migration_is_refused_unless_it_names_a_release_to_contract_after() -> None:
    drop = "ALTER TABLE party DROP COLUMN kind"
    known = releases("# Changelog\n\n## Unreleased\n\n## 0.2.0\n\n## [0.1.0]\n")
    assert known == {"0.1.0", "0.2.0"}
    [refusal] = refusals(migration(drop), TABLES, known)
    assert str(refusal) == f"migration 9999 drops a column: {drop}"
    assert list(refusals(migration(drop, CONTRACT="0.2.0"), TABLES, known)) == []
    [unknown] = refusals(migration(drop, CONTRACT="7.0.0"), TABLES, known)
    assert "not in CHANGELOG.md" in str(unknown)


def test_operations_of_alembic_are_seen_as_what_they_send() -> None:
    def upgrade() -> None:
        op.drop_column("party", "kind")
        op.rename_table("person", "human")

    found = refusals(cast(ModuleType, SimpleNamespace(revision="9999", upgrade=upgrade)), TABLES, frozenset())
    assert [refusal.what for refusal in found] == ["drops a column", "renames"]


def test_a_migration_that_asks_the_database_first_cannot_pass_unseen() -> None:
    asking = SimpleNamespace(revision="9999", upgrade=lambda: op.get_bind().exec_driver_sql("SELECT 1").scalar())
    with pytest.raises(RuntimeError, match="reads the database"):
        statements_of(cast(ModuleType, asking))


def test_the_migrations_newer_than_the_release_take_nothing_away() -> None:
    known = releases((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    tables = frozenset(released()["tables"])
    assert [str(each) for script in newer_migrations() for each in refusals(script.module, tables, known)] == []


def test_migrations_are_one_line_and_their_files_say_their_place() -> None:
    scripts = list(ScriptDirectory.from_config(alembic_config("")).walk_revisions())
    assert [script.revision for script in scripts] == [f"{number:04d}" for number in range(len(scripts), 0, -1)]
    assert all(script.path.rpartition("/")[2].startswith(f"{script.revision}_") for script in scripts)
    files = list((ROOT / "migrations" / "versions").glob("*.py"))
    assert len(files) == len(scripts), "two files claim the same place"


async def test_the_released_program_can_write_what_it_wrote(database_url: str) -> None:
    """On the newest schema its columns are there, of their types, and nothing it does not know must be given."""
    newest = (await described(database_url))["tables"]
    for table, columns in released()["tables"].items():
        assert table in newest, f"{table} is gone"
        for name, before in columns.items():
            after = newest[table].get(name)
            assert after is not None, f"{table}.{name} is gone"
            assert after["type"] == before["type"], f"{table}.{name}"
            for promise in ("may_be_left_out", "may_insert", "may_update"):
                assert after[promise] or not before[promise], f"{table}.{name}: {promise}"
        unknown = {name for name in newest[table] if name not in columns}
        demanded = {name for name in unknown if not newest[table][name]["may_be_left_out"]}
        assert not demanded, f"{table}: a program that does not know {demanded} cannot insert"
