"""Targets of availability beside those of clocks, and the further points of what clock targets promise.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

from migrations.operations import secure_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE target ADD COLUMN kind VARCHAR(40) DEFAULT 'clock' NOT NULL"
        " CONSTRAINT ck_target_targetkind CHECK (kind IN ('clock', 'availability'))"
    )
    op.execute("GRANT INSERT (kind), UPDATE (kind) ON target TO slm_runtime")
    op.execute(
        """
        CREATE TABLE contract_point (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_version_id UUID NOT NULL,
            probability_percent NUMERIC(9, 6) NOT NULL,
            duration_seconds BIGINT NOT NULL,
            CONSTRAINT pk_contract_point PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_contract_point_probability UNIQUE (organisation_id, target_version_id, probability_percent),
            CONSTRAINT fk_contract_point_organisation_id_target_version_id FOREIGN KEY (organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT ck_contract_point_probability CHECK (probability_percent > 0 AND probability_percent <= 100),
            CONSTRAINT ck_contract_point_duration CHECK (duration_seconds > 0)
        )
        """
    )
    secure_table(
        "contract_point",
        "organisation_id id target_version_id probability_percent duration_seconds",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE availability_target_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            agreement_version_id UUID NOT NULL,
            calendar_id UUID,
            objective_percent NUMERIC(9, 6) NOT NULL,
            period VARCHAR(40),
            rolling_days BIGINT,
            maintenance_excluded BOOLEAN NOT NULL,
            maintenance_seconds BIGINT,
            population_count BIGINT,
            population_share_percent NUMERIC(9, 6),
            assumed BOOLEAN NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_availability_target_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_availability_target_version_target UNIQUE (organisation_id, target_id, agreement_version_id),
            CONSTRAINT fk_availability_target_version_organisation_id_target_id FOREIGN KEY (organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_availability_target_version_agreement_version FOREIGN KEY (organisation_id, agreement_version_id) REFERENCES agreement_version (organisation_id, id),
            CONSTRAINT fk_availability_target_version_organisation_id_calendar_id FOREIGN KEY (organisation_id, calendar_id) REFERENCES calendar (organisation_id, id),
            CONSTRAINT ck_availability_target_version_objective CHECK (objective_percent > 0 AND objective_percent <= 100),
            CONSTRAINT ck_availability_target_version_window CHECK ((period IS NULL) <> (rolling_days IS NULL)),
            CONSTRAINT ck_availability_target_version_rolling_days CHECK (rolling_days > 0),
            CONSTRAINT ck_availability_target_version_maintenance CHECK (maintenance_seconds IS NULL OR (maintenance_excluded AND maintenance_seconds >= 0)),
            CONSTRAINT ck_availability_target_version_population CHECK (population_count > 0 AND population_share_percent > 0 AND population_share_percent <= 100),
            CONSTRAINT ck_availability_target_version_periodkind CHECK (period IN ('week', 'month', 'quarter', 'year'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_availability_target_version_organisation_id_calendar_id ON availability_target_version (organisation_id, calendar_id)"
    )
    op.execute(
        "CREATE INDEX ix_availability_target_version_agreement_version ON availability_target_version (organisation_id, agreement_version_id)"
    )
    secure_table(
        "availability_target_version",
        "organisation_id id target_id agreement_version_id calendar_id objective_percent period rolling_days maintenance_excluded maintenance_seconds population_count population_share_percent assumed recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    op.execute("DROP TABLE availability_target_version")
    op.execute("DROP TABLE contract_point")
    op.execute("ALTER TABLE target DROP COLUMN kind")
