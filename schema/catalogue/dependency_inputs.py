"""What mutations of the dependency graph and of response chains are given."""

from datetime import datetime

import strawberry

from schema.bulk import ITEMS, MODE
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY, NAME
from schema.references import referenced, referenced_if_given
from schema.vocabulary import BulkMode, ComponentKind, Gate, TicketState
from services.catalogue.rules import ComponentDefinition, ResponseChainDefinition
from services.organisations.rules import Actor

REASON = "Why, at most 4000 characters."
SINCE = "Since when it says this; null: now."
NEXT = "Since when; after the start of its latest version. Null: now."


@strawberry.input(description="Who provides a component, and which others it needs.")
class ComponentDefinitionInput:
    """What a version of a component says."""

    provider_id: strawberry.ID | None = strawberry.field(
        default=None, description="The party that provides it; null: nobody has said, or it is a group."
    )
    gate: Gate | None = strawberry.field(
        default=None, description="How many of those it needs must work; given exactly where it needs any."
    )
    at_least: int | None = strawberry.field(default=None, description="How many are enough, with the gate AT_LEAST.")
    needs: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The components it needs, at most 50, none that needs it in turn."
    )

    def defined(self, actor: Actor) -> ComponentDefinition:
        """The definition in the terms of the domain."""
        return ComponentDefinition(
            provider_id=referenced_if_given(actor, "Party", self.provider_id),
            gate=self.gate,
            at_least=self.at_least,
            needs=[referenced(actor, "Component", id_) for id_ in self.needs],
        )


@strawberry.input(description="A component to create, with its first version.")
class CreateComponentInput:
    """A component."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    kind: ComponentKind = strawberry.field(default=ComponentKind.ELEMENT, description="Whether it can fail by itself.")
    service_id: strawberry.ID | None = strawberry.field(
        default=None, description="The service of ours that it is; null if it is none."
    )
    definition: ComponentDefinitionInput = strawberry.field(
        default_factory=ComponentDefinitionInput, description="Who provides it, and what it needs."
    )
    valid_from: datetime | None = strawberry.field(default=None, description=SINCE)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Several components at once. None can need another one of them: create that before.")
class CreateComponentsInput:
    """Up to a thousand."""

    items: list[CreateComponentInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A version of a component to publish: all that holds from then on.")
class PublishComponentVersionInput:
    """A version."""

    component_id: strawberry.ID = strawberry.field(description="The component.")
    definition: ComponentDefinitionInput = strawberry.field(description="Who provides it, and what it needs.")
    valid_from: datetime | None = strawberry.field(default=None, description=NEXT)
    reason: str = strawberry.field(default="", description=REASON)
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="A new name of a component.")
class RenameComponentInput:
    """A name."""

    component_id: strawberry.ID = strawberry.field(description="The component.")
    name: str = strawberry.field(description=NAME)


@strawberry.input(description="On which component a service stands.")
class DefineServiceStructureInput:
    """A structure."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    component_id: strawberry.ID = strawberry.field(description="The component: the service works when it does.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="Since when; after the start of its latest structure. Null: now."
    )
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="The structures of several services at once.")
class DefineServiceStructuresInput:
    """Up to a thousand."""

    items: list[DefineServiceStructureInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A place of a response chain.")
class ResponseHopInput:
    """A hop."""

    components: list[strawberry.ID] = strawberry.field(
        description="The components whose teams work on a ticket there, 1 to 10; several work in parallel."
    )


@strawberry.input(description="Who works on a ticket, in order.")
class ResponseChainDefinitionInput:
    """What a version of a response chain says."""

    hops: list[ResponseHopInput] = strawberry.field(description="Its places in order, 1 to 20.")
    stop_states: list[TicketState] = strawberry.field(
        default_factory=list,
        description="States that end its work: it concerns targets that stop in no other. Empty: all targets.",
    )

    def defined(self, actor: Actor) -> ResponseChainDefinition:
        """The definition in the terms of the domain."""
        hops = [[referenced(actor, "Component", id_) for id_ in hop.components] for hop in self.hops]
        return ResponseChainDefinition(hops, self.stop_states)


@strawberry.input(description="A response chain to create, with its first version.")
class CreateResponseChainInput:
    """A response chain."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    service_id: strawberry.ID = strawberry.field(description="The service.")
    definition: ResponseChainDefinitionInput = strawberry.field(description="Its hops.")
    valid_from: datetime | None = strawberry.field(default=None, description=SINCE)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Several response chains at once.")
class CreateResponseChainsInput:
    """Up to a thousand."""

    items: list[CreateResponseChainInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A version of a response chain to publish: all its hops from then on.")
class PublishResponseChainVersionInput:
    """A version."""

    response_chain_id: strawberry.ID = strawberry.field(description="The response chain.")
    definition: ResponseChainDefinitionInput = strawberry.field(description="Its hops.")
    valid_from: datetime | None = strawberry.field(default=None, description=NEXT)
    reason: str = strawberry.field(default="", description=REASON)
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="A new name of a response chain.")
class RenameResponseChainInput:
    """A name."""

    response_chain_id: strawberry.ID = strawberry.field(description="The response chain.")
    name: str = strawberry.field(description=NAME)
