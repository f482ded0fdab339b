"""What is watched, by what, and where it is shown."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.domain.inputs import Problems

LONGEST_URL = 2_000


@dataclass(frozen=True)
class IndicatorEntry:
    """An indicator of a service to create: a metric in a unit."""

    key: str
    name: str
    service_id: UUID
    metric: str
    unit: str


@dataclass(frozen=True)
class MonitorEntry:
    """A monitor of an indicator to create; `source` names where its data come from.

    It is installed from `valid_from` on; None: not yet.
    """

    key: str
    name: str
    indicator_id: UUID
    source: str
    valid_from: datetime | None = None


@dataclass(frozen=True)
class TileEntry:
    """A tile to create, on its dashboard from `valid_from` on; None: not yet."""

    key: str
    name: str
    dashboard: str
    valid_from: datetime | None = None
    url: str = ""


@dataclass(frozen=True)
class MonitorReportEntry:
    """A monitor whose latest data bear the instant `last_data_at`."""

    monitor_id: UUID
    last_data_at: datetime


def check_url(problems: Problems, field: str, url: str) -> None:
    """An address a browser may open, or none."""
    problems.text(field, url, longest=LONGEST_URL, required=False)
    if url and not url.startswith(("https://", "http://")):
        problems.add(field, "expected an address that begins with https:// or http://")
