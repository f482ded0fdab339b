"""How many records were written: with a meeting, about a target, about a requirement's approval.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTED = {
    "meeting": {"decision_count": "decision", "action_count": "action", "breach_count": "meeting_breach"},
    "target": {
        "breach_count": "breach",
        "figure_count": "reported_figure",
        "requirement_link_count": "target_requirement",
    },
}
"""The columns of each table, and the tables whose rows they count."""


def upgrade() -> None:
    for table, columns in COUNTED.items():
        for column, counted in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} BIGINT DEFAULT 0 NOT NULL")
            op.execute(
                f"UPDATE {table} AS holder SET {column} = (SELECT count(*) FROM {counted} AS counted"
                f" WHERE counted.organisation_id = holder.organisation_id AND counted.{table}_id = holder.id)"
            )
    op.execute(f"GRANT INSERT ({', '.join(COUNTED['meeting'])}) ON meeting TO {RUNTIME_ROLE}")
    op.execute(f"GRANT INSERT ({', '.join(COUNTED['target'])}) ON target TO {RUNTIME_ROLE}")
    op.execute(f"GRANT UPDATE ({', '.join(COUNTED['target'])}) ON target TO {RUNTIME_ROLE}")
    op.execute("ALTER TABLE service_level_requirement ADD COLUMN approval_count BIGINT DEFAULT 0 NOT NULL")
    op.execute(
        "UPDATE service_level_requirement AS holder SET approval_count = ("
        "SELECT count(*) FROM requirement_approval AS decided"
        " JOIN requirement_version AS version ON version.organisation_id = decided.organisation_id"
        " AND version.id = decided.requirement_version_id"
        " WHERE decided.organisation_id = holder.organisation_id AND version.requirement_id = holder.id)"
    )
    op.execute(f"GRANT INSERT (approval_count) ON service_level_requirement TO {RUNTIME_ROLE}")
    op.execute(f"GRANT UPDATE (approval_count) ON service_level_requirement TO {RUNTIME_ROLE}")


def downgrade() -> None:
    op.execute("ALTER TABLE service_level_requirement DROP COLUMN approval_count")
    for table in reversed(COUNTED):
        for column in COUNTED[table]:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
