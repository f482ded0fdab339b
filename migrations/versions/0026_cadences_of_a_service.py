"""Read the cadences of an organisation in their own order.

PostgreSQL 18 skips through an index whose first column is not asked for. The one by service holds the key, too, so that
a page of all cadences was put together from every service's cadences and sorted. Only cadences of a service are in it
now, and only who asks for one service can use it.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEX = "ix_cadence_organisation_id_service_id"
COLUMNS = "cadence (organisation_id, service_id, key, id)"


def upgrade() -> None:
    op.execute(f"DROP INDEX {INDEX}")
    op.execute(f"CREATE INDEX {INDEX} ON {COLUMNS} WHERE service_id IS NOT NULL")


def downgrade() -> None:
    op.execute(f"DROP INDEX {INDEX}")
    op.execute(f"CREATE INDEX {INDEX} ON {COLUMNS}")
