"""A text as JSON, by what the server does fastest.

`to_json` looks up how to write the type of its argument for every value; JSON_SCALAR, which servers have from
PostgreSQL 17 on, does so once for a statement. The body is a single expression, so that it stands in a query as if it
had been written there.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CREATED = """
DO $do$
BEGIN
    EXECUTE format(
        'CREATE FUNCTION json_text(text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS %L',
        CASE WHEN current_setting('server_version_num')::int >= 170000
             THEN 'SELECT JSON_SCALAR($1)::text' ELSE 'SELECT to_json($1)::text' END
    );
END
$do$
"""


def upgrade() -> None:
    op.execute(CREATED)


def downgrade() -> None:
    op.execute("DROP FUNCTION json_text(text)")
