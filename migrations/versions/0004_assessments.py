"""Assessments: campaigns and answers, scores and the units behind them.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from migrations.operations import secure_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "assessment_campaign",
    "assessment_answer",
    "assessment_score",
    "assessment_pattern_score",
    "assessed_unit",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE assessment_campaign (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            title TEXT COLLATE "C" NOT NULL,
            as_of TIMESTAMP WITH TIME ZONE NOT NULL,
            pattern_set TEXT COLLATE "C" NOT NULL,
            completed_at TIMESTAMP WITH TIME ZONE,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_assessment_campaign PRIMARY KEY (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_assessment_campaign_organisation_id_as_of_id ON assessment_campaign (organisation_id, as_of, id)"
    )
    secure_table(
        "assessment_campaign",
        "organisation_id id title as_of pattern_set completed_at recorded_at received_at recorded_by",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE assessment_answer (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            campaign_id UUID NOT NULL,
            pattern TEXT COLLATE "C" NOT NULL,
            person_id UUID,
            respondent TEXT COLLATE "C" NOT NULL,
            role TEXT COLLATE "C" NOT NULL,
            kind VARCHAR(40) NOT NULL,
            level BIGINT,
            reason VARCHAR(40),
            explanation TEXT COLLATE "C" NOT NULL,
            approved_by TEXT COLLATE "C" NOT NULL,
            approved_on DATE,
            expires_on DATE,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_assessment_answer PRIMARY KEY (organisation_id, id),
            CONSTRAINT fk_assessment_answer_organisation_id_campaign_id FOREIGN KEY(organisation_id, campaign_id) REFERENCES assessment_campaign (organisation_id, id),
            CONSTRAINT fk_assessment_answer_organisation_id_person_id FOREIGN KEY(organisation_id, person_id) REFERENCES person (organisation_id, id),
            CONSTRAINT ck_assessment_answer_respondent CHECK ((person_id IS NULL) = (respondent <> '')),
            CONSTRAINT ck_assessment_answer_level CHECK ((kind = 'level') = (level IS NOT NULL) AND level BETWEEN 1 AND 5),
            CONSTRAINT ck_assessment_answer_not_applicable CHECK (CASE kind WHEN 'not_applicable' THEN reason IS NOT NULL AND explanation <> '' AND approved_by <> '' AND approved_on IS NOT NULL AND expires_on IS NOT NULL ELSE reason IS NULL AND explanation = '' AND approved_by = '' AND approved_on IS NULL AND expires_on IS NULL END),
            CONSTRAINT ck_assessment_answer_answerkind CHECK (kind IN ('level', 'not_applicable', 'unanswered')),
            CONSTRAINT ck_assessment_answer_reasonnotapplicable CHECK (reason IN ('no_suppliers', 'no_purchases', 'no_end_users', 'not_yet_live', 'other'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_assessment_answer_organisation_id_campaign_id_id ON assessment_answer (organisation_id, campaign_id, id)"
    )
    secure_table(
        "assessment_answer",
        "organisation_id id campaign_id pattern person_id respondent role kind level reason explanation approved_by approved_on expires_on recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE assessment_score (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            campaign_id UUID,
            as_of TIMESTAMP WITH TIME ZONE NOT NULL,
            pattern_set TEXT COLLATE "C" NOT NULL,
            limiting_lowest BIGINT NOT NULL,
            limiting_highest BIGINT NOT NULL,
            limited_by TEXT[] COLLATE "C" NOT NULL,
            limiting_unknown TEXT[] COLLATE "C" NOT NULL,
            rhythm_lowest BIGINT NOT NULL,
            rhythm_highest BIGINT NOT NULL,
            rhythm_limited_by TEXT[] COLLATE "C" NOT NULL,
            index_value NUMERIC(9, 6),
            index_lowest NUMERIC(9, 6) NOT NULL,
            index_highest NUMERIC(9, 6) NOT NULL,
            coverage NUMERIC(9, 6) NOT NULL,
            greenwash NUMERIC(9, 6),
            modesty NUMERIC(9, 6),
            agreement VARCHAR(40),
            findings_digest TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_assessment_score PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_assessment_score_organisation_id_campaign_id UNIQUE (organisation_id, campaign_id),
            CONSTRAINT fk_assessment_score_organisation_id_campaign_id FOREIGN KEY(organisation_id, campaign_id) REFERENCES assessment_campaign (organisation_id, id),
            CONSTRAINT ck_assessment_score_ranges CHECK (limiting_lowest <= limiting_highest AND rhythm_lowest <= rhythm_highest),
            CONSTRAINT ck_assessment_score_agreement CHECK (agreement IN ('sufficient', 'tentative', 'contested', 'unmeasured'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_assessment_score_organisation_id_as_of_id ON assessment_score (organisation_id, as_of, id)"
    )
    secure_table(
        "assessment_score",
        "organisation_id id campaign_id as_of pattern_set limiting_lowest limiting_highest limited_by limiting_unknown rhythm_lowest rhythm_highest rhythm_limited_by index_value index_lowest index_highest coverage greenwash modesty agreement findings_digest recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE assessment_pattern_score (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            score_id UUID NOT NULL,
            position BIGINT NOT NULL,
            pattern TEXT COLLATE "C" NOT NULL,
            family VARCHAR(40) NOT NULL,
            verdict VARCHAR(40) NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            missing TEXT[] COLLATE "C" NOT NULL,
            census BIGINT,
            confirmed BIGINT,
            census_probability NUMERIC(9, 6),
            units BIGINT NOT NULL,
            at_state_1 BIGINT,
            at_state_2 BIGINT,
            at_state_3 BIGINT,
            at_state_4 BIGINT,
            at_state_5 BIGINT,
            bad_units BIGINT,
            share_low NUMERIC(9, 6),
            share_high NUMERIC(9, 6),
            band VARCHAR(40),
            claimed BIGINT,
            claim_least BIGINT,
            claim_most BIGINT,
            gap BIGINT,
            CONSTRAINT pk_assessment_pattern_score PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_assessment_pattern_score_organisation_id_score_id_pattern UNIQUE (organisation_id, score_id, pattern),
            CONSTRAINT fk_assessment_pattern_score_organisation_id_score_id FOREIGN KEY(organisation_id, score_id) REFERENCES assessment_score (organisation_id, id),
            CONSTRAINT ck_assessment_pattern_score_levels CHECK ((census IS NULL) = (confirmed IS NULL) AND (census IS NULL) = (units = 0)),
            CONSTRAINT ck_assessment_pattern_score_family CHECK (family IN ('good', 'bad', 'question', 'rhythm')),
            CONSTRAINT ck_assessment_pattern_score_verdict CHECK (verdict IN ('met', 'not_met', 'detected', 'not_detected', 'cannot_tell')),
            CONSTRAINT ck_assessment_pattern_score_band CHECK (band IN ('cleared', 'rare', 'uncertain', 'common', 'endemic'))
        )
        """
    )
    secure_table(
        "assessment_pattern_score",
        "organisation_id id score_id position pattern family verdict reason missing census confirmed census_probability units at_state_1 at_state_2 at_state_3 at_state_4 at_state_5 bad_units share_low share_high band claimed claim_least claim_most gap",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE assessed_unit (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            pattern_score_id UUID NOT NULL,
            position BIGINT NOT NULL,
            kind TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            record_id UUID,
            state BIGINT,
            bad BOOLEAN,
            failed_level BIGINT,
            failed_predicate TEXT COLLATE "C" NOT NULL,
            shortfall VARCHAR(40),
            reason TEXT COLLATE "C" NOT NULL,
            CONSTRAINT pk_assessed_unit PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_assessed_unit_organisation_id_pattern_score_id_position UNIQUE (organisation_id, pattern_score_id, position),
            CONSTRAINT fk_assessed_unit_organisation_id_pattern_score_id FOREIGN KEY(organisation_id, pattern_score_id) REFERENCES assessment_pattern_score (organisation_id, id),
            CONSTRAINT ck_assessed_unit_finding CHECK ((state IS NULL) = (bad IS NOT NULL)),
            CONSTRAINT ck_assessed_unit_shortfall CHECK (shortfall IN ('not_recorded', 'contradicted'))
        )
        """
    )
    secure_table(
        "assessed_unit",
        "organisation_id id pattern_score_id position kind name record_id state bad failed_level failed_predicate shortfall reason",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
