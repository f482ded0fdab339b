"""Tickets, what happened to them, and the clocks that time them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.agreements.models import TEXT_ARRAY
from services.db import Base, Recorded, Tenant, Writes, table_info
from services.domain.vocabulary import ClockStatus, Outcome, TicketState

TICKET_KEY = ["ticket.organisation_id", "ticket.id"]


class TicketImport(Base, Tenant, Recorded):
    """One import of an export file: what was read, under which assumptions, and what became of every row.

    `states_resolution`: the export has a column for the instant of resolution, so that a blank in it means "unknown".
    """

    __tablename__ = "ticket_import"
    __table_args__ = (
        Index("ix_ticket_import_organisation_id_recorded_at_id", "organisation_id", "recorded_at", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    source: Mapped[str]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(TEXT_ARRAY)
    profile: Mapped[str]
    time_zone: Mapped[str]
    states_resolution: Mapped[bool]
    rows_read: Mapped[int]
    events_recorded: Mapped[int]
    events_known: Mapped[int]
    rows_rejected: Mapped[int]
    tickets_touched: Mapped[int]


class Ticket(Base, Tenant, Recorded):
    """A ticket: its identity, and where it stands after its latest event."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "customer_id"], ["party.organisation_id", "party.id"]),
        ForeignKeyConstraint(["organisation_id", "provider_id"], ["party.organisation_id", "party.id"]),
        Index("ix_ticket_organisation_id_opened_at_id", "organisation_id", "opened_at", "id"),
        Index("ix_ticket_organisation_id_service_id_opened_at_id", "organisation_id", "service_id", "opened_at", "id"),
        Index("ix_ticket_organisation_id_service_id_closed_at_id", "organisation_id", "service_id", "closed_at", "id"),
        Index("ix_ticket_organisation_id_closed_at_id", "organisation_id", "closed_at", "id"),
        Index(
            "ix_ticket_organisation_id_customer_id_opened_at_id",
            "organisation_id",
            "customer_id",
            "opened_at",
            "id",
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "ix_ticket_organisation_id_provider_id_opened_at_id",
            "organisation_id",
            "provider_id",
            "opened_at",
            "id",
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    service_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    provider_id: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    state: Mapped[TicketState]
    priority: Mapped[str | None]
    category: Mapped[str | None]
    subcategory: Mapped[str | None]
    team: Mapped[str | None]
    assignee: Mapped[str | None]
    event_count: Mapped[int]
    reopen_count: Mapped[int]
    last_event_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    recorded_outcome: Mapped[Outcome | None]
    recorded_outcome_known_at: Mapped[datetime | None]


class TicketEvent(Base, Tenant, Recorded):
    """One update of a ticket as its system of record wrote it: the state it led to, and every source column.

    `synthesised`: the source wrote no such update; it was made from an instant of a row that says how a ticket stands.
    `resolved_at`, `closed_at` and `recorded_outcome` are what this update stated; systems that copy final values
    onto all its updates make them evidence only on its last one.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ticket_id", "key"),
        ForeignKeyConstraint(["organisation_id", "ticket_id"], TICKET_KEY),
        ForeignKeyConstraint(["organisation_id", "import_id"], ["ticket_import.organisation_id", "ticket_import.id"]),
        Index(
            "ix_ticket_event_organisation_id_ticket_id_occurred_at_sequence",
            "organisation_id", "ticket_id", "occurred_at", "sequence", "id",
        ),
        {"info": table_info(Writes.APPEND)},
    )  # fmt: skip
    ticket_id: Mapped[UUID]
    import_id: Mapped[UUID | None]
    key: Mapped[str]
    sequence: Mapped[int]
    occurred_at: Mapped[datetime]
    state: Mapped[TicketState]
    priority: Mapped[str | None]
    category: Mapped[str | None]
    subcategory: Mapped[str | None]
    team: Mapped[str | None]
    assignee: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    recorded_outcome: Mapped[Outcome | None]
    attributes: Mapped[dict[str, Any]]
    synthesised: Mapped[bool] = mapped_column(server_default=text("false"))


class ReportedClock(Base, Tenant, Recorded):
    """What another system said of its own clock on a ticket, at one time. Never a conclusion of ours, nor input to one.

    `key` is the clock's identity on its ticket; a later report that says something else is another row with that key.
    """

    __tablename__ = "reported_clock"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ticket_id", "key", "content_sha256"),
        ForeignKeyConstraint(["organisation_id", "ticket_id"], TICKET_KEY),
        ForeignKeyConstraint(["organisation_id", "import_id"], ["ticket_import.organisation_id", "ticket_import.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    ticket_id: Mapped[UUID]
    import_id: Mapped[UUID]
    key: Mapped[str]
    content_sha256: Mapped[str]
    definition: Mapped[str]
    stage: Mapped[str | None]
    status: Mapped[ClockStatus | None]
    outcome: Mapped[Outcome]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    goal_seconds: Mapped[int | None]
    elapsed_seconds: Mapped[int | None]
    paused_seconds: Mapped[int | None]
    attributes: Mapped[dict[str, Any]]


class ClockFigures:
    """Mixin: what a clock shows, and by which definition and service hours."""

    ticket_id: Mapped[UUID]
    target_id: Mapped[UUID]
    target_version_id: Mapped[UUID]
    calendar_version_id: Mapped[UUID]
    cycle: Mapped[int]
    status: Mapped[ClockStatus]
    outcome: Mapped[Outcome]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    duration_seconds: Mapped[int]
    elapsed_seconds: Mapped[int]
    wall_clock_seconds: Mapped[int]
    paused_seconds: Mapped[int]
    timeline: Mapped[list[dict[str, Any]]]
    computed_at: Mapped[datetime]


class Clock(Base, Tenant, ClockFigures):
    """A target's clock on a ticket: what follows from its events under one definition and one calendar version.

    Replaced when the events or the time say something new; the breach it led to stays as a fact of its own.
    """

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ticket_id", "target_id", "cycle"),
        ForeignKeyConstraint(["organisation_id", "ticket_id"], TICKET_KEY),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "calendar_version_id"], ["calendar_version.organisation_id", "calendar_version.id"]
        ),
        Index("ix_clock_organisation_id_target_id_decided_at_id", "organisation_id", "target_id", "decided_at", "id"),
        Index("ix_clock_organisation_id_due_at_id", "organisation_id", "due_at", "id"),
        Index("ix_clock_organisation_id_decided_at_id", "organisation_id", "decided_at", "id"),
        Index("ix_clock_organisation_id_target_id_due_at_id", "organisation_id", "target_id", "due_at", "id"),
        Index(
            "ix_clock_organisation_id_running_due_at",
            "organisation_id", "due_at",
            postgresql_where=text("status = 'running' AND breached_at IS NULL"),
        ),
        {"info": table_info(Writes.REPLACE)},
    )  # fmt: skip


class SupersededClock(Base, Tenant, ClockFigures):
    """What a clock showed until a changed definition or calendar made it show something else."""

    __tablename__ = "superseded_clock"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "ticket_id", "target_id", "cycle", "recomputation_id", name="uq_superseded_clock_once"
        ),
        ForeignKeyConstraint(["organisation_id", "ticket_id"], TICKET_KEY),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "target_version_id"], ["target_version.organisation_id", "target_version.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "calendar_version_id"], ["calendar_version.organisation_id", "calendar_version.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "recomputation_id"], ["recomputation.organisation_id", "recomputation.id"]
        ),
        Index("ix_superseded_clock_superseded_at", "organisation_id", "recomputation_id", "superseded_at", "id"),
        Index("ix_superseded_clock_computed_at", "organisation_id", "recomputation_id", "computed_at", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    recomputation_id: Mapped[UUID]
    superseded_at: Mapped[datetime]
