"""What the services of a reference organisation are run by, and what those owe: enough at Good, too little at Bad."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.commands import create_agreements
from services.agreements.component_support import SupportEntry, record_supports
from services.agreements.rules import AgreementEntry, AgreementKind, TargetDefinition
from services.catalogue.commands import create_service
from services.catalogue.components import create_components
from services.catalogue.response_chains import create_response_chains
from services.catalogue.rules import ComponentDefinition, ComponentEntry, ResponseChainDefinition, ResponseChainEntry
from services.db import WriteSession, fetch
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor
from services.rows import Outcome, sole
from slm.reference.governed import LIVE, PROMISED, Governed

IN_TIME, FAR_TOO_LATE = PROMISED / 2, PROMISED * 3
SHARE = Decimal(90)

SERVICES = """
SELECT DISTINCT s.id, s.key FROM service s
JOIN agreement a ON a.organisation_id = $1::uuid AND a.service_id = s.id
WHERE s.organisation_id = $1::uuid ORDER BY s.key
"""
TEAM = "SELECT id FROM party WHERE organisation_id = $1::uuid AND key = 'it'"
CALENDAR = "SELECT id FROM calendar WHERE organisation_id = $1::uuid ORDER BY key LIMIT 1"


async def load_chains(session: WriteSession, actor: Actor, governed: Governed) -> None:
    """A desk for each service works on its tickets; what it owes was agreed a day after the service was promised.

    Bad agreed nothing about every second desk, and of the others three times as long as it had promised.
    """
    since = governed.blueprint.founded_at + LIVE + timedelta(days=1)
    by: dict[str, Any] = {"session": session, "actor": actor, "now": since}
    services = await fetch(session, SERVICES, actor.organisation_id)
    [(team,)] = await fetch(session, TEAM, actor.organisation_id)
    provided = ComponentDefinition(provider_id=team)
    desks = _made(
        await create_components(
            **by, entries=[ComponentEntry(f"{key}-desk", f"Desk of {key}", since, provided) for _, key in services]
        )
    )
    chains = [
        ResponseChainEntry(f"{key}-repair", f"Repair of {key}", id_, since, ResponseChainDefinition([[desk]]))
        for (id_, key), desk in zip(services, desks, strict=True)
    ]
    await create_response_chains(**by, entries=chains)
    good = governed.habits.follows_through
    kept = [(key, desk) for (_, key), desk in zip(services, desks, strict=True)]
    owing = kept if good else kept[::2]
    agreed = _made(await create_agreements(**by, entries=await _agreements(by, governed, team, since, owing)))
    supports = [SupportEntry(id_, desk, since) for id_, (_, desk) in zip(agreed, owing, strict=True)]
    await record_supports(**by, entries=supports)


async def _agreements(
    by: dict[str, Any], governed: Governed, team: UUID, since: datetime, owing: Sequence[tuple[str, UUID]]
) -> list[AgreementEntry]:
    """They are about the desks' own work, which nobody but the other teams calls a service."""
    service = await create_service(**by, key="service-desk", name="Service desk")
    [(calendar,)] = await fetch(by["session"], CALENDAR, by["actor"].organisation_id)
    within = IN_TIME if governed.habits.follows_through else FAR_TOO_LATE
    owed = TargetDefinition(
        key="repair", name="Repaired", calendar_id=calendar, duration_seconds=int(within.total_seconds()),
        stop_states=(TicketState.RESOLVED, TicketState.CLOSED), objective_percent=SHARE,
    )  # fmt: skip
    return [
        AgreementEntry(
            f"{key}-ola", f"Work of the desk of {key}", AgreementKind.OLA, service, since, [owed], provider_id=team,
            reason="First agreement",
        )
        for key, _ in owing
    ]  # fmt: skip


def _made(outcomes: Sequence[Outcome]) -> list[UUID]:
    return [sole([outcome]) for outcome in outcomes]
