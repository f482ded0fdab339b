"""Cadences, meetings and snapshots recorded by the commands, known when they happened unless a test says otherwise."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.db import Database
from services.governance.commands import create_cadence, record_meeting
from services.governance.rules import AcknowledgementKind, Rhythm
from services.governance.shown import acknowledge_snapshot, record_daily_snapshot
from services.organisations.rules import Actor

FOUNDED = datetime.fromisoformat("2025-01-01T00:00:00Z")


async def new_cadence(database: Database, actor: Actor, rhythm: Rhythm = Rhythm.MONTHLY, **different: Any) -> UUID:
    """A cadence in UTC since 2025."""
    usual = {"key": rhythm.value, "name": rhythm.value, "starts_on": FOUNDED.date(), "time_zone": "UTC", "now": FOUNDED}
    async with database.writing(actor.organisation_id) as session:
        return await create_cadence(session, actor=actor, rhythm=rhythm, **usual | different)


async def new_meeting(
    database: Database,
    actor: Actor,
    cadence_id: UUID,
    planned_for: date,
    held_at: datetime,
    now: datetime | None = None,
    **different: Any,
) -> UUID:
    """A meeting without a trace."""
    async with database.writing(actor.organisation_id) as session:
        return await record_meeting(
            session, actor=actor, cadence_id=cadence_id, planned_for=planned_for, held_at=held_at,
            now=now or held_at, **different,
        )  # fmt: skip


async def new_snapshot(database: Database, actor: Actor, cadence_id: UUID, data_at: datetime) -> UUID:
    """The dashboard of the day its data describe."""
    async with database.writing(actor.organisation_id) as session:
        return await record_daily_snapshot(
            session, actor=actor, cadence_id=cadence_id, day=data_at.date(), data_at=data_at, now=data_at
        )


async def acknowledged(
    database: Database,
    actor: Actor,
    snapshot_id: UUID,
    person_id: UUID,
    at: datetime,
    kind: AcknowledgementKind = AcknowledgementKind.OPENED,
) -> UUID:
    """A person looked at a snapshot."""
    async with database.writing(actor.organisation_id) as session:
        return await acknowledge_snapshot(
            session, actor=actor, snapshot_id=snapshot_id, person_id=person_id, kind=kind, acknowledged_at=at, now=at
        )
