"""What queries and mutations of governance are given."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum

import strawberry

from schema.filters import InstantRange
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import KEY, NAME
from schema.planner.declarations import any_id_of, any_of, holds, within
from schema.planner.ordering import ascending, descending
from schema.vocabulary import (
    AcknowledgementKind,
    ActionStatus,
    AttendeeRole,
    ChangedObjectKind,
    DecisionKind,
    Outcome,
    PeriodKind,
    Rhythm,
)
from services.governance.queries import action_is_open

LONG = "at most 4000 characters"
NOW = "not in the future; null: now"


@strawberry.enum(description="Orders of meetings.")
class MeetingOrder(Enum):
    """By when they were held."""

    HELD_AT_ASC = ascending("held_at", description="The earliest first.")
    HELD_AT_DESC = descending("held_at", description="The latest first.")


@strawberry.enum(description="Orders of actions.")
class ActionOrder(Enum):
    """By when they are due."""

    DUE_AT_ASC = ascending("due_at", description="Due first, first.")
    DUE_AT_DESC = descending("due_at", description="Due last, first.")


@strawberry.enum(description="Orders of report packs.")
class ReportPackOrder(Enum):
    """By when they were shown."""

    SHOWN_AT_ASC = ascending("shown_at", description="The earliest first.")
    SHOWN_AT_DESC = descending("shown_at", description="The latest first.")


@strawberry.enum(description="Orders of daily snapshots.")
class DailySnapshotOrder(Enum):
    """By their days."""

    DAY_ASC = ascending("day", description="The earliest day first.")
    DAY_DESC = descending("day", description="The latest day first.")


@strawberry.input(description="Conditions on cadences; all that are given must hold.")
class CadenceFilter:
    """Which cadences."""

    rhythm: list[Rhythm] | None = any_of("rhythm", "In one of these rhythms.")
    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "About one of these services.")


@strawberry.input(description="Conditions on meetings; all that are given must hold.")
class MeetingFilter:
    """Which meetings."""

    cadence: list[strawberry.ID] | None = any_id_of("Cadence", "cadence_id", "Of one of these cadences.")
    held: InstantRange | None = within("held_at", "Held within this range.")


@strawberry.input(description="Conditions on actions; all that are given must hold.")
class ActionFilter:
    """Which actions."""

    owner: list[strawberry.ID] | None = any_id_of("Person", "owner_id", "Owned by one of these people.")
    meeting: list[strawberry.ID] | None = any_id_of("Meeting", "meeting_id", "Agreed in one of these meetings.")
    due: InstantRange | None = within("due_at", "Due within this range.")
    is_open: bool | None = holds(action_is_open, "Whether it is neither done nor dropped.")


@strawberry.input(description="Conditions on report packs; all that are given must hold.")
class ReportPackFilter:
    """Which packs."""

    meeting: list[strawberry.ID] | None = any_id_of("Meeting", "meeting_id", "Shown in one of these meetings.")
    shown: InstantRange | None = within("shown_at", "Shown within this range.")
    sha256: list[str] | None = any_of("sha256", "With one of these digests.")


@strawberry.input(description="Conditions on daily snapshots; all that are given must hold.")
class DailySnapshotFilter:
    """Which snapshots."""

    cadence: list[strawberry.ID] | None = any_id_of("Cadence", "cadence_id", "Of one of these cadences.")


@strawberry.input(description="Something that is to happen in a rhythm.")
class CreateCadenceInput:
    """A cadence."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    rhythm: Rhythm = strawberry.field(description="How often.")
    starts_on: date = strawberry.field(
        description="The first local day. Only whole periods are asked for, so a monthly rhythm that starts on the 2nd"
        " begins with the next month."
    )
    time_zone: str = strawberry.field(description="The IANA time zone of its days, such as `Europe/London`.")
    service_id: strawberry.ID | None = strawberry.field(
        default=None, description="The service it is about; null for the whole organisation."
    )
    tolerance_days: int | None = strawberry.field(
        default=None,
        description="Days after its period by which it is still on time, 0 to 90; null: 0 daily, 1 weekly, 5 monthly,"
        " 15 quarterly.",
    )
    calendar_id: strawberry.ID | None = strawberry.field(
        default=None, description="A calendar whose holidays are no working days; matters to daily rhythms."
    )


@strawberry.input(description="The end of a cadence.")
class EndCadenceInput:
    """An end."""

    cadence_id: strawberry.ID = strawberry.field(description="The cadence.")
    ends_on: date = strawberry.field(description="The first local day on which it no longer holds.")
    reason: str = strawberry.field(description=f"Why, {LONG}.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="Somebody who was invited to a meeting.")
class AttendeeInput:
    """A person, and whether they came."""

    person_id: strawberry.ID = strawberry.field(description="The person.")
    role: AttendeeRole = strawberry.field(description="For whom they are there.")
    present: bool = strawberry.field(default=True, description="Whether they came.")


@strawberry.input(description="Something a meeting decided.")
class DecisionInput:
    """A decision."""

    kind: DecisionKind = strawberry.field(description="What it does.")
    statement: str = strawberry.field(description=f"What was decided, {LONG}.")


@strawberry.input(description="Something a person is to do.")
class ActionInput:
    """An action."""

    statement: str = strawberry.field(description=f"What is to be done, {LONG}.")
    owner_id: strawberry.ID = strawberry.field(description="The person who is to do it.")
    due_at: datetime = strawberry.field(description="By when.")


@strawberry.input(description="A meeting that was held, with everything that came of it.")
class RecordMeetingInput:
    """A meeting."""

    cadence_id: strawberry.ID = strawberry.field(description="The cadence it belongs to.")
    planned_for: date = strawberry.field(
        description="A local day of the period it stands for: a review of March held in April stands for a day of"
        " March."
    )
    held_at: datetime = strawberry.field(description="When it was held; not in the future.")
    minutes: str = strawberry.field(default="", description=f"What was said, {LONG}.")
    attendance: list[AttendeeInput] = strawberry.field(
        default_factory=list, description="Who was invited, at most 200 people, each once."
    )
    decisions: list[DecisionInput] = strawberry.field(
        default_factory=list, description="What was decided, at most 100."
    )
    actions: list[ActionInput] = strawberry.field(
        default_factory=list, description="What somebody is to do, at most 100."
    )
    breach_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The breaches that were looked at, at most 1,000."
    )


@strawberry.input(description="What became of an action.")
class RecordActionStatusInput:
    """A fact about an action."""

    action_id: strawberry.ID = strawberry.field(description="The action.")
    status: ActionStatus = strawberry.field(description="What became of it.")
    occurred_at: datetime | None = strawberry.field(default=None, description=f"When: {NOW}.")
    note: str = strawberry.field(
        default="", description=f"What there is to say about it, {LONG}; required to drop an action."
    )
    changed_kind: ChangedObjectKind | None = strawberry.field(
        default=None, description="With DONE: the kind of thing it changed; null if it changed nothing lasting."
    )
    changed_name: str | None = strawberry.field(
        default=None, description="With a kind: what it changed, at most 200 characters."
    )


@strawberry.input(description="A figure as a report gave it, right or wrong.")
class ReportedFigureInput:
    """What was said of a target over a period."""

    target_id: strawberry.ID = strawberry.field(description="The target.")
    period: PeriodKind = strawberry.field(description="The kind of period.")
    period_start: datetime = strawberry.field(description="The first instant of the period.")
    outcome: Outcome = strawberry.field(description="Whether the report said that the objective was reached.")
    attainment_percent: Decimal | None = strawberry.field(
        default=None, description="The share the report gave, 0 to 100 with at most 6 decimal places; null if none."
    )
    adjustment_reason: str = strawberry.field(
        default="", description=f"Why the figure was changed by hand, {LONG}; empty if it was not."
    )
    adjusted_by_id: strawberry.ID | None = strawberry.field(
        default=None, description="With a reason: the person who signed the change."
    )


@strawberry.input(description="A report as it was shown.")
class RecordReportPackInput:
    """A report pack."""

    title: str = strawberry.field(description="What it was called, at most 200 characters.")
    sha256: str = strawberry.field(description="The SHA-256 of its bytes in lower-case hexadecimal.")
    shown_at: datetime | None = strawberry.field(default=None, description=f"When it was shown: {NOW}.")
    meeting_id: strawberry.ID | None = strawberry.field(
        default=None, description="The meeting in which it was shown; null if in none."
    )
    figures: list[ReportedFigureInput] = strawberry.field(
        default_factory=list, description="The figures it gave, at most 1,000, one for each target and period."
    )


@strawberry.input(description="The dashboard of a day.")
class RecordDailySnapshotInput:
    """A snapshot."""

    cadence_id: strawberry.ID = strawberry.field(description="The daily cadence it belongs to.")
    day: date = strawberry.field(description="The local day.")
    data_at: datetime = strawberry.field(description="The instant its data describe; not in the future.")


@strawberry.input(description="What a person did with a daily snapshot.")
class AcknowledgeSnapshotInput:
    """An acknowledgement."""

    snapshot_id: strawberry.ID = strawberry.field(description="The snapshot.")
    person_id: strawberry.ID = strawberry.field(description="The person.")
    kind: AcknowledgementKind = strawberry.field(description="What they did.")
    acknowledged_at: datetime | None = strawberry.field(default=None, description=f"When: {NOW}.")
    note: str = strawberry.field(default="", description=f"What there is to say about it, {LONG}.")
