"""Write a generated organisation through the commands of the domain, as the people and systems of it would have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from services.agreements.commands import create_agreement, publish_agreement_version
from services.agreements.rules import TargetDefinition
from services.calendars.commands import create_calendar
from services.calendars.rules import Holiday, VersionDefinition, WeeklyHours, format_time_of_day
from services.catalogue.commands import assign_ownership, create_service, record_lifecycle_event
from services.catalogue.queries import service_by_key
from services.compliance.settlement import settle
from services.db import Database, WriteSession
from services.organisations.commands import (
    assign_role,
    create_department,
    create_party,
    create_person,
    ensure_organisation,
)
from services.organisations.rules import Actor
from services.tickets.commands import ImportCounts, begin_import, finish_import, record_events
from slm.reference.organisation import AgreementFact, Blueprint, CalendarFact, ServiceFact, TargetFact, TicketFact

SOURCE = "reference"


@dataclass
class _Ids:
    """The ids that keys were given, by kind of thing."""

    departments: dict[str, UUID] = field(default_factory=dict)
    parties: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    calendars: dict[str, UUID] = field(default_factory=dict)
    services: dict[str, UUID] = field(default_factory=dict)


async def load(database: Database, blueprint: Blueprint, *, now: datetime) -> Actor:
    """Write the organisation, its tickets, and what follows from them at `now`; returns its system actor.

    All of it in one transaction, once: an organisation with a catalogue is left as it is, whatever was generated anew.
    Facts carry the `recorded_at` they were generated with; events name the import they came with.
    """
    actor = await ensure_organisation(
        database, key=blueprint.key, now=blueprint.founded_at, name=blueprint.name, time_zone=blueprint.time_zone
    )
    async with database.writing(actor.organisation_id) as session:
        if await service_by_key(session, actor.organisation_id, key=blueprint.services[0].key) is None:
            ids = await _load_definitions(session, actor, blueprint)
            if blueprint.tickets:
                await _load_tickets(session, actor, blueprint, ids.services, now)
    return actor


async def _load_definitions(session: WriteSession, actor: Actor, blueprint: Blueprint) -> _Ids:
    ids, now = _Ids(), blueprint.founded_at
    for department in blueprint.departments:
        parent_id = ids.departments[department.parent] if department.parent else None
        ids.departments[department.key] = await create_department(
            session, actor=actor, key=department.key, name=department.name, parent_id=parent_id, now=now
        )
    for party in blueprint.parties:
        ids.parties[party.key] = await create_party(
            session, actor=actor, key=party.key, name=party.name, kind=party.kind, now=now
        )
    for person in blueprint.people:
        person_id = ids.people[person.key] = await create_person(
            session, actor=actor, key=person.key, name=person.name,
            department_id=ids.departments[person.department],
            party_id=ids.parties[person.party] if person.party else None, now=now,
        )  # fmt: skip
        for role in person.roles:
            await assign_role(session, actor=actor, person_id=person_id, role=role, valid_from=now, now=now)
    for calendar in blueprint.calendars:
        ids.calendars[calendar.key] = await create_calendar(
            session, actor=actor, key=calendar.key, name=calendar.name, valid_from=now,
            definition=_calendar_definition(calendar), now=now,
        )  # fmt: skip
    for service in blueprint.services:
        ids.services[service.key] = await _load_service(session, actor, service, ids, now)
    for agreement in blueprint.agreements:
        await _load_agreement(session, actor, agreement, ids)
    return ids


def _calendar_definition(calendar: CalendarFact) -> VersionDefinition:
    return VersionDefinition(
        time_zone=calendar.time_zone,
        windows=[
            WeeklyHours(window.weekday, format_time_of_day(window.opens), format_time_of_day(window.closes))
            for window in calendar.windows
        ],
        holidays=[Holiday(day, name) for day, name in calendar.holidays],
    )


async def _load_service(session: WriteSession, actor: Actor, service: ServiceFact, ids: _Ids, now: datetime) -> UUID:
    service_id = await create_service(
        session, actor=actor, key=service.key, name=service.name, description=service.description,
        criticality=service.criticality, department_id=ids.departments[service.department], now=now,
    )  # fmt: skip
    for kind, occurred_at in service.lifecycle:
        await record_lifecycle_event(
            session, actor=actor, service_id=service_id, kind=kind, occurred_at=occurred_at, now=max(now, occurred_at)
        )
    for owner in service.owners:
        await assign_ownership(
            session, actor=actor, service_id=service_id, person_id=ids.people[owner.person], kind=owner.kind,
            valid_from=now, now=now,
        )  # fmt: skip
    return service_id


async def _load_agreement(session: WriteSession, actor: Actor, agreement: AgreementFact, ids: _Ids) -> None:
    first, *later = agreement.versions
    agreement_id = await create_agreement(
        session, actor=actor, key=agreement.key, name=agreement.name, kind=agreement.kind,
        service_id=ids.services[agreement.service], customer_id=ids.parties[agreement.customer],
        provider_id=ids.parties[agreement.provider], valid_from=first.valid_from, reason=first.reason,
        targets=_targets(first.targets, ids.calendars), now=first.recorded_at,
    )  # fmt: skip
    for version in later:
        await publish_agreement_version(
            session, actor=actor, agreement_id=agreement_id, valid_from=version.valid_from, reason=version.reason,
            targets=_targets(version.targets, ids.calendars), now=version.recorded_at,
        )  # fmt: skip


def _targets(facts: Iterable[TargetFact], calendars: Mapping[str, UUID]) -> list[TargetDefinition]:
    return [
        TargetDefinition(
            key=fact.key,
            name=fact.name,
            calendar_id=calendars[fact.calendar],
            duration_seconds=fact.duration_seconds,
            stop_states=fact.stop_states,
            objective_percent=fact.objective_percent,
            start_states=fact.start_states,
            pause_states=fact.pause_states,
            resume_states=fact.resume_states,
            cancel_states=fact.cancel_states,
            start_rule=fact.start,
            reopen_policy=fact.reopen,
            priorities=fact.priorities,
            period=fact.period,
        )
        for fact in facts
    ]


async def _load_tickets(
    session: WriteSession, actor: Actor, blueprint: Blueprint, services_by_key: Mapping[str, UUID], now: datetime
) -> None:
    import_id = await begin_import(
        session, actor=actor, source=SOURCE, file_name=f"{blueprint.key} (generated)",
        file_sha256=_fingerprint(blueprint.tickets), columns=[], profile=SOURCE, time_zone=blueprint.time_zone,
        states_resolution=False, now=now,
    )  # fmt: skip
    touched: list[UUID] = []
    recorded = 0
    for service, tickets in groupby(sorted(blueprint.tickets, key=attrgetter("service")), attrgetter("service")):
        events = [event for ticket in tickets for event in ticket.events]
        result = await record_events(
            session, actor=actor, events=events, service_id=services_by_key[service], import_id=import_id
        )
        touched += result.ticket_ids
        recorded += result.new
    await settle(session, actor=actor, ticket_ids=touched, now=now)
    counts = ImportCounts(
        rows_read=recorded, events_recorded=recorded, events_known=0, rows_rejected=0, tickets_touched=len(touched)
    )
    await finish_import(session, actor=actor, import_id=import_id, counts=counts, now=now)


def _fingerprint(tickets: Iterable[TicketFact]) -> str:
    digest = sha256()
    for ticket in tickets:
        for event in ticket.events:
            digest.update(f"{event.ticket_key}|{event.event_key}|{event.state}\n".encode())
    return digest.hexdigest()
