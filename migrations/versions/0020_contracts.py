"""What agreements say beside their targets, who took part in them, and what procurement did about contracts.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

from migrations.operations import secure_table

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


COUNTS = ("participation_count", "procurement_event_count")


def upgrade() -> None:
    for count in COUNTS:
        op.execute(f"ALTER TABLE agreement ADD COLUMN {count} BIGINT DEFAULT '0' NOT NULL")
        op.execute(f"GRANT INSERT ({count}), UPDATE ({count}) ON agreement TO slm_runtime")
    op.execute(
        """
        CREATE TABLE agreement_terms (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_version_id UUID NOT NULL,
            term_ends_at TIMESTAMP WITH TIME ZONE,
            notice_days BIGINT,
            renewal VARCHAR(40),
            renewal_months BIGINT,
            coverage_calendar_id UUID,
            population TEXT COLLATE "C" NOT NULL,
            population_share_percent NUMERIC(9, 6),
            exclusions TEXT[] COLLATE "C" NOT NULL,
            monthly_maintenance_seconds BIGINT,
            force_majeure BOOLEAN,
            currency TEXT COLLATE "C",
            fee_amount NUMERIC(18, 2),
            fee_period VARCHAR(40),
            at_risk_percent NUMERIC(9, 6),
            at_risk_amount NUMERIC(18, 2),
            claim_deadline_days BIGINT,
            signed_at TIMESTAMP WITH TIME ZONE,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_agreement_terms PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_agreement_terms_organisation_id_agreement_version_id UNIQUE (organisation_id, agreement_version_id),
            CONSTRAINT fk_agreement_terms_organisation_id_agreement_version_id FOREIGN KEY (organisation_id, agreement_version_id) REFERENCES agreement_version (organisation_id, id),
            CONSTRAINT fk_agreement_terms_organisation_id_coverage_calendar_id FOREIGN KEY (organisation_id, coverage_calendar_id) REFERENCES calendar (organisation_id, id),
            CONSTRAINT ck_agreement_terms_fee CHECK ((fee_amount IS NULL) = (fee_period IS NULL)),
            CONSTRAINT ck_agreement_terms_at_risk CHECK (at_risk_percent IS NULL OR at_risk_amount IS NULL),
            CONSTRAINT ck_agreement_terms_renewal CHECK (renewal IN ('none', 'automatic', 'our_option', 'their_option')),
            CONSTRAINT ck_agreement_terms_periodkind CHECK (fee_period IN ('week', 'month', 'quarter', 'year'))
        )
        """
    )
    secure_table(
        "agreement_terms",
        "organisation_id id agreement_version_id term_ends_at notice_days renewal renewal_months coverage_calendar_id population population_share_percent exclusions monthly_maintenance_seconds force_majeure currency fee_amount fee_period at_risk_percent at_risk_amount claim_deadline_days signed_at recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE credit_band (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            terms_id UUID NOT NULL,
            target_id UUID NOT NULL,
            lower_percent NUMERIC(9, 6) NOT NULL,
            upper_percent NUMERIC(9, 6) NOT NULL,
            credit_percent NUMERIC(9, 6),
            credit_amount NUMERIC(18, 2),
            CONSTRAINT pk_credit_band PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_credit_band_lower UNIQUE (organisation_id, terms_id, target_id, lower_percent),
            CONSTRAINT fk_credit_band_organisation_id_terms_id FOREIGN KEY (organisation_id, terms_id) REFERENCES agreement_terms (organisation_id, id),
            CONSTRAINT fk_credit_band_organisation_id_target_id FOREIGN KEY (organisation_id, target_id) REFERENCES target (organisation_id, id),
            CONSTRAINT ck_credit_band_percent CHECK (lower_percent >= 0 AND upper_percent > lower_percent AND upper_percent <= 100),
            CONSTRAINT ck_credit_band_credit CHECK ((credit_percent IS NULL) <> (credit_amount IS NULL))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_credit_band_organisation_id_target_id ON credit_band (organisation_id, target_id, lower_percent)"
    )
    secure_table(
        "credit_band",
        "organisation_id id terms_id target_id lower_percent upper_percent credit_percent credit_amount",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE agreement_participation (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            person_id UUID NOT NULL,
            part VARCHAR(40) NOT NULL,
            role VARCHAR(40),
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_agreement_participation PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_agreement_participation_start UNIQUE (organisation_id, agreement_id, person_id, part, valid_from),
            CONSTRAINT fk_agreement_participation_organisation_id_agreement_id FOREIGN KEY (organisation_id, agreement_id) REFERENCES agreement (organisation_id, id),
            CONSTRAINT fk_agreement_participation_organisation_id_person_id FOREIGN KEY (organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_agreement_participation_part CHECK (part IN ('owner', 'negotiator', 'signer')),
            CONSTRAINT ck_agreement_participation_governancerole CHECK (role IN ('cio', 'service_level_manager', 'service_design_lead', 'vendor_manager', 'procurement_lead', 'customer_experience_manager', 'continual_improvement_lead')),
            CONSTRAINT ck_agreement_participation_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    secure_table(
        "agreement_participation",
        "organisation_id id agreement_id person_id part role tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE procurement_event (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            kind VARCHAR(40) NOT NULL,
            criterion VARCHAR(40),
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            person_id UUID,
            note TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_procurement_event PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_procurement_event_instant UNIQUE (organisation_id, agreement_id, kind, occurred_at),
            CONSTRAINT fk_procurement_event_organisation_id_agreement_id FOREIGN KEY (organisation_id, agreement_id) REFERENCES agreement (organisation_id, id),
            CONSTRAINT fk_procurement_event_organisation_id_person_id FOREIGN KEY (organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_procurement_event_criterion CHECK (kind = 'awarded' OR criterion IS NULL),
            CONSTRAINT ck_procurement_event_procurementeventkind CHECK (kind IN ('started', 'requirements_attached', 'evidence_pack_ready', 'awarded', 'signed', 'renewed', 'amended', 'terminated')),
            CONSTRAINT ck_procurement_event_awardcriterion CHECK (criterion IN ('price_only', 'quality_weighted', 'other'))
        )
        """
    )
    secure_table(
        "procurement_event",
        "organisation_id id agreement_id kind criterion occurred_at person_id note recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE procurement_recommendation (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            person_id UUID NOT NULL,
            recommended_at TIMESTAMP WITH TIME ZONE NOT NULL,
            statement TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_procurement_recommendation PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_procurement_recommendation_instant UNIQUE (organisation_id, agreement_id, person_id, recommended_at),
            CONSTRAINT fk_procurement_recommendation_organisation_id_agreement_id FOREIGN KEY (organisation_id, agreement_id) REFERENCES agreement (organisation_id, id),
            CONSTRAINT fk_procurement_recommendation_organisation_id_person_id FOREIGN KEY (organisation_id, person_id) REFERENCES person (organisation_id, id)
        )
        """
    )
    secure_table(
        "procurement_recommendation",
        "organisation_id id agreement_id person_id recommended_at statement recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE recommendation_decision (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            recommendation_id UUID NOT NULL,
            person_id UUID NOT NULL,
            answer VARCHAR(40) NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_recommendation_decision PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_recommendation_decision_organisation_id_recommendation_id UNIQUE (organisation_id, recommendation_id),
            CONSTRAINT fk_recommendation_decision_recommendation FOREIGN KEY (organisation_id, recommendation_id) REFERENCES procurement_recommendation (organisation_id, id),
            CONSTRAINT fk_recommendation_decision_organisation_id_person_id FOREIGN KEY (organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_recommendation_decision_recommendationanswer CHECK (answer IN ('accepted', 'rejected'))
        )
        """
    )
    secure_table(
        "recommendation_decision",
        "organisation_id id recommendation_id person_id answer decided_at reason recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    op.execute("DROP TABLE recommendation_decision")
    op.execute("DROP TABLE procurement_recommendation")
    op.execute("DROP TABLE procurement_event")
    op.execute("DROP TABLE agreement_participation")
    op.execute("DROP TABLE credit_band")
    op.execute("DROP TABLE agreement_terms")
    for count in COUNTS:
        op.execute(f"ALTER TABLE agreement DROP COLUMN {count}")
