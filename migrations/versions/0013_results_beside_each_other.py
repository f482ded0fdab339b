"""Results beside each other: what a change superseded, what was signed and frozen, and what was adjusted since.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE, secure_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    "recomputation",
    "superseded_clock",
    "superseded_period_result",
    "period_freeze",
    "recomputed_period_result",
    "period_adjustment",
)


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE recomputation (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_version_id UUID,
            calendar_version_id UUID,
            tickets BIGINT NOT NULL,
            clocks_changed BIGINT NOT NULL,
            periods_changed BIGINT NOT NULL,
            frozen_periods BIGINT NOT NULL,
            breaches_added BIGINT NOT NULL,
            breaches_removed BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_recomputation PRIMARY KEY (organisation_id, id),
            CONSTRAINT fk_recomputation_organisation_id_agreement_version_id FOREIGN KEY (organisation_id, agreement_version_id) REFERENCES agreement_version (organisation_id, id),
            CONSTRAINT fk_recomputation_organisation_id_calendar_version_id FOREIGN KEY (organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_recomputation_version CHECK ((agreement_version_id IS NULL) <> (calendar_version_id IS NULL))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_recomputation_organisation_id_recorded_at_id ON recomputation (organisation_id, recorded_at, id)"
    )
    secure_table(
        "recomputation",
        "organisation_id id agreement_version_id calendar_version_id tickets clocks_changed periods_changed frozen_periods breaches_added breaches_removed recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE superseded_clock (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            recomputation_id UUID NOT NULL,
            superseded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            ticket_id UUID NOT NULL,
            target_id UUID NOT NULL,
            target_version_id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            cycle BIGINT NOT NULL,
            status VARCHAR(40) NOT NULL,
            outcome VARCHAR(40) NOT NULL,
            started_at TIMESTAMP WITH TIME ZONE NOT NULL,
            stopped_at TIMESTAMP WITH TIME ZONE,
            due_at TIMESTAMP WITH TIME ZONE,
            breached_at TIMESTAMP WITH TIME ZONE,
            decided_at TIMESTAMP WITH TIME ZONE,
            duration_seconds BIGINT NOT NULL,
            elapsed_seconds BIGINT NOT NULL,
            wall_clock_seconds BIGINT NOT NULL,
            paused_seconds BIGINT NOT NULL,
            timeline JSONB NOT NULL,
            computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_superseded_clock PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_superseded_clock_once UNIQUE (organisation_id, ticket_id, target_id, cycle, recomputation_id),
            CONSTRAINT fk_superseded_clock_organisation_id_ticket_id FOREIGN KEY (organisation_id, ticket_id) REFERENCES ticket (organisation_id, id),
            CONSTRAINT fk_superseded_clock_organisation_id_target_id FOREIGN KEY (organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_superseded_clock_organisation_id_target_version_id FOREIGN KEY (organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT fk_superseded_clock_organisation_id_calendar_version_id FOREIGN KEY (organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT fk_superseded_clock_organisation_id_recomputation_id FOREIGN KEY (organisation_id, recomputation_id) REFERENCES recomputation (organisation_id, id),
            CONSTRAINT ck_superseded_clock_clockstatus CHECK (status IN ('running', 'paused', 'completed', 'cancelled')),
            CONSTRAINT ck_superseded_clock_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_superseded_clock_organisation_id_recomputation_id_id ON superseded_clock (organisation_id, recomputation_id, id)"
    )
    secure_table(
        "superseded_clock",
        "organisation_id id recomputation_id superseded_at ticket_id target_id target_version_id calendar_version_id cycle status outcome started_at stopped_at due_at breached_at decided_at duration_seconds elapsed_seconds wall_clock_seconds paused_seconds timeline computed_at",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE superseded_period_result (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            period_result_id UUID NOT NULL,
            recomputation_id UUID,
            superseded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            target_version_id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            met BIGINT NOT NULL,
            missed BIGINT NOT NULL,
            pending BIGINT NOT NULL,
            cancelled BIGINT NOT NULL,
            objective_percent NUMERIC(9, 6) NOT NULL,
            attainment_percent NUMERIC(9, 6),
            interval_low_percent NUMERIC(9, 6),
            interval_high_percent NUMERIC(9, 6),
            outcome VARCHAR(40) NOT NULL,
            inputs_digest TEXT COLLATE "C" NOT NULL,
            computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_superseded_period_result PRIMARY KEY (organisation_id, id),
            CONSTRAINT fk_superseded_period_result_organisation_id_period_result_id FOREIGN KEY (organisation_id, period_result_id) REFERENCES period_result (organisation_id, id),
            CONSTRAINT fk_superseded_period_result_organisation_id_target_version_id FOREIGN KEY (organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT fk_superseded_period_result_organisation_id_calendar_version_id FOREIGN KEY (organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT fk_superseded_period_result_organisation_id_recomputation_id FOREIGN KEY (organisation_id, recomputation_id) REFERENCES recomputation (organisation_id, id),
            CONSTRAINT ck_superseded_period_result_counts CHECK (met >= 0 AND missed >= 0 AND pending >= 0 AND cancelled >= 0),
            CONSTRAINT ck_superseded_period_result_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_superseded_period_result_organisation_id_period_result_id ON superseded_period_result (organisation_id, period_result_id, superseded_at)"
    )
    op.execute(
        "CREATE INDEX ix_superseded_period_result_recomputation ON superseded_period_result (organisation_id, recomputation_id, id)"
    )
    secure_table(
        "superseded_period_result",
        "organisation_id id period_result_id recomputation_id superseded_at target_version_id calendar_version_id met missed pending cancelled objective_percent attainment_percent interval_low_percent interval_high_percent outcome inputs_digest computed_at",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE period_freeze (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            period_result_id UUID NOT NULL,
            signed_by_id UUID NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_period_freeze PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_period_freeze_organisation_id_period_result_id UNIQUE (organisation_id, period_result_id),
            CONSTRAINT fk_period_freeze_organisation_id_period_result_id FOREIGN KEY (organisation_id, period_result_id) REFERENCES period_result (organisation_id, id),
            CONSTRAINT fk_period_freeze_organisation_id_signed_by_id FOREIGN KEY (organisation_id, signed_by_id) REFERENCES person (organisation_id, id)
        )
        """
    )
    secure_table(
        "period_freeze",
        "organisation_id id period_result_id signed_by_id note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE recomputed_period_result (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            period_result_id UUID NOT NULL,
            target_version_id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            met BIGINT NOT NULL,
            missed BIGINT NOT NULL,
            pending BIGINT NOT NULL,
            cancelled BIGINT NOT NULL,
            objective_percent NUMERIC(9, 6) NOT NULL,
            attainment_percent NUMERIC(9, 6),
            interval_low_percent NUMERIC(9, 6),
            interval_high_percent NUMERIC(9, 6),
            outcome VARCHAR(40) NOT NULL,
            inputs_digest TEXT COLLATE "C" NOT NULL,
            computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_recomputed_period_result PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_recomputed_period_result_organisation_id_period_result_id UNIQUE (organisation_id, period_result_id),
            CONSTRAINT fk_recomputed_period_result_organisation_id_period_result_id FOREIGN KEY (organisation_id, period_result_id) REFERENCES period_result (organisation_id, id),
            CONSTRAINT fk_recomputed_period_result_organisation_id_target_version_id FOREIGN KEY (organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT fk_recomputed_period_result_organisation_id_calendar_version_id FOREIGN KEY (organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_recomputed_period_result_counts CHECK (met >= 0 AND missed >= 0 AND pending >= 0 AND cancelled >= 0),
            CONSTRAINT ck_recomputed_period_result_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    secure_table(
        "recomputed_period_result",
        "organisation_id id period_result_id target_version_id calendar_version_id met missed pending cancelled objective_percent attainment_percent interval_low_percent interval_high_percent outcome inputs_digest computed_at",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE period_adjustment (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            period_result_id UUID NOT NULL,
            number BIGINT NOT NULL,
            signed_by_id UUID NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            met BIGINT NOT NULL,
            missed BIGINT NOT NULL,
            cancelled BIGINT NOT NULL,
            objective_percent NUMERIC(9, 6) NOT NULL,
            attainment_percent NUMERIC(9, 6),
            outcome VARCHAR(40) NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_period_adjustment PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_period_adjustment_organisation_id_period_result_id_number UNIQUE (organisation_id, period_result_id, number),
            CONSTRAINT fk_period_adjustment_organisation_id_period_result_id FOREIGN KEY (organisation_id, period_result_id) REFERENCES period_result (organisation_id, id),
            CONSTRAINT fk_period_adjustment_organisation_id_signed_by_id FOREIGN KEY (organisation_id, signed_by_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_period_adjustment_number CHECK (number > 0),
            CONSTRAINT ck_period_adjustment_counts CHECK (met >= 0 AND missed >= 0 AND cancelled >= 0),
            CONSTRAINT ck_period_adjustment_objective CHECK (objective_percent > 0 AND objective_percent <= 100),
            CONSTRAINT ck_period_adjustment_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    secure_table(
        "period_adjustment",
        "organisation_id id period_result_id number signed_by_id reason met missed cancelled objective_percent attainment_percent outcome recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute("ALTER TABLE breach_retraction ADD COLUMN recomputation_id UUID")
    op.execute(
        "ALTER TABLE breach_retraction ADD CONSTRAINT fk_breach_retraction_organisation_id_recomputation_id"
        " FOREIGN KEY (organisation_id, recomputation_id) REFERENCES recomputation (organisation_id, id)"
    )
    op.execute(f"GRANT INSERT (recomputation_id) ON breach_retraction TO {RUNTIME_ROLE}")


def downgrade() -> None:
    op.execute("ALTER TABLE breach_retraction DROP COLUMN recomputation_id")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
