"""Forecasts in the order of their risk: a page after a cursor reads no more than itself behind row-level security.

PostgreSQL does not vouch that comparing NUMERICs leaks nothing, so a policy keeps such comparisons out of index scans;
of whole numbers it does.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_forecast_organisation_id_probability_millionths_id": "(organisation_id, probability_millionths, id)",
    "ix_forecast_organisation_id_current_millionths": (
        "(organisation_id, probability_millionths, id) WHERE superseded_at IS NULL AND outcome = 'pending'"
    ),
}
REPLACED = ("ix_forecast_organisation_id_probability_id", "ix_forecast_organisation_id_current")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE forecast ADD COLUMN probability_millionths BIGINT NOT NULL"
        " GENERATED ALWAYS AS ((probability * 1000000)::bigint) STORED"
    )
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON forecast {columns}")
    for name in REPLACED:
        op.execute(f"DROP INDEX {name}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("ALTER TABLE forecast DROP COLUMN probability_millionths")
    op.execute("CREATE INDEX ix_forecast_organisation_id_probability_id ON forecast (organisation_id, probability, id)")
    op.execute(
        "CREATE INDEX ix_forecast_organisation_id_current ON forecast (organisation_id, probability, id)"
        " WHERE superseded_at IS NULL AND outcome = 'pending'"
    )
