"""Forecasts: versions of models, what they said, and how good it was.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from migrations.operations import secure_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("forecast_model", "forecast", "forecast_score")
"""In the order of their foreign keys."""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE forecast_model (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            subject VARCHAR(40) NOT NULL,
            moment VARCHAR(40) NOT NULL,
            version BIGINT NOT NULL,
            family VARCHAR(40) NOT NULL,
            trained_as_of TIMESTAMP WITH TIME ZONE NOT NULL,
            columns TEXT[] COLLATE "C" NOT NULL,
            parameters JSONB NOT NULL,
            disturbances JSONB NOT NULL,
            cases BIGINT NOT NULL,
            cases_left_out BIGINT NOT NULL,
            base_rate NUMERIC(9, 6) NOT NULL,
            inputs_digest TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_forecast_model PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_forecast_model_organisation_id_moment_version UNIQUE (organisation_id, moment, version),
            CONSTRAINT ck_forecast_model_version CHECK (version > 0),
            CONSTRAINT ck_forecast_model_forecastsubject CHECK (subject IN ('ticket', 'period')),
            CONSTRAINT ck_forecast_model_forecastmoment CHECK (moment IN ('opening', 'open', 'period')),
            CONSTRAINT ck_forecast_model_modelfamily CHECK (family IN ('base_rate', 'lookup', 'survival', 'logistic', 'boosted_trees', 'log_odds_mean', 'structural'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_forecast_model_organisation_id_recorded_at_id ON forecast_model (organisation_id, recorded_at, id)"
    )
    secure_table(
        "forecast_model",
        "organisation_id id subject moment version family trained_as_of columns parameters disturbances cases cases_left_out base_rate inputs_digest recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE forecast (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            subject VARCHAR(40) NOT NULL,
            moment VARCHAR(40) NOT NULL,
            model_id UUID NOT NULL,
            as_of TIMESTAMP WITH TIME ZONE NOT NULL,
            ticket_id UUID,
            service_id UUID,
            team TEXT COLLATE "C",
            target_id UUID,
            target_version_id UUID,
            period VARCHAR(40),
            period_start TIMESTAMP WITH TIME ZONE,
            period_end TIMESTAMP WITH TIME ZONE,
            probability NUMERIC(9, 6) NOT NULL,
            low NUMERIC(9, 6),
            high NUMERIC(9, 6),
            abstention VARCHAR(40),
            decided BOOLEAN NOT NULL,
            reasons JSONB NOT NULL,
            inputs JSONB NOT NULL,
            computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            superseded_at TIMESTAMP WITH TIME ZONE,
            outcome VARCHAR(40) NOT NULL,
            outcome_at TIMESTAMP WITH TIME ZONE,
            squared_error NUMERIC(9, 6),
            CONSTRAINT pk_forecast PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_forecast_organisation_id_ticket_id_as_of UNIQUE (organisation_id, ticket_id, as_of),
            CONSTRAINT uq_forecast_organisation_id_target_id_period_start_as_of UNIQUE (organisation_id, target_id, period_start, as_of),
            CONSTRAINT fk_forecast_organisation_id_model_id FOREIGN KEY(organisation_id, model_id) REFERENCES forecast_model (organisation_id, id),
            CONSTRAINT fk_forecast_organisation_id_ticket_id FOREIGN KEY(organisation_id, ticket_id) REFERENCES ticket (organisation_id, id),
            CONSTRAINT fk_forecast_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_forecast_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_forecast_organisation_id_target_version_id FOREIGN KEY(organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT ck_forecast_probability CHECK (probability >= 0 AND probability <= 1),
            CONSTRAINT ck_forecast_about CHECK (CASE subject WHEN 'ticket' THEN ticket_id IS NOT NULL AND target_id IS NULL ELSE ticket_id IS NULL AND target_id IS NOT NULL AND target_version_id IS NOT NULL AND period IS NOT NULL AND period_start IS NOT NULL AND period_end IS NOT NULL END),
            CONSTRAINT ck_forecast_forecastsubject CHECK (subject IN ('ticket', 'period')),
            CONSTRAINT ck_forecast_forecastmoment CHECK (moment IN ('opening', 'open', 'period')),
            CONSTRAINT ck_forecast_periodkind CHECK (period IN ('week', 'month', 'quarter', 'year')),
            CONSTRAINT ck_forecast_abstention CHECK (abstention IN ('no_model', 'too_few_cases', 'interval_too_wide', 'definition_changed')),
            CONSTRAINT ck_forecast_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute("CREATE INDEX ix_forecast_organisation_id_as_of_id ON forecast (organisation_id, as_of, id)")
    op.execute(
        "CREATE INDEX ix_forecast_organisation_id_current ON forecast (organisation_id, probability, id) WHERE superseded_at IS NULL AND outcome = 'pending'"
    )
    op.execute("CREATE INDEX ix_forecast_organisation_id_probability_id ON forecast (organisation_id, probability, id)")
    secure_table(
        "forecast",
        "organisation_id id subject moment model_id as_of ticket_id service_id team target_id target_version_id period period_start period_end probability low high abstention decided reasons inputs computed_at superseded_at outcome outcome_at squared_error",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE forecast_score (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            model_id UUID NOT NULL,
            basis VARCHAR(40) NOT NULL,
            moment VARCHAR(40) NOT NULL,
            family VARCHAR(40) NOT NULL,
            published BOOLEAN NOT NULL,
            age_seconds BIGINT NOT NULL,
            as_of TIMESTAMP WITH TIME ZONE NOT NULL,
            forecasts BIGINT NOT NULL,
            happened BIGINT NOT NULL,
            mean_probability NUMERIC(9, 6) NOT NULL,
            brier NUMERIC(9, 6) NOT NULL,
            log_loss NUMERIC(9, 6) NOT NULL,
            auc NUMERIC(9, 6),
            calibration_error NUMERIC(9, 6) NOT NULL,
            reliability JSONB NOT NULL,
            computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_forecast_score PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_forecast_score_organisation_id_model_id_basis_family_0ea9 UNIQUE (organisation_id, model_id, basis, family, age_seconds, as_of),
            CONSTRAINT fk_forecast_score_organisation_id_model_id FOREIGN KEY(organisation_id, model_id) REFERENCES forecast_model (organisation_id, id),
            CONSTRAINT ck_forecast_score_counts CHECK (forecasts > 0 AND happened >= 0 AND happened <= forecasts),
            CONSTRAINT ck_forecast_score_scorebasis CHECK (basis IN ('rolling_origin', 'backtest', 'live')),
            CONSTRAINT ck_forecast_score_forecastmoment CHECK (moment IN ('opening', 'open', 'period')),
            CONSTRAINT ck_forecast_score_modelfamily CHECK (family IN ('base_rate', 'lookup', 'survival', 'logistic', 'boosted_trees', 'log_odds_mean', 'structural'))
        )
        """
    )
    op.execute("CREATE INDEX ix_forecast_score_organisation_id_as_of_id ON forecast_score (organisation_id, as_of, id)")
    secure_table(
        "forecast_score",
        "organisation_id id model_id basis moment family published age_seconds as_of forecasts happened mean_probability brier log_loss auc calibration_error reliability computed_at",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
