"""Accounts confined to a party, a fence around accounts and tokens, and the indexes by which a party finds its own.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FENCED = ("account", "api_token")
INDEXES = (
    ("agreement", "ix_agreement_organisation_id_service_id", "organisation_id, service_id", ""),
    ("agreement", "ix_agreement_organisation_id_customer_id", "organisation_id, customer_id", ""),
    ("agreement", "ix_agreement_organisation_id_provider_id", "organisation_id, provider_id", ""),
    ("target_version", "ix_target_version_organisation_id_calendar_id", "organisation_id, calendar_id", ""),
    ("person", "ix_person_organisation_id_party_id", "organisation_id, party_id", "party_id IS NOT NULL"),
    (
        "ticket",
        "ix_ticket_organisation_id_customer_id_opened_at_id",
        "organisation_id, customer_id, opened_at, id",
        "customer_id IS NOT NULL",
    ),
    (
        "ticket",
        "ix_ticket_organisation_id_provider_id_opened_at_id",
        "organisation_id, provider_id, opened_at, id",
        "provider_id IS NOT NULL",
    ),
)
"""Table, name, columns, and the rows it holds if not all."""


def upgrade() -> None:
    op.execute("ALTER TABLE account ADD COLUMN party_id UUID")
    op.execute("ALTER TABLE account ADD COLUMN party_kind VARCHAR(40)")
    op.execute(
        "ALTER TABLE account ADD CONSTRAINT ck_account_partykind"
        " CHECK (party_kind IN ('customer', 'internal_team', 'supplier'))"
    )
    op.execute("ALTER TABLE account ADD CONSTRAINT ck_account_party CHECK ((party_id IS NULL) = (party_kind IS NULL))")
    op.execute("ALTER TABLE account ADD CONSTRAINT ck_account_party_reads CHECK (party_id IS NULL OR role = 'viewer')")
    # Without UPDATE: whom an account acts for can never be widened.
    op.execute(f"GRANT INSERT (party_id, party_kind) ON account TO {RUNTIME_ROLE}")
    for table in FENCED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # A caller is found before the organisation is known; once it is, nobody else's rows are.
        op.execute(
            f"CREATE POLICY {table}_organisation ON {table}"
            " USING (coalesce(organisation_id = nullif(current_setting('app.organisation', true), '')::uuid, true))"
        )
    for table, name, columns, rows in INDEXES:
        op.execute(f"CREATE INDEX {name} ON {table} ({columns})" + (f" WHERE {rows}" if rows else ""))


def downgrade() -> None:
    for _, name, _, _ in reversed(INDEXES):
        op.execute(f"DROP INDEX {name}")
    for table in FENCED:
        op.execute(f"DROP POLICY {table}_organisation ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    # An account that saw a part would see everything: without the fence, the tokens of parties admit nobody.
    op.execute(
        "UPDATE api_token SET revoked_at = now() WHERE revoked_at IS NULL"
        " AND account_id IN (SELECT id FROM account WHERE party_id IS NOT NULL)"
    )
    op.execute("ALTER TABLE account DROP COLUMN party_kind")
    op.execute("ALTER TABLE account DROP COLUMN party_id")
