"""What mutations of the service catalogue are given."""

from datetime import datetime

import strawberry

from schema.bulk import ITEMS, MODE
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY, NAME
from schema.vocabulary import BulkMode, Criticality, LifecycleEventKind, OwnershipKind

DESCRIPTION = "What it does for its customers, at most 4000 characters."


@strawberry.input(description="A service to create.")
class CreateServiceInput:
    """A service."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    description: str = strawberry.field(default="", description=DESCRIPTION)
    criticality: Criticality = strawberry.field(
        default=Criticality.STANDARD, description="How much the business depends on it."
    )
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="The department it belongs to; null if none."
    )


@strawberry.input(description="Several services at once.")
class CreateServicesInput:
    """Up to a thousand."""

    items: list[CreateServiceInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="What is to be said anew of a service; what is null or left out stays as it is.")
class UpdateServiceInput:
    """A service."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    name: str | None = strawberry.field(default=None, description=NAME)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    criticality: Criticality | None = strawberry.field(default=None, description="How much the business depends on it.")
    department_id: strawberry.ID | None = strawberry.field(default=None, description="The department it belongs to.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="A change in who owns a service.")
class OwnershipInput:
    """The beginning or the end of owning a service in one capacity."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    person_id: strawberry.ID = strawberry.field(description="The person.")
    kind: OwnershipKind = strawberry.field(description="In which capacity.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="Something that happened to a service.")
class RecordLifecycleEventInput:
    """A milestone."""

    service_id: strawberry.ID = strawberry.field(description="The service.")
    kind: LifecycleEventKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When it happened; not in the future.")
    note: str = strawberry.field(default="", description="What there is to say about it, at most 4000 characters.")
