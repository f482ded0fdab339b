"""Requirements, improvement and governance: what was asked for, what became better, how it was steered.

One long file because it is one step: three contexts that refer to each other and are of no use apart.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from migrations.operations import secure_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "cadence",
    "improvement",
    "service_level_requirement",
    "cadence_end",
    "changed_object",
    "daily_snapshot",
    "improvement_status_change",
    "meeting",
    "requirement_version",
    "requirement_waiver",
    "action",
    "attendance",
    "decision",
    "report_pack",
    "requirement_approval",
    "snapshot_acknowledgement",
    "target_requirement",
    "action_status_change",
    "reported_figure",
    "breach_acceptance",
    "improvement_breach",
    "meeting_breach",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE cadence (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            rhythm VARCHAR(40) NOT NULL,
            service_id UUID,
            starts_on DATE NOT NULL,
            time_zone TEXT COLLATE "C" NOT NULL,
            tolerance_days BIGINT NOT NULL,
            calendar_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_cadence PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_cadence_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_cadence_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_cadence_organisation_id_calendar_id FOREIGN KEY(organisation_id, calendar_id) REFERENCES calendar (organisation_id, id),
            CONSTRAINT ck_cadence_tolerance CHECK (tolerance_days >= 0),
            CONSTRAINT ck_cadence_rhythm CHECK (rhythm IN ('daily', 'weekly', 'monthly', 'quarterly'))
        )
        """
    )
    secure_table(
        "cadence",
        "organisation_id id key name rhythm service_id starts_on time_zone tolerance_days calendar_id recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE improvement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            title TEXT COLLATE "C" NOT NULL,
            description TEXT COLLATE "C" NOT NULL,
            cause TEXT COLLATE "C" NOT NULL,
            consequence VARCHAR(40) NOT NULL,
            service_id UUID,
            owner_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_improvement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_improvement_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_improvement_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_improvement_organisation_id_owner_id FOREIGN KEY(organisation_id, owner_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_improvement_intended CHECK (consequence <> 'none'),
            CONSTRAINT ck_improvement_consequence CHECK (consequence IN ('none', 'apology', 'workaround', 'corrective', 'structural'))
        )
        """
    )
    secure_table(
        "improvement",
        "organisation_id id key title description cause consequence service_id owner_id recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE service_level_requirement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            service_id UUID NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_service_level_requirement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_service_level_requirement_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_service_level_requirement_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_service_level_requirement_organisation_id_service_id ON service_level_requirement (organisation_id, service_id)"
    )
    secure_table(
        "service_level_requirement",
        "organisation_id id key service_id recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE cadence_end (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            cadence_id UUID NOT NULL,
            ends_on DATE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_cadence_end PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_cadence_end_organisation_id_cadence_id UNIQUE (organisation_id, cadence_id),
            CONSTRAINT fk_cadence_end_organisation_id_cadence_id FOREIGN KEY(organisation_id, cadence_id) REFERENCES cadence (organisation_id, id)
        )
        """
    )
    secure_table(
        "cadence_end",
        "organisation_id id cadence_id ends_on reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE changed_object (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            improvement_id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            change_reference TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_changed_object PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_changed_object_change UNIQUE (organisation_id, improvement_id, kind, name, change_reference),
            CONSTRAINT fk_changed_object_organisation_id_improvement_id FOREIGN KEY(organisation_id, improvement_id) REFERENCES improvement (organisation_id, id),
            CONSTRAINT ck_changed_object_changedobjectkind CHECK (kind IN ('design', 'requirement', 'target', 'agreement', 'process', 'configuration', 'tooling', 'capacity', 'supplier', 'staffing'))
        )
        """
    )
    secure_table(
        "changed_object",
        "organisation_id id improvement_id kind name change_reference recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE daily_snapshot (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            cadence_id UUID NOT NULL,
            day DATE NOT NULL,
            data_at TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_daily_snapshot PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_daily_snapshot_organisation_id_cadence_id_day UNIQUE (organisation_id, cadence_id, day),
            CONSTRAINT fk_daily_snapshot_organisation_id_cadence_id FOREIGN KEY(organisation_id, cadence_id) REFERENCES cadence (organisation_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_daily_snapshot_organisation_id_day_id ON daily_snapshot (organisation_id, day, id)")
    secure_table(
        "daily_snapshot",
        "organisation_id id cadence_id day data_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE improvement_status_change (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            improvement_id UUID NOT NULL,
            status VARCHAR(40) NOT NULL,
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_improvement_status_change PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_improvement_status_change_status UNIQUE (organisation_id, improvement_id, status),
            CONSTRAINT fk_improvement_status_change_organisation_id_improvement_id FOREIGN KEY(organisation_id, improvement_id) REFERENCES improvement (organisation_id, id),
            CONSTRAINT ck_improvement_status_change_improvementstatus CHECK (status IN ('registered', 'implemented', 'verified', 'ineffective', 'stopped'))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_improvement_status_change_effect ON improvement_status_change (organisation_id, improvement_id) WHERE status IN ('verified', 'ineffective')"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_improvement_status_change_ending ON improvement_status_change (organisation_id, improvement_id) WHERE status IN ('implemented', 'stopped')"
    )
    secure_table(
        "improvement_status_change",
        "organisation_id id improvement_id status occurred_at note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE meeting (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            cadence_id UUID NOT NULL,
            planned_for DATE NOT NULL,
            held_at TIMESTAMP WITH TIME ZONE NOT NULL,
            minutes TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_meeting PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_meeting_organisation_id_cadence_id_planned_for UNIQUE (organisation_id, cadence_id, planned_for),
            CONSTRAINT fk_meeting_organisation_id_cadence_id FOREIGN KEY(organisation_id, cadence_id) REFERENCES cadence (organisation_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_meeting_organisation_id_held_at_id ON meeting (organisation_id, held_at, id)")
    secure_table(
        "meeting",
        "organisation_id id cadence_id planned_for held_at minutes recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE requirement_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            requirement_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            statement TEXT COLLATE "C" NOT NULL,
            metric TEXT COLLATE "C" NOT NULL,
            comparison VARCHAR(40),
            target_value NUMERIC(18, 6),
            unit TEXT COLLATE "C" NOT NULL,
            business_outcome TEXT COLLATE "C" NOT NULL,
            cost_of_failure TEXT COLLATE "C" NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_requirement_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_requirement_version_start UNIQUE (organisation_id, requirement_id, valid_from),
            CONSTRAINT fk_requirement_version_organisation_id_requirement_id FOREIGN KEY(organisation_id, requirement_id) REFERENCES service_level_requirement (organisation_id, id),
            CONSTRAINT ck_requirement_version_value CHECK ((target_value IS NULL) = (comparison IS NULL)),
            CONSTRAINT ck_requirement_version_comparison CHECK (comparison IN ('at_least', 'at_most'))
        )
        """
    )
    secure_table(
        "requirement_version",
        "organisation_id id requirement_id valid_from statement metric comparison target_value unit business_outcome cost_of_failure reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE requirement_waiver (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            requirement_id UUID NOT NULL,
            person_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_requirement_waiver PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_requirement_waiver_organisation_id_requirement_id_valid_from UNIQUE (organisation_id, requirement_id, valid_from),
            CONSTRAINT fk_requirement_waiver_organisation_id_requirement_id FOREIGN KEY(organisation_id, requirement_id) REFERENCES service_level_requirement (organisation_id, id),
            CONSTRAINT fk_requirement_waiver_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_requirement_waiver_span CHECK (valid_until > valid_from)
        )
        """
    )
    secure_table(
        "requirement_waiver",
        "organisation_id id requirement_id person_id valid_from valid_until reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE action (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            meeting_id UUID NOT NULL,
            sequence BIGINT NOT NULL,
            statement TEXT COLLATE "C" NOT NULL,
            owner_id UUID NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_action PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_action_organisation_id_meeting_id_sequence UNIQUE (organisation_id, meeting_id, sequence),
            CONSTRAINT fk_action_organisation_id_meeting_id FOREIGN KEY(organisation_id, meeting_id) REFERENCES meeting (organisation_id, id),
            CONSTRAINT fk_action_organisation_id_owner_id FOREIGN KEY(organisation_id, owner_id) REFERENCES person (organisation_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_action_organisation_id_due_at_id ON action (organisation_id, due_at, id)")
    secure_table(
        "action",
        "organisation_id id meeting_id sequence statement owner_id due_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE attendance (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            meeting_id UUID NOT NULL,
            person_id UUID NOT NULL,
            role VARCHAR(40) NOT NULL,
            present BOOLEAN NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_attendance PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_attendance_organisation_id_meeting_id_person_id UNIQUE (organisation_id, meeting_id, person_id),
            CONSTRAINT fk_attendance_organisation_id_meeting_id FOREIGN KEY(organisation_id, meeting_id) REFERENCES meeting (organisation_id, id),
            CONSTRAINT fk_attendance_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_attendance_attendeerole CHECK (role IN ('service_level_manager', 'service_owner', 'customer', 'supplier', 'internal_team', 'other'))
        )
        """
    )
    secure_table(
        "attendance",
        "organisation_id id meeting_id person_id role present recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE decision (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            meeting_id UUID NOT NULL,
            sequence BIGINT NOT NULL,
            kind VARCHAR(40) NOT NULL,
            statement TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_decision PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_decision_organisation_id_meeting_id_sequence UNIQUE (organisation_id, meeting_id, sequence),
            CONSTRAINT fk_decision_organisation_id_meeting_id FOREIGN KEY(organisation_id, meeting_id) REFERENCES meeting (organisation_id, id),
            CONSTRAINT ck_decision_decisionkind CHECK (kind IN ('change', 'no_change', 'risk_accepted'))
        )
        """
    )
    secure_table(
        "decision",
        "organisation_id id meeting_id sequence kind statement recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE report_pack (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            meeting_id UUID,
            title TEXT COLLATE "C" NOT NULL,
            sha256 TEXT COLLATE "C" NOT NULL,
            shown_at TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_report_pack PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_report_pack_organisation_id_sha256_shown_at UNIQUE (organisation_id, sha256, shown_at),
            CONSTRAINT fk_report_pack_organisation_id_meeting_id FOREIGN KEY(organisation_id, meeting_id) REFERENCES meeting (organisation_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_report_pack_organisation_id_meeting_id ON report_pack (organisation_id, meeting_id)")
    op.execute("CREATE INDEX ix_report_pack_organisation_id_shown_at_id ON report_pack (organisation_id, shown_at, id)")
    secure_table(
        "report_pack",
        "organisation_id id meeting_id title sha256 shown_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE requirement_approval (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            requirement_version_id UUID NOT NULL,
            person_id UUID NOT NULL,
            decision VARCHAR(40) NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_requirement_approval PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_requirement_approval_instant UNIQUE (organisation_id, requirement_version_id, person_id, decided_at),
            CONSTRAINT fk_requirement_approval_organisation_id_requirement_version_id FOREIGN KEY(organisation_id, requirement_version_id) REFERENCES requirement_version (organisation_id, id),
            CONSTRAINT fk_requirement_approval_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_requirement_approval_approvaldecision CHECK (decision IN ('approved', 'withdrawn'))
        )
        """
    )
    secure_table(
        "requirement_approval",
        "organisation_id id requirement_version_id person_id decision decided_at note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE snapshot_acknowledgement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            snapshot_id UUID NOT NULL,
            person_id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            acknowledged_at TIMESTAMP WITH TIME ZONE NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_snapshot_acknowledgement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_snapshot_acknowledgement_instant UNIQUE (organisation_id, snapshot_id, person_id, kind, acknowledged_at),
            CONSTRAINT fk_snapshot_acknowledgement_organisation_id_snapshot_id FOREIGN KEY(organisation_id, snapshot_id) REFERENCES daily_snapshot (organisation_id, id),
            CONSTRAINT fk_snapshot_acknowledgement_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_snapshot_acknowledgement_acknowledgementkind CHECK (kind IN ('opened', 'acted'))
        )
        """
    )
    secure_table(
        "snapshot_acknowledgement",
        "organisation_id id snapshot_id person_id kind acknowledged_at note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE target_requirement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            requirement_id UUID NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_target_requirement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_target_requirement_start UNIQUE (organisation_id, target_id, requirement_id, valid_from),
            CONSTRAINT fk_target_requirement_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_target_requirement_organisation_id_requirement_id FOREIGN KEY(organisation_id, requirement_id) REFERENCES service_level_requirement (organisation_id, id),
            CONSTRAINT ck_target_requirement_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_target_requirement_organisation_id_requirement_id ON target_requirement (organisation_id, requirement_id)"
    )
    secure_table(
        "target_requirement",
        "organisation_id id target_id requirement_id tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE action_status_change (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            action_id UUID NOT NULL,
            status VARCHAR(40) NOT NULL,
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            changed_kind VARCHAR(40),
            changed_name TEXT COLLATE "C",
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_action_status_change PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_action_status_change_instant UNIQUE (organisation_id, action_id, status, occurred_at),
            CONSTRAINT fk_action_status_change_organisation_id_action_id FOREIGN KEY(organisation_id, action_id) REFERENCES action (organisation_id, id),
            CONSTRAINT ck_action_status_change_changed CHECK ((changed_kind IS NULL) = (changed_name IS NULL)),
            CONSTRAINT ck_action_status_change_actionstatus CHECK (status IN ('carried_over', 'done', 'dropped')),
            CONSTRAINT ck_action_status_change_changedobjectkind CHECK (changed_kind IN ('design', 'requirement', 'target', 'agreement', 'process', 'configuration', 'tooling', 'capacity', 'supplier', 'staffing'))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_action_status_change_ending ON action_status_change (organisation_id, action_id) WHERE status IN ('done', 'dropped')"
    )
    secure_table(
        "action_status_change",
        "organisation_id id action_id status occurred_at note changed_kind changed_name recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE reported_figure (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            report_pack_id UUID NOT NULL,
            target_id UUID NOT NULL,
            period VARCHAR(40) NOT NULL,
            period_start TIMESTAMP WITH TIME ZONE NOT NULL,
            outcome VARCHAR(40) NOT NULL,
            attainment_percent NUMERIC(9, 6),
            adjustment_reason TEXT COLLATE "C" NOT NULL,
            adjusted_by_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_reported_figure PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_reported_figure_period UNIQUE (organisation_id, report_pack_id, target_id, period, period_start),
            CONSTRAINT fk_reported_figure_organisation_id_report_pack_id FOREIGN KEY(organisation_id, report_pack_id) REFERENCES report_pack (organisation_id, id),
            CONSTRAINT fk_reported_figure_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_reported_figure_organisation_id_adjusted_by_id FOREIGN KEY(organisation_id, adjusted_by_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_reported_figure_adjustment CHECK ((adjusted_by_id IS NULL) = (adjustment_reason = '')),
            CONSTRAINT ck_reported_figure_periodkind CHECK (period IN ('week', 'month', 'quarter', 'year')),
            CONSTRAINT ck_reported_figure_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    secure_table(
        "reported_figure",
        "organisation_id id report_pack_id target_id period period_start outcome attainment_percent adjustment_reason adjusted_by_id recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE breach_acceptance (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            breach_id UUID NOT NULL,
            person_id UUID NOT NULL,
            accepted_at TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_breach_acceptance PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_breach_acceptance_organisation_id_breach_id UNIQUE (organisation_id, breach_id),
            CONSTRAINT fk_breach_acceptance_organisation_id_breach_id FOREIGN KEY(organisation_id, breach_id) REFERENCES breach (organisation_id, id),
            CONSTRAINT fk_breach_acceptance_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id)
        )
        """
    )
    secure_table(
        "breach_acceptance",
        "organisation_id id breach_id person_id accepted_at reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE improvement_breach (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            improvement_id UUID NOT NULL,
            breach_id UUID NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_improvement_breach PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_improvement_breach_organisation_id_improvement_id_breach_id UNIQUE (organisation_id, improvement_id, breach_id),
            CONSTRAINT fk_improvement_breach_organisation_id_improvement_id FOREIGN KEY(organisation_id, improvement_id) REFERENCES improvement (organisation_id, id),
            CONSTRAINT fk_improvement_breach_organisation_id_breach_id FOREIGN KEY(organisation_id, breach_id) REFERENCES breach (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_improvement_breach_organisation_id_breach_id ON improvement_breach (organisation_id, breach_id)"
    )
    secure_table(
        "improvement_breach",
        "organisation_id id improvement_id breach_id recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE meeting_breach (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            meeting_id UUID NOT NULL,
            breach_id UUID NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_meeting_breach PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_meeting_breach_organisation_id_meeting_id_breach_id UNIQUE (organisation_id, meeting_id, breach_id),
            CONSTRAINT fk_meeting_breach_organisation_id_meeting_id FOREIGN KEY(organisation_id, meeting_id) REFERENCES meeting (organisation_id, id),
            CONSTRAINT fk_meeting_breach_organisation_id_breach_id FOREIGN KEY(organisation_id, breach_id) REFERENCES breach (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_meeting_breach_organisation_id_breach_id ON meeting_breach (organisation_id, breach_id)"
    )
    secure_table(
        "meeting_breach",
        "organisation_id id meeting_id breach_id recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
