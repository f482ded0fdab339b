"""Whether promises are backed, and what is done about the gaps.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

from migrations.operations import secure_table

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = (
    "chain_judgement",
    "target_alignment",
    "alignment_gap",
    "alignment_gap_entry",
)


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE chain_judgement (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            agreement_version_id UUID NOT NULL,
            valid_at TIMESTAMP WITH TIME ZONE NOT NULL,
            verdict VARCHAR(40) NOT NULL,
            value_state VARCHAR(40) NOT NULL,
            value_shortfall NUMERIC(18, 6),
            value_reason TEXT COLLATE "C" NOT NULL,
            coverage_state VARCHAR(40) NOT NULL,
            coverage_shortfall NUMERIC(18, 6),
            coverage_reason TEXT COLLATE "C" NOT NULL,
            term_state VARCHAR(40) NOT NULL,
            term_shortfall NUMERIC(18, 6),
            term_reason TEXT COLLATE "C" NOT NULL,
            scope_state VARCHAR(40) NOT NULL,
            scope_shortfall NUMERIC(18, 6),
            scope_reason TEXT COLLATE "C" NOT NULL,
            guaranteed_percent NUMERIC(9, 6),
            best_case_percent NUMERIC(9, 6),
            redundant BOOLEAN,
            shared_providers TEXT COLLATE "C" NOT NULL,
            nodes JSONB NOT NULL,
            edges JSONB NOT NULL,
            witness JSONB NOT NULL,
            inputs JSONB NOT NULL,
            inputs_digest TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_chain_judgement PRIMARY KEY (organisation_id, id),
            CONSTRAINT fk_chain_judgement_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_chain_judgement_organisation_id_agreement_version_id FOREIGN KEY(organisation_id, agreement_version_id) REFERENCES agreement_version (organisation_id, id),
            CONSTRAINT ck_chain_judgement_chainverdict CHECK (verdict IN ('backed', 'not_backed', 'impossible_at_floor', 'unknown')),
            CONSTRAINT ck_chain_judgement_value_state CHECK (value_state IN ('holds', 'fails', 'unknown')),
            CONSTRAINT ck_chain_judgement_coverage_state CHECK (coverage_state IN ('holds', 'fails', 'unknown')),
            CONSTRAINT ck_chain_judgement_term_state CHECK (term_state IN ('holds', 'fails', 'unknown')),
            CONSTRAINT ck_chain_judgement_scope_state CHECK (scope_state IN ('holds', 'fails', 'unknown'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_chain_judgement_organisation_id_target_id ON chain_judgement (organisation_id, target_id, recorded_at)"
    )
    secure_table(
        "chain_judgement",
        "organisation_id id target_id agreement_version_id valid_at verdict value_state value_shortfall value_reason coverage_state coverage_shortfall coverage_reason term_state term_shortfall term_reason scope_state scope_shortfall scope_reason guaranteed_percent best_case_percent redundant shared_providers nodes edges witness inputs inputs_digest recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE target_alignment (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            service_id UUID NOT NULL,
            judgement_id UUID,
            verdict VARCHAR(40),
            severity BIGINT NOT NULL,
            inputs_digest TEXT COLLATE "C" NOT NULL,
            judged_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_target_alignment PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_target_alignment_organisation_id_target_id UNIQUE (organisation_id, target_id),
            CONSTRAINT fk_target_alignment_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_target_alignment_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_target_alignment_organisation_id_judgement_id FOREIGN KEY(organisation_id, judgement_id) REFERENCES chain_judgement (organisation_id, id),
            CONSTRAINT ck_target_alignment_chainverdict CHECK (verdict IN ('backed', 'not_backed', 'impossible_at_floor', 'unknown'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_target_alignment_organisation_id_service_id ON target_alignment (organisation_id, service_id, severity, id)"
    )
    op.execute(
        "CREATE INDEX ix_target_alignment_organisation_id_severity ON target_alignment (organisation_id, severity, id)"
    )
    secure_table(
        "target_alignment",
        "organisation_id id target_id service_id judgement_id verdict severity inputs_digest judged_at",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE alignment_gap (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            target_id UUID NOT NULL,
            axis VARCHAR(40) NOT NULL,
            judgement_id UUID NOT NULL,
            opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
            closed_at TIMESTAMP WITH TIME ZONE,
            is_open BOOLEAN NOT NULL,
            has_owner BOOLEAN NOT NULL,
            owner_id UUID,
            due_on DATE,
            accepted_until TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_alignment_gap PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_alignment_gap_organisation_id_target_id_axis UNIQUE (organisation_id, target_id, axis),
            CONSTRAINT fk_alignment_gap_organisation_id_target_id FOREIGN KEY(organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT fk_alignment_gap_organisation_id_owner_id FOREIGN KEY(organisation_id, owner_id) REFERENCES person (organisation_id, id),
            CONSTRAINT fk_alignment_gap_organisation_id_judgement_id FOREIGN KEY(organisation_id, judgement_id) REFERENCES chain_judgement (organisation_id, id),
            CONSTRAINT ck_alignment_gap_axis CHECK (axis IN ('value', 'coverage', 'term', 'scope'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_alignment_gap_organisation_id_has_owner ON alignment_gap (organisation_id, has_owner, opened_at, id)"
    )
    secure_table(
        "alignment_gap",
        "organisation_id id target_id axis judgement_id opened_at closed_at is_open has_owner owner_id due_on accepted_until",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE alignment_gap_entry (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            gap_id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            person_id UUID NOT NULL,
            due_on DATE,
            expires_at TIMESTAMP WITH TIME ZONE,
            decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_alignment_gap_entry PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_alignment_gap_entry_instant UNIQUE (organisation_id, gap_id, decided_at),
            CONSTRAINT fk_alignment_gap_entry_organisation_id_gap_id FOREIGN KEY(organisation_id, gap_id) REFERENCES alignment_gap (organisation_id, id),
            CONSTRAINT fk_alignment_gap_entry_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_alignment_gap_entry_expires CHECK ((kind = 'accepted') = (expires_at IS NOT NULL)),
            CONSTRAINT ck_alignment_gap_entry_due CHECK (kind = 'assigned' OR due_on IS NULL),
            CONSTRAINT ck_alignment_gap_entry_gapentrykind CHECK (kind IN ('assigned', 'accepted', 'withdrawn'))
        )
        """
    )
    secure_table(
        "alignment_gap_entry",
        "organisation_id id gap_id kind person_id due_on expires_at decided_at reason recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
