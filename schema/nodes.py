"""What types have in common: an id by which they are found again, and the stamps of recorded facts."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from schema.planner.declarations import column, global_id, node_by_id, nodes_by_id, to_one

if TYPE_CHECKING:
    from schema.organisations.types import Account


@strawberry.interface(description="An object with an id, by which `node` finds it again.")
class Node:
    """The Relay interface of the same name."""

    id: strawberry.ID = global_id("Opaque, unique among all types, and stable. Keep it; do not take it apart.")


@strawberry.interface(description="A fact with the stamps of its recording.")
class Recorded:
    """When the system of record knew it, when we received it, from whom."""

    recorded_at: datetime = column(
        "When the system of record knew this. An import may carry it over from its source; no mutation can set it."
    )
    received_at: datetime = column("When we received this, by our own clock. Nobody can set it.")
    recorded_by: Optional[Annotated["Account", strawberry.lazy("schema.organisations.types")]] = to_one(  # noqa: UP045
        "The account that recorded this; null if it is not one of this organisation.", "recorded_by", optional=True
    )


VERSION = "How often it was said, counted from 1. Give it as `expectedVersion` with what you say next."
"""The description of that field wherever it is."""


@strawberry.interface(description="Something that is edited: whoever does says which version they looked at.")
class Versioned:
    """The version of what can be said anew."""

    version: int = column(VERSION)


EXPECTED_VERSION = (
    "The `version` you looked at. Where somebody else changed it since, this is a ConflictProblem with the current"
    " version, and nothing is lost. Null: whatever the version is."
)
"""The description of that argument wherever it is taken."""


@strawberry.type
class Queries:
    """The Relay entry points."""

    node: Node | None = node_by_id("An object by its id; null when there is none in your organisation.")
    nodes: list[Node | None] = nodes_by_id(
        "Objects by their ids, in the order asked for; null in the place of each that is not in your organisation."
    )
