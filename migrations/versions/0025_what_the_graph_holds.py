"""How many needs, hops and supports were recorded, so that one that is missing shows.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COUNTS = (
    ("component", "support_count", "component_support", "component_id"),
    ("component_version", "need_count", "component_need", "component_version_id"),
    ("response_chain_version", "hop_count", "response_hop", "response_chain_version_id"),
)


def upgrade() -> None:
    for table, column, counted, reference in COUNTS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} BIGINT DEFAULT 0 NOT NULL")
        op.execute(f"GRANT INSERT ({column}) ON {table} TO {RUNTIME_ROLE}")
        op.execute(
            f"UPDATE {table} AS t SET {column} = (SELECT count(*) FROM {counted} AS c"
            f" WHERE c.organisation_id = t.organisation_id AND c.{reference} = t.id)"
        )
    op.execute(f"GRANT UPDATE (support_count) ON component TO {RUNTIME_ROLE}")


def downgrade() -> None:
    for table, column, _, _ in COUNTS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
