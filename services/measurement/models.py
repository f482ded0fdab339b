"""Indicators of services, the monitors that deliver them, and the dashboard tiles that show what monitors deliver.

And documents of OpenSLO as they came, with the objectives they state.

Nothing is deleted: a monitor is removed, a tile taken off, a link ended by an entry of its history.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.db import DERIVED, Base, Recorded, Tenant, Versioned, Writes, table_info
from services.measurement.rules import BudgetingMethod, OpenSloKind, ThresholdOperator
from services.organisations.rules import Tenure

INDICATOR_KEY = ["indicator.organisation_id", "indicator.id"]
MONITOR_KEY = ["monitor.organisation_id", "monitor.id"]
TILE_KEY = ["dashboard_tile.organisation_id", "dashboard_tile.id"]


class Indicator(Base, Tenant, Recorded):
    """A metric of a service in a unit. What it measures never changes: another metric is another indicator."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        Index("ix_indicator_organisation_id_service_id", "organisation_id", "service_id", "key", "id"),
        {"info": table_info(Writes.APPEND)},
    )
    key: Mapped[str]
    name: Mapped[str]
    service_id: Mapped[UUID]
    metric: Mapped[str]
    unit: Mapped[str]


class IndicatorTarget(Base, Tenant, Recorded):
    """A target begins (`held`) or stops (`ended`) to be watched by an indicator."""

    __tablename__ = "indicator_target"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "target_id", "indicator_id", "valid_from", name="uq_indicator_target_start"
        ),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        ForeignKeyConstraint(["organisation_id", "indicator_id"], INDICATOR_KEY),
        Index("ix_indicator_target_organisation_id_indicator_id", "organisation_id", "indicator_id"),
        {"info": table_info(Writes.APPEND)},
    )
    target_id: Mapped[UUID]
    indicator_id: Mapped[UUID]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class Monitor(Base, Tenant, Recorded):
    """What delivers an indicator.

    `installation_count`: how many entries about its installation were ever recorded; it only grows, so that one that
    is missing shows.
    """

    __tablename__ = "monitor"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "indicator_id"], INDICATOR_KEY),
        Index("ix_monitor_organisation_id_indicator_id", "organisation_id", "indicator_id", "key", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    indicator_id: Mapped[UUID]
    source: Mapped[str]
    installation_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class MonitorInstallation(Base, Tenant, Recorded):
    """A monitor is installed (`held`) or removed (`ended`) at `valid_from`."""

    __tablename__ = "monitor_installation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "monitor_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "monitor_id"], MONITOR_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    monitor_id: Mapped[UUID]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class MonitorReport(Base, Tenant, Recorded):
    """The latest data of a monitor bear the instant `last_data_at`, as was known when this was recorded."""

    __tablename__ = "monitor_report"
    __table_args__ = (
        UniqueConstraint("organisation_id", "monitor_id", "last_data_at"),
        ForeignKeyConstraint(["organisation_id", "monitor_id"], MONITOR_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    monitor_id: Mapped[UUID]
    last_data_at: Mapped[datetime]


class DashboardTile(Base, Tenant, Recorded):
    """A figure or chart on a dashboard.

    The counts say how many entries about its place and about the monitors it shows were ever recorded; they only grow,
    so that one that is missing shows.
    """

    __tablename__ = "dashboard_tile"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    dashboard: Mapped[str]
    url: Mapped[str]
    placement_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)
    monitor_link_count: Mapped[int] = mapped_column(server_default="0", info=DERIVED)


class TilePlacement(Base, Tenant, Recorded):
    """A tile is put on its dashboard (`held`) or taken off (`ended`) at `valid_from`."""

    __tablename__ = "tile_placement"
    __table_args__ = (
        UniqueConstraint("organisation_id", "tile_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "tile_id"], TILE_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    tile_id: Mapped[UUID]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class TileMonitor(Base, Tenant, Recorded):
    """A tile begins (`held`) or stops (`ended`) to show what a monitor delivers."""

    __tablename__ = "tile_monitor"
    __table_args__ = (
        UniqueConstraint("organisation_id", "tile_id", "monitor_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "tile_id"], TILE_KEY),
        ForeignKeyConstraint(["organisation_id", "monitor_id"], MONITOR_KEY),
        Index("ix_tile_monitor_organisation_id_monitor_id", "organisation_id", "monitor_id"),
        {"info": table_info(Writes.APPEND)},
    )
    tile_id: Mapped[UUID]
    monitor_id: Mapped[UUID]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]


class OpenSloDocument(Base, Tenant, Recorded, Versioned):
    """A document of OpenSLO v1, the same through all versions of its text. `key` is its kind and name: SLO/answers."""

    __tablename__ = "openslo_document"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    kind: Mapped[OpenSloKind]


class OpenSloDocumentVersion(Base, Tenant, Recorded):
    """The text of a document as it was imported; `number` counts from 1. `sha256` is the digest of its UTF-8."""

    __tablename__ = "openslo_document_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "document_id", "number", name="uq_openslo_document_version_number"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["openslo_document.organisation_id", "openslo_document.id"]
        ),
        {"info": table_info(Writes.APPEND)},
    )
    document_id: Mapped[UUID]
    number: Mapped[int]
    text: Mapped[str]
    sha256: Mapped[str]


class OpenSloObjective(Base, Tenant):
    """One of the objectives of a version of an SLO, with what it was about here when it was imported."""

    __tablename__ = "openslo_objective"
    __table_args__ = (
        UniqueConstraint("organisation_id", "document_version_id", "position", name="uq_openslo_objective_position"),
        ForeignKeyConstraint(
            ["organisation_id", "document_version_id"],
            ["openslo_document_version.organisation_id", "openslo_document_version.id"],
            name="fk_openslo_objective_document_version",
        ),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "indicator_id"], INDICATOR_KEY),
        ForeignKeyConstraint(["organisation_id", "target_id"], ["target.organisation_id", "target.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    document_version_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str]
    budgeting_method: Mapped[BudgetingMethod]
    target_percent: Mapped[Decimal] = mapped_column(Numeric())
    operator: Mapped[ThresholdOperator | None]
    threshold: Mapped[Decimal | None] = mapped_column(Numeric())
    window_duration: Mapped[str]
    window_is_rolling: Mapped[bool]
    window_start: Mapped[str]
    window_time_zone: Mapped[str]
    service_id: Mapped[UUID | None]
    indicator_id: Mapped[UUID | None]
    target_id: Mapped[UUID | None]
