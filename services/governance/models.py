"""Rhythms, the meetings held in them, what was shown and decided there, and the daily view."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.db import Base, Recorded, Tenant, Writes, table_info
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance.rules import AcknowledgementKind, ActionStatus, AttendeeRole, DecisionKind, Rhythm
from services.improvement.rules import ChangedObjectKind

CADENCE_KEY = ["cadence.organisation_id", "cadence.id"]
MEETING_KEY = ["meeting.organisation_id", "meeting.id"]
SNAPSHOT_KEY = ["daily_snapshot.organisation_id", "daily_snapshot.id"]
PERSON_KEY = ["person.organisation_id", "person.id"]


class Cadence(Base, Tenant, Recorded):
    """A series of meetings or daily views in a rhythm, about one service or the whole organisation."""

    __tablename__ = "cadence"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "calendar_id"], ["calendar.organisation_id", "calendar.id"]),
        CheckConstraint("tolerance_days >= 0", name="tolerance"),
        # Of services only: PostgreSQL 18 would skip through it for pages of all cadences, which have their own index.
        Index(
            "ix_cadence_organisation_id_service_id",
            "organisation_id",
            "service_id",
            "key",
            "id",
            postgresql_where=text("service_id IS NOT NULL"),
        ),
        {"info": table_info(Writes.APPEND)},
    )
    key: Mapped[str]
    name: Mapped[str]
    rhythm: Mapped[Rhythm]
    service_id: Mapped[UUID | None]
    starts_on: Mapped[date]
    time_zone: Mapped[str]
    tolerance_days: Mapped[int]
    calendar_id: Mapped[UUID | None]


class CadenceEnd(Base, Tenant, Recorded):
    """A cadence no longer holds from a local day on. To change a cadence, end it and begin another."""

    __tablename__ = "cadence_end"
    __table_args__ = (
        UniqueConstraint("organisation_id", "cadence_id"),
        ForeignKeyConstraint(["organisation_id", "cadence_id"], CADENCE_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    cadence_id: Mapped[UUID]
    ends_on: Mapped[date]
    reason: Mapped[str]


class Meeting(Base, Tenant, Recorded):
    """A meeting that was held, the local day of the cadence it stands for, and how much was recorded with it.

    The counts are written together with what they count and never change, so that a record that is missing shows.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("organisation_id", "cadence_id", "planned_for"),
        ForeignKeyConstraint(["organisation_id", "cadence_id"], CADENCE_KEY),
        Index("ix_meeting_organisation_id_held_at_id", "organisation_id", "held_at", "id"),
        Index("ix_meeting_organisation_id_cadence_id_held_at_id", "organisation_id", "cadence_id", "held_at", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    cadence_id: Mapped[UUID]
    planned_for: Mapped[date]
    held_at: Mapped[datetime]
    minutes: Mapped[str]
    decision_count: Mapped[int] = mapped_column(server_default="0")
    action_count: Mapped[int] = mapped_column(server_default="0")
    breach_count: Mapped[int] = mapped_column(server_default="0")


class Attendance(Base, Tenant, Recorded):
    """A person was invited to a meeting for one side, and came or did not."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("organisation_id", "meeting_id", "person_id"),
        ForeignKeyConstraint(["organisation_id", "meeting_id"], MEETING_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    meeting_id: Mapped[UUID]
    person_id: Mapped[UUID]
    role: Mapped[AttendeeRole]
    present: Mapped[bool]


class Decision(Base, Tenant, Recorded):
    """Something a meeting decided; `sequence` counts from 1."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("organisation_id", "meeting_id", "sequence"),
        ForeignKeyConstraint(["organisation_id", "meeting_id"], MEETING_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    meeting_id: Mapped[UUID]
    sequence: Mapped[int]
    kind: Mapped[DecisionKind]
    statement: Mapped[str]


class Action(Base, Tenant, Recorded):
    """What a meeting asks a person to do by an instant; `sequence` counts from 1. What became of it is in changes."""

    __tablename__ = "action"
    __table_args__ = (
        UniqueConstraint("organisation_id", "meeting_id", "sequence"),
        ForeignKeyConstraint(["organisation_id", "meeting_id"], MEETING_KEY),
        ForeignKeyConstraint(["organisation_id", "owner_id"], PERSON_KEY),
        Index("ix_action_organisation_id_due_at_id", "organisation_id", "due_at", "id"),
        Index("ix_action_organisation_id_owner_id_due_at_id", "organisation_id", "owner_id", "due_at", "id"),
        Index("ix_action_organisation_id_meeting_id_due_at_id", "organisation_id", "meeting_id", "due_at", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    meeting_id: Mapped[UUID]
    sequence: Mapped[int]
    statement: Mapped[str]
    owner_id: Mapped[UUID]
    due_at: Mapped[datetime]


class ActionStatusChange(Base, Tenant, Recorded):
    """An action was carried over, done or dropped. Done and dropped end it, once."""

    __tablename__ = "action_status_change"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "action_id", "status", "occurred_at", name="uq_action_status_change_instant"
        ),
        ForeignKeyConstraint(["organisation_id", "action_id"], ["action.organisation_id", "action.id"]),
        CheckConstraint("(changed_kind IS NULL) = (changed_name IS NULL)", name="changed"),
        Index(
            "uq_action_status_change_ending",
            "organisation_id",
            "action_id",
            unique=True,
            postgresql_where=text("status IN ('done', 'dropped')"),
        ),
        {"info": table_info(Writes.APPEND)},
    )
    action_id: Mapped[UUID]
    status: Mapped[ActionStatus]
    occurred_at: Mapped[datetime]
    note: Mapped[str]
    changed_kind: Mapped[ChangedObjectKind | None]
    changed_name: Mapped[str | None]


class MeetingBreach(Base, Tenant, Recorded):
    """A breach was looked at in a meeting."""

    __tablename__ = "meeting_breach"
    __table_args__ = (
        UniqueConstraint("organisation_id", "meeting_id", "breach_id"),
        ForeignKeyConstraint(["organisation_id", "meeting_id"], MEETING_KEY),
        ForeignKeyConstraint(["organisation_id", "breach_id"], ["breach.organisation_id", "breach.id"]),
        Index("ix_meeting_breach_organisation_id_breach_id", "organisation_id", "breach_id"),
        {"info": table_info(Writes.APPEND)},
    )
    meeting_id: Mapped[UUID]
    breach_id: Mapped[UUID]


class ReportPack(Base, Tenant, Recorded):
    """A report as it was shown, identified by its bytes."""

    __tablename__ = "report_pack"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256", "shown_at"),
        ForeignKeyConstraint(["organisation_id", "meeting_id"], MEETING_KEY),
        Index("ix_report_pack_organisation_id_shown_at_id", "organisation_id", "shown_at", "id"),
        Index("ix_report_pack_organisation_id_meeting_id", "organisation_id", "meeting_id", "shown_at", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    meeting_id: Mapped[UUID | None]
    title: Mapped[str]
    sha256: Mapped[str]
    shown_at: Mapped[datetime]


class ReportedFigure(Base, Tenant, Recorded):
    """What a report pack said of a target over a period; a signed reason where it was adjusted."""

    __tablename__ = "reported_figure"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "report_pack_id", "target_id", "period", "period_start", name="uq_reported_figure_period"
        ),
        ForeignKeyConstraint(["organisation_id", "report_pack_id"], ["report_pack.organisation_id", "report_pack.id"]),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(["organisation_id", "adjusted_by_id"], PERSON_KEY),
        CheckConstraint("(adjusted_by_id IS NULL) = (adjustment_reason = '')", name="adjustment"),
        {"info": table_info(Writes.APPEND)},
    )
    report_pack_id: Mapped[UUID]
    target_id: Mapped[UUID]
    period: Mapped[PeriodKind]
    period_start: Mapped[datetime]
    outcome: Mapped[Outcome]
    attainment_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    adjustment_reason: Mapped[str]
    adjusted_by_id: Mapped[UUID | None]


class DailySnapshot(Base, Tenant, Recorded):
    """The dashboard of a local day, and how old its data were: `data_at` is the instant they describe."""

    __tablename__ = "daily_snapshot"
    __table_args__ = (
        UniqueConstraint("organisation_id", "cadence_id", "day"),
        ForeignKeyConstraint(["organisation_id", "cadence_id"], CADENCE_KEY),
        Index("ix_daily_snapshot_organisation_id_day_id", "organisation_id", "day", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    cadence_id: Mapped[UUID]
    day: Mapped[date]
    data_at: Mapped[datetime]


class SnapshotAcknowledgement(Base, Tenant, Recorded):
    """A person opened a daily snapshot, or acted on it."""

    __tablename__ = "snapshot_acknowledgement"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id",
            "snapshot_id",
            "person_id",
            "kind",
            "acknowledged_at",
            name="uq_snapshot_acknowledgement_instant",
        ),
        ForeignKeyConstraint(["organisation_id", "snapshot_id"], SNAPSHOT_KEY),
        ForeignKeyConstraint(["organisation_id", "person_id"], PERSON_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    snapshot_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[AcknowledgementKind]
    acknowledged_at: Mapped[datetime]
    note: Mapped[str]
