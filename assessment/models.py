"""Campaigns and what people answered in them; scores with every unit behind them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessment.agreement import Agreement
from assessment.claims import ReasonNotApplicable
from assessment.definitions import Family
from assessment.findings import Shortfall
from assessment.prevalence import Band
from assessment.rules import AnswerKind
from assessment.verdicts import Verdict
from services.agreements.models import TEXT_ARRAY
from services.db import PERSONAL, Base, Recorded, Tenant, Writes, table_info

SHARE = Numeric(9, 6)
CAMPAIGN_KEY = ["assessment_campaign.organisation_id", "assessment_campaign.id"]


class AssessmentCampaign(Base, Tenant, Recorded):
    """People are asked how they see themselves. `as_of`: the instant whose records their answers are compared with.

    `completed_at`: when it was scored; from then on it takes no answers.
    """

    __tablename__ = "assessment_campaign"
    __subject__ = "Assessment"
    __table_args__ = (
        Index("ix_assessment_campaign_organisation_id_as_of_id", "organisation_id", "as_of", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    title: Mapped[str]
    as_of: Mapped[datetime]
    pattern_set: Mapped[str]
    completed_at: Mapped[datetime | None]


class AssessmentAnswer(Base, Tenant, Recorded):
    """What one respondent said about one pattern. A later answer of the same respondent takes its place.

    The respondent is a known person or, where there is none on record, a name.
    """

    __tablename__ = "assessment_answer"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "campaign_id"], CAMPAIGN_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["person.organisation_id", "person.id"]),
        CheckConstraint("(person_id IS NULL) = (respondent <> '')", name="respondent"),
        CheckConstraint("(kind = 'level') = (level IS NOT NULL) AND level BETWEEN 1 AND 5", name="level"),
        CheckConstraint(
            "CASE kind WHEN 'not_applicable' THEN reason IS NOT NULL AND explanation <> '' AND approved_by <> ''"
            " AND approved_on IS NOT NULL AND expires_on IS NOT NULL"
            " ELSE reason IS NULL AND explanation = '' AND approved_by = ''"
            " AND approved_on IS NULL AND expires_on IS NULL END",
            name="not_applicable",
        ),
        Index("ix_assessment_answer_organisation_id_campaign_id_id", "organisation_id", "campaign_id", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    campaign_id: Mapped[UUID]
    pattern: Mapped[str]
    person_id: Mapped[UUID | None]
    respondent: Mapped[str] = mapped_column(info=PERSONAL)
    role: Mapped[str]
    kind: Mapped[AnswerKind]
    level: Mapped[int | None]
    reason: Mapped[ReasonNotApplicable | None]
    explanation: Mapped[str]
    approved_by: Mapped[str] = mapped_column(info=PERSONAL)
    approved_on: Mapped[date | None]
    expires_on: Mapped[date | None]


class AssessmentScore(Base, Tenant, Recorded):
    """An organisation's score, of a campaign or of the records alone.

    `findings_digest` is the SHA-256 of every unit with its state: equal digests, equal evidence.
    """

    __tablename__ = "assessment_score"
    __table_args__ = (
        UniqueConstraint("organisation_id", "campaign_id"),
        ForeignKeyConstraint(["organisation_id", "campaign_id"], CAMPAIGN_KEY),
        CheckConstraint("limiting_lowest <= limiting_highest AND rhythm_lowest <= rhythm_highest", name="ranges"),
        Index("ix_assessment_score_organisation_id_as_of_id", "organisation_id", "as_of", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    campaign_id: Mapped[UUID | None]
    as_of: Mapped[datetime]
    pattern_set: Mapped[str]
    limiting_lowest: Mapped[int]
    limiting_highest: Mapped[int]
    limited_by: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    limiting_unknown: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    rhythm_lowest: Mapped[int]
    rhythm_highest: Mapped[int]
    rhythm_limited_by: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    index_value: Mapped[Decimal | None] = mapped_column(SHARE)
    index_lowest: Mapped[Decimal] = mapped_column(SHARE)
    index_highest: Mapped[Decimal] = mapped_column(SHARE)
    coverage: Mapped[Decimal] = mapped_column(SHARE)
    greenwash: Mapped[Decimal | None] = mapped_column(SHARE)
    modesty: Mapped[Decimal | None] = mapped_column(SHARE)
    agreement: Mapped[Agreement | None]
    findings_digest: Mapped[str]


class AssessmentPatternScore(Base, Tenant):
    """One pattern of a score. `position` is its place in the set; probabilities, shares and gap as in the scoring."""

    __tablename__ = "assessment_pattern_score"
    __table_args__ = (
        UniqueConstraint("organisation_id", "score_id", "pattern"),
        ForeignKeyConstraint(
            ["organisation_id", "score_id"], ["assessment_score.organisation_id", "assessment_score.id"]
        ),
        CheckConstraint("(census IS NULL) = (confirmed IS NULL) AND (census IS NULL) = (units = 0)", name="levels"),
        {"info": table_info(Writes.APPEND)},
    )
    score_id: Mapped[UUID]
    position: Mapped[int]
    pattern: Mapped[str]
    family: Mapped[Family]
    verdict: Mapped[Verdict]
    reason: Mapped[str]
    missing: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    census: Mapped[int | None]
    confirmed: Mapped[int | None]
    census_probability: Mapped[Decimal | None] = mapped_column(SHARE)
    units: Mapped[int]
    at_state_1: Mapped[int | None]
    at_state_2: Mapped[int | None]
    at_state_3: Mapped[int | None]
    at_state_4: Mapped[int | None]
    at_state_5: Mapped[int | None]
    bad_units: Mapped[int | None]
    share_low: Mapped[Decimal | None] = mapped_column(SHARE)
    share_high: Mapped[Decimal | None] = mapped_column(SHARE)
    band: Mapped[Band | None]
    claimed: Mapped[int | None]
    claim_least: Mapped[int | None]
    claim_most: Mapped[int | None]
    gap: Mapped[int | None]


class AssessedUnit(Base, Tenant):
    """A unit behind a pattern's score. `failed_level`: the level whose predicate it fails first, for good patterns."""

    __tablename__ = "assessed_unit"
    __table_args__ = (
        UniqueConstraint("organisation_id", "pattern_score_id", "position"),
        ForeignKeyConstraint(
            ["organisation_id", "pattern_score_id"],
            ["assessment_pattern_score.organisation_id", "assessment_pattern_score.id"],
        ),
        CheckConstraint("(state IS NULL) = (bad IS NOT NULL)", name="finding"),
        {"info": table_info(Writes.APPEND)},
    )
    pattern_score_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    record_id: Mapped[UUID | None]
    state: Mapped[int | None]
    bad: Mapped[bool | None]
    failed_level: Mapped[int | None]
    failed_predicate: Mapped[str]
    shortfall: Mapped[Shortfall | None]
    reason: Mapped[str]
