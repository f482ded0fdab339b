"""One row of every table of terms, of who takes part in agreements, and of procurement."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.agreements import models
from services.agreements.contract_rules import (
    AwardCriterion,
    Part,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
)
from services.db import Base, new_id
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import Actor, GovernanceRole, Tenure
from tests.factories.stored import START

Row = TypeVar("Row", bound=Base)


def contracting(
    actor: Actor, *, agreement_id: UUID, version_id: UUID, target_id: UUID, calendar_id: UUID, person_id: UUID
) -> list[Base]:
    """The terms of a version with a credit, an owner, an award, and a recommendation with its answer."""

    def row(table: type[Row], **values: Any) -> Row:
        stamps: dict[str, Any] = {"organisation_id": actor.organisation_id}
        if "recorded_at" in table.__table__.columns:
            stamps |= {"recorded_at": START, "recorded_by": actor.account_id}
        return table(**{"id": new_id()} | stamps | values)

    terms = row(
        models.AgreementTerms, agreement_version_id=version_id, term_ends_at=START + timedelta(days=365),
        notice_days=90, renewal=Renewal.AUTOMATIC, renewal_months=12, coverage_calendar_id=calendar_id,
        population="Everybody in the office", population_share_percent=Decimal(50), exclusions=["strikes"],
        monthly_maintenance_seconds=14_400, force_majeure=True, currency="EUR", fee_amount=Decimal(1000),
        fee_period=PeriodKind.MONTH, at_risk_percent=Decimal(15), at_risk_amount=None, claim_deadline_days=30,
        signed_at=START,
    )  # fmt: skip
    band = row(
        models.CreditBand, terms_id=terms.id, target_id=target_id, lower_percent=Decimal(0),
        upper_percent=Decimal("95.5"), credit_percent=Decimal(10), credit_amount=None,
    )  # fmt: skip
    participation = row(
        models.AgreementParticipation, agreement_id=agreement_id, person_id=person_id, part=Part.OWNER,
        role=GovernanceRole.VENDOR_MANAGER, tenure=Tenure.HELD, valid_from=START,
    )  # fmt: skip
    awarded = row(
        models.ProcurementEvent, agreement_id=agreement_id, kind=ProcurementEventKind.AWARDED,
        criterion=AwardCriterion.PRICE_ONLY, occurred_at=START, person_id=person_id, note="Cheapest",
    )  # fmt: skip
    recommendation = row(
        models.ProcurementRecommendation, agreement_id=agreement_id, person_id=person_id, recommended_at=START,
        statement="Ask for credits",
    )  # fmt: skip
    answer = row(
        models.RecommendationDecision, recommendation_id=recommendation.id, person_id=person_id,
        answer=RecommendationAnswer.REJECTED, decided_at=START, reason="Too late",
    )  # fmt: skip
    return [terms, band, participation, awarded, recommendation, answer]
