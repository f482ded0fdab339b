"""Design gates, contract clauses, indicators with their monitors, and dashboard tiles.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

from migrations.operations import RUNTIME_ROLE, secure_table

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = (
    "design_gate",
    "design_gate_participation",
    "contract_clause",
    "clause_requirement",
    "indicator",
    "indicator_target",
    "monitor",
    "monitor_installation",
    "monitor_report",
    "dashboard_tile",
    "tile_placement",
    "tile_monitor",
)
"""In the order of their foreign keys."""

COUNTS = {"service": "design_gate_count", "target": "indicator_link_count"}
"""How many records were ever written about each row of a table that was there before: none yet."""


def upgrade() -> None:
    for table, column in COUNTS.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} BIGINT DEFAULT 0 NOT NULL")
        op.execute(f"GRANT INSERT ({column}), UPDATE ({column}) ON {table} TO {RUNTIME_ROLE}")
    op.execute(
        """
        CREATE TABLE design_gate (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            service_id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            held_at TIMESTAMP WITH TIME ZONE NOT NULL,
            outcome VARCHAR(40) NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_design_gate PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_design_gate_organisation_id_service_id_key UNIQUE (organisation_id, service_id, key),
            CONSTRAINT fk_design_gate_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT ck_design_gate_gateoutcome CHECK (outcome IN ('passed', 'passed_with_conditions', 'refused'))
        )
        """
    )
    secure_table(
        "design_gate",
        "organisation_id id service_id key name held_at outcome note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE design_gate_participation (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            design_gate_id UUID NOT NULL,
            person_id UUID NOT NULL,
            role VARCHAR(40) NOT NULL,
            kind VARCHAR(40) NOT NULL,
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_design_gate_participation PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_design_gate_participation_kind UNIQUE (organisation_id, design_gate_id, person_id, role, kind),
            CONSTRAINT fk_design_gate_participation_organisation_id_design_gate_id FOREIGN KEY(organisation_id, design_gate_id) REFERENCES design_gate (organisation_id, id),
            CONSTRAINT fk_design_gate_participation_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_design_gate_participation_gaterole CHECK (role IN ('cio', 'service_level_manager', 'service_design_lead', 'vendor_manager', 'procurement_lead', 'customer_experience_manager', 'continual_improvement_lead', 'customer', 'operations')),
            CONSTRAINT ck_design_gate_participation_gateparticipationkind CHECK (kind IN ('attended', 'signed'))
        )
        """
    )
    secure_table(
        "design_gate_participation",
        "organisation_id id design_gate_id person_id role kind occurred_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE contract_clause (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            reference TEXT COLLATE "C" NOT NULL,
            text TEXT COLLATE "C" NOT NULL,
            metric TEXT COLLATE "C" NOT NULL,
            comparison VARCHAR(40),
            value NUMERIC(18, 6),
            unit TEXT COLLATE "C" NOT NULL,
            requirement_link_count BIGINT DEFAULT '0' NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_contract_clause PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_contract_clause_organisation_id_agreement_id_reference UNIQUE (organisation_id, agreement_id, reference),
            CONSTRAINT fk_contract_clause_organisation_id_agreement_id FOREIGN KEY(organisation_id, agreement_id) REFERENCES agreement (organisation_id, id),
            CONSTRAINT ck_contract_clause_value CHECK ((value IS NULL) = (comparison IS NULL)),
            CONSTRAINT ck_contract_clause_comparison CHECK (comparison IN ('at_least', 'at_most'))
        )
        """
    )
    secure_table(
        "contract_clause",
        "organisation_id id agreement_id reference text metric comparison value unit requirement_link_count recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE clause_requirement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            clause_id UUID NOT NULL,
            requirement_id UUID NOT NULL,
            binding BOOLEAN NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_clause_requirement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_clause_requirement_start UNIQUE (organisation_id, clause_id, requirement_id, valid_from),
            CONSTRAINT fk_clause_requirement_organisation_id_clause_id FOREIGN KEY(organisation_id, clause_id) REFERENCES contract_clause (organisation_id, id),
            CONSTRAINT fk_clause_requirement_organisation_id_requirement_id FOREIGN KEY(organisation_id, requirement_id) REFERENCES service_level_requirement (organisation_id, id),
            CONSTRAINT ck_clause_requirement_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_clause_requirement_organisation_id_requirement_id ON clause_requirement (organisation_id, requirement_id)"
    )
    secure_table(
        "clause_requirement",
        "organisation_id id clause_id requirement_id binding tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE indicator (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            service_id UUID NOT NULL,
            metric TEXT COLLATE "C" NOT NULL,
            unit TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_indicator PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_indicator_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_indicator_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_indicator_organisation_id_service_id ON indicator (organisation_id, service_id, key, id)"
    )
    secure_table(
        "indicator",
        "organisation_id id key name service_id metric unit recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE indicator_target (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            indicator_id UUID NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_indicator_target PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_indicator_target_start UNIQUE (organisation_id, target_id, indicator_id, valid_from),
            CONSTRAINT fk_indicator_target_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_indicator_target_organisation_id_indicator_id FOREIGN KEY(organisation_id, indicator_id) REFERENCES indicator (organisation_id, id),
            CONSTRAINT ck_indicator_target_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_indicator_target_organisation_id_indicator_id ON indicator_target (organisation_id, indicator_id)"
    )
    secure_table(
        "indicator_target",
        "organisation_id id target_id indicator_id tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE monitor (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            indicator_id UUID NOT NULL,
            source TEXT COLLATE "C" NOT NULL,
            installation_count BIGINT DEFAULT '0' NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_monitor PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_monitor_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_monitor_organisation_id_indicator_id FOREIGN KEY(organisation_id, indicator_id) REFERENCES indicator (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_monitor_organisation_id_indicator_id ON monitor (organisation_id, indicator_id, key, id)"
    )
    secure_table(
        "monitor",
        "organisation_id id key name indicator_id source installation_count recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE monitor_installation (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            monitor_id UUID NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_monitor_installation PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_monitor_installation_organisation_id_monitor_id_valid_from UNIQUE (organisation_id, monitor_id, valid_from),
            CONSTRAINT fk_monitor_installation_organisation_id_monitor_id FOREIGN KEY(organisation_id, monitor_id) REFERENCES monitor (organisation_id, id),
            CONSTRAINT ck_monitor_installation_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    secure_table(
        "monitor_installation",
        "organisation_id id monitor_id tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE monitor_report (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            monitor_id UUID NOT NULL,
            last_data_at TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_monitor_report PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_monitor_report_organisation_id_monitor_id_last_data_at UNIQUE (organisation_id, monitor_id, last_data_at),
            CONSTRAINT fk_monitor_report_organisation_id_monitor_id FOREIGN KEY(organisation_id, monitor_id) REFERENCES monitor (organisation_id, id)
        )
        """
    )
    secure_table(
        "monitor_report",
        "organisation_id id monitor_id last_data_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE dashboard_tile (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            dashboard TEXT COLLATE "C" NOT NULL,
            url TEXT COLLATE "C" NOT NULL,
            placement_count BIGINT DEFAULT '0' NOT NULL,
            monitor_link_count BIGINT DEFAULT '0' NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_dashboard_tile PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_dashboard_tile_organisation_id_key UNIQUE (organisation_id, key)
        )
        """
    )
    secure_table(
        "dashboard_tile",
        "organisation_id id key name dashboard url placement_count monitor_link_count recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE tile_placement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            tile_id UUID NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_tile_placement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_tile_placement_organisation_id_tile_id_valid_from UNIQUE (organisation_id, tile_id, valid_from),
            CONSTRAINT fk_tile_placement_organisation_id_tile_id FOREIGN KEY(organisation_id, tile_id) REFERENCES dashboard_tile (organisation_id, id),
            CONSTRAINT ck_tile_placement_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    secure_table(
        "tile_placement",
        "organisation_id id tile_id tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE tile_monitor (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            tile_id UUID NOT NULL,
            monitor_id UUID NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_tile_monitor PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_tile_monitor_organisation_id_tile_id_monitor_id_valid_from UNIQUE (organisation_id, tile_id, monitor_id, valid_from),
            CONSTRAINT fk_tile_monitor_organisation_id_tile_id FOREIGN KEY(organisation_id, tile_id) REFERENCES dashboard_tile (organisation_id, id),
            CONSTRAINT fk_tile_monitor_organisation_id_monitor_id FOREIGN KEY(organisation_id, monitor_id) REFERENCES monitor (organisation_id, id),
            CONSTRAINT ck_tile_monitor_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    op.execute("CREATE INDEX ix_tile_monitor_organisation_id_monitor_id ON tile_monitor (organisation_id, monitor_id)")
    secure_table(
        "tile_monitor",
        "organisation_id id tile_id monitor_id tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    for table, column in COUNTS.items():
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
