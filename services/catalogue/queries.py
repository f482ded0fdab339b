"""Finding services and who owns them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.catalogue.models import Service, ServiceOwnership
from services.catalogue.rules import OwnershipKind
from services.db import ReadSession
from services.organisations.models import Person
from services.organisations.rules import Tenure


async def service_by_key(session: ReadSession, organisation_id: UUID, *, key: str) -> UUID | None:
    """The id of the service with this key."""
    statement = select(Service.id).where(Service.organisation_id == organisation_id, Service.key == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def service_exists(session: ReadSession, organisation_id: UUID, service_id: UUID) -> bool:
    """Whether the organisation has a service with this id."""
    statement = select(Service.id).where(Service.organisation_id == organisation_id, Service.id == service_id)
    return (await session.execute(statement)).scalar_one_or_none() is not None


@dataclass(frozen=True)
class ServiceOwner:
    """A person who owns a service in one capacity, and since when."""

    person_id: UUID
    person_name: str
    kind: OwnershipKind
    since: datetime


async def owners(session: ReadSession, organisation_id: UUID, service_id: UUID, *, at: datetime) -> list[ServiceOwner]:
    """Who owns the service at an instant, longest first."""
    latest = (
        select(ServiceOwnership)
        .ext(distinct_on(ServiceOwnership.kind, ServiceOwnership.person_id))
        .where(
            ServiceOwnership.organisation_id == organisation_id,
            ServiceOwnership.service_id == service_id,
            ServiceOwnership.valid_from <= at,
        )
        .order_by(ServiceOwnership.kind, ServiceOwnership.person_id, ServiceOwnership.valid_from.desc())
        .subquery()
    )
    statement = (
        select(Person.id, Person.name, latest.c.kind, latest.c.valid_from)
        .join(latest, and_(latest.c.person_id == Person.id, latest.c.organisation_id == Person.organisation_id))
        .where(
            Person.organisation_id == organisation_id,
            latest.c.organisation_id == organisation_id,
            latest.c.tenure == Tenure.HELD,
        )
        .order_by(latest.c.valid_from, Person.id, latest.c.kind)
    )
    return [ServiceOwner(*row) for row in await session.execute(statement)]
