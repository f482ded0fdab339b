"""What every migration needs: the runtime role, and the fences around a new table.

A migration says with plain values what a table was when it was made; nothing here reads today's models.
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

RUNTIME_ROLE = "slm_runtime"


def create_runtime_role() -> None:
    """Create the role the program acts as, and let it see the schema and its revision."""
    ensure_runtime_role()
    op.execute(f"GRANT USAGE ON SCHEMA public TO {RUNTIME_ROLE}")
    # So that the program can tell whether the database has the schema it was written for.
    op.execute(f"GRANT SELECT ON alembic_version TO {RUNTIME_ROLE}")


def ensure_runtime_role() -> None:
    """Make the role the program acts as (a cluster has it once), and let the migrating owner become it."""
    connection = op.get_bind()
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": RUNTIME_ROLE}).scalar()
    if not known:
        op.execute(f"CREATE ROLE {RUNTIME_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    superuser, member = connection.execute(
        text("SELECT rolsuper, pg_has_role(current_user, :role, 'MEMBER') FROM pg_roles WHERE rolname = current_user"),
        {"role": RUNTIME_ROLE},
    ).one()
    if not superuser and not member:
        op.execute(f"GRANT {RUNTIME_ROLE} TO CURRENT_USER")


def secure_table(
    table: str,
    columns: str,
    *,
    append_only: bool,
    row_security: bool = True,
    written_by_database: Sequence[str] = ("received_at",),
) -> None:
    """Grant the runtime role what it needs by name, and fence the table by organisation.

    `columns` are all columns of the table, separated by spaces. Nobody but the database writes `written_by_database`; nothing may be deleted; an append-only table takes no UPDATE.
    """
    writable = ", ".join(column for column in columns.split() if column not in written_by_database)
    op.execute(f"GRANT SELECT, INSERT ({writable}) ON {table} TO {RUNTIME_ROLE}")
    if not append_only:
        op.execute(f"GRANT UPDATE ({writable}) ON {table} TO {RUNTIME_ROLE}")
    if "organisation_id" in columns.split():
        # Statistics of one organisation make the planner expect a single row of any other, and a new one's first
        # import compares every event with every ticket. Without them it plans for all organisations alike.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN organisation_id SET STATISTICS 0")
    if row_security:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # Without missing_ok: a forgotten organisation is an error, never an empty answer.
        op.execute(
            f"CREATE POLICY {table}_organisation ON {table}"
            " USING (organisation_id = current_setting('app.organisation')::uuid)"
        )
