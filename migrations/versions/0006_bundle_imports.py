"""Which export of another installation an organisation's records came from.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

from migrations.operations import secure_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE bundle_import (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            source_key TEXT COLLATE "C" NOT NULL,
            manifest_sha256 TEXT COLLATE "C" NOT NULL,
            records BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_bundle_import PRIMARY KEY (organisation_id, id)
        )
        """
    )
    secure_table(
        "bundle_import",
        "organisation_id id name source_key manifest_sha256 records recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    op.execute("DROP TABLE bundle_import")
