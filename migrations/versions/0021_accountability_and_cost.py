"""Who answers for a breach, and what failing a requirement costs.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

from migrations.operations import secure_table

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


COST = {
    "cost_amount": "NUMERIC(18, 2)",
    "cost_currency": 'TEXT COLLATE "C"',
    "cost_basis": "VARCHAR(40)",
    "priority": "VARCHAR(40)",
}
CHECKS = {
    "costbasis": "cost_basis IN ('minute', 'event')",
    "requirementpriority": "priority IN ('critical', 'high', 'medium', 'low')",
    "cost": "(cost_amount IS NULL) = (cost_currency IS NULL) AND (cost_amount IS NULL) = (cost_basis IS NULL)",
}


def upgrade() -> None:
    for column, kind in COST.items():
        op.execute(f"ALTER TABLE requirement_version ADD COLUMN {column} {kind}")
    for name, check in CHECKS.items():
        op.execute(f"ALTER TABLE requirement_version ADD CONSTRAINT ck_requirement_version_{name} CHECK ({check})")
    op.execute(f"GRANT INSERT ({', '.join(COST)}) ON requirement_version TO slm_runtime")
    op.execute(
        """
        CREATE TABLE breach_accountability (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            breach_id UUID NOT NULL,
            role VARCHAR(40) NOT NULL,
            person_id UUID,
            decided_by_id UUID NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_breach_accountability PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_breach_accountability_organisation_id_breach_id_decided_at UNIQUE (organisation_id, breach_id, decided_at),
            CONSTRAINT fk_breach_accountability_organisation_id_breach_id FOREIGN KEY (organisation_id, breach_id) REFERENCES breach (organisation_id, id),
            CONSTRAINT fk_breach_accountability_organisation_id_person_id FOREIGN KEY (organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT fk_breach_accountability_organisation_id_decided_by_id FOREIGN KEY (organisation_id, decided_by_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_breach_accountability_governancerole CHECK (role IN ('cio', 'service_level_manager', 'service_design_lead', 'vendor_manager', 'procurement_lead', 'customer_experience_manager', 'continual_improvement_lead'))
        )
        """
    )
    secure_table(
        "breach_accountability",
        "organisation_id id breach_id role person_id decided_by_id decided_at reason recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    op.execute("DROP TABLE breach_accountability")
    for column in COST:
        op.execute(f"ALTER TABLE requirement_version DROP COLUMN {column}")
