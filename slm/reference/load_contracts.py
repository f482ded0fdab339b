"""Write what a reference organisation agreed with its supplier, and what its promises are worth.

Good negotiates: service level management is at the table and its requirements bind, somebody owns each contract, and
the evidence is ready before a decision is due. Of Bad procurement signs alone, for the price, and nobody owns anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.clauses import link_clause, record_clause
from services.agreements.contract_rules import (
    AwardCriterion,
    CreditBand,
    Part,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
    Terms,
)
from services.agreements.participation import begin_participation
from services.agreements.procurement import answer_recommendation, recommend, record_procurement_event
from services.agreements.requirement_links import link_requirement
from services.agreements.rules import ClauseEntry
from services.agreements.terms import record_terms
from services.db import WriteSession, fetch
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import Actor, GovernanceRole
from slm.reference.governed import BUYER, MANAGER, OWNER, Governed

RENEWED = timedelta(days=400)
"""Before the end of the history."""
ENDS, NOTICE_DAYS = timedelta(days=150), 60
AWARDED, PREPARED = timedelta(days=5), timedelta(days=30)
READY = timedelta(days=20)
PRICED_BY_BAD = 3
"""Every so many of its agreements with customers have their price, and an end."""
BAD_ENDS = timedelta(days=365)
CONTRACTS = """
SELECT a.id, v.id, t.id, (SELECT min(r.id::text)::uuid FROM service_level_requirement r
                          WHERE r.organisation_id = $1::uuid AND r.service_id = a.service_id)
FROM agreement a
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.agreement_id = a.id
JOIN target t ON t.organisation_id = $1::uuid AND t.agreement_id = a.id
WHERE a.organisation_id = $1::uuid AND a.kind = $2::text ORDER BY a.key
"""
TARGETS = """
SELECT t.key, v.objective_percent FROM target_version v
JOIN target t ON t.organisation_id = $1::uuid AND t.id = v.target_id
WHERE v.organisation_id = $1::uuid AND v.agreement_version_id = $2::uuid ORDER BY t.key
"""
PAID = Terms(currency="EUR", fee_amount=Decimal(1000), fee_period=PeriodKind.MONTH)


@dataclass(frozen=True)
class _Contract:
    """A contract, its version and target, and the requirement of its service, if there is one."""

    session: WriteSession
    actor: Actor
    governed: Governed
    people: Mapping[str, UUID]
    agreement_id: UUID
    version_id: UUID
    target_id: UUID
    requirement_id: UUID | None

    @property
    def renewed_at(self) -> datetime:
        """When it was last renewed."""
        return self.governed.until - RENEWED

    async def happened(self, kind: ProcurementEventKind, at: datetime, criterion: AwardCriterion | None = None) -> None:
        """Procurement did something, and wrote it down."""
        await record_procurement_event(
            self.session, actor=self.actor, agreement_id=self.agreement_id, kind=kind, occurred_at=at,
            criterion=criterion, person_id=self.people[BUYER], now=at,
        )  # fmt: skip

    async def begins(self, person: str, part: Part, role: GovernanceRole | None, at: datetime) -> None:
        """Somebody takes part from then on."""
        await begin_participation(
            self.session, actor=self.actor, agreement_id=self.agreement_id, person_id=self.people[person], part=part,
            role=role, valid_from=at, now=at,
        )  # fmt: skip


async def load_contracts(session: WriteSession, actor: Actor, governed: Governed, people: Mapping[str, UUID]) -> None:
    """Write it for every contract with the supplier, and of Good for every service level agreement.

    Of those Bad has priced one in three, which is how it may find out what they cost.
    """
    for row in await fetch(session, CONTRACTS, actor.organisation_id, "uc"):
        contract = _Contract(session, actor, governed, people, *row)
        if governed.habits.follows_through:
            await _negotiated(contract)
        else:
            await _bought(contract)
    rows = await fetch(session, CONTRACTS, actor.organisation_id, "sla")
    versions = list(dict.fromkeys(row[1] for row in rows))
    good = governed.habits.follows_through
    for version_id in versions if good else versions[::PRICED_BY_BAD]:
        terms = _promised(await fetch(session, TARGETS, actor.organisation_id, version_id))
        if not good:
            terms = replace(terms, renewal=Renewal.NONE, term_ends_at=governed.until + BAD_ENDS)
        await record_terms(
            session, actor=actor, agreement_version_id=version_id, terms=terms, now=governed.went_live_at
        )


def _promised(targets: Sequence[tuple[Any, ...]]) -> Terms:
    """What the organisation promises its customer beside the targets: credits down to nothing, doubled far below."""
    bands = []
    for key, objective in targets:
        far = objective * 3 / 4
        bands += [CreditBand(key, Decimal(0), far, Decimal(20)), CreditBand(key, far, objective, Decimal(10))]
    return replace(
        PAID, renewal=Renewal.OUR_OPTION, at_risk_percent=Decimal(20), claim_deadline_days=30, credit_bands=bands
    )


def _bought_terms(contract: _Contract) -> Terms:
    return replace(
        PAID, term_ends_at=contract.governed.until + ENDS, notice_days=NOTICE_DAYS, renewal=Renewal.AUTOMATIC,
        renewal_months=12,
    )  # fmt: skip


async def _negotiated(contract: _Contract) -> None:
    renewed_at = contract.renewed_at
    prepared_at = renewed_at - PREPARED
    await contract.begins(OWNER, Part.OWNER, GovernanceRole.VENDOR_MANAGER, prepared_at)
    await contract.begins(OWNER, Part.NEGOTIATOR, GovernanceRole.VENDOR_MANAGER, prepared_at)
    await contract.begins(MANAGER, Part.NEGOTIATOR, GovernanceRole.SERVICE_LEVEL_MANAGER, prepared_at)
    await contract.begins(BUYER, Part.SIGNER, GovernanceRole.PROCUREMENT_LEAD, prepared_at)
    await contract.happened(ProcurementEventKind.STARTED, prepared_at)
    await _bind(contract, prepared_at)
    await contract.happened(ProcurementEventKind.REQUIREMENTS_ATTACHED, prepared_at)
    await _advise(contract, prepared_at)
    await contract.happened(ProcurementEventKind.AWARDED, renewed_at - AWARDED, AwardCriterion.QUALITY_WEIGHTED)
    await _renew(contract)
    await contract.happened(ProcurementEventKind.EVIDENCE_PACK_READY, contract.governed.until - READY)


async def _bought(contract: _Contract) -> None:
    renewed_at = contract.renewed_at
    await contract.begins(BUYER, Part.SIGNER, GovernanceRole.PROCUREMENT_LEAD, renewed_at)
    await contract.happened(ProcurementEventKind.AWARDED, renewed_at - AWARDED, AwardCriterion.PRICE_ONLY)
    await _renew(contract)


async def _renew(contract: _Contract) -> None:
    await contract.happened(ProcurementEventKind.RENEWED, contract.renewed_at)
    await record_terms(
        contract.session, actor=contract.actor, agreement_version_id=contract.version_id,
        terms=_bought_terms(contract), now=contract.renewed_at,
    )  # fmt: skip


async def _bind(contract: _Contract, at: datetime) -> None:
    """What the customer requires is in the contract and binds the supplier."""
    if contract.requirement_id is None:
        return
    clause = ClauseEntry(contract.agreement_id, "7.1", "What breaks is restored within a day")
    session, actor, requirement_id = contract.session, contract.actor, contract.requirement_id
    clause_id = await record_clause(session, actor=actor, entry=clause, now=at)
    await link_clause(
        session, actor=actor, clause_id=clause_id, requirement_id=requirement_id, binding=True, valid_from=at, now=at
    )
    await link_requirement(
        session, actor=actor, target_id=contract.target_id, requirement_id=requirement_id, valid_from=at, now=at
    )


async def _advise(contract: _Contract, at: datetime) -> None:
    recommendation_id = await recommend(
        contract.session, actor=contract.actor, agreement_id=contract.agreement_id,
        person_id=contract.people[MANAGER], statement="Renew, with the customer's requirement as an annex",
        recommended_at=at, now=at,
    )  # fmt: skip
    await answer_recommendation(
        contract.session, actor=contract.actor, recommendation_id=recommendation_id,
        person_id=contract.people[BUYER], answer=RecommendationAnswer.ACCEPTED, reason="It kept what it promised",
        decided_at=at + AWARDED, now=at + AWARDED,
    )  # fmt: skip
