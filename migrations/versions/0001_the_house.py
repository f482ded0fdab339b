"""The house: organisations, calendars, catalogue, agreements, tickets, attainment, compliance.

One file of over 500 lines, because a migration is one step: every table of the first schema, in the order of its keys.

Revision ID: 0001
Revises:
"""

from alembic import op

from migrations.operations import create_runtime_role, secure_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "account",
    "calendar",
    "department",
    "due_organisation",
    "organisation",
    "organisation_key",
    "party",
    "ticket_import",
    "api_token",
    "calendar_version",
    "person",
    "service",
    "agreement",
    "calendar_closure",
    "calendar_holiday",
    "calendar_window",
    "lifecycle_event",
    "role_assignment",
    "service_ownership",
    "ticket",
    "agreement_version",
    "target",
    "ticket_event",
    "target_version",
    "breach",
    "clock",
    "period_result",
    "breach_retraction",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    create_runtime_role()
    op.execute(
        """
        CREATE TABLE account (
            id UUID NOT NULL,
            organisation_id UUID NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            role VARCHAR(40) NOT NULL,
            person_id UUID,
            created_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_account PRIMARY KEY (id),
            CONSTRAINT uq_account_organisation_id_name UNIQUE (organisation_id, name),
            CONSTRAINT ck_account_accessrole CHECK (role IN ('viewer', 'manager', 'administrator', 'ingest'))
        )
        """
    )
    secure_table(
        "account",
        "id organisation_id name role person_id created_at",
        append_only=False,
        row_security=False,
    )
    op.execute(
        """
        CREATE TABLE calendar (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_calendar PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_calendar_organisation_id_key UNIQUE (organisation_id, key)
        )
        """
    )
    secure_table(
        "calendar",
        "organisation_id id key name recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE department (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            parent_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_department PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_department_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_department_organisation_id_parent_id FOREIGN KEY(organisation_id, parent_id) REFERENCES department (organisation_id, id)
        )
        """
    )
    secure_table(
        "department",
        "organisation_id id key name parent_id recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE due_organisation (
            organisation_id UUID NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_due_organisation PRIMARY KEY (organisation_id)
        )
        """
    )
    op.execute("CREATE INDEX ix_due_organisation_due_at ON due_organisation (due_at)")
    secure_table(
        "due_organisation",
        "organisation_id due_at",
        append_only=False,
        row_security=False,
    )
    op.execute(
        """
        CREATE TABLE organisation (
            organisation_id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            time_zone TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_organisation PRIMARY KEY (organisation_id)
        )
        """
    )
    secure_table(
        "organisation",
        "organisation_id key name time_zone recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE organisation_key (
            key TEXT COLLATE "C" NOT NULL,
            organisation_id UUID NOT NULL,
            CONSTRAINT pk_organisation_key PRIMARY KEY (key)
        )
        """
    )
    secure_table(
        "organisation_key",
        "key organisation_id",
        append_only=True,
        row_security=False,
    )
    op.execute(
        """
        CREATE TABLE party (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            kind VARCHAR(40) NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_party PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_party_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT ck_party_partykind CHECK (kind IN ('customer', 'internal_team', 'supplier'))
        )
        """
    )
    secure_table(
        "party",
        "organisation_id id key name kind recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE ticket_import (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            source TEXT COLLATE "C" NOT NULL,
            file_name TEXT COLLATE "C" NOT NULL,
            file_sha256 TEXT COLLATE "C" NOT NULL,
            columns TEXT[] COLLATE "C" NOT NULL,
            profile TEXT COLLATE "C" NOT NULL,
            time_zone TEXT COLLATE "C" NOT NULL,
            states_resolution BOOLEAN NOT NULL,
            rows_read BIGINT NOT NULL,
            events_recorded BIGINT NOT NULL,
            events_known BIGINT NOT NULL,
            rows_rejected BIGINT NOT NULL,
            tickets_touched BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_ticket_import PRIMARY KEY (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_ticket_import_organisation_id_recorded_at_id ON ticket_import (organisation_id, recorded_at, id)"
    )
    secure_table(
        "ticket_import",
        "organisation_id id source file_name file_sha256 columns profile time_zone states_resolution rows_read events_recorded events_known rows_rejected tickets_touched recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE api_token (
            token_hash BYTEA NOT NULL,
            id UUID NOT NULL,
            organisation_id UUID NOT NULL,
            account_id UUID NOT NULL,
            label TEXT COLLATE "C" NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE,
            revoked_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_api_token PRIMARY KEY (token_hash),
            CONSTRAINT fk_api_token_account_id FOREIGN KEY(account_id) REFERENCES account (id),
            CONSTRAINT uq_api_token_id UNIQUE (id)
        )
        """
    )
    secure_table(
        "api_token",
        "token_hash id organisation_id account_id label created_at expires_at revoked_at",
        append_only=False,
        row_security=False,
    )
    op.execute(
        """
        CREATE TABLE calendar_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            calendar_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            time_zone TEXT COLLATE "C" NOT NULL,
            holiday_source TEXT COLLATE "C",
            holidays_reviewed BOOLEAN NOT NULL,
            assumed BOOLEAN NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_calendar_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_calendar_version_organisation_id_calendar_id_valid_from UNIQUE (organisation_id, calendar_id, valid_from),
            CONSTRAINT fk_calendar_version_organisation_id_calendar_id FOREIGN KEY(organisation_id, calendar_id) REFERENCES calendar (organisation_id, id)
        )
        """
    )
    secure_table(
        "calendar_version",
        "organisation_id id calendar_id valid_from time_zone holiday_source holidays_reviewed assumed recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE person (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            email TEXT COLLATE "C",
            department_id UUID,
            party_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_person PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_person_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_person_organisation_id_department_id FOREIGN KEY(organisation_id, department_id) REFERENCES department (organisation_id, id),
            CONSTRAINT fk_person_organisation_id_party_id FOREIGN KEY(organisation_id, party_id) REFERENCES party (organisation_id, id)
        )
        """
    )
    secure_table(
        "person",
        "organisation_id id key name email department_id party_id recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE service (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            description TEXT COLLATE "C" NOT NULL,
            criticality VARCHAR(40) NOT NULL,
            department_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_service PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_service_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_service_organisation_id_department_id FOREIGN KEY(organisation_id, department_id) REFERENCES department (organisation_id, id),
            CONSTRAINT ck_service_criticality CHECK (criticality IN ('critical', 'important', 'standard'))
        )
        """
    )
    secure_table(
        "service",
        "organisation_id id key name description criticality department_id recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE agreement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            kind VARCHAR(40) NOT NULL,
            service_id UUID NOT NULL,
            customer_id UUID,
            provider_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_agreement PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_agreement_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_agreement_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_agreement_organisation_id_customer_id FOREIGN KEY(organisation_id, customer_id) REFERENCES party (organisation_id, id),
            CONSTRAINT fk_agreement_organisation_id_provider_id FOREIGN KEY(organisation_id, provider_id) REFERENCES party (organisation_id, id),
            CONSTRAINT ck_agreement_agreementkind CHECK (kind IN ('sla', 'ola', 'uc', 'xla'))
        )
        """
    )
    secure_table(
        "agreement",
        "organisation_id id key name kind service_id customer_id provider_id recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE calendar_closure (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
            ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            CONSTRAINT pk_calendar_closure PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_calendar_closure_organisation_id_calendar_version_id_24b6 UNIQUE (organisation_id, calendar_version_id, starts_at),
            CONSTRAINT fk_calendar_closure_organisation_id_calendar_version_id FOREIGN KEY(organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_calendar_closure_interval CHECK (ends_at > starts_at)
        )
        """
    )
    secure_table(
        "calendar_closure",
        "organisation_id id calendar_version_id starts_at ends_at reason",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE calendar_holiday (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            date DATE NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            CONSTRAINT pk_calendar_holiday PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_calendar_holiday_organisation_id_calendar_version_id_date UNIQUE (organisation_id, calendar_version_id, date),
            CONSTRAINT fk_calendar_holiday_organisation_id_calendar_version_id FOREIGN KEY(organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id)
        )
        """
    )
    secure_table(
        "calendar_holiday",
        "organisation_id id calendar_version_id date name",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE calendar_window (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            weekday SMALLINT NOT NULL,
            opens BIGINT NOT NULL,
            closes BIGINT NOT NULL,
            CONSTRAINT pk_calendar_window PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_calendar_window_organisation_id_calendar_version_id__a275 UNIQUE (organisation_id, calendar_version_id, weekday, opens),
            CONSTRAINT fk_calendar_window_organisation_id_calendar_version_id FOREIGN KEY(organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_calendar_window_weekday CHECK (weekday BETWEEN 1 AND 7),
            CONSTRAINT ck_calendar_window_hours CHECK (opens >= 0 AND opens < 86400 AND closes > opens AND closes <= opens + 86400)
        )
        """
    )
    secure_table(
        "calendar_window",
        "organisation_id id calendar_version_id weekday opens closes",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE lifecycle_event (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            service_id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_lifecycle_event PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_lifecycle_event_organisation_id_service_id_kind_occurred_at UNIQUE (organisation_id, service_id, kind, occurred_at),
            CONSTRAINT fk_lifecycle_event_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT ck_lifecycle_event_lifecycleeventkind CHECK (kind IN ('design_started', 'design_approved', 'go_live', 'retired'))
        )
        """
    )
    secure_table(
        "lifecycle_event",
        "organisation_id id service_id kind occurred_at note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE role_assignment (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            person_id UUID NOT NULL,
            role VARCHAR(40) NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_role_assignment PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_role_assignment_organisation_id_person_id_role_valid_from UNIQUE (organisation_id, person_id, role, valid_from),
            CONSTRAINT fk_role_assignment_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_role_assignment_governancerole CHECK (role IN ('cio', 'service_level_manager', 'service_design_lead', 'vendor_manager', 'procurement_lead', 'customer_experience_manager', 'continual_improvement_lead')),
            CONSTRAINT ck_role_assignment_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    secure_table(
        "role_assignment",
        "organisation_id id person_id role tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE service_ownership (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            service_id UUID NOT NULL,
            person_id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_service_ownership PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_service_ownership_organisation_id_service_id_kind_pe_12dd UNIQUE (organisation_id, service_id, kind, person_id, valid_from),
            CONSTRAINT fk_service_ownership_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_service_ownership_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_service_ownership_ownershipkind CHECK (kind IN ('service_level_owner', 'business_owner', 'executive_sponsor')),
            CONSTRAINT ck_service_ownership_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    secure_table(
        "service_ownership",
        "organisation_id id service_id person_id kind tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE ticket (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            service_id UUID,
            customer_id UUID,
            provider_id UUID,
            opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
            state VARCHAR(40) NOT NULL,
            priority TEXT COLLATE "C",
            category TEXT COLLATE "C",
            subcategory TEXT COLLATE "C",
            team TEXT COLLATE "C",
            assignee TEXT COLLATE "C",
            event_count BIGINT NOT NULL,
            reopen_count BIGINT NOT NULL,
            last_event_at TIMESTAMP WITH TIME ZONE NOT NULL,
            resolved_at TIMESTAMP WITH TIME ZONE,
            closed_at TIMESTAMP WITH TIME ZONE,
            recorded_outcome VARCHAR(40),
            recorded_outcome_known_at TIMESTAMP WITH TIME ZONE,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_ticket PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_ticket_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_ticket_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_ticket_organisation_id_customer_id FOREIGN KEY(organisation_id, customer_id) REFERENCES party (organisation_id, id),
            CONSTRAINT fk_ticket_organisation_id_provider_id FOREIGN KEY(organisation_id, provider_id) REFERENCES party (organisation_id, id),
            CONSTRAINT ck_ticket_ticketstate CHECK (state IN ('new', 'in_progress', 'awaiting_customer', 'awaiting_supplier', 'awaiting_problem', 'on_hold', 'resolved', 'closed', 'cancelled', 'unknown')),
            CONSTRAINT ck_ticket_outcome CHECK (recorded_outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute("CREATE INDEX ix_ticket_organisation_id_closed_at_id ON ticket (organisation_id, closed_at, id)")
    op.execute("CREATE INDEX ix_ticket_organisation_id_opened_at_id ON ticket (organisation_id, opened_at, id)")
    op.execute(
        "CREATE INDEX ix_ticket_organisation_id_service_id_opened_at_id ON ticket (organisation_id, service_id, opened_at, id)"
    )
    secure_table(
        "ticket",
        "organisation_id id key service_id customer_id provider_id opened_at state priority category subcategory team assignee event_count reopen_count last_event_at resolved_at closed_at recorded_outcome recorded_outcome_known_at recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE agreement_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            status VARCHAR(40) NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            assumed BOOLEAN NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_agreement_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_agreement_version_organisation_id_agreement_id_valid_from UNIQUE (organisation_id, agreement_id, valid_from),
            CONSTRAINT fk_agreement_version_organisation_id_agreement_id FOREIGN KEY(organisation_id, agreement_id) REFERENCES agreement (organisation_id, id),
            CONSTRAINT ck_agreement_version_versionstatus CHECK (status IN ('in_force', 'ended'))
        )
        """
    )
    secure_table(
        "agreement_version",
        "organisation_id id agreement_id valid_from status reason assumed recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE target (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_target PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_target_organisation_id_agreement_id_key UNIQUE (organisation_id, agreement_id, key),
            CONSTRAINT fk_target_organisation_id_agreement_id FOREIGN KEY(organisation_id, agreement_id) REFERENCES agreement (organisation_id, id)
        )
        """
    )
    secure_table(
        "target",
        "organisation_id id agreement_id key name recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE ticket_event (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            ticket_id UUID NOT NULL,
            import_id UUID,
            key TEXT COLLATE "C" NOT NULL,
            sequence BIGINT NOT NULL,
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            state VARCHAR(40) NOT NULL,
            priority TEXT COLLATE "C",
            category TEXT COLLATE "C",
            subcategory TEXT COLLATE "C",
            team TEXT COLLATE "C",
            assignee TEXT COLLATE "C",
            resolved_at TIMESTAMP WITH TIME ZONE,
            closed_at TIMESTAMP WITH TIME ZONE,
            recorded_outcome VARCHAR(40),
            attributes JSONB NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_ticket_event PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_ticket_event_organisation_id_ticket_id_key UNIQUE (organisation_id, ticket_id, key),
            CONSTRAINT fk_ticket_event_organisation_id_ticket_id FOREIGN KEY(organisation_id, ticket_id) REFERENCES ticket (organisation_id, id),
            CONSTRAINT fk_ticket_event_organisation_id_import_id FOREIGN KEY(organisation_id, import_id) REFERENCES ticket_import (organisation_id, id),
            CONSTRAINT ck_ticket_event_ticketstate CHECK (state IN ('new', 'in_progress', 'awaiting_customer', 'awaiting_supplier', 'awaiting_problem', 'on_hold', 'resolved', 'closed', 'cancelled', 'unknown')),
            CONSTRAINT ck_ticket_event_outcome CHECK (recorded_outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_ticket_event_organisation_id_ticket_id_occurred_at_sequence ON ticket_event (organisation_id, ticket_id, occurred_at, sequence, id)"
    )
    secure_table(
        "ticket_event",
        "organisation_id id ticket_id import_id key sequence occurred_at state priority category subcategory team assignee resolved_at closed_at recorded_outcome attributes recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE target_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            agreement_version_id UUID NOT NULL,
            calendar_id UUID NOT NULL,
            duration_seconds BIGINT NOT NULL,
            limit_inclusive BOOLEAN NOT NULL,
            start_rule VARCHAR(40) NOT NULL,
            stop_states TEXT[] COLLATE "C" NOT NULL,
            pause_states TEXT[] COLLATE "C" NOT NULL,
            resume_states TEXT[] COLLATE "C" NOT NULL,
            cancel_states TEXT[] COLLATE "C" NOT NULL,
            start_states TEXT[] COLLATE "C" NOT NULL,
            retroactive_pause BOOLEAN NOT NULL,
            reopen_policy VARCHAR(40) NOT NULL,
            priorities TEXT[] COLLATE "C" NOT NULL,
            categories TEXT[] COLLATE "C" NOT NULL,
            objective_percent NUMERIC(9, 6) NOT NULL,
            period VARCHAR(40) NOT NULL,
            assumed BOOLEAN NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_target_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_target_version_organisation_id_target_id_agreement_v_5d88 UNIQUE (organisation_id, target_id, agreement_version_id),
            CONSTRAINT fk_target_version_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_target_version_organisation_id_agreement_version_id FOREIGN KEY(organisation_id, agreement_version_id) REFERENCES agreement_version (organisation_id, id),
            CONSTRAINT fk_target_version_organisation_id_calendar_id FOREIGN KEY(organisation_id, calendar_id) REFERENCES calendar (organisation_id, id),
            CONSTRAINT ck_target_version_duration CHECK (duration_seconds > 0),
            CONSTRAINT ck_target_version_objective CHECK (objective_percent > 0 AND objective_percent <= 100),
            CONSTRAINT ck_target_version_startrule CHECK (start_rule IN ('from_opening', 'from_match')),
            CONSTRAINT ck_target_version_reopenpolicy CHECK (reopen_policy IN ('new_cycle', 'resume', 'continuous')),
            CONSTRAINT ck_target_version_periodkind CHECK (period IN ('week', 'month', 'quarter', 'year'))
        )
        """
    )
    secure_table(
        "target_version",
        "organisation_id id target_id agreement_version_id calendar_id duration_seconds limit_inclusive start_rule stop_states pause_states resume_states cancel_states start_states retroactive_pause reopen_policy priorities categories objective_percent period assumed recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE breach (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            target_id UUID NOT NULL,
            target_version_id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            ticket_id UUID,
            cycle BIGINT,
            period VARCHAR(40),
            period_start TIMESTAMP WITH TIME ZONE,
            breached_at TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_breach PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_breach_organisation_id_ticket_id_target_id_cycle UNIQUE (organisation_id, ticket_id, target_id, cycle),
            CONSTRAINT uq_breach_organisation_id_target_id_period_period_start UNIQUE (organisation_id, target_id, period, period_start),
            CONSTRAINT fk_breach_organisation_id_ticket_id FOREIGN KEY(organisation_id, ticket_id) REFERENCES ticket (organisation_id, id),
            CONSTRAINT fk_breach_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_breach_organisation_id_target_version_id FOREIGN KEY(organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT fk_breach_organisation_id_calendar_version_id FOREIGN KEY(organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_breach_subject CHECK (CASE kind WHEN 'clock' THEN ticket_id IS NOT NULL AND cycle IS NOT NULL AND period_start IS NULL ELSE ticket_id IS NULL AND period IS NOT NULL AND period_start IS NOT NULL END),
            CONSTRAINT ck_breach_breachkind CHECK (kind IN ('clock', 'period')),
            CONSTRAINT ck_breach_periodkind CHECK (period IN ('week', 'month', 'quarter', 'year'))
        )
        """
    )
    op.execute("CREATE INDEX ix_breach_organisation_id_breached_at_id ON breach (organisation_id, breached_at, id)")
    op.execute(
        "CREATE INDEX ix_breach_organisation_id_target_id_breached_at_id ON breach (organisation_id, target_id, breached_at, id)"
    )
    secure_table(
        "breach",
        "organisation_id id kind target_id target_version_id calendar_version_id ticket_id cycle period period_start breached_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE clock (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
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
            CONSTRAINT pk_clock PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_clock_organisation_id_ticket_id_target_id_cycle UNIQUE (organisation_id, ticket_id, target_id, cycle),
            CONSTRAINT fk_clock_organisation_id_ticket_id FOREIGN KEY(organisation_id, ticket_id) REFERENCES ticket (organisation_id, id),
            CONSTRAINT fk_clock_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_clock_organisation_id_target_version_id FOREIGN KEY(organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT fk_clock_organisation_id_calendar_version_id FOREIGN KEY(organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_clock_clockstatus CHECK (status IN ('running', 'paused', 'completed', 'cancelled')),
            CONSTRAINT ck_clock_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute("CREATE INDEX ix_clock_organisation_id_due_at_id ON clock (organisation_id, due_at, id)")
    op.execute(
        "CREATE INDEX ix_clock_organisation_id_running_due_at ON clock (organisation_id, due_at) WHERE status = 'running' AND breached_at IS NULL"
    )
    op.execute(
        "CREATE INDEX ix_clock_organisation_id_target_id_decided_at_id ON clock (organisation_id, target_id, decided_at, id)"
    )
    secure_table(
        "clock",
        "organisation_id id ticket_id target_id target_version_id calendar_version_id cycle status outcome started_at stopped_at due_at breached_at decided_at duration_seconds elapsed_seconds wall_clock_seconds paused_seconds timeline computed_at",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE period_result (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            target_version_id UUID NOT NULL,
            calendar_version_id UUID NOT NULL,
            period VARCHAR(40) NOT NULL,
            period_start TIMESTAMP WITH TIME ZONE NOT NULL,
            period_end TIMESTAMP WITH TIME ZONE NOT NULL,
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
            CONSTRAINT pk_period_result PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_period_result_organisation_id_target_id_period_period_start UNIQUE (organisation_id, target_id, period, period_start),
            CONSTRAINT fk_period_result_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_period_result_organisation_id_target_version_id FOREIGN KEY(organisation_id, target_version_id) REFERENCES target_version (organisation_id, id),
            CONSTRAINT fk_period_result_organisation_id_calendar_version_id FOREIGN KEY(organisation_id, calendar_version_id) REFERENCES calendar_version (organisation_id, id),
            CONSTRAINT ck_period_result_period CHECK (period_end > period_start),
            CONSTRAINT ck_period_result_counts CHECK (met >= 0 AND missed >= 0 AND pending >= 0 AND cancelled >= 0),
            CONSTRAINT ck_period_result_periodkind CHECK (period IN ('week', 'month', 'quarter', 'year')),
            CONSTRAINT ck_period_result_outcome CHECK (outcome IN ('met', 'missed', 'pending', 'no_data', 'cannot_tell'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_period_result_organisation_id_period_start_id ON period_result (organisation_id, period_start, id)"
    )
    secure_table(
        "period_result",
        "organisation_id id target_id target_version_id calendar_version_id period period_start period_end met missed pending cancelled objective_percent attainment_percent interval_low_percent interval_high_percent outcome inputs_digest computed_at",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE breach_retraction (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            breach_id UUID NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_breach_retraction PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_breach_retraction_organisation_id_breach_id UNIQUE (organisation_id, breach_id),
            CONSTRAINT fk_breach_retraction_organisation_id_breach_id FOREIGN KEY(organisation_id, breach_id) REFERENCES breach (organisation_id, id)
        )
        """
    )
    secure_table(
        "breach_retraction",
        "organisation_id id breach_id reason recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
