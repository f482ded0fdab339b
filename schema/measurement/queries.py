"""Root fields of what is watched and shown."""

import strawberry

from schema.measurement.openslo import OpenSloDocument
from schema.measurement.types import DashboardTile, Indicator, IndicatorFilter, Monitor, MonitorFilter
from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup


@strawberry.type
class Queries:
    """Indicators, monitors, dashboard tiles, and documents of OpenSLO."""

    indicator: Indicator | None = lookup(
        "An indicator by its key; null if there is none.", key=("key", str, "The key of the indicator.")
    )
    indicators: Connection[Indicator] = connection("All indicators.", order=KeyOrder.KEY_ASC, filter_by=IndicatorFilter)
    monitor: Monitor | None = lookup(
        "A monitor by its key; null if there is none.", key=("key", str, "The key of the monitor.")
    )
    monitors: Connection[Monitor] = connection(
        "All monitors, removed ones included.", order=KeyOrder.KEY_ASC, filter_by=MonitorFilter
    )
    dashboard_tile: DashboardTile | None = lookup(
        "A tile by its key; null if there is none.", key=("key", str, "The key of the tile.")
    )
    dashboard_tiles: Connection[DashboardTile] = connection(
        "All tiles, those taken off included.", order=KeyOrder.KEY_ASC
    )
    open_slo_document: OpenSloDocument | None = lookup(
        "A document of OpenSLO by its key; null if there is none.",
        key=("key", str, "Its kind and name, such as SLO/checkout-latency."),
    )
    open_slo_documents: Connection[OpenSloDocument] = connection(
        "All documents of OpenSLO that were imported.", order=KeyOrder.KEY_ASC
    )
