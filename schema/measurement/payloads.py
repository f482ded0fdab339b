"""What mutations of indicators, monitors and tiles answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.measurement.types import (
    DashboardTile,
    Indicator,
    IndicatorTarget,
    Monitor,
    MonitorInstallation,
    MonitorReport,
    TileMonitor,
    TilePlacement,
)
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="An indicator was created.")
class IndicatorPayload:
    """See createIndicator."""

    indicator: Indicator = stored("The indicator.")


@strawberry.type(description="A monitor was created.")
class MonitorPayload:
    """See createMonitor."""

    monitor: Monitor = stored("The monitor.")


@strawberry.type(description="A tile was created.")
class DashboardTilePayload:
    """See createDashboardTile."""

    tile: DashboardTile = stored("The tile.")


@strawberry.type(description="How far a monitor's data have come is on record.")
class MonitorReportPayload:
    """See recordMonitorReport."""

    report: MonitorReport = stored("What is on record.")


@strawberry.type(description="An entry was added to the history of which indicator watches a target.")
class IndicatorTargetPayload:
    """See linkIndicator and unlinkIndicator."""

    link: IndicatorTarget = stored("The entry.")


@strawberry.type(description="An entry was added to the history of a monitor.")
class MonitorInstallationPayload:
    """See installMonitor and removeMonitor."""

    installation: MonitorInstallation = stored("The entry.")


@strawberry.type(description="An entry was added to the history of a tile.")
class TilePlacementPayload:
    """See placeDashboardTile and removeDashboardTile."""

    placement: TilePlacement = stored("The entry.")


@strawberry.type(description="An entry was added to the history of what a tile shows.")
class TileMonitorPayload:
    """See linkTileMonitor and unlinkTileMonitor."""

    link: TileMonitor = stored("The entry.")


CreateIndicatorResult = Annotated[
    IndicatorPayload | Refusal,
    strawberry.union("CreateIndicatorResult", description="What came of creating an indicator."),
]
CreateIndicatorsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateIndicatorsResult", description="What came of creating indicators."),
]
CreateMonitorResult = Annotated[
    MonitorPayload | Refusal,
    strawberry.union("CreateMonitorResult", description="What came of creating a monitor."),
]
CreateMonitorsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateMonitorsResult", description="What came of creating monitors."),
]
CreateDashboardTileResult = Annotated[
    DashboardTilePayload | Refusal,
    strawberry.union("CreateDashboardTileResult", description="What came of creating a tile."),
]
CreateDashboardTilesResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateDashboardTilesResult", description="What came of creating tiles."),
]
RecordMonitorReportResult = Annotated[
    MonitorReportPayload | Refusal,
    strawberry.union("RecordMonitorReportResult", description="What came of recording a monitor's last data."),
]
RecordMonitorReportsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("RecordMonitorReportsResult", description="What came of recording monitors' last data."),
]
LinkIndicatorResult = Annotated[
    IndicatorTargetPayload | Refusal,
    strawberry.union("LinkIndicatorResult", description="What came of linking an indicator."),
]
UnlinkIndicatorResult = Annotated[
    IndicatorTargetPayload | Refusal,
    strawberry.union("UnlinkIndicatorResult", description="What came of unlinking an indicator."),
]
InstallMonitorResult = Annotated[
    MonitorInstallationPayload | Refusal,
    strawberry.union("InstallMonitorResult", description="What came of installing a monitor."),
]
RemoveMonitorResult = Annotated[
    MonitorInstallationPayload | Refusal,
    strawberry.union("RemoveMonitorResult", description="What came of removing a monitor."),
]
PlaceDashboardTileResult = Annotated[
    TilePlacementPayload | Refusal,
    strawberry.union("PlaceDashboardTileResult", description="What came of putting a tile on its dashboard."),
]
RemoveDashboardTileResult = Annotated[
    TilePlacementPayload | Refusal,
    strawberry.union("RemoveDashboardTileResult", description="What came of taking a tile off its dashboard."),
]
LinkTileMonitorResult = Annotated[
    TileMonitorPayload | Refusal,
    strawberry.union("LinkTileMonitorResult", description="What came of letting a tile show a monitor."),
]
UnlinkTileMonitorResult = Annotated[
    TileMonitorPayload | Refusal,
    strawberry.union("UnlinkTileMonitorResult", description="What came of no longer letting a tile show a monitor."),
]
