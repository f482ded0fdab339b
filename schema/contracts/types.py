"""The terms of agreements, the credits they grant, who took part in them, and what procurement did about them."""

from datetime import datetime
from decimal import Decimal
from typing import Optional

from schema.agreements.types import Agreement, AgreementVersion, Target
from schema.calendars.types import Calendar
from schema.nodes import Node, Recorded
from schema.organisations.types import Person
from schema.planner.declarations import column, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.vocabulary import (
    AgreementPart,
    AwardCriterion,
    GovernanceRole,
    PeriodKind,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
    Tenure,
)
from services.agreements import models
from services.agreements.contracts import terms_decision_due_at


@planned(
    models.CreditBand,
    description="What a target owes for a period whose attainment lies from the lower side on and below the upper one.",
)
class CreditBand(Node):
    """A band of credits."""

    terms: "AgreementTerms" = to_one("The terms that grant it.", "terms_id")
    target: Target = to_one("The target.", "target_id")
    lower_percent: Decimal = column("The lower side of attainment, in percent; it belongs to the band.")
    upper_percent: Decimal = column("The upper side, in percent; it does not belong to the band.")
    credit_percent: Decimal | None = column("The credit in percent of the fee; null where it is an amount.")
    credit_amount: Decimal | None = column("The credit as an amount; null where it is a share of the fee.")


@planned(
    models.AgreementTerms,
    description="What a version of an agreement says beside its targets. Null means that it does not say.",
)
class AgreementTerms(Node, Recorded):
    """Terms; never changed. Others are those of a further version."""

    agreement_version: AgreementVersion = to_one("The version that has them.", "agreement_version_id")
    term_ends_at: datetime | None = column("The first instant at which the agreement no longer holds by itself.")
    notice_days: int | None = column("How many days before that notice is due.")
    decision_due_at: datetime | None = expression(
        terms_decision_due_at, "Until when to decide whether to go on: the end of the term less the days of notice."
    )
    renewal: Renewal | None = column("What happens when the term ends.")
    renewal_months: int | None = column("For how many months it is renewed.")
    coverage_calendar: Calendar | None = to_one("The service hours it covers.", "coverage_calendar_id")
    population: str = column("Whom or what it is for, in words; may be empty.")
    population_share_percent: Decimal | None = column("Which share of that is ours, in percent.")
    exclusions: list[str] = column("What it excludes, by name.")
    monthly_maintenance_seconds: int | None = column("At most how much planned maintenance in a month, in seconds.")
    force_majeure: bool | None = column("Whether force majeure suspends it.")
    currency: str | None = column("The currency of its amounts, such as EUR.")
    fee_amount: Decimal | None = column("The fee.")
    fee_period: PeriodKind | None = column("For which period that is the fee.")
    at_risk_percent: Decimal | None = column("The most that all credits of a period come to, in percent of the fee.")
    at_risk_amount: Decimal | None = column("The most that all credits of a period come to, as an amount.")
    claim_deadline_days: int | None = column("How many days after a period its credits can be claimed.")
    signed_at: datetime | None = column("When it was signed.")
    credit_bands: list[CreditBand] = to_many(
        "The credits it grants, from the lowest attainment up.", "terms_id", order=Order(("lower_percent",))
    )


@planned(
    models.AgreementParticipation,
    description="An entry in the history of who owns, negotiates and signs an agreement.",
)
class AgreementParticipation(Node, Recorded):
    """The beginning or the end of taking part in an agreement."""

    agreement: Agreement = to_one("The agreement.", "agreement_id")
    person: Person = to_one("Who.", "person_id")
    part: AgreementPart = column("What the person does for it.")
    role: GovernanceRole | None = column("The role in which the person says to do so; null if none was said.")
    tenure: Tenure = column("Whether the person does so from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this agreement, person and part.")


@planned(models.ProcurementEvent, description="Something that happened to a contract between sourcing and its end.")
class ProcurementEvent(Node, Recorded):
    """An event; never changed."""

    agreement: Agreement = to_one("The contract.", "agreement_id")
    kind: ProcurementEventKind = column("What happened.")
    criterion: AwardCriterion | None = column("What decided an award; null if it was not said, or nothing was awarded.")
    occurred_at: datetime = column("When.")
    person: Person | None = to_one("Who did it; null if not named.", "person_id")
    note: str = column("What there is to say about it; may be empty.")


@planned(models.RecommendationDecision, description="What became of a recommendation, and why.")
class RecommendationDecision(Node, Recorded):
    """An answer; never changed."""

    recommendation: "ProcurementRecommendation" = to_one("The recommendation.", "recommendation_id")
    person: Person = to_one("Who decided.", "person_id")
    answer: RecommendationAnswer = column("Whether it was followed.")
    decided_at: datetime = column("When.")
    reason: str = column("Why.")


@planned(
    models.ProcurementRecommendation, description="What somebody recommended about a contract, and what became of it."
)
class ProcurementRecommendation(Node, Recorded):
    """A recommendation; never changed."""

    agreement: Agreement = to_one("The contract.", "agreement_id")
    person: Person = to_one("Who recommends it.", "person_id")
    recommended_at: datetime = column("When.")
    statement: str = column("What is recommended.")
    decision: Optional[RecommendationDecision] = to_one(  # noqa: UP045 - like its neighbours with forward references
        "What became of it; null while nobody answered.", ("", "recommendation_id"), optional=True
    )
