"""Creating indicators, monitors and dashboard tiles, and recording how far a monitor's data have come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.catalogue.models import Service
from services.db import WriteSession
from services.domain.inputs import Problems
from services.errors import Conflict
from services.measurement.models import (
    DashboardTile,
    Indicator,
    Monitor,
    MonitorInstallation,
    MonitorReport,
    TilePlacement,
)
from services.measurement.rules import (
    IndicatorEntry,
    MonitorEntry,
    MonitorReportEntry,
    TileEntry,
    check_url,
)
from services.organisations.rules import Actor, Permission, Tenure
from services.rows import Outcome, add_entries, add_rows, added, check_known, existing_ids, sole


async def create_indicator(session: WriteSession, *, actor: Actor, entry: IndicatorEntry, now: datetime) -> UUID:
    """Create an indicator of a service. Returns its id."""
    return sole(await create_indicators(session, actor=actor, entries=[entry], now=now))


async def create_indicators(
    session: WriteSession, *, actor: Actor, entries: Sequence[IndicatorEntry], now: datetime
) -> list[Outcome]:
    """Create indicators, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    services = await existing_ids(session, Service, actor.organisation_id, (entry.service_id for entry in entries))

    def check(entry: IndicatorEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        check_known(problems, "service_id", Service, entry.service_id, services)
        problems.text("metric", entry.metric)
        problems.text("unit", entry.unit)

    return await add_entries(
        session,
        Indicator,
        entries,
        check=check,
        values=vars,
        refusal="the indicator cannot be created",
        taken=lambda entry: f"an indicator with the key {entry.key!r} exists already",
        stamps=actor.stamps(now),
    )


async def create_monitor(session: WriteSession, *, actor: Actor, entry: MonitorEntry, now: datetime) -> UUID:
    """Create a monitor of an indicator, installed from `valid_from` on if that is given. Returns its id."""
    return sole(await create_monitors(session, actor=actor, entries=[entry], now=now))


async def create_monitors(
    session: WriteSession, *, actor: Actor, entries: Sequence[MonitorEntry], now: datetime
) -> list[Outcome]:
    """Create monitors, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    stamps, wanted = actor.stamps(now), (entry.indicator_id for entry in entries)
    indicators = await existing_ids(session, Indicator, actor.organisation_id, wanted)

    def check(entry: MonitorEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        check_known(problems, "indicator_id", Indicator, entry.indicator_id, indicators)
        problems.text("source", entry.source)
        if entry.valid_from is not None:
            problems.instant("valid_from", entry.valid_from)

    said = ("key", "name", "indicator_id", "source")
    outcomes = await add_entries(
        session,
        Monitor,
        entries,
        check=check,
        values=lambda entry: {
            **{name: getattr(entry, name) for name in said},
            "installation_count": int(entry.valid_from is not None),
        },
        refusal="the monitor cannot be created",
        taken=lambda entry: f"a monitor with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    installed = [
        {"monitor_id": id_, "tenure": Tenure.HELD, "valid_from": entry.valid_from}
        for entry, id_ in added(entries, outcomes)
        if entry.valid_from is not None
    ]
    await add_rows(session, MonitorInstallation, installed, stamps=stamps)
    return outcomes


async def create_dashboard_tile(session: WriteSession, *, actor: Actor, entry: TileEntry, now: datetime) -> UUID:
    """Create a tile, on its dashboard from `valid_from` on if that is given. Returns its id."""
    return sole(await create_dashboard_tiles(session, actor=actor, entries=[entry], now=now))


async def create_dashboard_tiles(
    session: WriteSession, *, actor: Actor, entries: Sequence[TileEntry], now: datetime
) -> list[Outcome]:
    """Create tiles, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    stamps = actor.stamps(now)

    def check(entry: TileEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        problems.text("dashboard", entry.dashboard)
        if entry.valid_from is not None:
            problems.instant("valid_from", entry.valid_from)
        check_url(problems, "url", entry.url)

    said = ("key", "name", "dashboard", "url")
    outcomes = await add_entries(
        session,
        DashboardTile,
        entries,
        check=check,
        values=lambda entry: {
            **{name: getattr(entry, name) for name in said},
            "placement_count": int(entry.valid_from is not None),
        },
        refusal="the tile cannot be created",
        taken=lambda entry: f"a tile with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    placed = [
        {"tile_id": id_, "tenure": Tenure.HELD, "valid_from": entry.valid_from}
        for entry, id_ in added(entries, outcomes)
        if entry.valid_from is not None
    ]
    await add_rows(session, TilePlacement, placed, stamps=stamps)
    return outcomes


async def record_monitor_report(
    session: WriteSession, *, actor: Actor, entry: MonitorReportEntry, now: datetime
) -> UUID:
    """Record how far a monitor's data have come. Recording the same instant again changes nothing. Returns its id."""
    return sole(await record_monitor_reports(session, actor=actor, entries=[entry], now=now))


async def record_monitor_reports(
    session: WriteSession, *, actor: Actor, entries: Sequence[MonitorReportEntry], now: datetime
) -> list[Outcome]:
    """Record how far monitors' data have come, each that can be; what is on record already answers its id."""
    actor.require(Permission.INGEST)
    monitors = await existing_ids(session, Monitor, actor.organisation_id, (entry.monitor_id for entry in entries))

    def check(entry: MonitorReportEntry, problems: Problems) -> None:
        check_known(problems, "monitor_id", Monitor, entry.monitor_id, monitors)
        problems.past("last_data_at", entry.last_data_at, now)

    outcomes = await add_entries(
        session,
        MonitorReport,
        entries,
        check=check,
        values=vars,
        refusal="the monitor's last data cannot be recorded",
        taken=lambda _: "the instant of this monitor's last data is on record already",
        stamps=actor.stamps(now),
    )
    pairs = list(zip(entries, outcomes, strict=True))
    repeated = [entry for entry, outcome in pairs if isinstance(outcome, Conflict)]
    known = await _recorded(session, actor, repeated)
    return [
        known.get((entry.monitor_id, entry.last_data_at), outcome) if isinstance(outcome, Conflict) else outcome
        for entry, outcome in pairs
    ]


async def _recorded(
    session: WriteSession, actor: Actor, entries: Sequence[MonitorReportEntry]
) -> dict[tuple[UUID, datetime], UUID]:
    """The ids of what is on record of these monitors at these instants."""
    if not entries:
        return {}
    statement = select(MonitorReport.monitor_id, MonitorReport.last_data_at, MonitorReport.id).where(
        MonitorReport.organisation_id == actor.organisation_id,
        MonitorReport.monitor_id.in_({entry.monitor_id for entry in entries}),
        MonitorReport.last_data_at.in_({entry.last_data_at for entry in entries}),
    )
    return {(row.monitor_id, row.last_data_at): row.id for row in await session.execute(statement)}
