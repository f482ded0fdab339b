"""Changing the improvement register."""

from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.improvement.inputs import (
    AcceptBreachInput,
    LinkBreachInput,
    RecordImprovementStatusInput,
    RegisterImprovementInput,
    RegisterImprovementsInput,
)
from schema.improvement.payloads import (
    AcceptBreachResult,
    BreachAcceptancePayload,
    ImprovementBreachPayload,
    ImprovementPayload,
    LinkBreachResult,
    RecordImprovementStatusResult,
    RegisterImprovementResult,
    RegisterImprovementsResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.improvement import commands
from services.improvement.rules import ChangedObjectEntry, ImprovementEntry


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Enter an improvement into the register. Managers and administrators.")
    async def register_improvement(
        self,
        change: Change,
        given: Annotated[RegisterImprovementInput, strawberry.argument(name="input", description="The improvement.")],
    ) -> RegisterImprovementResult:
        """See services.improvement.commands.register_improvement."""
        session, actor, now = change
        registered = await commands.register_improvement(
            session,
            actor=actor,
            key=given.key,
            title=given.title,
            consequence=given.consequence,
            registered_at=given.registered_at or now,
            description=given.description,
            cause=given.cause,
            service_id=referenced_if_given(actor, "Service", given.service_id),
            owner_id=referenced_if_given(actor, "Person", given.owner_id),
            breach_ids=[referenced(actor, "Breach", breach_id) for breach_id in given.breach_ids],
            now=now,
        )
        return ImprovementPayload(improvement=row(registered))

    @mutation("Say that an improvement answers a further breach. Managers and administrators.")
    async def link_breach(
        self,
        change: Change,
        given: Annotated[LinkBreachInput, strawberry.argument(name="input", description="Which answers which.")],
    ) -> LinkBreachResult:
        """See services.improvement.commands.link_breach."""
        session, actor, now = change
        linked = await commands.link_breach(
            session,
            actor=actor,
            improvement_id=referenced(actor, "Improvement", given.improvement_id),
            breach_id=referenced(actor, "Breach", given.breach_id),
            now=now,
        )
        return ImprovementBreachPayload(link=row(linked))

    @mutation("Record that an improvement reached a status. Managers and administrators.")
    async def record_improvement_status(
        self,
        change: Change,
        given: Annotated[RecordImprovementStatusInput, strawberry.argument(name="input", description="The status.")],
    ) -> RecordImprovementStatusResult:
        """See services.improvement.commands.record_improvement_status."""
        session, actor, now = change
        improvement_id = referenced(actor, "Improvement", given.improvement_id)
        await commands.record_improvement_status(
            session,
            actor=actor,
            improvement_id=improvement_id,
            status=given.status,
            occurred_at=given.occurred_at or now,
            note=given.note,
            changed_objects=[
                ChangedObjectEntry(changed.kind, changed.name, changed.change_reference)
                for changed in given.changed_objects
            ],
            expected_version=given.expected_version,
            now=now,
        )
        return ImprovementPayload(improvement=row(improvement_id))

    @mutation("Accept, with a reason, that nothing is improved because of a breach. Managers and administrators.")
    async def accept_breach(
        self,
        change: Change,
        given: Annotated[AcceptBreachInput, strawberry.argument(name="input", description="Who accepts what.")],
    ) -> AcceptBreachResult:
        """See services.improvement.commands.accept_breach."""
        session, actor, now = change
        accepted = await commands.accept_breach(
            session,
            actor=actor,
            breach_id=referenced(actor, "Breach", given.breach_id),
            person_id=referenced(actor, "Person", given.person_id),
            accepted_at=given.accepted_at or now,
            reason=given.reason,
            now=now,
        )
        return BreachAcceptancePayload(acceptance=row(accepted))

    @mutation("Enter improvements into the register. Managers and administrators.")
    async def register_improvements(
        self,
        change: Change,
        given: Annotated[
            RegisterImprovementsInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> RegisterImprovementsResult:
        """See services.improvement.commands.register_improvements."""
        session, actor, now = change
        require_few(given.items)
        entries = [
            ImprovementEntry(
                key=item.key,
                title=item.title,
                consequence=item.consequence,
                registered_at=item.registered_at or now,
                description=item.description,
                cause=item.cause,
                service_id=referenced_if_given(actor, "Service", item.service_id),
                owner_id=referenced_if_given(actor, "Person", item.owner_id),
                breach_ids=[referenced(actor, "Breach", breach_id) for breach_id in item.breach_ids],
            )
            for item in given.items
        ]
        outcomes = await commands.register_improvements(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Improvement", outcomes, given.mode)
