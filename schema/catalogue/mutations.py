"""Changing the service catalogue."""

from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.catalogue.inputs import (
    CreateServiceInput,
    CreateServicesInput,
    OwnershipInput,
    RecordLifecycleEventInput,
    UpdateServiceInput,
)
from schema.catalogue.payloads import (
    AssignOwnershipResult,
    CreateServiceResult,
    CreateServicesResult,
    EndOwnershipResult,
    LifecycleEventPayload,
    RecordLifecycleEventResult,
    ServiceOwnershipPayload,
    ServicePayload,
    UpdateServiceResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.catalogue import commands
from services.catalogue.rules import ServiceEntry


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create a service. Managers and administrators.")
    async def create_service(
        self,
        change: Change,
        given: Annotated[CreateServiceInput, strawberry.argument(name="input", description="The service.")],
    ) -> CreateServiceResult:
        """See services.catalogue.commands.create_service."""
        session, actor, now = change
        created = await commands.create_service(
            session,
            actor=actor,
            key=given.key,
            name=given.name,
            description=given.description,
            criticality=given.criticality,
            department_id=referenced_if_given(actor, "Department", given.department_id),
            now=now,
        )
        return ServicePayload(service=row(created))

    @mutation("Say something anew of a service; its key never changes. Managers and administrators.")
    async def update_service(
        self,
        change: Change,
        given: Annotated[UpdateServiceInput, strawberry.argument(name="input", description="What to say anew.")],
    ) -> UpdateServiceResult:
        """See services.catalogue.commands.update_service."""
        session, actor, now = change
        service_id = referenced(actor, "Service", given.service_id)
        await commands.update_service(
            session,
            actor=actor,
            service_id=service_id,
            name=given.name,
            description=given.description,
            criticality=given.criticality,
            department_id=referenced_if_given(actor, "Department", given.department_id),
            expected_version=given.expected_version,
            now=now,
        )
        return ServicePayload(service=row(service_id))

    @mutation("Say that a person owns a service from an instant on. Managers and administrators.")
    async def assign_ownership(
        self,
        change: Change,
        given: Annotated[OwnershipInput, strawberry.argument(name="input", description="Who owns what, since when.")],
    ) -> AssignOwnershipResult:
        """See services.catalogue.commands.assign_ownership."""
        session, actor, now = change
        entry = await commands.assign_ownership(
            session,
            actor=actor,
            service_id=referenced(actor, "Service", given.service_id),
            person_id=referenced(actor, "Person", given.person_id),
            kind=given.kind,
            valid_from=given.valid_from or now,
            now=now,
        )
        return ServiceOwnershipPayload(ownership=row(entry))

    @mutation("Say that a person no longer owns a service from an instant on. Managers and administrators.")
    async def end_ownership(
        self,
        change: Change,
        given: Annotated[OwnershipInput, strawberry.argument(name="input", description="Who owned what, until when.")],
    ) -> EndOwnershipResult:
        """See services.catalogue.commands.end_ownership."""
        session, actor, now = change
        entry = await commands.end_ownership(
            session,
            actor=actor,
            service_id=referenced(actor, "Service", given.service_id),
            person_id=referenced(actor, "Person", given.person_id),
            kind=given.kind,
            valid_from=given.valid_from or now,
            now=now,
        )
        return ServiceOwnershipPayload(ownership=row(entry))

    @mutation("Record that something happened to a service. Managers and administrators.")
    async def record_lifecycle_event(
        self,
        change: Change,
        given: Annotated[RecordLifecycleEventInput, strawberry.argument(name="input", description="What happened.")],
    ) -> RecordLifecycleEventResult:
        """See services.catalogue.commands.record_lifecycle_event."""
        session, actor, now = change
        recorded = await commands.record_lifecycle_event(
            session,
            actor=actor,
            service_id=referenced(actor, "Service", given.service_id),
            kind=given.kind,
            occurred_at=given.occurred_at,
            note=given.note,
            now=now,
        )
        return LifecycleEventPayload(lifecycle_event=row(recorded))

    @mutation("Create services. Managers and administrators.")
    async def create_services(
        self,
        change: Change,
        given: Annotated[CreateServicesInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreateServicesResult:
        """See services.catalogue.commands.create_services."""
        session, actor, now = change
        require_few(given.items)
        entries = [
            ServiceEntry(
                item.key,
                item.name,
                item.description,
                item.criticality,
                referenced_if_given(actor, "Department", item.department_id),
            )
            for item in given.items
        ]
        outcomes = await commands.create_services(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Service", outcomes, given.mode)
