"""What mutations of indicators, monitors and tiles are given."""

from datetime import datetime

import strawberry

from schema.bulk import ITEMS, MODE
from schema.organisations.inputs import KEY, NAME
from schema.references import referenced
from schema.vocabulary import BulkMode
from services.measurement.rules import IndicatorEntry, MonitorEntry, MonitorReportEntry, TileEntry
from services.organisations.rules import Actor


@strawberry.input(description="An indicator of a service to create.")
class CreateIndicatorInput:
    """An indicator."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    service_id: strawberry.ID = strawberry.field(description="The service.")
    metric: str = strawberry.field(description="What is measured, such as time to resolve. It never changes.")
    unit: str = strawberry.field(description="In which unit, such as seconds or percent.")

    def entry(self, actor: Actor) -> IndicatorEntry:
        """The indicator in the terms of the domain."""
        return IndicatorEntry(
            self.key, self.name, referenced(actor, "Service", self.service_id), self.metric, self.unit
        )


@strawberry.input(description="Several indicators at once.")
class CreateIndicatorsInput:
    """Up to a thousand."""

    items: list[CreateIndicatorInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A monitor of an indicator to create.")
class CreateMonitorInput:
    """A monitor."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    indicator_id: strawberry.ID = strawberry.field(description="What it delivers.")
    source: str = strawberry.field(description="Where its data come from, such as the system and the query.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="Since when it is installed; null: not yet."
    )

    def entry(self, actor: Actor) -> MonitorEntry:
        """The monitor in the terms of the domain."""
        indicator_id = referenced(actor, "Indicator", self.indicator_id)
        return MonitorEntry(self.key, self.name, indicator_id, self.source, self.valid_from)


@strawberry.input(description="Several monitors at once.")
class CreateMonitorsInput:
    """Up to a thousand."""

    items: list[CreateMonitorInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A tile of a dashboard to create.")
class CreateDashboardTileInput:
    """A tile."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    dashboard: str = strawberry.field(description="The dashboard it is on.")
    url: str = strawberry.field(default="", description="Where to find it, an address of the web; empty if nowhere.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="Since when it is on the dashboard; null: not yet."
    )

    def entry(self, _actor: Actor) -> TileEntry:
        """The tile in the terms of the domain."""
        return TileEntry(self.key, self.name, self.dashboard, self.valid_from, self.url)


@strawberry.input(description="Several tiles at once.")
class CreateDashboardTilesInput:
    """Up to a thousand."""

    items: list[CreateDashboardTileInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="How far the data of a monitor have come.")
class RecordMonitorReportInput:
    """The instant of its last data."""

    monitor_id: strawberry.ID = strawberry.field(description="The monitor.")
    last_data_at: datetime = strawberry.field(description="The instant its latest data bear; not in the future.")

    def entry(self, actor: Actor) -> MonitorReportEntry:
        """The report in the terms of the domain."""
        return MonitorReportEntry(referenced(actor, "Monitor", self.monitor_id), self.last_data_at)


@strawberry.input(description="How far the data of several monitors have come.")
class RecordMonitorReportsInput:
    """Up to a thousand."""

    items: list[RecordMonitorReportInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A change in which indicator watches a target.")
class IndicatorLinkInput:
    """The beginning or the end of watching a target."""

    target_id: strawberry.ID = strawberry.field(description="The target.")
    indicator_id: strawberry.ID = strawberry.field(
        description="The indicator, of the service the target's agreement is about."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="A change in whether a monitor is installed.")
class MonitorInstallationInput:
    """The beginning or the end of being installed."""

    monitor_id: strawberry.ID = strawberry.field(description="The monitor.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="A change in whether a tile is on its dashboard.")
class TilePlacementInput:
    """The beginning or the end of being there."""

    tile_id: strawberry.ID = strawberry.field(description="The tile.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="A change in what a tile shows.")
class TileMonitorInput:
    """The beginning or the end of showing what a monitor delivers."""

    tile_id: strawberry.ID = strawberry.field(description="The tile.")
    monitor_id: strawberry.ID = strawberry.field(description="The monitor.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )
