"""Write a reference organisation with what its people record about requirements, meetings, reports and breaches.

Every record carries the instant it would have been written down at, through the same commands as anybody's.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.agreements.requirement_links import link_requirement
from services.db import Database, WriteSession, fetch
from services.organisations.rules import Actor
from services.requirements.commands import approve_requirement, create_requirement
from services.requirements.rules import CostBasis, RequirementDefinition, RequirementPriority
from slm.reference.governed import CUSTOMER, DESIGNED, MANAGER, OWNER, Governed
from slm.reference.habits import Approvals
from slm.reference.load import load
from slm.reference.load_chains import load_chains
from slm.reference.load_contracts import load_contracts
from slm.reference.load_experience_terms import load_experience_terms
from slm.reference.load_improvements import load_improvements
from slm.reference.load_meetings import load_meetings
from slm.reference.load_trace import REQUIRED, load_blame, load_trace

LONG_AFTER = timedelta(days=200)

TARGETS = """
SELECT a.service_id, t.id FROM target t
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE t.organisation_id = $1::uuid AND a.kind = 'sla' ORDER BY a.key
"""
PEOPLE = "SELECT key, id FROM person WHERE organisation_id = $1::uuid"
GOVERNED = "SELECT 1 FROM cadence WHERE organisation_id = $1::uuid LIMIT 1"
VERSION = "SELECT id FROM requirement_version WHERE organisation_id = $1::uuid AND requirement_id = $2::uuid"


async def load_governed(database: Database, governed: Governed) -> Actor:
    """Write the organisation as it stands at the end of its history; one that is there already is left as it is."""
    actor = await load(database, governed.blueprint, now=governed.until)
    if governed.habits.is_silent:
        return actor
    async with database.writing(actor.organisation_id) as session:
        if await fetch(session, GOVERNED, actor.organisation_id):
            return actor
        people = await _by_key(session, actor)
        await _load_requirements(session, actor, governed, people[CUSTOMER])
        await load_contracts(session, actor, governed, people)
        await load_trace(session, actor, governed, people)
        await load_blame(session, actor, governed, people)
        await load_chains(session, actor, governed, people)
        await load_experience_terms(session, actor, governed, people)
        await load_meetings(session, actor, governed, manager=people[MANAGER], customer=people[CUSTOMER])
        await load_improvements(session, actor, governed, owner_id=people[OWNER])
    return actor


async def _by_key(session: WriteSession, actor: Actor) -> dict[str, UUID]:
    rows = await fetch(session, PEOPLE, actor.organisation_id)
    return {row[0]: row[1] for row in rows}


async def _load_requirements(session: WriteSession, actor: Actor, governed: Governed, customer_id: UUID) -> None:
    targets = await fetch(session, TARGETS, actor.organisation_id)
    early = governed.habits.approvals is Approvals.BEFORE_GO_LIVE
    for number, (service_id, target_id) in enumerate(targets, start=1):
        if not early and number % 2:
            continue
        claimed_at = governed.blueprint.founded_at + DESIGNED / 2
        recorded_at = claimed_at if early else governed.went_live_at + LONG_AFTER
        await _load_requirement(
            session, actor, f"requirement-{number:02d}", service_id, target_id, customer_id, claimed_at, recorded_at,
            _required(number) if early else REQUIRED,
        )  # fmt: skip


def _required(number: int) -> RequirementDefinition:
    """With the value it protects, which grows from service to service."""
    return replace(
        REQUIRED, business_outcome="Orders go out the same day", cost_amount=Decimal(100 * number), cost_currency="EUR",
        cost_basis=CostBasis.EVENT, priority=RequirementPriority.HIGH,
    )  # fmt: skip


async def _load_requirement(
    session: WriteSession,
    actor: Actor,
    key: str,
    service_id: UUID,
    target_id: UUID,
    customer_id: UUID,
    claimed_at: datetime,
    recorded_at: datetime,
    definition: RequirementDefinition,
) -> None:
    requirement_id = await create_requirement(
        session, actor=actor, key=key, service_id=service_id, valid_from=claimed_at,
        definition=definition, now=recorded_at,
    )  # fmt: skip
    [(version_id,)] = await fetch(session, VERSION, actor.organisation_id, requirement_id)
    await approve_requirement(
        session, actor=actor, requirement_version_id=version_id, person_id=customer_id, approved_at=claimed_at,
        now=recorded_at,
    )  # fmt: skip
    await link_requirement(
        session, actor=actor, target_id=target_id, requirement_id=requirement_id, valid_from=claimed_at, now=recorded_at
    )
