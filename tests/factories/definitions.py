"""Calendars, services and agreements that only the tests of something else need."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.agreements.commands import create_agreement
from services.agreements.rules import AgreementKind, AvailabilityDefinition, TargetDefinition
from services.calendars.commands import create_calendar
from services.calendars.rules import VersionDefinition, WeeklyHours
from services.catalogue.commands import create_service
from services.db import Database
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor
from tests.factories.organisations import NOW

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
OFFICE_HOURS = VersionDefinition("Europe/London", [WeeklyHours(day, "09:00", "17:00") for day in range(1, 6)])


async def new_calendar(
    database: Database, actor: Actor, key: str = "office", definition: VersionDefinition = OFFICE_HOURS
) -> UUID:
    """A calendar in force from `SINCE`."""
    async with database.writing(actor.organisation_id) as session:
        return await create_calendar(
            session, actor=actor, key=key, name="Office hours", valid_from=SINCE, definition=definition, now=NOW
        )


async def new_service(database: Database, actor: Actor, key: str = "mail") -> UUID:
    """A service."""
    async with database.writing(actor.organisation_id) as session:
        return await create_service(session, actor=actor, key=key, name="E-mail", now=NOW)


def target(calendar_id: UUID, **different: Any) -> TargetDefinition:
    """Resolve within eight business hours, with whatever a test wants different."""
    usual = TargetDefinition(
        key="resolve",
        name="Resolved within eight hours",
        calendar_id=calendar_id,
        duration_seconds=8 * 3600,
        stop_states=(TicketState.RESOLVED, TicketState.CLOSED),
        pause_states=(TicketState.AWAITING_CUSTOMER,),
        objective_percent=Decimal(95),
    )
    return replace(usual, **different)


def available(**different: Any) -> AvailabilityDefinition:
    """There for 99.9 % of each month around the clock, with whatever a test wants different."""
    return replace(AvailabilityDefinition("up", "There", Decimal("99.9")), **different)


async def new_agreement(
    database: Database,
    actor: Actor,
    service_id: UUID,
    *targets: TargetDefinition,
    key: str = "mail-sla",
    availability: Sequence[AvailabilityDefinition] = (),
    kind: AgreementKind = AgreementKind.SLA,
) -> UUID:
    """An agreement in force from `SINCE`."""
    async with database.writing(actor.organisation_id) as session:
        return await create_agreement(
            session,
            actor=actor,
            key=key,
            name="E-mail agreement",
            kind=kind,
            service_id=service_id,
            valid_from=SINCE,
            targets=targets,
            availability_targets=availability,
            now=NOW,
        )
