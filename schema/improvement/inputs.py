"""What mutations of the improvement register are given."""

from datetime import datetime

import strawberry

from schema.bulk import ITEMS, MODE
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY
from schema.vocabulary import BulkMode, ChangedObjectKind, Consequence, ImprovementStatus

LONG = "at most 4000 characters"


@strawberry.input(description="An improvement to register.")
class RegisterImprovementInput:
    """An entry of the register."""

    key: str = strawberry.field(description=KEY)
    title: str = strawberry.field(description="What it is, at most 200 characters.")
    consequence: Consequence = strawberry.field(description="What it is meant to be; not NONE.")
    description: str = strawberry.field(default="", description=f"More about it, {LONG}.")
    cause: str = strawberry.field(default="", description=f"What caused the breaches it answers, {LONG}.")
    service_id: strawberry.ID | None = strawberry.field(
        default=None, description="The service it is about; null if it is not about a single one."
    )
    owner_id: strawberry.ID | None = strawberry.field(
        default=None, description="The person who answers for it; null if nobody does."
    )
    breach_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The breaches it answers, at most 1,000."
    )
    registered_at: datetime | None = strawberry.field(
        default=None, description="When it was registered, not in the future; null: now."
    )


@strawberry.input(description="Several improvements at once.")
class RegisterImprovementsInput:
    """Up to a thousand."""

    items: list[RegisterImprovementInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A breach an improvement answers, too.")
class LinkBreachInput:
    """A link."""

    improvement_id: strawberry.ID = strawberry.field(description="The improvement.")
    breach_id: strawberry.ID = strawberry.field(description="The breach.")


@strawberry.input(description="Something an improvement changed.")
class ChangedObjectInput:
    """What, and by which change."""

    kind: ChangedObjectKind = strawberry.field(description="What kind of thing was changed.")
    name: str = strawberry.field(description="What was changed, at most 200 characters.")
    change_reference: str = strawberry.field(
        default="",
        description="The reference of the change that did it, at most 200 characters. Without one nothing is"
        " structural.",
    )


@strawberry.input(description="A status an improvement reached.")
class RecordImprovementStatusInput:
    """A fact about how far an improvement has come."""

    improvement_id: strawberry.ID = strawberry.field(description="The improvement.")
    status: ImprovementStatus = strawberry.field(
        description="IMPLEMENTED or STOPPED after it was registered; VERIFIED or INEFFECTIVE after it was implemented."
    )
    occurred_at: datetime | None = strawberry.field(
        default=None, description="When it was reached: not in the future, not before the status it follows; null: now."
    )
    note: str = strawberry.field(
        default="", description=f"What there is to say, {LONG}; required where an effect is judged."
    )
    changed_objects: list[ChangedObjectInput] = strawberry.field(
        default_factory=list, description="With IMPLEMENTED: what was changed, at most 50."
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="A reasoned acceptance that nothing is improved because of a breach.")
class AcceptBreachInput:
    """An acceptance."""

    breach_id: strawberry.ID = strawberry.field(description="The breach.")
    person_id: strawberry.ID = strawberry.field(description="Who accepts it.")
    reason: str = strawberry.field(description=f"Why, {LONG}.")
    accepted_at: datetime | None = strawberry.field(default=None, description="When, not in the future; null: now.")
