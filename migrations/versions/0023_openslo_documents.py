"""Documents of OpenSLO as they came, and the objectives they state.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

from migrations.operations import secure_table

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = ("openslo_document", "openslo_document_version", "openslo_objective")
"""In the order of their foreign keys."""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE openslo_document (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            kind VARCHAR(40) NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            version BIGINT DEFAULT 1 NOT NULL,
            CONSTRAINT pk_openslo_document PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_openslo_document_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT ck_openslo_document_openslokind CHECK (kind IN ('data_source', 'slo', 'sli', 'alert_policy', 'alert_condition', 'alert_notification_target', 'service'))
        )
        """
    )
    secure_table(
        "openslo_document",
        "organisation_id id key kind recorded_at received_at recorded_by version",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE openslo_document_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            document_id UUID NOT NULL,
            number BIGINT NOT NULL,
            text TEXT COLLATE "C" NOT NULL,
            sha256 TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_openslo_document_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_openslo_document_version_number UNIQUE (organisation_id, document_id, number),
            CONSTRAINT fk_openslo_document_version_organisation_id_document_id FOREIGN KEY(organisation_id, document_id) REFERENCES openslo_document (organisation_id, id)
        )
        """
    )
    secure_table(
        "openslo_document_version",
        "organisation_id id document_id number text sha256 recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE openslo_objective (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            document_version_id UUID NOT NULL,
            position BIGINT NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            budgeting_method VARCHAR(40) NOT NULL,
            target_percent NUMERIC NOT NULL,
            operator VARCHAR(40),
            threshold NUMERIC,
            window_duration TEXT COLLATE "C" NOT NULL,
            window_is_rolling BOOLEAN NOT NULL,
            window_start TEXT COLLATE "C" NOT NULL,
            window_time_zone TEXT COLLATE "C" NOT NULL,
            service_id UUID,
            indicator_id UUID,
            target_id UUID,
            CONSTRAINT pk_openslo_objective PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_openslo_objective_position UNIQUE (organisation_id, document_version_id, position),
            CONSTRAINT fk_openslo_objective_document_version FOREIGN KEY(organisation_id, document_version_id) REFERENCES openslo_document_version (organisation_id, id),
            CONSTRAINT fk_openslo_objective_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_openslo_objective_organisation_id_indicator_id FOREIGN KEY(organisation_id, indicator_id) REFERENCES indicator (organisation_id, id),
            CONSTRAINT fk_openslo_objective_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT ck_openslo_objective_budgetingmethod CHECK (budgeting_method IN ('occurrences', 'timeslices', 'ratio_timeslices')),
            CONSTRAINT ck_openslo_objective_thresholdoperator CHECK (operator IN ('lte', 'gte', 'lt', 'gt'))
        )
        """
    )
    secure_table(
        "openslo_objective",
        "organisation_id id document_version_id position name budgeting_method target_percent operator threshold window_duration window_is_rolling window_start window_time_zone service_id indicator_id target_id",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
