"""What a release promises to its program and to clients; `python -m tests.migrations.released` writes it."""

import asyncio
import json
import shutil
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from migrations.compatibility import RELEASED
from schema import compatibility
from slm.local_database import provide_database
from tests.conftest import TEST_DATA
from tests.template_database import cloned_database

COLUMNS = """
SELECT c.table_name, c.column_name, format_type(a.atttypid, a.atttypmod) AS type,
       c.is_nullable = 'YES' OR c.column_default IS NOT NULL OR c.is_generated = 'ALWAYS' AS may_be_left_out,
       has_column_privilege('slm_runtime', c.table_name, c.column_name, 'INSERT') AS may_insert,
       has_column_privilege('slm_runtime', c.table_name, c.column_name, 'UPDATE') AS may_update
FROM information_schema.columns c
JOIN pg_attribute a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name
WHERE c.table_schema = 'public' AND c.table_name <> 'alembic_version'
ORDER BY c.table_name, c.column_name
"""


async def described(url: str) -> dict[str, Any]:
    """The revision of a database, and of every column its type, whether it may be left out, inserted and updated."""
    parsed = make_url(url)
    connection = await asyncpg.connect(
        user=parsed.username,
        password=parsed.password,
        host=parsed.host or parsed.query.get("host"),
        port=int(str(parsed.port or parsed.query.get("port") or 5432)),
        database=parsed.database,
    )
    try:
        tables: dict[str, Any] = {}
        for table, column, *facts in await connection.fetch(COLUMNS):
            names = ("type", "may_be_left_out", "may_insert", "may_update")
            tables.setdefault(table, {})[column] = dict(zip(names, facts, strict=True))
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    finally:
        await connection.close()
    return {"revision": revision, "tables": tables}


def main() -> None:
    """Write the newest schema of the database, and of the API, as the released one: part of making a release."""
    shutil.copy(compatibility.COMMITTED, compatibility.RELEASED)
    with provide_database(None, TEST_DATA) as server, cloned_database(server, "released") as url:
        content = asyncio.run(described(url))
    tables = ",\n".join(
        f"  {json.dumps(table)}: {{\n"
        + ",\n".join(f"   {json.dumps(name)}: {json.dumps(facts)}" for name, facts in columns.items())
        + "\n  }"
        for table, columns in content["tables"].items()
    )
    RELEASED.write_text(
        f'{{\n "revision": {json.dumps(content["revision"])},\n "tables": {{\n{tables}\n }}\n}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main()
