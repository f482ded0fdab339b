"""What an entry of the audit trail says, and how values are spelled in it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID


class AuditKind(StrEnum):
    """What an entry is about."""

    CREATED = "created"
    """Something came to be recorded; nothing was there before."""
    CHANGED = "changed"
    """What was recorded was replaced by something newer."""
    INGESTED = "ingested"
    """Facts came in by the bulk; they carry who recorded them and which import brought them."""


@dataclass(frozen=True)
class Difference:
    """What an attribute was and what it is: by name, before and after, both as JSON."""

    before: Any
    after: Any


@dataclass(frozen=True)
class Noted:
    """A change as it is noted while its transaction runs.

    `subject_id` is None for the organisation itself. `personal` are the attributes that tell about a person:
    `person_id`, or the one whose account `account_id` is.
    """

    kind: AuditKind
    subject_type: str
    subject_id: UUID | None
    version: int | None
    organisation_id: UUID
    recorded_at: datetime
    recorded_by: UUID
    plain: Mapping[str, Difference]
    personal: Mapping[str, Difference] = field(default_factory=dict)
    person_id: UUID | None = None
    account_id: UUID | None = None


def spelled(value: Any) -> Any:
    """A value as the trail keeps it: JSON, the same for equal values however they were stored."""
    match value:
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case list() | tuple():
            return [spelled(each) for each in value]
    return value
