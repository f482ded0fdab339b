"""The audit trail: who changed what, when, and what it was before."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.filters import InstantRange
from schema.nodes import Node, Recorded
from schema.planner.declarations import (
    any_id_of,
    any_of,
    column,
    embedded,
    id_of_any,
    member,
    planned,
    to_many,
    within,
)
from schema.planner.ordering import Order, ascending, descending
from schema.scalars import Json
from schema.vocabulary import AuditKind
from services.audit import models
from services.organisations.rules import Permission


@strawberry.type(description="What an attribute was, and what it is since the change.")
class AttributeChange:
    """One attribute of an audit entry."""

    attribute: str = member("The attribute, as the database names it, such as `valid_from`.", "attribute")
    before: Json | None = member("Its value before; null if there was none.", "before")
    after: Json | None = member("Its value since.", "after")


@planned(
    models.AuditPersonalValue,
    description="What an attribute that tells about a person was and became, until their data are erased.",
    permission=Permission.AUDIT,
)
class AuditPersonalValue(Node):
    """Kept apart, so that it can be erased while the entry stays."""

    attribute: str = column("The attribute, as the database names it, such as `email`.")
    before: str | None = column("Its value before; null if there was none, or once it was erased.")
    after: str | None = column("Its value since; null if there is none, or once it was erased.")
    erased_at: datetime | None = column("When it was erased because the person was; null if it was not.")


@planned(
    models.AuditEntry,
    description=(
        "An entry of the audit trail: one change of one thing, written with the change itself and never again."
        " `recordedBy` says who, `recordedAt` when."
    ),
    permission=Permission.AUDIT,
)
class AuditEntry(Node, Recorded):
    """An entry."""

    kind: AuditKind = column("What happened.")
    operation: str = column("The mutation or command that did it, such as `updateService` or `slm import`.")
    trace_id: str | None = column("The trace id of the request that did it; null outside requests.")
    subject_type: str = column("The type of what was changed, such as `Service`.")
    subject_id: strawberry.ID = id_of_any("The id of what was changed, for `node`.", "subject_type", "subject_id")
    subject_version: int | None = column("The version it had then; null if it counts none.")
    changes: list[AttributeChange] = embedded(
        "Every attribute that was said, with its value before and since; those that tell about a person stand in"
        " `personalChanges`. Secrets are never there.",
        "changes",
    )
    personal_changes: list[AuditPersonalValue] = to_many(
        "The attributes that tell about a person, by name.", "entry_id", order=Order(("attribute",))
    )


@strawberry.enum(description="Orders of the audit trail.")
class AuditEntryOrder(Enum):
    """By when things were changed."""

    RECORDED_AT_ASC = ascending("recorded_at", description="The earliest change first.")
    RECORDED_AT_DESC = descending("recorded_at", description="The latest change first.")


@strawberry.input(description="Conditions on entries of the audit trail; all that are given must hold.")
class AuditEntryFilter:
    """Which entries."""

    subject: list[strawberry.ID] | None = any_id_of(None, "subject_id", "About one of these objects, of any type.")
    subject_type: list[str] | None = any_of("subject_type", "About objects of one of these types, such as `Service`.")
    actor: list[strawberry.ID] | None = any_id_of("Account", "recorded_by", "By one of these accounts.")
    kind: list[AuditKind] | None = any_of("kind", "Of one of these kinds.")
    operation: list[str] | None = any_of("operation", "By one of these mutations or commands.")
    recorded: InstantRange | None = within("recorded_at", "Within this range.")
