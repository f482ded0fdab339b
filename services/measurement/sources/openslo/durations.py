"""Durations such as `4w`, and the beginnings of windows that follow the calendar."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.measurement.sources.openslo.checks import Check, Findings, number_of
from services.measurement.sources.openslo.nodes import Mapping, Node, Scalar

DURATION = re.compile(r"([0-9]{1,9})([mhdwMQY])")
SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
"""Of the units that always last as long; a day here is one of 24 hours."""
START = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
EXPECTED = "expected a duration such as 5m, 1h, 30d, 4w, 1M, 1Q or 1Y"


class Duration(NamedTuple):
    """So many units."""

    amount: int
    unit: str

    @property
    def seconds(self) -> int | None:
        """How long it always lasts; None for months, quarters and years."""
        return self.amount * SECONDS[self.unit] if self.unit in SECONDS else None


def duration_of(node: Node | None) -> Duration | None:
    """The duration a scalar says; None when it says none."""
    said = DURATION.fullmatch(node.text) if isinstance(node, Scalar) else None
    return Duration(int(said[1]), said[2]) if said else None


def duration(*, least: int = 1) -> Check:
    """A duration of at least so many units."""

    def check(findings: Findings, node: Node, path: str) -> None:
        said = duration_of(node)
        if said is None or said.amount < least:
            findings.problem(node, path, EXPECTED)
        elif said.seconds is None:
            findings.warn(
                node, path, "M, Q and Y have no length OpenSLO defines; kept as written, never as so many days"
            )

    return check


def slice_window(findings: Findings, node: Node, path: str) -> None:
    """The length of a time slice: a duration, or a bare number of minutes."""
    if duration_of(node) is not None:
        duration()(findings, node, path)
    elif (minutes := number_of(node)) is not None and minutes > 0:
        findings.warn(node, path, "a number without a unit means minutes")
    else:
        findings.problem(node, path, f"{EXPECTED}, or a number of minutes")


def window_duration(findings: Findings, window: Mapping, path: str) -> None:
    """What to know about the length of a window, beside what `duration` says."""
    said = duration_of(window.get("duration"))
    node = window.get("duration")
    if said is None or node is None:
        return
    if said.unit == "m":
        findings.warn(node, f"{path}.duration", "m means minutes; a month would be 1M")
    elif said.seconds is None and window.get("calendar") is None:
        findings.warn(node, f"{path}.duration", "months, quarters and years that roll have no length everybody shares")


def start_time(findings: Findings, node: Node, path: str) -> None:
    """A wall-clock time without a zone."""
    if start_of(node) is None:
        findings.problem(node, path, "expected YYYY-MM-DD HH:MM:SS, without a zone: that is calendar.timeZone")


def start_of(node: Node | None) -> datetime | None:
    """The wall-clock time a scalar says; None when it says none."""
    if not isinstance(node, Scalar) or not START.fullmatch(node.text):
        return None
    try:
        return datetime.fromisoformat(node.text)
    except ValueError:
        return None


def zone_of(node: Node | None) -> ZoneInfo | None:
    """The zone a scalar names; None when it names none."""
    try:
        return ZoneInfo(node.text) if isinstance(node, Scalar) else None
    except (KeyError, ValueError, OSError):
        return None


def time_zone(findings: Findings, node: Node, path: str) -> None:
    """An IANA time zone."""
    if zone_of(node) is None:
        findings.problem(node, path, "expected an IANA time zone such as Europe/London")


def start_in_zone(findings: Findings, calendar: Mapping, path: str) -> None:
    """The start has no zone of its own: it must be one that is there, once, in the zone beside it."""
    node, zone = calendar.get("startTime"), zone_of(calendar.get("timeZone"))
    start = start_of(node)
    if node is None or start is None:
        return
    if calendar.get("timeZone") is None:
        findings.warn(node, f"{path}.startTime", "it has no zone and calendar.timeZone says none: no instant is known")
    elif zone is not None:
        early, late = (start.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        if early != late:
            happens = "twice" if early > late else "never"
            findings.warn(node, f"{path}.startTime", f"clocks of {zone.key} are changed: this time comes {happens}")
