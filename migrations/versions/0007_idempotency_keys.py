"""Keys under which callers may repeat a change.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

from migrations.operations import secure_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE idempotency_key (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            operation TEXT COLLATE "C" NOT NULL,
            input_sha256 TEXT COLLATE "C" NOT NULL,
            outcome JSONB,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_idempotency_key PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_idempotency_key_organisation_id_recorded_by_key UNIQUE (organisation_id, recorded_by, key)
        )
        """
    )
    secure_table(
        "idempotency_key",
        "organisation_id id key operation input_sha256 outcome recorded_at received_at recorded_by",
        append_only=False,
    )


def downgrade() -> None:
    op.execute("DROP TABLE idempotency_key")
