"""Saying which agreement supports which component."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from schema.agreements.types import ComponentSupport
from schema.bulk import ITEMS, MODE, BulkPayload, bulk_answer, require_few
from schema.mutation import Change, Refusal, mutation
from schema.planner.declarations import row, stored
from schema.references import referenced
from schema.vocabulary import BulkMode
from services.agreements import component_support as commands
from services.organisations.rules import Actor


@strawberry.input(description="A change in which components an OLA or UC supports.")
class ComponentSupportInput:
    """The beginning or the end of supporting a component."""

    agreement_id: strawberry.ID = strawberry.field(description="The agreement, an OLA or UC.")
    component_id: strawberry.ID = strawberry.field(
        description="The component, no group: how well it works by itself is what the agreement says."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="Components that OLAs and UCs support from some instant on, several at once.")
class SupportComponentsInput:
    """Up to a thousand."""

    items: list[ComponentSupportInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.type(description="An entry was added to the history of which components an agreement supports.")
class ComponentSupportPayload:
    """See supportComponent and endComponentSupport."""

    support: ComponentSupport = stored("The entry.")


SupportComponentResult = Annotated[
    ComponentSupportPayload | Refusal,
    strawberry.union("SupportComponentResult", description="What came of recording what supports a component."),
]
EndComponentSupportResult = Annotated[
    ComponentSupportPayload | Refusal,
    strawberry.union("EndComponentSupportResult", description="What came of ending what supports a component."),
]
SupportComponentsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("SupportComponentsResult", description="What came of recording what supports components."),
]


@strawberry.type
class SupportMutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Say that an OLA or UC supports a component from an instant on. Managers and administrators.")
    async def support_component(
        self,
        change: Change,
        given: Annotated[ComponentSupportInput, strawberry.argument(name="input", description="What supports what.")],
    ) -> SupportComponentResult:
        """See services.agreements.component_support.support_component."""
        session, actor, now = change
        recorded = await commands.support_component(session, actor=actor, **_said(actor, given, now), now=now)
        return ComponentSupportPayload(support=row(recorded))

    @mutation("Say that an agreement no longer supports a component. Managers and administrators.")
    async def end_component_support(
        self,
        change: Change,
        given: Annotated[ComponentSupportInput, strawberry.argument(name="input", description="What supported what.")],
    ) -> EndComponentSupportResult:
        """See services.agreements.component_support.end_component_support."""
        session, actor, now = change
        recorded = await commands.end_component_support(session, actor=actor, **_said(actor, given, now), now=now)
        return ComponentSupportPayload(support=row(recorded))

    @mutation("Say that OLAs and UCs support components from an instant on. Managers and administrators.")
    async def support_components(
        self,
        change: Change,
        given: Annotated[SupportComponentsInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> SupportComponentsResult:
        """See services.agreements.component_support.record_supports."""
        session, actor, now = change
        require_few(given.items)
        entries = [commands.SupportEntry(**_said(actor, item, now)) for item in given.items]
        outcomes = await commands.record_supports(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "ComponentSupport", outcomes, given.mode)


def _said(actor: Actor, given: ComponentSupportInput, now: datetime) -> dict[str, Any]:
    return {
        "agreement_id": referenced(actor, "Agreement", given.agreement_id),
        "component_id": referenced(actor, "Component", given.component_id),
        "valid_from": given.valid_from or now,
    }
