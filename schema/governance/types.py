"""Rhythms, the meetings held in them, what was shown and decided there, and the daily view."""

from datetime import date, datetime
from decimal import Decimal
from typing import Optional

from schema.agreements.types import Target
from schema.attainment.types import PeriodResult
from schema.calendars.types import Calendar
from schema.catalogue.types import Service
from schema.compliance.types import Breach
from schema.governance.inputs import DailySnapshotOrder, MeetingOrder
from schema.nodes import VERSION, Node, Recorded, Versioned
from schema.organisations.types import Person
from schema.pagination import Connection
from schema.planner.declarations import column, connection, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.requirements.meaning import DESIGN_GATES, MEANINGFUL, MEANINGLESS_BECAUSE
from schema.vocabulary import (
    AcknowledgementKind,
    ActionStatus,
    AttendeeRole,
    ChangedObjectKind,
    DecisionKind,
    GateStanding,
    Meaninglessness,
    Outcome,
    PeriodKind,
    Rhythm,
)
from services.attainment.meaning import gates_of_result, is_result_meaningful, result_meaningless_because
from services.governance import models
from services.governance.queries import action_ending, cadence_version


@planned(models.CadenceEnd, description="The end of a cadence.")
class CadenceEnd(Node, Recorded):
    """From when on nothing is expected."""

    cadence: "Cadence" = to_one("The cadence.", "cadence_id")
    ends_on: date = column("The first local day on which it no longer holds.")
    reason: str = column("Why.")


@planned(models.Attendance, description="Whether somebody who was invited came to a meeting.")
class Attendance(Node, Recorded):
    """A person at a meeting, or missing there."""

    meeting: "Meeting" = to_one("The meeting.", "meeting_id")
    person: Person = to_one("The person.", "person_id")
    role: AttendeeRole = column("For whom they were invited.")
    present: bool = column("Whether they came.")


@planned(models.Decision, description="Something a meeting decided.")
class Decision(Node, Recorded):
    """A decision."""

    meeting: "Meeting" = to_one("The meeting.", "meeting_id")
    sequence: int = column("Its place among the meeting's decisions, from 1.")
    kind: DecisionKind = column("What it does.")
    statement: str = column("What was decided.")


@planned(models.ActionStatusChange, description="What became of an action at an instant.")
class ActionStatusChange(Node, Recorded):
    """A fact about an action."""

    action: "Action" = to_one("The action.", "action_id")
    status: ActionStatus = column("What became of it.")
    occurred_at: datetime = column("When.")
    note: str = column("What there is to say about it; may be empty.")
    changed_kind: ChangedObjectKind | None = column("The kind of thing it changed; null if it named none.")
    changed_name: str | None = column("What it changed; null if it named nothing.")


@planned(models.Action, description="What a meeting asked a person to do by an instant.")
class Action(Node, Recorded):
    """An action."""

    meeting: "Meeting" = to_one("The meeting that asked for it.", "meeting_id")
    sequence: int = column("Its place among the meeting's actions, from 1.")
    statement: str = column("What is to be done.")
    owner: Person = to_one("Who is to do it.", "owner_id")
    due_at: datetime = column("By when.")
    ending: ActionStatus | None = expression(action_ending, "How it ended: DONE or DROPPED; null while it is open.")
    status_changes: list[ActionStatusChange] = to_many(
        "Everything that became of it, oldest first.", "action_id", order=Order(("occurred_at",))
    )


@planned(models.MeetingBreach, description="A breach was looked at in a meeting.")
class MeetingBreach(Node, Recorded):
    """The link between the two."""

    meeting: "Meeting" = to_one("The meeting.", "meeting_id")
    breach: Breach = to_one("The breach.", "breach_id")


@planned(models.ReportedFigure, description="What a report said of a target over a period, right or wrong.")
class ReportedFigure(Node, Recorded):
    """A figure as it was shown."""

    report_pack: "ReportPack" = to_one("The report.", "report_pack_id")
    target: Target = to_one("The target.", "target_id")
    period: PeriodKind = column("The kind of period.")
    period_start: datetime = column("The first instant of the period.")
    outcome: Outcome = column("Whether the report said that the objective was reached.")
    attainment_percent: Decimal | None = column("The share the report gave, in percent; null if it gave none.")
    meaningful: bool | None = expression(is_result_meaningful, MEANINGFUL)
    meaningless_because: Meaninglessness | None = expression(result_meaningless_because, MEANINGLESS_BECAUSE)
    design_gates: GateStanding = expression(gates_of_result, DESIGN_GATES)
    adjustment_reason: str = column("Why it was changed by hand; empty if it was not.")
    adjusted_by: Person | None = to_one("Who signed that change; null if there was none.", "adjusted_by_id")
    recomputed: PeriodResult | None = to_one(
        "The result computed from the records, to compare with; null where there is none.",
        ("target_id", "target_id"),
        ("period", "period"),
        ("period_start", "period_start"),
        optional=True,
    )


@planned(models.ReportPack, description="A report as it was shown, identified by its bytes.")
class ReportPack(Node, Recorded):
    """A report pack."""

    meeting: Optional["Meeting"] = to_one("The meeting in which it was shown; null if in none.", "meeting_id")
    title: str = column("What it was called.")
    sha256: str = column("The SHA-256 of its bytes, in hexadecimal.")
    shown_at: datetime = column("When it was shown.")
    figures: list[ReportedFigure] = to_many(
        "The figures it gave, by period.", "report_pack_id", order=Order(("period_start",))
    )


@planned(models.Meeting, description="A meeting that was held.")
class Meeting(Node, Recorded):
    """A meeting."""

    cadence: "Cadence" = to_one("The cadence it belongs to.", "cadence_id")
    planned_for: date = column("The local day it stands for.")
    held_at: datetime = column("When it was held.")
    minutes: str = column("What was said; may be empty.")
    decision_count: int = column("How many decisions were recorded with it. Fewer in `decisions`: records are missing.")
    action_count: int = column("How many actions were recorded with it. Fewer in `actions`: records are missing.")
    breach_count: int = column("How many breaches it looked at. Fewer in `breachLinks`: records are missing.")
    attendance: list[Attendance] = to_many("Who was invited, by role.", "meeting_id", order=Order(("role",)))
    decisions: list[Decision] = to_many("What was decided, in order.", "meeting_id", order=Order(("sequence",)))
    actions: list[Action] = to_many("What it asked for, in order.", "meeting_id", order=Order(("sequence",)))
    breach_links: list[MeetingBreach] = to_many(
        "The breaches that were looked at.", "meeting_id", order=Order(("recorded_at",))
    )
    report_packs: list[ReportPack] = to_many(
        "The reports shown in it, in order.", "meeting_id", order=Order(("shown_at",))
    )


@planned(models.SnapshotAcknowledgement, description="A person opened a daily snapshot or acted on it.")
class SnapshotAcknowledgement(Node, Recorded):
    """An acknowledgement."""

    snapshot: "DailySnapshot" = to_one("The snapshot.", "snapshot_id")
    person: Person = to_one("The person.", "person_id")
    kind: AcknowledgementKind = column("What they did.")
    acknowledged_at: datetime = column("When.")
    note: str = column("What there is to say about it; may be empty.")


@planned(models.DailySnapshot, description="The dashboard of a day. The day counts as kept when somebody looked at it.")
class DailySnapshot(Node, Recorded):
    """A snapshot."""

    cadence: "Cadence" = to_one("The daily cadence it belongs to.", "cadence_id")
    day: date = column("The local day.")
    data_at: datetime = column("The instant its data describe.")
    acknowledgements: list[SnapshotAcknowledgement] = to_many(
        "Who opened it or acted on it, in order.", "snapshot_id", order=Order(("acknowledged_at",))
    )


@planned(
    models.Cadence, description="Something that is to happen in a rhythm, for a service or the whole organisation."
)
class Cadence(Node, Recorded, Versioned):
    """A cadence."""

    version: int = expression(cadence_version, VERSION)
    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    rhythm: Rhythm = column("How often.")
    service: Service | None = to_one("The service it is about; null for the whole organisation.", "service_id")
    starts_on: date = column("Its first local day.")
    time_zone: str = column("The IANA time zone of its days.")
    tolerance_days: int = column("Days after its period by which an occurrence is still on time.")
    calendar: Calendar | None = to_one(
        "The calendar whose holidays are no working days; null if holidays are not known.", "calendar_id"
    )
    ending: Optional[CadenceEnd] = to_one(  # noqa: UP045 - like its neighbours with forward references
        "Its end; null while it holds.", ("", "cadence_id"), optional=True
    )
    meetings: Connection[Meeting] = connection("Its meetings.", "cadence_id", order=MeetingOrder.HELD_AT_DESC)
    daily_snapshots: Connection[DailySnapshot] = connection(
        "Its daily snapshots.", "cadence_id", order=DailySnapshotOrder.DAY_DESC
    )
