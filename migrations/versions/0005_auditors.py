"""Accounts that audit: they read everything and change nothing.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLES_BEFORE = "'viewer', 'manager', 'administrator', 'ingest'"


def upgrade() -> None:
    _allow_roles(f"{ROLES_BEFORE}, 'auditor'")


def downgrade() -> None:
    op.execute("UPDATE account SET role = 'viewer' WHERE role = 'auditor'")
    _allow_roles(ROLES_BEFORE)


def _allow_roles(roles: str) -> None:
    op.execute("ALTER TABLE account DROP CONSTRAINT ck_account_accessrole")
    op.execute(f"ALTER TABLE account ADD CONSTRAINT ck_account_accessrole CHECK (role IN ({roles}))")
