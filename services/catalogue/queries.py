"""Finding services, who owns them, and which of them are live."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.catalogue.models import Service, ServiceOwnership
from services.catalogue.rules import Criticality, OwnershipKind
from services.db import ReadSession, fetch
from services.organisations.models import Person
from services.organisations.rules import Tenure

LIVE_SERVICES = """
SELECT s.id, s.key, s.name, s.criticality, min(e.occurred_at) FILTER (WHERE e.kind = 'design_approved'),
       min(e.occurred_at) FILTER (WHERE e.kind = 'go_live')
FROM service s
JOIN lifecycle_event e ON e.organisation_id = $1::uuid AND e.service_id = s.id
WHERE s.organisation_id = $1::uuid AND e.occurred_at <= $2::timestamptz AND e.recorded_at <= $2::timestamptz
GROUP BY s.id, s.key, s.name, s.criticality
HAVING max(e.occurred_at) FILTER (WHERE e.kind = 'go_live')
       > coalesce(max(e.occurred_at) FILTER (WHERE e.kind = 'retired'), '-infinity')
ORDER BY s.key
"""


async def service_by_key(session: ReadSession, organisation_id: UUID, *, key: str) -> UUID | None:
    """The id of the service with this key."""
    statement = select(Service.id).where(Service.organisation_id == organisation_id, Service.key == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def service_exists(session: ReadSession, organisation_id: UUID, service_id: UUID) -> bool:
    """Whether the organisation has a service with this id."""
    statement = select(Service.id).where(Service.organisation_id == organisation_id, Service.id == service_id)
    return (await session.execute(statement)).scalar_one_or_none() is not None


@dataclass(frozen=True)
class ServiceInUse:
    """A service customers use: when it first went live, and when its design was first approved, if that is known."""

    service_id: UUID
    key: str
    name: str
    criticality: Criticality
    design_approved_at: datetime | None
    went_live_at: datetime


async def live_services(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> list[ServiceInUse]:
    """The services live at `as_of` by what was recorded then: gone live, not retired since. By key; one statement."""
    return [
        ServiceInUse(service_id, key, name, Criticality(criticality), design_approved_at, went_live_at)
        for service_id, key, name, criticality, design_approved_at, went_live_at in await fetch(
            session, LIVE_SERVICES, organisation_id, as_of
        )
    ]


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
