"""What the runtime role may do to every relation there is, asked of PostgreSQL itself."""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
import pytest
from sqlalchemy.engine import make_url

import assessment.models
from services.db import Writes
from services.models import metadata
from services.server import RUNTIME_ROLE

assert assessment.models  # its tables are part of the metadata

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

EXEMPT = {
    "organisation_key": "finds an organisation by its key, before any is known",
    "due_organisation": "tells the worker which organisation is due; says nothing else",
}
"""Tables that PostgreSQL does not fence, each with why; no field of the API reads them."""
WRITTEN_BY_THE_DATABASE = {"received_at"}
NEVER_UPDATED = {"account": {"party_id", "party_kind"}, "api_token": {"replaces_id"}}

REACHABLE = """
SELECT c.relname, c.relispartition, c.relrowsecurity,
       has_any_column_privilege($1, c.oid, 'SELECT'),
       has_table_privilege($1, c.oid, 'DELETE, TRUNCATE, REFERENCES, TRIGGER'),
       (SELECT array_agg(pg_get_expr(p.polqual, p.polrelid)) FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
AND (has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
     OR has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))
"""
COLUMNS = """
SELECT c.relname, a.attname, has_column_privilege($1, c.oid, a.attnum, 'INSERT'),
       has_column_privilege($1, c.oid, a.attnum, 'UPDATE')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relname = ANY($2) AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """A connection as the owner of the tables, in a transaction that is undone."""
    url = make_url(database_url)
    connection = await asyncpg.connect(
        user=url.username,
        password=url.password,
        host=url.host or url.query.get("host"),
        port=int(str(url.port or url.query.get("port") or 5432)),
        database=url.database,
    )
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def leaves_within_reach(connection: Connection) -> list[str]:
    """Partitions on which the runtime role has any privilege: the fence of their parent does not protect them."""
    return sorted(name for name, leaf, *_ in await connection.fetch(REACHABLE, RUNTIME_ROLE) if leaf)


async def test_the_role_reaches_the_tables_of_the_model_and_the_version_of_the_schema_alone(owner: Connection) -> None:
    reached = {row["relname"] for row in await owner.fetch(REACHABLE, RUNTIME_ROLE)}
    assert reached == metadata.tables.keys() | {"alembic_version"}


async def test_every_table_is_fenced_but_those_that_say_why_not(owner: Connection) -> None:
    for name, _, fenced, _, _, policies in await owner.fetch(REACHABLE, RUNTIME_ROLE):
        if name == "alembic_version" or name in EXEMPT:
            assert not fenced, name
            continue
        assert fenced, name
        assert metadata.tables[name].info["row_security"], name
        assert len(policies) == 1, name
        assert "organisation_id = " in policies[0], name
        assert "current_setting('app.organisation'" in policies[0], name
    assert EXEMPT.keys() == {name for name, table in metadata.tables.items() if not table.info["row_security"]}


async def test_nothing_may_be_deleted_emptied_referred_to_or_watched(owner: Connection) -> None:
    for name, _, _, readable, more, _ in await owner.fetch(REACHABLE, RUNTIME_ROLE):
        assert readable, name
        assert not more, name


async def test_every_column_may_be_written_as_its_table_says(owner: Connection) -> None:
    inserted: dict[str, set[str]] = defaultdict(set)
    updated: dict[str, set[str]] = defaultdict(set)
    for table, column, may_insert, may_update in await owner.fetch(COLUMNS, RUNTIME_ROLE, list(metadata.tables)):
        inserted[table] |= {column} if may_insert else set()
        updated[table] |= {column} if may_update else set()
    for name, table in metadata.tables.items():
        written = {column.name for column in table.columns if column.computed is None} - WRITTEN_BY_THE_DATABASE
        replaced = written - NEVER_UPDATED.get(name, set()) if table.info["writes"] is Writes.REPLACE else set()
        assert inserted[name] == written, name
        assert updated[name] == replaced, name


async def test_no_leaf_of_a_partitioned_table_is_within_reach(owner: Connection) -> None:
    assert await leaves_within_reach(owner) == []


@pytest.mark.parametrize("granted", ["SELECT", "SELECT (id)", "INSERT", "UPDATE (id)"])
async def test_a_leaf_that_is_granted_would_be_found(owner: Connection, granted: str) -> None:
    await owner.execute("CREATE TABLE parent (organisation_id UUID, id UUID) PARTITION BY LIST (organisation_id)")
    await owner.execute("CREATE TABLE leaf PARTITION OF parent DEFAULT")
    assert await leaves_within_reach(owner) == []
    await owner.execute(f"GRANT {granted} ON leaf TO {RUNTIME_ROLE}")
    assert await leaves_within_reach(owner) == ["leaf"]


async def test_the_role_owns_nothing_and_no_fence_lets_it_pass(owner: Connection) -> None:
    role = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles WHERE rolname = $1"
    assert tuple(await owner.fetchrow(role, RUNTIME_ROLE)) == (False,) * 5
    owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = $1"
    assert await owner.fetchval(owned, RUNTIME_ROLE) == 0
