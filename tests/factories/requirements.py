"""Requirements and their approvals, recorded by the commands, at whatever instant a test wants them known."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.catalogue.commands import record_lifecycle_event
from services.catalogue.rules import LifecycleEventKind
from services.db import Database
from services.organisations.commands import create_party, create_person
from services.organisations.rules import Actor, PartyKind
from services.requirements.commands import approve_requirement, create_requirement
from services.requirements.models import RequirementVersion
from services.requirements.rules import RequirementDefinition

DEFINITION = RequirementDefinition("Mail is back by noon")


async def milestone(database: Database, actor: Actor, service_id: UUID, kind: LifecycleEventKind, at: datetime) -> None:
    """Something that happened to a service, recorded when it happened."""
    async with database.writing(actor.organisation_id) as session:
        await record_lifecycle_event(session, actor=actor, service_id=service_id, kind=kind, occurred_at=at, now=at)


async def new_customer(database: Database, actor: Actor, key: str = "bea") -> UUID:
    """A person who works for a customer."""
    async with database.writing(actor.organisation_id) as session:
        party = await create_party(
            session, actor=actor, key=f"{key}-customer", name="Customer", kind=PartyKind.CUSTOMER,
            now=datetime.fromisoformat("2025-01-01T00:00:00Z"),
        )  # fmt: skip
        return await create_person(
            session, actor=actor, key=key, name="Bea", party_id=party,
            now=datetime.fromisoformat("2025-01-01T00:00:00Z"),
        )  # fmt: skip


async def new_requirement(
    database: Database, actor: Actor, service_id: UUID, *, at: datetime, key: str = "mail-restored"
) -> tuple[UUID, UUID]:
    """A requirement known since `at`, and its first version."""
    async with database.writing(actor.organisation_id) as session:
        requirement_id = await create_requirement(
            session, actor=actor, key=key, service_id=service_id, valid_from=at, definition=DEFINITION, now=at
        )
        statement = select(RequirementVersion.id).where(
            RequirementVersion.organisation_id == actor.organisation_id,
            RequirementVersion.requirement_id == requirement_id,
        )
        return requirement_id, (await session.execute(statement)).scalar_one()


async def approved(
    database: Database, actor: Actor, version_id: UUID, person_id: UUID, *, at: datetime, now: datetime
) -> UUID:
    """An approval given at one instant and recorded at another."""
    async with database.writing(actor.organisation_id) as session:
        return await approve_requirement(
            session, actor=actor, requirement_version_id=version_id, person_id=person_id, approved_at=at, now=now
        )
