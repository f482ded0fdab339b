"""Beside the verdict about a promise: what it would come to by independence, and credits owed against recoverable ones.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COLUMNS = {
    "estimated_percent": "NUMERIC(9, 6)",
    "credits": "JSONB DEFAULT '[]' NOT NULL",
    "credits_missing": "TEXT COLLATE \"C\" DEFAULT 'judged before credits were compared' NOT NULL",
}


def upgrade() -> None:
    for column, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE chain_judgement ADD COLUMN {column} {kind}")
    for column in ("credits", "credits_missing"):
        op.execute(f"ALTER TABLE chain_judgement ALTER COLUMN {column} DROP DEFAULT")
    op.execute(f"GRANT INSERT ({', '.join(COLUMNS)}) ON chain_judgement TO slm_runtime")


def downgrade() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE chain_judgement DROP COLUMN {column}")
