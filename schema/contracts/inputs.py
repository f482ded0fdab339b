"""What mutations of contracts are given."""

from datetime import datetime
from decimal import Decimal

import strawberry

from schema.references import referenced_if_given
from schema.vocabulary import (
    AgreementPart,
    AwardCriterion,
    GovernanceRole,
    PeriodKind,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
)
from services.agreements.contract_rules import CreditBand, Terms
from services.organisations.rules import Actor

UNSAID = "null if the agreement does not say."


@strawberry.input(
    description="What a target owes for a period whose attainment lies from the lower side on and below the upper one."
    " It says either a percentage of the fee or an amount."
)
class CreditBandInput:
    """A band of credits."""

    target_key: str = strawberry.field(description="The key of the target, of the same version.")
    lower_percent: Decimal = strawberry.field(description="The lower side of attainment, in percent, from 0 on.")
    upper_percent: Decimal = strawberry.field(
        description="The upper side, in percent. The highest band of a target ends at its objective, the next below it"
        " where that one begins, and so on down to 0."
    )
    credit_percent: Decimal | None = strawberry.field(default=None, description="In percent of the fee of a period.")
    credit_amount: Decimal | None = strawberry.field(default=None, description="As an amount.")


@strawberry.input(description="The terms of a version of an agreement; recorded once.")
class RecordAgreementTermsInput:
    """Terms."""

    agreement_version_id: strawberry.ID = strawberry.field(description="The version that has them.")
    term_ends_at: datetime | None = strawberry.field(
        default=None, description=f"The first instant at which it no longer holds by itself; {UNSAID}"
    )
    notice_days: int | None = strawberry.field(
        default=None, description=f"How many days before that notice is due, at most 3660; {UNSAID}"
    )
    renewal: Renewal | None = strawberry.field(default=None, description=f"What happens when the term ends; {UNSAID}")
    renewal_months: int | None = strawberry.field(
        default=None, description=f"For how many months it is renewed, at most 120; {UNSAID}"
    )
    coverage_calendar_id: strawberry.ID | None = strawberry.field(
        default=None, description=f"The calendar of the service hours it covers; {UNSAID}"
    )
    population: str = strawberry.field(default="", description="Whom or what it is for, at most 4000 characters.")
    population_share_percent: Decimal | None = strawberry.field(
        default=None, description=f"Which share of that is ours, in percent; {UNSAID}"
    )
    exclusions: list[str] = strawberry.field(
        default_factory=list, description="What it excludes, by name: at most 100, each once."
    )
    monthly_maintenance_seconds: int | None = strawberry.field(
        default=None, description=f"At most how much planned maintenance in a month, in seconds; {UNSAID}"
    )
    force_majeure: bool | None = strawberry.field(
        default=None, description=f"Whether force majeure suspends it; {UNSAID}"
    )
    currency: str | None = strawberry.field(default=None, description="The currency of the amounts, such as EUR.")
    fee_amount: Decimal | None = strawberry.field(default=None, description=f"The fee; {UNSAID}")
    fee_period: PeriodKind | None = strawberry.field(default=None, description="For which period that is the fee.")
    at_risk_percent: Decimal | None = strawberry.field(
        default=None, description=f"The most that all credits of a period come to, in percent of the fee; {UNSAID}"
    )
    at_risk_amount: Decimal | None = strawberry.field(default=None, description=f"The same as an amount; {UNSAID}")
    claim_deadline_days: int | None = strawberry.field(
        default=None, description=f"How many days after a period its credits can be claimed; {UNSAID}"
    )
    signed_at: datetime | None = strawberry.field(default=None, description="When it was signed; null if not known.")
    credit_bands: list[CreditBandInput] = strawberry.field(
        default_factory=list, description="The credits it grants, at most 200 bands."
    )

    def terms(self, actor: Actor) -> Terms:
        """The terms in the words of the domain."""
        same = Terms.__dataclass_fields__.keys() - {"coverage_calendar_id", "credit_bands"}
        return Terms(
            **{name: getattr(self, name) for name in same},
            coverage_calendar_id=referenced_if_given(actor, "Calendar", self.coverage_calendar_id),
            credit_bands=[
                CreditBand(
                    band.target_key, band.lower_percent, band.upper_percent, band.credit_percent, band.credit_amount
                )
                for band in self.credit_bands
            ],
        )


@strawberry.input(description="A person who begins to own, negotiate or sign an agreement.")
class BeginParticipationInput:
    """The beginning of taking part."""

    agreement_id: strawberry.ID = strawberry.field(description="The agreement.")
    person_id: strawberry.ID = strawberry.field(description="Who.")
    part: AgreementPart = strawberry.field(description="What the person does for it.")
    role: GovernanceRole | None = strawberry.field(
        default=None, description="The role in which the person does so; null if none was said."
    )
    valid_from: datetime | None = strawberry.field(default=None, description="Since when; null: from now on.")


@strawberry.input(description="A person who no longer owns, negotiates or signs an agreement.")
class EndParticipationInput:
    """The end of taking part."""

    agreement_id: strawberry.ID = strawberry.field(description="The agreement.")
    person_id: strawberry.ID = strawberry.field(description="Who.")
    part: AgreementPart = strawberry.field(description="What the person did for it.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The first instant at which the person does so no longer; null: now."
    )


@strawberry.input(description="Something that happened to a contract.")
class RecordProcurementEventInput:
    """An event."""

    agreement_id: strawberry.ID = strawberry.field(description="The contract.")
    kind: ProcurementEventKind = strawberry.field(description="What happened.")
    occurred_at: datetime | None = strawberry.field(default=None, description="When; null: now.")
    criterion: AwardCriterion | None = strawberry.field(
        default=None, description="What decided, if something was awarded; null if not said."
    )
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Who did it; null if not named.")
    note: str = strawberry.field(default="", description="What there is to say, at most 4000 characters.")


@strawberry.input(description="A recommendation about a contract.")
class RecommendInput:
    """A recommendation."""

    agreement_id: strawberry.ID = strawberry.field(description="The contract.")
    person_id: strawberry.ID = strawberry.field(description="Who recommends it.")
    statement: str = strawberry.field(description="What is recommended, 1 to 4000 characters.")
    recommended_at: datetime | None = strawberry.field(default=None, description="When; null: now.")


@strawberry.input(description="The answer to a recommendation.")
class AnswerRecommendationInput:
    """An answer."""

    recommendation_id: strawberry.ID = strawberry.field(description="The recommendation.")
    person_id: strawberry.ID = strawberry.field(description="Who decided.")
    answer: RecommendationAnswer = strawberry.field(description="Whether it is followed.")
    reason: str = strawberry.field(description="Why, 1 to 4000 characters.")
    decided_at: datetime | None = strawberry.field(default=None, description="When; null: now.")
