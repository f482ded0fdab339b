"""An index for every order a list offers and every relation it is reached by, so that a page reads no more than itself.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ORDERS = {
    "ix_ticket_organisation_id_service_id_closed_at_id": "ticket (organisation_id, service_id, closed_at, id)",
    "ix_clock_organisation_id_decided_at_id": "clock (organisation_id, decided_at, id)",
    "ix_clock_organisation_id_target_id_due_at_id": "clock (organisation_id, target_id, due_at, id)",
    "ix_period_result_organisation_id_target_id_period_start_id": (
        "period_result (organisation_id, target_id, period_start, id)"
    ),
    "ix_superseded_clock_superseded_at": "superseded_clock (organisation_id, recomputation_id, superseded_at, id)",
    "ix_superseded_clock_computed_at": "superseded_clock (organisation_id, recomputation_id, computed_at, id)",
    "ix_superseded_period_result_superseded_at": (
        "superseded_period_result (organisation_id, recomputation_id, superseded_at, id)"
    ),
    "ix_superseded_period_result_computed_at": (
        "superseded_period_result (organisation_id, recomputation_id, computed_at, id)"
    ),
    "ix_breach_acceptance_organisation_id_accepted_at_id": "breach_acceptance (organisation_id, accepted_at, id)",
    "ix_meeting_organisation_id_cadence_id_held_at_id": "meeting (organisation_id, cadence_id, held_at, id)",
}
RELATIONS = {
    "ix_api_token_organisation_id_account_id": "api_token (organisation_id, account_id)",
    "ix_department_organisation_id_parent_id": "department (organisation_id, parent_id)",
}
FILTERS = {
    "ix_person_organisation_id_department_id": "person (organisation_id, department_id, key, id)",
    "ix_service_organisation_id_department_id": "service (organisation_id, department_id, key, id)",
    "ix_improvement_organisation_id_service_id": "improvement (organisation_id, service_id, key, id)",
    "ix_improvement_organisation_id_owner_id": "improvement (organisation_id, owner_id, key, id)",
    "ix_cadence_organisation_id_service_id": "cadence (organisation_id, service_id, key, id)",
    "ix_action_organisation_id_owner_id_due_at_id": "action (organisation_id, owner_id, due_at, id)",
    "ix_breach_acceptance_organisation_id_person_id": (
        "breach_acceptance (organisation_id, person_id, accepted_at, id)"
    ),
}
REPLACED = {
    "ix_superseded_clock_organisation_id_recomputation_id_id": "superseded_clock (organisation_id, recomputation_id, id)",
    "ix_superseded_period_result_recomputation": "superseded_period_result (organisation_id, recomputation_id, id)",
}
"""Their first columns begin the indexes by which what was superseded is listed."""


def upgrade() -> None:
    for name, columns in (ORDERS | RELATIONS | FILTERS).items():
        op.execute(f"CREATE INDEX {name} ON {columns}")
    for name in REPLACED:
        op.execute(f"DROP INDEX {name}")


def downgrade() -> None:
    for name, columns in REPLACED.items():
        op.execute(f"CREATE INDEX {name} ON {columns}")
    for name in ORDERS | RELATIONS | FILTERS:
        op.execute(f"DROP INDEX {name}")
