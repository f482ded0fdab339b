"""Write what Wexcombe's services are worked on by, what its contracts say, and what came of comparing them.

The tills, the card payments and the store lines each pass a team and a supplier. What these promise is what a retailer
finds when it looks for the first time: a desk without any agreement, and suppliers who may take longer than the shops.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.component_support import SupportEntry, record_supports
from services.agreements.contract_rules import AwardCriterion, CreditBand, Part, ProcurementEventKind, Renewal, Terms
from services.agreements.participation import begin_participation
from services.agreements.procurement import record_procurement_event
from services.agreements.terms import record_terms
from services.alignment.commands import align
from services.alignment.gaps import accept_gap, assign_gap
from services.catalogue.components import create_components
from services.catalogue.response_chains import create_response_chains
from services.catalogue.rules import ComponentDefinition, ComponentEntry, ResponseChainDefinition, ResponseChainEntry
from services.db import WriteSession, fetch
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import Actor, GovernanceRole
from services.rows import sole
from slm.reference.wexcombe_governance import CUSTOMERS, MANAGER, OWNER

VENDOR_MANAGER, BUYER = "liam-byrne", "helen-ashdown"

# key, name, who provides it, which agreement supports it
COMPONENTS = (
    ("service-desk", "Service Desk", "service-desk", None),
    ("network-operations", "Network Operations", "network-operations", "store-network-ola"),
    ("card-authorisation", "Card authorisation", "paylane", "paylane-uc"),
    ("store-lines", "Lines to the stores", "orbicom", "orbicom-uc"),
    ("till-repair", "Repair of tills", "kestrel", "kestrel-uc"),
)
CHAINS = {
    "card-payments": ("service-desk", "card-authorisation"),
    "store-network": ("network-operations", "store-lines"),
    "point-of-sale": ("service-desk", "till-repair"),
}


@dataclass(frozen=True)
class _Contract:
    """How a contract was made, and when it ends, in days from today; who owns it, if anybody does."""

    agreement: str
    ends: int
    notice_days: int
    owner: str | None
    negotiated: bool
    criterion: AwardCriterion


CONTRACTS = (
    _Contract("paylane-uc", 400, 90, VENDOR_MANAGER, True, AwardCriterion.QUALITY_WEIGHTED),
    _Contract("orbicom-uc", 150, 60, VENDOR_MANAGER, False, AwardCriterion.PRICE_ONLY),
    _Contract("kestrel-uc", 220, 30, None, False, AwardCriterion.PRICE_ONLY),
)
PRICED, PRICED_TARGET = "card-payments-sla", "resolution-p1"
ACCEPTED_FOR = timedelta(days=60)

AGREEMENTS = """
SELECT a.key, a.id, v.id, v.valid_from, a.service_id FROM agreement a
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.agreement_id = a.id
WHERE a.organisation_id = $1::uuid ORDER BY a.key, v.valid_from DESC
"""
BY_KEY = "SELECT key, id FROM {} WHERE organisation_id = $1::uuid"
GAPS = """
SELECT g.id FROM alignment_gap g
JOIN target t ON t.organisation_id = $1::uuid AND t.id = g.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE g.organisation_id = $1::uuid AND g.is_open AND a.key = $2::text AND g.axis = 'value'
ORDER BY t.key LIMIT 2
"""


async def load_wexcombe_chains(session: WriteSession, actor: Actor, now: datetime, people: Mapping[str, UUID]) -> None:
    """Two gaps of card payments have been looked at: one has an owner, of the other the customer accepts the risk."""
    agreements = {row[0]: row[1:] for row in reversed(await fetch(session, AGREEMENTS, actor.organisation_id))}
    parties = dict(await fetch(session, BY_KEY.format("party"), actor.organisation_id))
    services = dict(await fetch(session, BY_KEY.format("service"), actor.organisation_id))
    since = max(row[2] for row in agreements.values() if row[2] < now - timedelta(days=60)) + timedelta(days=1)
    by: dict[str, Any] = {"session": session, "actor": actor, "now": since}
    entries = [
        ComponentEntry(key, name, since, ComponentDefinition(provider_id=parties[party]))
        for key, name, party, _ in COMPONENTS
    ]
    made = [sole([each]) for each in await create_components(**by, entries=entries)]
    components = {key: id_ for (key, *_), id_ in zip(COMPONENTS, made, strict=True)}
    await record_supports(
        **by,
        entries=[
            SupportEntry(agreements[agreement][0], components[key], since)
            for key, _, _, agreement in COMPONENTS
            if agreement is not None
        ],
    )
    await create_response_chains(
        **by,
        entries=[
            ResponseChainEntry(
                f"{service}-repair", f"Repair of {service.replace('-', ' ')}", services[service], since,
                ResponseChainDefinition([[components[key]] for key in hops]),
            )
            for service, hops in CHAINS.items()
        ],
    )  # fmt: skip
    for contract in CONTRACTS:
        await _sign(by, contract, agreements[contract.agreement], now, people)
    bands = [CreditBand(PRICED_TARGET, Decimal(0), Decimal(90), Decimal(15)),
             CreditBand(PRICED_TARGET, Decimal(90), Decimal(95), Decimal(5))]  # fmt: skip
    priced = Terms(
        currency="GBP", fee_amount=Decimal(6000), fee_period=PeriodKind.MONTH, at_risk_percent=Decimal(10),
        claim_deadline_days=30, credit_bands=bands,
    )  # fmt: skip
    await record_terms(**by, agreement_version_id=agreements[PRICED][1], terms=priced)
    await align(session, actor=actor, now=now)
    (owned,), (accepted,) = await fetch(session, GAPS, actor.organisation_id, PRICED)
    await assign_gap(
        session, actor=actor, gap_id=owned, person_id=people[OWNER], due_on=(now + ACCEPTED_FOR).date(),
        reason="Agree with the service desk what it owes", now=now,
    )  # fmt: skip
    await accept_gap(
        session, actor=actor, gap_id=accepted, person_id=people[CUSTOMERS[0]], expires_at=now + ACCEPTED_FOR,
        reason="Tolerable until the contract is renewed", now=now,
    )  # fmt: skip


async def _sign(
    by: dict[str, Any], contract: _Contract, agreement: tuple[Any, ...], now: datetime, people: Mapping[str, UUID]
) -> None:
    agreement_id, version_id, signed_at, _ = agreement
    signing = [(BUYER, Part.SIGNER, GovernanceRole.PROCUREMENT_LEAD)]
    if contract.negotiated:
        signing.append((MANAGER, Part.NEGOTIATOR, GovernanceRole.SERVICE_LEVEL_MANAGER))
    if contract.owner is not None:
        signing.append((contract.owner, Part.OWNER, GovernanceRole.VENDOR_MANAGER))
    at = {"session": by["session"], "actor": by["actor"], "now": signed_at}
    for person, part, role in signing:
        await begin_participation(
            **at, agreement_id=agreement_id, person_id=people[person], part=part, role=role, valid_from=signed_at
        )
    await record_procurement_event(
        **at, agreement_id=agreement_id, kind=ProcurementEventKind.AWARDED, occurred_at=signed_at,
        criterion=contract.criterion, person_id=people[BUYER],
    )  # fmt: skip
    terms = Terms(
        term_ends_at=now + timedelta(days=contract.ends), notice_days=contract.notice_days, renewal=Renewal.AUTOMATIC,
        renewal_months=12, signed_at=signed_at,
    )  # fmt: skip
    await record_terms(**at, agreement_version_id=version_id, terms=terms)
