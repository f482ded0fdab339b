"""Finding services, who owns them, and which of them are live."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.catalogue.models import Service, ServiceOwnership
from services.catalogue.rules import RECORDING_GRACE, Criticality, OwnershipKind
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


OWNERS_OF_SERVICES = """
WITH latest AS (
    SELECT DISTINCT ON (o.service_id, o.kind, o.person_id) o.service_id, o.kind, o.tenure FROM service_ownership o
    WHERE o.organisation_id = $1::uuid AND o.valid_from <= $2::timestamptz AND o.recorded_at <= $2::timestamptz
    ORDER BY o.service_id, o.kind, o.person_id, o.valid_from DESC
)
SELECT latest.service_id, array_agg(DISTINCT latest.kind) FROM latest WHERE latest.tenure = 'held'
GROUP BY latest.service_id
"""


async def owners_of_services(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> dict[UUID, frozenset[OwnershipKind]]:
    """In which capacities each service has an owner at `as_of`, by what was recorded then. One statement."""
    return {
        service_id: frozenset(OwnershipKind(kind) for kind in kinds)
        for service_id, kinds in await fetch(session, OWNERS_OF_SERVICES, organisation_id, as_of)
    }


def gate_role_held(participation: str, known_by: str = "") -> str:
    """SQL text: whether the person held the role they stood for at that instant; NULL where nothing records it.

    A governance role by the assignments, a customer by whom the person works for. `$1` is the organisation; with
    `known_by`, SQL text for an instant, only by assignments recorded by then.
    """
    known = f" AND assigned.recorded_at <= {known_by}" if known_by else ""
    return (
        f"(CASE WHEN {participation}.role = 'operations' THEN NULL WHEN {participation}.role = 'customer' THEN EXISTS ("  # noqa: S608
        "SELECT FROM person AS participant JOIN party AS side ON side.organisation_id = $1::uuid"
        " AND side.id = participant.party_id WHERE participant.organisation_id = $1::uuid"
        f" AND participant.id = {participation}.person_id AND side.kind = 'customer')"
        " ELSE coalesce((SELECT assigned.tenure = 'held' FROM role_assignment AS assigned"
        f" WHERE assigned.organisation_id = $1::uuid AND assigned.person_id = {participation}.person_id"
        f" AND assigned.role = {participation}.role AND assigned.valid_from <= {participation}.occurred_at{known}"
        " ORDER BY assigned.valid_from DESC LIMIT 1), FALSE) END)"
    )


def service_level_management_present(gate: str, known_by: str = "") -> str:
    """SQL text: whether somebody attended or signed a gate as service level manager and held that role then.

    What happened, or was put on record, only after the service had gone live on its passing does not count. `$1` is
    the organisation; with `known_by`, SQL text for an instant, only what was recorded by then counts.
    """
    known = f" AND present.recorded_at <= {known_by}" if known_by else ""
    return (
        "EXISTS (SELECT FROM design_gate_participation AS present LEFT JOIN LATERAL ("  # noqa: S608 - an alias, no input
        "SELECT live.occurred_at FROM lifecycle_event AS live WHERE live.organisation_id = $1::uuid"
        f" AND live.service_id = {gate}.service_id AND live.kind = 'go_live' AND live.occurred_at >= {gate}.held_at"
        " ORDER BY live.occurred_at LIMIT 1) AS live ON TRUE"
        f" WHERE present.organisation_id = $1::uuid AND present.design_gate_id = {gate}.id"
        f" AND present.role = 'service_level_manager'{known} AND {gate_role_held('present', known_by)}"
        " AND (live.occurred_at IS NULL OR (live.occurred_at >= present.occurred_at"
        f" AND live.occurred_at >= present.recorded_at - interval '{RECORDING_GRACE.days} days')))"
    )


GATES = f"""
SELECT gate.id, gate.service_id, gate.key, gate.held_at, {service_level_management_present("gate", "$2::timestamptz")},
       service.design_gate_count
FROM design_gate AS gate JOIN service ON service.organisation_id = $1::uuid AND service.id = gate.service_id
WHERE gate.organisation_id = $1::uuid AND gate.held_at <= $2::timestamptz AND gate.recorded_at <= $2::timestamptz
ORDER BY gate.held_at, gate.id
"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class GateAsOf:
    """A design gate, whether service level management took part, and how many its service should have on record."""

    design_gate_id: UUID
    service_id: UUID
    key: str
    held_at: datetime
    present: bool
    ever_recorded: int


async def design_gates(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> list[GateAsOf]:
    """Every design gate held by `as_of`, by what was recorded then, oldest first. One statement."""
    return [GateAsOf(*row) for row in await fetch(session, GATES, organisation_id, as_of)]


def gate_standing(service: str) -> str:
    """SQL text: a `GateStanding` of a service, given SQL text for its id. `$1` is the organisation."""
    return (
        "(SELECT CASE WHEN count(*) = 0 THEN 'cannot_tell'"  # noqa: S608 - our own names, no input
        " WHEN NOT bool_or(was.present) THEN 'absent_from_every_gate'"
        " WHEN NOT bool_and(was.present) THEN 'absent_from_a_gate'"
        " WHEN count(*) < max(was.recorded) THEN 'cannot_tell' ELSE 'present' END"
        f" FROM (SELECT {service_level_management_present('gate')} AS present, held.design_gate_count AS recorded"
        f" FROM (SELECT {service} AS id OFFSET 0) AS of_service"
        " JOIN service AS held ON held.organisation_id = $1::uuid AND held.id = of_service.id"
        " JOIN design_gate AS gate ON gate.organisation_id = $1::uuid AND gate.service_id = of_service.id) AS was)"
    )


def standing_of_service(service: str) -> str:
    """SQL text: the `GateStanding` of the service a row is."""
    return gate_standing(f"{service}.id")
