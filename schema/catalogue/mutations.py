"""Changing the service catalogue."""

from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.catalogue.dependency_mutations import DependencyMutations
from schema.catalogue.inputs import (
    CreateServiceInput,
    CreateServicesInput,
    OwnershipInput,
    RecordDesignGateInput,
    RecordDesignGatesInput,
    RecordGateParticipationInput,
    RecordGateParticipationsInput,
    RecordLifecycleEventInput,
    UpdateServiceInput,
)
from schema.catalogue.payloads import (
    AssignOwnershipResult,
    CreateServiceResult,
    CreateServicesResult,
    DesignGatePayload,
    EndOwnershipResult,
    GateParticipationPayload,
    LifecycleEventPayload,
    RecordDesignGateResult,
    RecordDesignGatesResult,
    RecordGateParticipationResult,
    RecordGateParticipationsResult,
    RecordLifecycleEventResult,
    ServiceOwnershipPayload,
    ServicePayload,
    UpdateServiceResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.catalogue import commands, design_gates
from services.catalogue.rules import ServiceEntry


@strawberry.type
class Mutations(DependencyMutations):
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

    @mutation("Record that a design gate was held, and what came of it. Managers and administrators.")
    async def record_design_gate(
        self,
        change: Change,
        given: Annotated[RecordDesignGateInput, strawberry.argument(name="input", description="The gate.")],
    ) -> RecordDesignGateResult:
        """See services.catalogue.design_gates.record_design_gate."""
        session, actor, now = change
        recorded = await design_gates.record_design_gate(session, actor=actor, entry=given.entry(actor), now=now)
        return DesignGatePayload(design_gate=row(recorded))

    @mutation("Record design gates. Managers and administrators.")
    async def record_design_gates(
        self,
        change: Change,
        given: Annotated[RecordDesignGatesInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> RecordDesignGatesResult:
        """See services.catalogue.design_gates.record_design_gates."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await design_gates.record_design_gates(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "DesignGate", outcomes, given.mode)

    @mutation("Record that somebody attended or signed a design gate. Managers and administrators.")
    async def record_gate_participation(
        self,
        change: Change,
        given: Annotated[
            RecordGateParticipationInput, strawberry.argument(name="input", description="Who took part, and how.")
        ],
    ) -> RecordGateParticipationResult:
        """See services.catalogue.design_gates.record_gate_participation."""
        session, actor, now = change
        recorded = await design_gates.record_gate_participation(session, actor=actor, entry=given.entry(actor), now=now)
        return GateParticipationPayload(participation=row(recorded))

    @mutation("Record who attended or signed design gates. Managers and administrators.")
    async def record_gate_participations(
        self,
        change: Change,
        given: Annotated[
            RecordGateParticipationsInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> RecordGateParticipationsResult:
        """See services.catalogue.design_gates.record_gate_participations."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await design_gates.record_gate_participations(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "DesignGateParticipation", outcomes, given.mode)
