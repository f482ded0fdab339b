"""Indicators, what watches and delivers them, and the dashboard tiles that show them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from services.db import ReadSession, fetch
from services.measurement.commands import (
    create_dashboard_tile,
    create_indicators,
    create_monitor,
    record_monitor_report,
)
from services.measurement.links import (
    record_indicator_link,
    record_installation,
    record_placement,
    record_tile_monitor,
)
from services.measurement.rules import IndicatorEntry, MonitorEntry, MonitorReportEntry, TileEntry
from services.organisations.rules import Tenure
from services.rows import Outcome
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Bring, Kind, Row, Run, Values, each, flat, paired, spans, together

INDICATORS = """
SELECT i.id, i.key, i.name, s.key, i.metric, i.unit FROM indicator i
JOIN service s ON s.organisation_id = $1::uuid AND s.id = i.service_id
WHERE i.organisation_id = $1::uuid ORDER BY i.key
"""
INDICATOR_TARGETS = """
SELECT a.key || '/' || t.key, i.key, l.tenure, l.valid_from FROM indicator_target l
JOIN target t ON t.organisation_id = $1::uuid AND t.id = l.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN indicator i ON i.organisation_id = $1::uuid AND i.id = l.indicator_id
WHERE l.organisation_id = $1::uuid ORDER BY a.key, t.key, i.key, l.valid_from
"""
MONITORS = """
SELECT m.id, m.key, m.name, i.key, m.source FROM monitor m
JOIN indicator i ON i.organisation_id = $1::uuid AND i.id = m.indicator_id
WHERE m.organisation_id = $1::uuid ORDER BY m.key
"""
INSTALLATIONS = """
SELECT m.key, n.tenure, n.valid_from FROM monitor_installation n
JOIN monitor m ON m.organisation_id = $1::uuid AND m.id = n.monitor_id
WHERE n.organisation_id = $1::uuid ORDER BY m.key, n.valid_from
"""
REPORTS = """
SELECT m.key, r.last_data_at FROM monitor_report r
JOIN monitor m ON m.organisation_id = $1::uuid AND m.id = r.monitor_id
WHERE r.organisation_id = $1::uuid ORDER BY m.key, r.last_data_at
"""
TILES = """
SELECT t.id, t.key, t.name, t.dashboard, t.url FROM dashboard_tile t WHERE t.organisation_id = $1::uuid ORDER BY t.key
"""
PLACEMENTS = """
SELECT t.key, p.tenure, p.valid_from FROM tile_placement p
JOIN dashboard_tile t ON t.organisation_id = $1::uuid AND t.id = p.tile_id
WHERE p.organisation_id = $1::uuid ORDER BY t.key, p.valid_from
"""
TILE_MONITORS = """
SELECT t.key, m.key, l.tenure, l.valid_from FROM tile_monitor l
JOIN dashboard_tile t ON t.organisation_id = $1::uuid AND t.id = l.tile_id
JOIN monitor m ON m.organisation_id = $1::uuid AND m.id = l.monitor_id
WHERE l.organisation_id = $1::uuid ORDER BY t.key, m.key, l.valid_from
"""

_Stored = Callable[[ReadSession, UUID], Awaitable[list[dict[str, Any]]]]


def _rows(sql: str, *names: str) -> _Stored:
    """Rows as they are, an empty text as none."""

    async def stored(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
        found = [dict(zip(names, row, strict=True)) for row in await fetch(session, sql, organisation_id)]
        return [{name: None if value == "" else value for name, value in row.items()} for row in found]

    return stored


def _spans(sql: str, *identity: str) -> _Stored:
    """Spans of a history."""
    read = _rows(sql, *identity, "tenure", "valid_from")

    async def stored(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
        return paired(await read(session, organisation_id), identity)

    return stored


def _history(record: Callable[..., Awaitable[UUID]], **referring: tuple[str, str]) -> Bring:
    """Spans whose ends are entries of a history: each argument of the command, with the column and kind it is from."""

    def ids(run: Run, row: Row) -> dict[str, UUID]:
        return {name: run.known(kind, row.values[column]) for name, (column, kind) in referring.items()}

    async def begin(run: Run, row: Row) -> UUID:
        return await record(**run.by, **ids(run, row), tenure=Tenure.HELD, valid_from=row.values["valid_from"])

    async def end(run: Run, row: Row, _before: Values) -> None:
        await record(**run.by, **ids(run, row), tenure=Tenure.ENDED, valid_from=row.values["valid_until"])

    return spans(begin, end)


async def _add_indicators(run: Run, rows: list[Row]) -> list[Outcome]:
    said = [row.values for row in rows]
    entries = [
        IndicatorEntry(each["key"], each["name"], run.known("services", each["service"]), each["metric"], each["unit"])
        for each in said
    ]
    return await create_indicators(**run.by, entries=entries)


async def _add_monitor(run: Run, row: Row) -> UUID:
    said = row.values
    indicator_id = run.known("indicators", said["indicator"])
    entry = MonitorEntry(said["key"], said["name"], indicator_id, said["source"])
    return await create_monitor(**run.by, entry=entry)


async def _add_report(run: Run, row: Row) -> UUID:
    entry = MonitorReportEntry(run.known("monitors", row.values["monitor"]), row.values["last_data_at"])
    return await record_monitor_report(**run.by, entry=entry)


async def _add_tile(run: Run, row: Row) -> UUID:
    said = row.values
    entry = TileEntry(said["key"], said["name"], said["dashboard"], url=said.get("url") or "")
    return await create_dashboard_tile(**run.by, entry=entry)


SPAN = (
    columns.instant("valid_from", "From when on.", required=True),
    columns.instant("valid_until", "Until when, exclusive; blank while it lasts."),
)
KINDS = (
    Kind(
        "indicators",
        "What is measured of services.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.key("service", "The service it is of.", of="services", required=True),
            columns.text("metric", "What is measured.", required=True),
            columns.text("unit", "In which unit.", required=True),
        ),
        ("key",),
        _rows(INDICATORS, "id", "key", "name", "service", "metric", "unit"),
        flat(together(_add_indicators)),
        keyed_by=("key",),
    ),
    Kind(
        "indicator_targets",
        "Which indicators watch which targets.",
        (
            columns.key("target", "The target, as AGREEMENT/TARGET.", of="targets", required=True),
            columns.key("indicator", "The indicator.", of="indicators", required=True),
            *SPAN,
        ),
        ("target", "indicator", "valid_from"),
        _spans(INDICATOR_TARGETS, "target", "indicator"),
        _history(record_indicator_link, target_id=("target", "targets"), indicator_id=("indicator", "indicators")),
    ),
    Kind(
        "monitors",
        "What delivers indicators.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.key("indicator", "What it delivers.", of="indicators", required=True),
            columns.text("source", "Where its data come from.", required=True),
        ),
        ("key",),
        _rows(MONITORS, "id", "key", "name", "indicator", "source"),
        flat(each(_add_monitor)),
        keyed_by=("key",),
    ),
    Kind(
        "monitor_installations",
        "When monitors were installed and removed.",
        (columns.key("monitor", "Which monitor.", of="monitors", required=True), *SPAN),
        ("monitor", "valid_from"),
        _spans(INSTALLATIONS, "monitor"),
        _history(record_installation, monitor_id=("monitor", "monitors")),
    ),
    Kind(
        "monitor_reports",
        "How far the data of monitors had come.",
        (
            columns.key("monitor", "Which monitor.", of="monitors", required=True),
            columns.instant("last_data_at", "The instant its latest data bear.", required=True),
        ),
        ("monitor", "last_data_at"),
        _rows(REPORTS, "monitor", "last_data_at"),
        flat(each(_add_report)),
    ),
    Kind(
        "dashboard_tiles",
        "What dashboards show.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.text("dashboard", "The dashboard it is on.", required=True),
            columns.text("url", "Where to find it."),
        ),
        ("key",),
        _rows(TILES, "id", "key", "name", "dashboard", "url"),
        flat(each(_add_tile)),
        keyed_by=("key",),
    ),
    Kind(
        "tile_placements",
        "When tiles were put on their dashboards and taken off.",
        (columns.key("tile", "Which tile.", of="dashboard_tiles", required=True), *SPAN),
        ("tile", "valid_from"),
        _spans(PLACEMENTS, "tile"),
        _history(record_placement, tile_id=("tile", "dashboard_tiles")),
    ),
    Kind(
        "tile_monitors",
        "Which monitors' data tiles show.",
        (
            columns.key("tile", "Which tile.", of="dashboard_tiles", required=True),
            columns.key("monitor", "Which monitor.", of="monitors", required=True),
            *SPAN,
        ),
        ("tile", "monitor", "valid_from"),
        _spans(TILE_MONITORS, "tile", "monitor"),
        _history(record_tile_monitor, tile_id=("tile", "dashboard_tiles"), monitor_id=("monitor", "monitors")),
    ),
)
