"""What the services of a reference organisation are run by, and what those owe: enough at Good, too little at Bad."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from typing import Any
from uuid import UUID

from services.agreements.commands import create_agreements
from services.agreements.component_support import SupportEntry, record_supports
from services.agreements.contract_rules import Part, Terms
from services.agreements.participation import begin_participation
from services.agreements.rules import AgreementEntry, AgreementKind, TargetDefinition
from services.agreements.terms import record_terms
from services.calendars.commands import create_calendar
from services.calendars.rules import VersionDefinition, WeeklyHours
from services.catalogue.commands import create_service
from services.catalogue.components import create_components
from services.catalogue.response_chains import create_response_chains
from services.catalogue.rules import ComponentDefinition, ComponentEntry, ResponseChainDefinition, ResponseChainEntry
from services.db import WriteSession, fetch
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor, GovernanceRole
from services.rows import Outcome, sole
from slm.reference.governed import BUYER, LIVE, MANAGER, PROMISED, Governed

IN_TIME, FAR_TOO_LATE = PROMISED / 2, PROMISED * 3
SHARE = Decimal(90)

ENDS = timedelta(days=90)
"""After the end of the history, while what it supports goes on."""
OFFICE = VersionDefinition(
    time_zone="UTC", windows=[WeeklyHours(weekday, "08:00", "18:00") for weekday in range(1, 6)], holidays=[]
)


class Shortfall(Enum):
    """What is wrong with what a desk of Bad has agreed."""

    TOO_LATE = auto()
    OFFICE_HOURS = auto()
    ENDS = auto()
    EXCLUDES = auto()


SHORTFALLS = tuple(Shortfall)

SERVICES = """
SELECT DISTINCT s.id, s.key FROM service s
JOIN agreement a ON a.organisation_id = $1::uuid AND a.service_id = s.id
WHERE s.organisation_id = $1::uuid ORDER BY s.key
"""
CONTRACTS = "SELECT key, id FROM agreement WHERE organisation_id = $1::uuid AND kind = 'uc' ORDER BY key"
TEAM = "SELECT id FROM party WHERE organisation_id = $1::uuid AND key = 'it'"
VERSIONS = """
SELECT v.agreement_id, v.id FROM agreement_version v
WHERE v.organisation_id = $1::uuid AND v.agreement_id = ANY($2::uuid[])
"""
CALENDAR = "SELECT id FROM calendar WHERE organisation_id = $1::uuid ORDER BY key LIMIT 1"


async def load_chains(session: WriteSession, actor: Actor, governed: Governed, people: Mapping[str, UUID]) -> None:
    """A desk for each service works on its tickets; what it owes was agreed a day after the service was promised.

    Bad agreed nothing about every second desk. The others promised each something that does not suffice (`SHORTFALLS`).
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
    promised = [None] * len(owing) if good else [SHORTFALLS[number % len(SHORTFALLS)] for number in range(len(owing))]
    entries = await _agreements(by, team, since, [key for key, _ in owing], promised)
    agreed = _made(await create_agreements(**by, entries=entries))
    await _record_terms(by, governed, agreed, promised)
    await _sign(by, governed, people, agreed)
    supports = [SupportEntry(id_, desk, since) for id_, (_, desk) in zip(agreed, owing, strict=True)]
    if good:
        # Whatever a desk cannot repair, the supplier of the hosting does: its contract supports the desk, too.
        contracts: dict[str, UUID] = {row[0]: row[1] for row in await fetch(session, CONTRACTS, actor.organisation_id)}
        supports += [
            SupportEntry(contracts[f"{key}-uc"], desk, since) for key, desk in owing if f"{key}-uc" in contracts
        ]
    await record_supports(**by, entries=supports)


async def _agreements(
    by: dict[str, Any],
    team: UUID,
    since: datetime,
    keys: Sequence[str],
    shortfalls: Sequence[Shortfall | None],
) -> list[AgreementEntry]:
    """They are about the desks' own work, which nobody but the other teams calls a service."""
    service = await create_service(**by, key="service-desk", name="Service desk")
    [(always,)] = await fetch(by["session"], CALENDAR, by["actor"].organisation_id)
    office = always
    if Shortfall.OFFICE_HOURS in shortfalls:
        office = await create_calendar(**by, key="office", name="Office hours", valid_from=since, definition=OFFICE)
    return [
        AgreementEntry(
            f"{key}-ola", f"Work of the desk of {key}", AgreementKind.OLA, service, since,
            [_owed(office if shortfall is Shortfall.OFFICE_HOURS else always, shortfall)], provider_id=team,
            reason="First agreement",
        )
        for key, shortfall in zip(keys, shortfalls, strict=True)
    ]  # fmt: skip


def _owed(calendar_id: UUID, shortfall: Shortfall | None) -> TargetDefinition:
    within = FAR_TOO_LATE if shortfall is Shortfall.TOO_LATE else IN_TIME
    return TargetDefinition(
        key="repair", name="Repaired", calendar_id=calendar_id, duration_seconds=int(within.total_seconds()),
        stop_states=(TicketState.RESOLVED, TicketState.CLOSED), objective_percent=SHARE,
    )  # fmt: skip


async def _record_terms(
    by: dict[str, Any], governed: Governed, agreed: Sequence[UUID], shortfalls: Sequence[Shortfall | None]
) -> None:
    said = {
        Shortfall.ENDS: Terms(term_ends_at=governed.until + ENDS),
        Shortfall.EXCLUDES: Terms(exclusions=("Changes that the customer ordered",)),
    }
    rows = await fetch(by["session"], VERSIONS, by["actor"].organisation_id, list(agreed))
    versions: dict[UUID, UUID] = {row[0]: row[1] for row in rows}
    for agreement_id, shortfall in zip(agreed, shortfalls, strict=True):
        if shortfall in said:
            await record_terms(**by, agreement_version_id=versions[agreement_id], terms=said[shortfall])


async def _sign(by: dict[str, Any], governed: Governed, people: Mapping[str, UUID], agreed: Sequence[UUID]) -> None:
    """At Good service level management is at the table; at Bad procurement signs what it found."""
    signing = [(BUYER, Part.SIGNER, GovernanceRole.PROCUREMENT_LEAD)]
    if governed.habits.follows_through:
        signing.append((MANAGER, Part.NEGOTIATOR, GovernanceRole.SERVICE_LEVEL_MANAGER))
    for agreement_id in agreed:
        for person, part, role in signing:
            await begin_participation(
                **by, agreement_id=agreement_id, person_id=people[person], part=part, role=role, valid_from=by["now"]
            )


def _made(outcomes: Sequence[Outcome]) -> list[UUID]:
    return [sole([outcome]) for outcome in outcomes]
