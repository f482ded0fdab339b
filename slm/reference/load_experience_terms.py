"""Write what Good agreed with its supplier about experience: one agreement, owned and negotiated by the same person."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.commands import create_agreements
from services.agreements.contract_rules import Part, Renewal, Terms
from services.agreements.participation import begin_participation
from services.agreements.rules import AgreementEntry, AgreementKind, TargetDefinition
from services.agreements.terms import record_terms
from services.db import WriteSession, fetch
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor, GovernanceRole
from services.rows import sole
from slm.reference.governed import BUYER, MANAGER, OWNER, Governed
from slm.reference.load_contracts import NOTICE_DAYS, RENEWED

KEY = "cloud-xla"
ENDS = timedelta(days=365)
"""After the end of the history: nothing to decide about yet."""
ANSWERED_WITHIN = timedelta(minutes=30)
FOUND = """
SELECT (SELECT id FROM party WHERE organisation_id = $1::uuid AND key = 'cloud'),
       (SELECT id FROM service WHERE organisation_id = $1::uuid AND key = 'service-desk'),
       (SELECT id FROM calendar WHERE organisation_id = $1::uuid AND key = 'always')
"""
VERSION = "SELECT id FROM agreement_version WHERE organisation_id = $1::uuid AND agreement_id = $2::uuid"


async def load_experience_terms(
    session: WriteSession, actor: Actor, governed: Governed, people: Mapping[str, UUID]
) -> None:
    """How soon a user who is stuck hears from the supplier: about the desks, who pass such users on."""
    if not governed.habits.follows_through:
        return
    signed_at = governed.until - RENEWED
    by: dict[str, Any] = {"session": session, "actor": actor, "now": signed_at}
    [(supplier, service, calendar)] = await fetch(session, FOUND, actor.organisation_id)
    answered = TargetDefinition(
        key="answer", name="A user who is stuck hears from somebody", calendar_id=calendar,
        duration_seconds=int(ANSWERED_WITHIN.total_seconds()), stop_states=(TicketState.IN_PROGRESS,),
        objective_percent=Decimal(90),
    )  # fmt: skip
    entry = AgreementEntry(
        KEY, "Experience of the hosting", AgreementKind.XLA, service, signed_at, [answered], provider_id=supplier,
        reason="First agreement",
    )  # fmt: skip
    agreement_id = sole(await create_agreements(**by, entries=[entry]))
    [(version_id,)] = await fetch(session, VERSION, actor.organisation_id, agreement_id)
    terms = Terms(
        term_ends_at=governed.until + ENDS, notice_days=NOTICE_DAYS, renewal=Renewal.OUR_OPTION, signed_at=signed_at
    )
    await record_terms(**by, agreement_version_id=version_id, terms=terms)
    for person, part, role in (
        (OWNER, Part.OWNER, GovernanceRole.VENDOR_MANAGER),
        (OWNER, Part.NEGOTIATOR, GovernanceRole.VENDOR_MANAGER),
        (MANAGER, Part.NEGOTIATOR, GovernanceRole.SERVICE_LEVEL_MANAGER),
        (BUYER, Part.SIGNER, GovernanceRole.PROCUREMENT_LEAD),
    ):
        await begin_participation(
            **by, agreement_id=agreement_id, person_id=people[person], part=part, role=role, valid_from=signed_at
        )
