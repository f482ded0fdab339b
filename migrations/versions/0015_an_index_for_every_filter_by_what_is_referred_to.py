"""Indexes of what is filtered by what it refers to end in the order of its list, so that a page of it is read as such.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

EXTENDED = {
    "ix_person_organisation_id_party_id": ("person", "party_id", "key", "WHERE party_id IS NOT NULL"),
    "ix_service_level_requirement_organisation_id_service_id": ("service_level_requirement", "service_id", "key", ""),
    "ix_agreement_organisation_id_service_id": ("agreement", "service_id", "key", ""),
    "ix_agreement_organisation_id_customer_id": ("agreement", "customer_id", "key", ""),
    "ix_agreement_organisation_id_provider_id": ("agreement", "provider_id", "key", ""),
    "ix_report_pack_organisation_id_meeting_id": ("report_pack", "meeting_id", "shown_at", ""),
}
"""Indexes by their names: the table, the column referred by, what its list is sorted by, and which rows."""


def upgrade() -> None:
    for name, (table, column, order, rows) in EXTENDED.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON {table} (organisation_id, {column}, {order}, id) {rows}".rstrip())
    op.execute(
        "CREATE INDEX ix_action_organisation_id_meeting_id_due_at_id ON action (organisation_id, meeting_id, due_at, id)"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_action_organisation_id_meeting_id_due_at_id")
    for name, (table, column, _, rows) in EXTENDED.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON {table} (organisation_id, {column}) {rows}".rstrip())
