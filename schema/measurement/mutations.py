"""Changing what is watched and shown."""

from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.measurement.inputs import (
    CreateDashboardTileInput,
    CreateDashboardTilesInput,
    CreateIndicatorInput,
    CreateIndicatorsInput,
    CreateMonitorInput,
    CreateMonitorsInput,
    IndicatorLinkInput,
    MonitorInstallationInput,
    RecordMonitorReportInput,
    RecordMonitorReportsInput,
    TileMonitorInput,
    TilePlacementInput,
)
from schema.measurement.payloads import (
    CreateDashboardTileResult,
    CreateDashboardTilesResult,
    CreateIndicatorResult,
    CreateIndicatorsResult,
    CreateMonitorResult,
    CreateMonitorsResult,
    DashboardTilePayload,
    IndicatorPayload,
    IndicatorTargetPayload,
    InstallMonitorResult,
    LinkIndicatorResult,
    LinkTileMonitorResult,
    MonitorInstallationPayload,
    MonitorPayload,
    MonitorReportPayload,
    PlaceDashboardTileResult,
    RecordMonitorReportResult,
    RecordMonitorReportsResult,
    RemoveDashboardTileResult,
    RemoveMonitorResult,
    TileMonitorPayload,
    TilePlacementPayload,
    UnlinkIndicatorResult,
    UnlinkTileMonitorResult,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced
from services.measurement import commands, links
from services.organisations.rules import Tenure


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create an indicator of a service. Managers and administrators.")
    async def create_indicator(
        self,
        change: Change,
        given: Annotated[CreateIndicatorInput, strawberry.argument(name="input", description="The indicator.")],
    ) -> CreateIndicatorResult:
        """See services.measurement.commands.create_indicator."""
        session, actor, now = change
        recorded = await commands.create_indicator(session, actor=actor, entry=given.entry(actor), now=now)
        return IndicatorPayload(indicator=row(recorded))

    @mutation("Create indicators. Managers and administrators.")
    async def create_indicators(
        self,
        change: Change,
        given: Annotated[CreateIndicatorsInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreateIndicatorsResult:
        """See services.measurement.commands.create_indicators."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await commands.create_indicators(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Indicator", outcomes, given.mode)

    @mutation("Create a monitor of an indicator. Managers and administrators.")
    async def create_monitor(
        self,
        change: Change,
        given: Annotated[CreateMonitorInput, strawberry.argument(name="input", description="The monitor.")],
    ) -> CreateMonitorResult:
        """See services.measurement.commands.create_monitor."""
        session, actor, now = change
        recorded = await commands.create_monitor(session, actor=actor, entry=given.entry(actor), now=now)
        return MonitorPayload(monitor=row(recorded))

    @mutation("Create monitors. Managers and administrators.")
    async def create_monitors(
        self,
        change: Change,
        given: Annotated[CreateMonitorsInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreateMonitorsResult:
        """See services.measurement.commands.create_monitors."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await commands.create_monitors(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Monitor", outcomes, given.mode)

    @mutation("Create a tile of a dashboard. Managers and administrators.")
    async def create_dashboard_tile(
        self,
        change: Change,
        given: Annotated[CreateDashboardTileInput, strawberry.argument(name="input", description="The tile.")],
    ) -> CreateDashboardTileResult:
        """See services.measurement.commands.create_dashboard_tile."""
        session, actor, now = change
        recorded = await commands.create_dashboard_tile(session, actor=actor, entry=given.entry(actor), now=now)
        return DashboardTilePayload(tile=row(recorded))

    @mutation("Create dashboard tiles. Managers and administrators.")
    async def create_dashboard_tiles(
        self,
        change: Change,
        given: Annotated[
            CreateDashboardTilesInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> CreateDashboardTilesResult:
        """See services.measurement.commands.create_dashboard_tiles."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await commands.create_dashboard_tiles(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "DashboardTile", outcomes, given.mode)

    @mutation(
        "Record how far a monitor's data have come; the same instant again changes nothing."
        " Managers, administrators and ingest."
    )
    async def record_monitor_report(
        self,
        change: Change,
        given: Annotated[
            RecordMonitorReportInput, strawberry.argument(name="input", description="Which monitor, how far.")
        ],
    ) -> RecordMonitorReportResult:
        """See services.measurement.commands.record_monitor_report."""
        session, actor, now = change
        recorded = await commands.record_monitor_report(session, actor=actor, entry=given.entry(actor), now=now)
        return MonitorReportPayload(report=row(recorded))

    @mutation(
        "Record how far monitors' data have come; the same instants again change nothing."
        " Managers, administrators and ingest."
    )
    async def record_monitor_reports(
        self,
        change: Change,
        given: Annotated[
            RecordMonitorReportsInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> RecordMonitorReportsResult:
        """See services.measurement.commands.record_monitor_reports."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await commands.record_monitor_reports(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "MonitorReport", outcomes, given.mode)

    @mutation("Say that an indicator watches a target. Managers and administrators.")
    async def link_indicator(
        self,
        change: Change,
        given: Annotated[IndicatorLinkInput, strawberry.argument(name="input", description="Which watches which.")],
    ) -> LinkIndicatorResult:
        """See services.measurement.links.record_indicator_link."""
        session, actor, now = change
        recorded = await links.record_indicator_link(
            session,
            actor=actor,
            target_id=referenced(actor, "Target", given.target_id),
            indicator_id=referenced(actor, "Indicator", given.indicator_id),
            tenure=Tenure.HELD,
            valid_from=given.valid_from or now,
            now=now,
        )
        return IndicatorTargetPayload(link=row(recorded))

    @mutation("Say that an indicator no longer watches a target. Managers and administrators.")
    async def unlink_indicator(
        self,
        change: Change,
        given: Annotated[IndicatorLinkInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> UnlinkIndicatorResult:
        """See services.measurement.links.record_indicator_link."""
        session, actor, now = change
        recorded = await links.record_indicator_link(
            session,
            actor=actor,
            target_id=referenced(actor, "Target", given.target_id),
            indicator_id=referenced(actor, "Indicator", given.indicator_id),
            tenure=Tenure.ENDED,
            valid_from=given.valid_from or now,
            now=now,
        )
        return IndicatorTargetPayload(link=row(recorded))

    @mutation("Say that a monitor is installed, or installed again. Managers and administrators.")
    async def install_monitor(
        self,
        change: Change,
        given: Annotated[MonitorInstallationInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> InstallMonitorResult:
        """See services.measurement.links.record_installation."""
        session, actor, now = change
        recorded = await links.record_installation(
            session,
            actor=actor,
            monitor_id=referenced(actor, "Monitor", given.monitor_id),
            tenure=Tenure.HELD,
            valid_from=given.valid_from or now,
            now=now,
        )
        return MonitorInstallationPayload(installation=row(recorded))

    @mutation("Say that a monitor is removed; what it was remains on record. Managers and administrators.")
    async def remove_monitor(
        self,
        change: Change,
        given: Annotated[MonitorInstallationInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> RemoveMonitorResult:
        """See services.measurement.links.record_installation."""
        session, actor, now = change
        recorded = await links.record_installation(
            session,
            actor=actor,
            monitor_id=referenced(actor, "Monitor", given.monitor_id),
            tenure=Tenure.ENDED,
            valid_from=given.valid_from or now,
            now=now,
        )
        return MonitorInstallationPayload(installation=row(recorded))

    @mutation("Say that a tile is on its dashboard, or there again. Managers and administrators.")
    async def place_dashboard_tile(
        self,
        change: Change,
        given: Annotated[TilePlacementInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> PlaceDashboardTileResult:
        """See services.measurement.links.record_placement."""
        session, actor, now = change
        recorded = await links.record_placement(
            session,
            actor=actor,
            tile_id=referenced(actor, "DashboardTile", given.tile_id),
            tenure=Tenure.HELD,
            valid_from=given.valid_from or now,
            now=now,
        )
        return TilePlacementPayload(placement=row(recorded))

    @mutation("Say that a tile is taken off its dashboard; what it was remains on record. Managers and administrators.")
    async def remove_dashboard_tile(
        self,
        change: Change,
        given: Annotated[TilePlacementInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> RemoveDashboardTileResult:
        """See services.measurement.links.record_placement."""
        session, actor, now = change
        recorded = await links.record_placement(
            session,
            actor=actor,
            tile_id=referenced(actor, "DashboardTile", given.tile_id),
            tenure=Tenure.ENDED,
            valid_from=given.valid_from or now,
            now=now,
        )
        return TilePlacementPayload(placement=row(recorded))

    @mutation("Say that a tile shows what a monitor delivers. Managers and administrators.")
    async def link_tile_monitor(
        self,
        change: Change,
        given: Annotated[TileMonitorInput, strawberry.argument(name="input", description="Which shows which.")],
    ) -> LinkTileMonitorResult:
        """See services.measurement.links.record_tile_monitor."""
        session, actor, now = change
        recorded = await links.record_tile_monitor(
            session,
            actor=actor,
            tile_id=referenced(actor, "DashboardTile", given.tile_id),
            monitor_id=referenced(actor, "Monitor", given.monitor_id),
            tenure=Tenure.HELD,
            valid_from=given.valid_from or now,
            now=now,
        )
        return TileMonitorPayload(link=row(recorded))

    @mutation("Say that a tile no longer shows what a monitor delivers. Managers and administrators.")
    async def unlink_tile_monitor(
        self,
        change: Change,
        given: Annotated[TileMonitorInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> UnlinkTileMonitorResult:
        """See services.measurement.links.record_tile_monitor."""
        session, actor, now = change
        recorded = await links.record_tile_monitor(
            session,
            actor=actor,
            tile_id=referenced(actor, "DashboardTile", given.tile_id),
            monitor_id=referenced(actor, "Monitor", given.monitor_id),
            tenure=Tenure.ENDED,
            valid_from=given.valid_from or now,
            now=now,
        )
        return TileMonitorPayload(link=row(recorded))
