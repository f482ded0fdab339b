"""Clocks as other systems report them, beside our own; events made from the stamps of a row.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE, secure_table

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ticket_event ADD COLUMN synthesised BOOLEAN DEFAULT false NOT NULL")
    op.execute(f"GRANT INSERT (synthesised) ON ticket_event TO {RUNTIME_ROLE}")
    op.execute(
        """
        CREATE TABLE reported_clock (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            ticket_id UUID NOT NULL,
            import_id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            content_sha256 TEXT COLLATE "C" NOT NULL,
            definition TEXT COLLATE "C" NOT NULL,
            stage TEXT COLLATE "C",
            status VARCHAR(40),
            outcome VARCHAR(40) NOT NULL,
            started_at TIMESTAMP WITH TIME ZONE NOT NULL,
            stopped_at TIMESTAMP WITH TIME ZONE,
            due_at TIMESTAMP WITH TIME ZONE,
            goal_seconds BIGINT,
            elapsed_seconds BIGINT,
            paused_seconds BIGINT,
            attributes JSONB NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_reported_clock PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_reported_clock_organisation_id_ticket_id_key_content_sha256 UNIQUE (organisation_id, ticket_id, key, content_sha256),
            CONSTRAINT fk_reported_clock_organisation_id_ticket_id FOREIGN KEY(organisation_id, ticket_id) REFERENCES ticket (organisation_id, id),
            CONSTRAINT fk_reported_clock_organisation_id_import_id FOREIGN KEY(organisation_id, import_id) REFERENCES ticket_import (organisation_id, id),
            CONSTRAINT ck_reported_clock_clockstatus CHECK (status IN ('running', 'paused', 'completed', 'cancelled')),
            CONSTRAINT ck_reported_clock_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    secure_table(
        "reported_clock",
        "organisation_id id ticket_id import_id key content_sha256 definition stage status outcome started_at stopped_at due_at goal_seconds elapsed_seconds paused_seconds attributes recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    op.execute("DROP TABLE reported_clock")
    op.execute("ALTER TABLE ticket_event DROP COLUMN synthesised")
