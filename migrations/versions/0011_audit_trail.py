"""Versions of what can be edited, and the audit trail.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE, secure_table

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

VERSIONED = (
    "organisation",
    "department",
    "party",
    "person",
    "service",
    "calendar",
    "service_level_requirement",
    "agreement",
    "target",
)
COUNTED = (
    ("calendar", "calendar_version", "calendar_id"),
    ("service_level_requirement", "requirement_version", "requirement_id"),
    ("agreement", "agreement_version", "agreement_id"),
)
"""What was said anew before versions were counted: its table, that of its versions, and their reference to it."""


def upgrade() -> None:
    for table in VERSIONED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN version BIGINT DEFAULT 1 NOT NULL")
        op.execute(f"GRANT INSERT (version), UPDATE (version) ON {table} TO {RUNTIME_ROLE}")
    for table, versions, reference in COUNTED:
        op.execute(
            f"UPDATE {table} SET version = said.times FROM (SELECT organisation_id, {reference} AS id, count(*) AS times"
            f" FROM {versions} GROUP BY 1, 2) AS said"
            f" WHERE {table}.organisation_id = said.organisation_id AND {table}.id = said.id"
        )
    op.execute(
        """
        CREATE TABLE audit_entry (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            operation TEXT COLLATE "C" NOT NULL,
            trace_id TEXT COLLATE "C",
            subject_type TEXT COLLATE "C" NOT NULL,
            subject_id UUID,
            subject_version BIGINT,
            changes JSONB NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_audit_entry PRIMARY KEY (organisation_id, id),
            CONSTRAINT ck_audit_entry_auditkind CHECK (kind IN ('created', 'changed', 'ingested'))
        )
        """
    )
    for columns in ("recorded_at, id", "subject_id, recorded_at, id", "recorded_by, recorded_at, id"):
        name = "_".join(columns.split(", "))
        op.execute(f"CREATE INDEX ix_audit_entry_organisation_id_{name} ON audit_entry (organisation_id, {columns})")
    secure_table(
        "audit_entry",
        "organisation_id id kind operation trace_id subject_type subject_id subject_version changes recorded_at"
        " received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE audit_personal_value (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            entry_id UUID NOT NULL,
            person_id UUID,
            attribute TEXT COLLATE "C" NOT NULL,
            before TEXT COLLATE "C",
            after TEXT COLLATE "C",
            erased_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_audit_personal_value PRIMARY KEY (organisation_id, id),
            CONSTRAINT fk_audit_personal_value_organisation_id_entry_id FOREIGN KEY(organisation_id, entry_id) REFERENCES audit_entry (organisation_id, id),
            CONSTRAINT ck_audit_personal_value_erased CHECK (erased_at IS NULL OR (before IS NULL AND after IS NULL))
        )
        """
    )
    for columns in ("entry_id", "person_id"):
        op.execute(
            f"CREATE INDEX ix_audit_personal_value_organisation_id_{columns}"
            f" ON audit_personal_value (organisation_id, {columns})"
        )
    secure_table(
        "audit_personal_value",
        "organisation_id id entry_id person_id attribute before after erased_at",
        append_only=False,
    )


def downgrade() -> None:
    op.execute("DROP TABLE audit_personal_value")
    op.execute("DROP TABLE audit_entry")
    for table in reversed(VERSIONED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN version")
