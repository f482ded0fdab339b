"""What services are built of, and who works on their tickets in which order."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.catalogue.types import Service
from schema.nodes import Node, Recorded, Versioned
from schema.organisations.types import BY_START, Party
from schema.planner.declarations import any_id_of, column, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.vocabulary import ComponentKind, Gate, TicketState
from services.catalogue import models
from services.catalogue.dependencies import component_version_until, response_chain_version_until

if TYPE_CHECKING:
    from schema.agreements.types import ComponentSupport


@planned(models.ComponentNeed, description="One component among those that a version of another one needs.")
class ComponentNeed(Node, Recorded):
    """An edge of the dependency graph."""

    component_version: "ComponentVersion" = to_one("The version that needs it.", "component_version_id")
    needed: "Component" = to_one("The component that is needed.", "needed_id")


@planned(
    models.ComponentVersion,
    description="Who provides a component and what it needs, from an instant on until its next version.",
)
class ComponentVersion(Node, Recorded):
    """A version of a component."""

    component: "Component" = to_one("The component.", "component_id")
    valid_from: datetime = column("Since when it holds.")
    valid_until: datetime | None = expression(
        component_version_until, "The first instant at which it no longer holds; null while no version follows."
    )
    provider: Party | None = to_one(
        "The party that provides it; null where nobody has said, and of groups.", "provider_id"
    )
    gate: Gate | None = column("How many of the components it needs must work; null where it needs none.")
    at_least: int | None = column("How many are enough, with the gate AT_LEAST; otherwise null.")
    reason: str = column("Why it was made; may be empty.")
    needs: list[ComponentNeed] = to_many(
        "The components it needs.", "component_version_id", order=Order(("needed_id",))
    )


@planned(models.ServiceStructure, description="On which component a service stands from an instant on.")
class ServiceStructure(Node, Recorded):
    """A service works exactly when the component does."""

    service: Service = to_one("The service.", "service_id")
    component: "Component" = to_one("The component.", "component_id")
    valid_from: datetime = column("Since when. It lasts until the next entry of this service.")
    reason: str = column("Why; may be empty.")


@planned(
    models.Component,
    description="Something services are built of: a system, the work of a team, what a supplier provides, or a group of"
    " such. However often it is needed, it is one component, so what depends on it fails together.",
)
class Component(Node, Recorded, Versioned):
    """A component."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    kind: ComponentKind = column("Whether it can fail by itself.")
    service: Service | None = to_one("The service of ours that it is; null if it is none.", "service_id")
    versions: list[ComponentVersion] = to_many(
        "Everything that was ever said of it, oldest first.", "component_id", order=BY_START
    )
    needed_by: list[ComponentNeed] = to_many(
        "The versions of other components that need it.", "needed_id", order=Order(("recorded_at",))
    )
    structures: list[ServiceStructure] = to_many(
        "Every entry about services that stand on it, oldest first.", "component_id", order=BY_START
    )
    supports: list[Annotated["ComponentSupport", strawberry.lazy("schema.agreements.types")]] = to_many(
        "Every entry about the agreements that say how well it works, oldest first.", "component_id", order=BY_START
    )


@planned(models.ResponseHop, description="A component whose team works on tickets at one place of a response chain.")
class ResponseHop(Node, Recorded):
    """A hop, or one of several in parallel."""

    response_chain_version: "ResponseChainVersion" = to_one("The version.", "response_chain_version_id")
    position: int = column("Its place, counted from 0; components at the same place work in parallel.")
    component: Component = to_one("The component.", "component_id")


@planned(models.ResponseChainVersion, description="The hops of a response chain from an instant on.")
class ResponseChainVersion(Node, Recorded):
    """A version of a response chain."""

    response_chain: "ResponseChain" = to_one("The response chain.", "response_chain_id")
    valid_from: datetime = column("Since when it holds.")
    valid_until: datetime | None = expression(
        response_chain_version_until, "The first instant at which it no longer holds; null while no version follows."
    )
    stop_states: list[TicketState] = column(
        "States that end its work: it concerns targets that stop in no other. Empty: all targets."
    )
    reason: str = column("Why it was made; may be empty.")
    hops: list[ResponseHop] = to_many(
        "Who works on a ticket, in order.", "response_chain_version_id", order=Order(("position",))
    )


@planned(models.ResponseChain, description="In which order teams and suppliers work on the tickets of a service.")
class ResponseChain(Node, Recorded, Versioned):
    """A response chain."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    service: Service = to_one("The service.", "service_id")
    versions: list[ResponseChainVersion] = to_many(
        "Everything that was ever said of it, oldest first.", "response_chain_id", order=BY_START
    )


@strawberry.input(description="Conditions on response chains; all that are given must hold.")
class ResponseChainFilter:
    """Which response chains."""

    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "Of one of these services.")
