"""What is watched, by which monitors, and on which dashboard tiles it is shown."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.agreements.types import Target
from schema.catalogue.types import Service
from schema.nodes import Node, Recorded
from schema.pagination import Connection
from schema.planner.declarations import any_id_of, column, connection, expression, planned, to_many, to_one
from schema.planner.ordering import Order, ascending, descending
from schema.vocabulary import Tenure
from services.measurement import models
from services.measurement.queries import last_data_at

BY_START = Order(("valid_from",))


@planned(models.IndicatorTarget, description="An entry in the history of which indicator watches a target.")
class IndicatorTarget(Node, Recorded):
    """The beginning or the end of watching a target."""

    target: Target = to_one("The target.", "target_id")
    indicator: "Indicator" = to_one("The indicator.", "indicator_id")
    tenure: Tenure = column("Whether the indicator watches the target from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this target and indicator.")


@planned(models.MonitorInstallation, description="An entry in the history of a monitor: it is never deleted.")
class MonitorInstallation(Node, Recorded):
    """A monitor was installed or removed."""

    monitor: "Monitor" = to_one("The monitor.", "monitor_id")
    tenure: Tenure = column("HELD: installed from here on. ENDED: removed.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this monitor.")


@planned(models.MonitorReport, description="How far the data of a monitor had come when this was recorded.")
class MonitorReport(Node, Recorded):
    """The instant of a monitor's last data."""

    monitor: "Monitor" = to_one("The monitor.", "monitor_id")
    last_data_at: datetime = column("The instant its latest data bear.")


@strawberry.enum(description="Orders of what is on record about how far a monitor's data have come.")
class MonitorReportOrder(Enum):
    """By the instant the data bear."""

    LAST_DATA_AT_ASC = ascending("last_data_at", description="The earliest first.")
    LAST_DATA_AT_DESC = descending("last_data_at", description="The latest first.")


@planned(models.TileMonitor, description="An entry in the history of what a tile shows.")
class TileMonitor(Node, Recorded):
    """The beginning or the end of showing what a monitor delivers."""

    tile: "DashboardTile" = to_one("The tile.", "tile_id")
    monitor: "Monitor" = to_one("The monitor.", "monitor_id")
    tenure: Tenure = column("Whether the tile shows what the monitor delivers from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this tile and monitor.")


@planned(models.TilePlacement, description="An entry in the history of a tile: it is never deleted.")
class TilePlacement(Node, Recorded):
    """A tile was put on its dashboard or taken off."""

    tile: "DashboardTile" = to_one("The tile.", "tile_id")
    tenure: Tenure = column("HELD: on its dashboard from here on. ENDED: taken off.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this tile.")


@planned(models.DashboardTile, description="A figure or chart on a dashboard that people look at.")
class DashboardTile(Node, Recorded):
    """A tile."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    dashboard: str = column("The dashboard it is on.")
    url: str = column("Where to find it; may be empty.")
    placements: list[TilePlacement] = to_many(
        "When it was put on its dashboard and taken off, oldest first.", "tile_id", order=BY_START
    )
    monitor_links: list[TileMonitor] = to_many(
        "Every entry about the monitors whose data it shows, oldest first.", "tile_id", order=BY_START
    )


@planned(models.Monitor, description="What delivers an indicator.")
class Monitor(Node, Recorded):
    """A monitor."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    indicator: "Indicator" = to_one("What it delivers.", "indicator_id")
    source: str = column("Where its data come from.")
    last_data_at: datetime | None = expression(
        last_data_at, "The latest instant any of its data bear; null while none are on record."
    )
    installations: list[MonitorInstallation] = to_many(
        "When it was installed and removed, oldest first.", "monitor_id", order=BY_START
    )
    reports: Connection[MonitorReport] = connection(
        "How far its data had come, as it was recorded.", "monitor_id", order=MonitorReportOrder.LAST_DATA_AT_DESC
    )
    tile_links: list[TileMonitor] = to_many(
        "Every entry about the tiles that show its data, oldest first.", "monitor_id", order=BY_START
    )


@planned(models.Indicator, description="A metric of a service in a unit: what monitors deliver and targets are about.")
class Indicator(Node, Recorded):
    """An indicator; what it measures never changes."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    service: Service = to_one("The service.", "service_id")
    metric: str = column("What is measured.")
    unit: str = column("In which unit.")
    target_links: list[IndicatorTarget] = to_many(
        "Every entry about the targets it watches, oldest first.", "indicator_id", order=BY_START
    )
    monitors: list[Monitor] = to_many(
        "What delivers it, by key, removed ones included.", "indicator_id", order=Order(("key",))
    )


@strawberry.input(description="Conditions on indicators; all that are given must hold.")
class IndicatorFilter:
    """Which indicators."""

    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "Of one of these services.")


@strawberry.input(description="Conditions on monitors; all that are given must hold.")
class MonitorFilter:
    """Which monitors."""

    indicator: list[strawberry.ID] | None = any_id_of(
        "Indicator", "indicator_id", "That deliver one of these indicators."
    )
