"""Agreements, their versions, and the targets each version promises."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.agreements.contract_rules import (
    AwardCriterion,
    Part,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
)
from services.agreements.rules import AgreementKind, TargetKind, VersionStatus
from services.db import DERIVED, Base, Recorded, Tenant, Versioned, Writes, table_info
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule
from services.organisations.rules import GovernanceRole, Tenure
from services.requirements.rules import Comparison

TEXT_ARRAY = ARRAY(Text(collation="C"))
PERCENT = Numeric(9, 6)
AMOUNT = Numeric(18, 2)
AGREEMENT_KEY = ["agreement.organisation_id", "agreement.id"]
PERSON_KEY = ["person.organisation_id", "person.id"]


class Agreement(Base, Tenant, Recorded, Versioned):
    """A promise about a service between two parties; what it says is in its versions.

    The counts say how many entries about who takes part in it, and events of procurement, were ever recorded; they only
    grow, so that one that is missing shows.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "customer_id"], ["party.organisation_id", "party.id"]),
        ForeignKeyConstraint(["organisation_id", "provider_id"], ["party.organisation_id", "party.id"]),
        Index("ix_agreement_organisation_id_service_id", "organisation_id", "service_id", "key", "id"),
        Index("ix_agreement_organisation_id_customer_id", "organisation_id", "customer_id", "key", "id"),
        Index("ix_agreement_organisation_id_provider_id", "organisation_id", "provider_id", "key", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[AgreementKind]
    service_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    provider_id: Mapped[UUID | None]
    participation_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)
    procurement_event_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class AgreementVersion(Base, Tenant, Recorded):
    """What the agreement says from `valid_from` until the start of its next version."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "agreement_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], ["agreement.organisation_id", "agreement.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    agreement_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    status: Mapped[VersionStatus]
    reason: Mapped[str]
    assumed: Mapped[bool]


class Target(Base, Tenant, Recorded, Versioned):
    """A target of an agreement, the same through all versions that define it.

    The counts say how many breaches, reported figures and links to requirements and indicators were ever recorded about
    it; they only grow, so that a record that is missing shows.
    """

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("organisation_id", "agreement_id", "key"),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], ["agreement.organisation_id", "agreement.id"]),
        {"info": table_info(Writes.REPLACE)},
    )
    agreement_id: Mapped[UUID]
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[TargetKind] = mapped_column(server_default=TargetKind.CLOCK.value)
    breach_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)
    figure_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)
    requirement_link_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)
    indicator_link_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class TargetVersion(Base, Tenant, Recorded):
    """How one agreement version defines a clock target: what is timed, on which calendar, how often it must hold."""

    __tablename__ = "target_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "target_id", "agreement_version_id"),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "agreement_version_id"], ["agreement_version.organisation_id", "agreement_version.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "calendar_id"], ["calendar.organisation_id", "calendar.id"]),
        CheckConstraint("duration_seconds > 0", name="duration"),
        CheckConstraint("objective_percent > 0 AND objective_percent <= 100", name="objective"),
        Index("ix_target_version_organisation_id_calendar_id", "organisation_id", "calendar_id"),
        {"info": table_info(Writes.APPEND)},
    )
    target_id: Mapped[UUID]
    agreement_version_id: Mapped[UUID]
    calendar_id: Mapped[UUID]
    duration_seconds: Mapped[int]
    limit_inclusive: Mapped[bool]
    start_rule: Mapped[StartRule]
    stop_states: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    pause_states: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    resume_states: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    cancel_states: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    start_states: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    retroactive_pause: Mapped[bool]
    reopen_policy: Mapped[ReopenPolicy]
    priorities: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    categories: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    objective_percent: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    period: Mapped[PeriodKind]
    assumed: Mapped[bool]


class ContractPoint(Base, Tenant):
    """What a version of a clock target promises about another time than its own: at most one for each probability."""

    __tablename__ = "contract_point"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "target_version_id", "probability_percent", name="uq_contract_point_probability"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]
        ),
        CheckConstraint("probability_percent > 0 AND probability_percent <= 100", name="probability"),
        CheckConstraint("duration_seconds > 0", name="duration"),
        {"info": table_info(Writes.APPEND)},
    )
    target_version_id: Mapped[UUID]
    probability_percent: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    duration_seconds: Mapped[int]


class AvailabilityTargetVersion(Base, Tenant, Recorded):
    """How one agreement version defines an availability target: how much of the agreed time of each window."""

    __tablename__ = "availability_target_version"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "target_id", "agreement_version_id", name="uq_availability_target_version_target"
        ),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "agreement_version_id"],
            ["agreement_version.organisation_id", "agreement_version.id"],
            name="fk_availability_target_version_agreement_version",
        ),
        ForeignKeyConstraint(["organisation_id", "calendar_id"], ["calendar.organisation_id", "calendar.id"]),
        CheckConstraint("objective_percent > 0 AND objective_percent <= 100", name="objective"),
        CheckConstraint("(period IS NULL) <> (rolling_days IS NULL)", name="window"),
        CheckConstraint("rolling_days > 0", name="rolling_days"),
        CheckConstraint(
            "maintenance_seconds IS NULL OR (maintenance_excluded AND maintenance_seconds >= 0)", name="maintenance"
        ),
        CheckConstraint(
            "population_count > 0 AND population_share_percent > 0 AND population_share_percent <= 100",
            name="population",
        ),
        Index("ix_availability_target_version_organisation_id_calendar_id", "organisation_id", "calendar_id"),
        Index("ix_availability_target_version_agreement_version", "organisation_id", "agreement_version_id"),
        {"info": table_info(Writes.APPEND)},
    )
    target_id: Mapped[UUID]
    agreement_version_id: Mapped[UUID]
    calendar_id: Mapped[UUID | None]
    objective_percent: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    period: Mapped[PeriodKind | None]
    rolling_days: Mapped[int | None]
    maintenance_excluded: Mapped[bool]
    maintenance_seconds: Mapped[int | None]
    population_count: Mapped[int | None]
    population_share_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    assumed: Mapped[bool]


class TargetRequirement(Base, Tenant, Recorded):
    """A target begins (`held`) or stops (`ended`) to promise what a service level requirement asks for."""

    __tablename__ = "target_requirement"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "target_id", "requirement_id", "valid_from", name="uq_target_requirement_start"
        ),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "requirement_id"],
            ["service_level_requirement.organisation_id", "service_level_requirement.id"],
        ),
        Index("ix_target_requirement_organisation_id_requirement_id", "organisation_id", "requirement_id"),
        {"info": table_info(Writes.APPEND)},
    )
    target_id: Mapped[UUID]
    requirement_id: Mapped[UUID]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class ContractClause(Base, Tenant, Recorded):
    """A clause of an agreement, perhaps with the value it grants. Its words never change: others are another clause.

    `requirement_link_count`: how many entries about requirements it carries were ever recorded; it only grows, so that
    one that is missing shows.
    """

    __tablename__ = "contract_clause"
    __table_args__ = (
        UniqueConstraint("organisation_id", "agreement_id", "reference"),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], ["agreement.organisation_id", "agreement.id"]),
        CheckConstraint("(value IS NULL) = (comparison IS NULL)", name="value"),
        {"info": table_info(Writes.REPLACE)},
    )
    agreement_id: Mapped[UUID]
    reference: Mapped[str]
    text: Mapped[str]
    metric: Mapped[str]
    comparison: Mapped[Comparison | None]
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    unit: Mapped[str]
    requirement_link_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class ClauseRequirement(Base, Tenant, Recorded):
    """A clause begins (`held`) or stops (`ended`) to carry a requirement. `binding`: whether it can be enforced."""

    __tablename__ = "clause_requirement"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "clause_id", "requirement_id", "valid_from", name="uq_clause_requirement_start"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "clause_id"], ["contract_clause.organisation_id", "contract_clause.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "requirement_id"],
            ["service_level_requirement.organisation_id", "service_level_requirement.id"],
        ),
        Index("ix_clause_requirement_organisation_id_requirement_id", "organisation_id", "requirement_id"),
        {"info": table_info(Writes.APPEND)},
    )
    clause_id: Mapped[UUID]
    requirement_id: Mapped[UUID]
    binding: Mapped[bool]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class ComponentSupport(Base, Tenant, Recorded):
    """An agreement begins (`held`) or stops (`ended`) to say how well a component works at `valid_from`."""

    __tablename__ = "component_support"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "agreement_id", "component_id", "valid_from", name="uq_component_support_start"
        ),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], ["agreement.organisation_id", "agreement.id"]),
        ForeignKeyConstraint(["organisation_id", "component_id"], ["component.organisation_id", "component.id"]),
        Index("ix_component_support_organisation_id_component_id", "organisation_id", "component_id"),
        {"info": table_info(Writes.APPEND)},
    )
    agreement_id: Mapped[UUID]
    component_id: Mapped[UUID]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class AgreementTerms(Base, Tenant, Recorded):
    """What a version of an agreement says beside its targets, recorded once. NULL and empty: it does not say."""

    __tablename__ = "agreement_terms"
    __table_args__ = (
        UniqueConstraint("organisation_id", "agreement_version_id"),
        ForeignKeyConstraint(
            ["organisation_id", "agreement_version_id"], ["agreement_version.organisation_id", "agreement_version.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "coverage_calendar_id"], ["calendar.organisation_id", "calendar.id"]),
        CheckConstraint("(fee_amount IS NULL) = (fee_period IS NULL)", name="fee"),
        CheckConstraint("at_risk_percent IS NULL OR at_risk_amount IS NULL", name="at_risk"),
        {"info": table_info(Writes.APPEND)},
    )
    agreement_version_id: Mapped[UUID]
    term_ends_at: Mapped[datetime | None]
    notice_days: Mapped[int | None]
    renewal: Mapped[Renewal | None]
    renewal_months: Mapped[int | None]
    coverage_calendar_id: Mapped[UUID | None]
    population: Mapped[str]
    population_share_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    exclusions: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    monthly_maintenance_seconds: Mapped[int | None]
    force_majeure: Mapped[bool | None]
    currency: Mapped[str | None]
    fee_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    fee_period: Mapped[PeriodKind | None]
    at_risk_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    at_risk_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    claim_deadline_days: Mapped[int | None]
    signed_at: Mapped[datetime | None]


class CreditBand(Base, Tenant):
    """What a target owes under these terms for a period whose attainment lies in [lower, upper)."""

    __tablename__ = "credit_band"
    __table_args__ = (
        UniqueConstraint("organisation_id", "terms_id", "target_id", "lower_percent", name="uq_credit_band_lower"),
        ForeignKeyConstraint(
            ["organisation_id", "terms_id"], ["agreement_terms.organisation_id", "agreement_terms.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        CheckConstraint(
            "lower_percent >= 0 AND upper_percent > lower_percent AND upper_percent <= 100", name="percent"
        ),
        CheckConstraint("(credit_percent IS NULL) <> (credit_amount IS NULL)", name="credit"),
        Index("ix_credit_band_organisation_id_target_id", "organisation_id", "target_id", "lower_percent"),
        {"info": table_info(Writes.APPEND)},
    )
    terms_id: Mapped[UUID]
    target_id: Mapped[UUID]
    lower_percent: Mapped[Decimal] = mapped_column(PERCENT)
    upper_percent: Mapped[Decimal] = mapped_column(PERCENT)
    credit_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    credit_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)


class AgreementParticipation(Base, Tenant, Recorded):
    """A person begins (`held`) or stops (`ended`) to own, negotiate or sign an agreement, in the role they state."""

    __tablename__ = "agreement_participation"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id",
            "agreement_id",
            "person_id",
            "part",
            "valid_from",
            name="uq_agreement_participation_start",
        ),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], AGREEMENT_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    agreement_id: Mapped[UUID]
    person_id: Mapped[UUID]
    part: Mapped[Part]
    role: Mapped[GovernanceRole | None]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class ProcurementEvent(Base, Tenant, Recorded):
    """Something that happened to a contract on its way from sourcing to its end."""

    __tablename__ = "procurement_event"
    __table_args__ = (
        UniqueConstraint("organisation_id", "agreement_id", "kind", "occurred_at", name="uq_procurement_event_instant"),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], AGREEMENT_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        CheckConstraint("kind = 'awarded' OR criterion IS NULL", name="criterion"),
        {"info": table_info(Writes.APPEND)},
    )
    agreement_id: Mapped[UUID]
    kind: Mapped[ProcurementEventKind]
    criterion: Mapped[AwardCriterion | None]
    occurred_at: Mapped[datetime]
    person_id: Mapped[UUID | None]
    note: Mapped[str]


class ProcurementRecommendation(Base, Tenant, Recorded):
    """What somebody recommends about a contract before it is signed, renewed or ended."""

    __tablename__ = "procurement_recommendation"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "agreement_id", "person_id", "recommended_at",
            name="uq_procurement_recommendation_instant",
        ),
        ForeignKeyConstraint(["organisation_id", "agreement_id"], AGREEMENT_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )  # fmt: skip
    agreement_id: Mapped[UUID]
    person_id: Mapped[UUID]
    recommended_at: Mapped[datetime]
    statement: Mapped[str]


class RecommendationDecision(Base, Tenant, Recorded):
    """Somebody accepts or rejects a recommendation, once, and says why."""

    __tablename__ = "recommendation_decision"
    __table_args__ = (
        UniqueConstraint("organisation_id", "recommendation_id"),
        ForeignKeyConstraint(
            ["organisation_id", "recommendation_id"],
            ["procurement_recommendation.organisation_id", "procurement_recommendation.id"],
            name="fk_recommendation_decision_recommendation",
        ),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    recommendation_id: Mapped[UUID]
    person_id: Mapped[UUID]
    answer: Mapped[RecommendationAnswer]
    decided_at: Mapped[datetime]
    reason: Mapped[str]
