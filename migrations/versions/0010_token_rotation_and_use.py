"""Which token took the place of which, and when each was last used.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE, secure_table

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE api_token ADD COLUMN replaces_id UUID")
    op.execute("ALTER TABLE api_token ADD CONSTRAINT uq_api_token_replaces_id UNIQUE (replaces_id)")
    op.execute(
        "ALTER TABLE api_token ADD CONSTRAINT fk_api_token_replaces_id"
        " FOREIGN KEY (replaces_id) REFERENCES api_token (id)"
    )
    op.execute(f"GRANT INSERT (replaces_id) ON api_token TO {RUNTIME_ROLE}")
    op.execute(
        """
        CREATE TABLE api_token_use (
            organisation_id UUID NOT NULL,
            token_id UUID NOT NULL,
            last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_api_token_use PRIMARY KEY (organisation_id, token_id)
        )
        """
    )
    secure_table("api_token_use", "organisation_id token_id last_used_at", append_only=False)


def downgrade() -> None:
    op.execute("DROP TABLE api_token_use")
    op.execute("ALTER TABLE api_token DROP COLUMN replaces_id")
