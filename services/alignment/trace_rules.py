"""Judging the way from a requirement to what is promised, watched, shown and contracted (capabilities G1, S0b, P1).

A record that is known to be missing takes away what it was about and nothing else, so that losing more never helps.

Time is service time: a target of eight hours is compared with a requirement of hours, minutes or seconds. What cannot
be told is a state of its own and never counts as in force.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.requirements.rules import Comparison

FRESH = timedelta(days=31)
"""A monitor whose last data are older than this delivers nothing any more (methods A.10, G1: the last period)."""

_TIME = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "minutes": 60, "h": 3600,
    "hour": 3600, "hours": 3600, "service hour": 3600, "service hours": 3600, "business hours": 3600,
}  # fmt: skip
_SHARE = {"%": 1, "percent": 1, "per cent": 1}


class EdgeState(StrEnum):
    """How a requirement stands to what monitors, promises or contracts it, at an instant."""

    IN_FORCE = "in_force"
    INCONSISTENT = "inconsistent"
    MISSING = "missing"
    WAIVED = "waived"
    CANNOT_TELL = "cannot_tell"


class EdgeFault(StrEnum):
    """Why an edge is not in force."""

    NOT_LINKED = "not_linked"
    ENDED = "ended"
    NOT_BINDING = "not_binding"
    NO_MONITOR = "no_monitor"
    NO_RECENT_DATA = "no_recent_data"
    VALUE_WEAKER = "value_weaker"
    OTHER_UNIT = "other_unit"
    OTHER_METRIC = "other_metric"
    CANNOT_COMPARE = "cannot_compare"
    NO_VALUE = "no_value"
    RECORDS_MISSING = "records_missing"
    NOTHING_RECORDED = "nothing_recorded"


class Hop(StrEnum):
    """The steps from a requirement to a dashboard, in their order."""

    TARGET = "target"
    INDICATOR = "indicator"
    MONITOR = "monitor"
    TILE = "tile"


STATE_OF = {
    EdgeFault.NOT_LINKED: EdgeState.MISSING,
    EdgeFault.ENDED: EdgeState.MISSING,
    EdgeFault.NOT_BINDING: EdgeState.MISSING,
    EdgeFault.NO_MONITOR: EdgeState.MISSING,
    EdgeFault.NO_RECENT_DATA: EdgeState.MISSING,
    EdgeFault.VALUE_WEAKER: EdgeState.INCONSISTENT,
    EdgeFault.OTHER_UNIT: EdgeState.INCONSISTENT,
    EdgeFault.OTHER_METRIC: EdgeState.INCONSISTENT,
    EdgeFault.CANNOT_COMPARE: EdgeState.INCONSISTENT,
    EdgeFault.NO_VALUE: EdgeState.CANNOT_TELL,
    EdgeFault.RECORDS_MISSING: EdgeState.CANNOT_TELL,
    EdgeFault.NOTHING_RECORDED: EdgeState.CANNOT_TELL,
}


@dataclass(frozen=True)
class Stated:
    """A value as somebody states it; an empty metric or unit, or no value, is not stated."""

    metric: str
    comparison: Comparison | None
    value: Decimal | None
    unit: str


@dataclass(frozen=True)
class TileOfMonitor:
    """A tile that shows a monitor's data. `records_missing`: entries about it were recorded that are not there."""

    tile_id: str
    key: str
    name: str
    dashboard: str
    url: str
    is_placed: bool
    records_missing: bool


@dataclass(frozen=True)
class MonitorOfIndicator:
    """A monitor, installed or removed, and the instant of its last data as known."""

    monitor_id: str
    key: str
    name: str
    is_installed: bool
    since: datetime | None
    last_data_at: datetime | None
    records_missing: bool
    tiles: tuple[TileOfMonitor, ...]


@dataclass(frozen=True)
class IndicatorOfTarget:
    """An indicator that watches a target."""

    indicator_id: str
    key: str
    name: str
    metric: str
    unit: str
    monitors: tuple[MonitorOfIndicator, ...]


@dataclass(frozen=True)
class LinkedTarget:
    """A target linked to a requirement: by a link that holds, in an agreement that is in force, or not."""

    target_id: str
    key: str
    name: str
    agreement: str
    is_in_force: bool
    promises: tuple[Stated, ...]
    links_missing: bool
    indicator_links_missing: bool
    indicators: tuple[IndicatorOfTarget, ...]
    is_to_customer: bool = True
    """Whether it is promised to a customer, rather than by a team or a supplier that contributes."""

    @property
    def is_complete(self) -> bool:
        """Whether every entry about its links that was recorded is there."""
        return not self.links_missing and not self.indicator_links_missing


@dataclass(frozen=True)
class LinkedClause:
    """A contract clause linked to a requirement."""

    clause_id: str
    agreement: str
    reference: str
    is_in_force: bool
    is_binding: bool
    grants: Stated
    links_missing: bool


@dataclass(frozen=True)
class Edge:
    """One cell of the trace: a requirement and what monitors, promises or contracts it, named in `by`."""

    state: EdgeState
    fault: EdgeFault | None
    because: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One hop of the way to a dashboard: what it leads to, or why it does not."""

    hop: Hop
    reached: tuple[str, ...]
    because: str = ""

    @property
    def is_present(self) -> bool:
        """Whether the hop leads anywhere."""
        return bool(self.reached)


@dataclass(frozen=True)
class Recorded:
    """Of which kinds anything was on record at all in the organisation."""

    target_links: bool
    clause_links: bool
    indicator_links: bool


def scaled(value: Decimal, unit: str) -> tuple[str, Fraction]:
    """What kind of quantity a unit is, and the value in the smallest unit of it; an unknown unit is its own kind."""
    plain = " ".join(unit.casefold().split())
    if plain in _TIME:
        return "time", Fraction(value) * _TIME[plain]
    if plain in _SHARE:
        return "share", Fraction(value)
    return plain, Fraction(value)


def same_metric(one: str, other: str) -> bool:
    """Whether two metrics are called the same, apart from case and spaces."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def compare(required: Stated, granted: Stated) -> EdgeFault | None:
    """What keeps a granted value from being at least as strict as a required one; None: nothing does."""
    if required.value is None or granted.value is None:
        return EdgeFault.NO_VALUE
    if required.metric and granted.metric and not same_metric(required.metric, granted.metric):
        return EdgeFault.OTHER_METRIC
    wanted, given = scaled(required.value, required.unit), scaled(granted.value, granted.unit)
    if wanted[0] != given[0]:
        return EdgeFault.OTHER_UNIT
    if required.comparison is not granted.comparison:
        return EdgeFault.CANNOT_COMPARE
    strict = given[1] >= wanted[1] if required.comparison is Comparison.AT_LEAST else given[1] <= wanted[1]
    return None if strict else EdgeFault.VALUE_WEAKER


def compare_any(required: Stated, granted: Sequence[Stated]) -> EdgeFault | None:
    """The same with whichever of several values speaks of the same quantity: another unit only if none does."""
    faults = [compare(required, each) for each in granted]
    alike = [fault for fault in faults if fault is not EdgeFault.OTHER_UNIT]
    return next(iter(alike), EdgeFault.OTHER_UNIT)


def promised_in(required: Stated, targets: Sequence[LinkedTarget], recorded: Recorded, waiver: str = "") -> Edge:
    """Whether targets in force promise customers what is required, each at least as strictly."""
    targets = [each for each in targets if each.is_to_customer]
    valid = [each for each in targets if each.is_in_force and not each.links_missing]
    if not valid:
        if any(each.links_missing for each in targets):
            return _edge(EdgeFault.RECORDS_MISSING, "a link to a target was recorded that is not there", ())
        fault = EdgeFault.ENDED if targets else EdgeFault.NOT_LINKED
        return _waived(_edge(_unless_nothing(fault, recorded.target_links), _NO_PROMISE[fault], ()), waiver)
    judged = ((compare_any(required, each.promises), f"{each.agreement}/{each.key}", "the promise") for each in valid)
    return _waived(_worst(judged), waiver)


def contracted_in(
    required: Stated,
    clauses: Sequence[LinkedClause],
    targets: Sequence[LinkedTarget],
    recorded: Recorded,
    waiver: str = "",
) -> Edge:
    """Whether binding clauses in force carry what is required, each at least as strict as it and as the promises."""
    known = [each for each in clauses if not each.links_missing]
    valid = [each for each in known if each.is_in_force and each.is_binding]
    if not valid:
        if len(known) < len(clauses):
            return _edge(EdgeFault.RECORDS_MISSING, "a link to a clause was recorded that is not there", ())
        fault = EdgeFault.NOT_LINKED
        if clauses:
            fault = EdgeFault.NOT_BINDING if any(each.is_in_force for each in clauses) else EdgeFault.ENDED
        return _waived(_edge(_unless_nothing(fault, recorded.clause_links), _NO_CONTRACT[fault], ()), waiver)
    promises = [stated for each in targets if each.is_in_force and each.is_to_customer for stated in each.promises]
    judged = (
        (
            compare(required, each.grants) or _weaker_than_promised(each.grants, promises),
            f"{each.agreement} {each.reference}",
            "the clause",
        )
        for each in valid
    )
    return _waived(_worst(judged), waiver)


def monitored_by(required: Stated, targets: Sequence[LinkedTarget], recorded: Recorded, as_of: datetime) -> Edge:
    """Whether a monitor that is installed and delivers measures what is required. No waiver replaces looking."""
    pairs = [
        (indicator, monitor)
        for each in targets
        if each.is_in_force and each.is_complete
        for indicator in each.indicators
        for monitor in indicator.monitors
    ]
    installed = [pair for pair in pairs if pair[1].is_installed and not pair[1].records_missing]
    if not installed:
        return _not_monitored(targets, [monitor for _, monitor in pairs], recorded)
    if not required.metric:
        return _edge(EdgeFault.NO_VALUE, "the requirement does not say what is to be measured", ())
    measuring = [pair for pair in installed if same_metric(required.metric, pair[0].metric)]
    if not measuring:
        said = f"what is measured is {installed[0][0].metric}, what is required {required.metric}"
        return _edge(EdgeFault.OTHER_METRIC, said, (installed[0][1].key,))
    alike = [pair for pair in measuring if _same_kind(required, pair[0].unit)]
    if not alike:
        said = f"measured in {measuring[0][0].unit}, required in {required.unit}"
        return _edge(EdgeFault.OTHER_UNIT, said, (measuring[0][1].key,))
    fresh = [monitor for _, monitor in alike if monitor.last_data_at and monitor.last_data_at > as_of - FRESH]
    if not fresh:
        latest = max((monitor.last_data_at for _, monitor in alike if monitor.last_data_at), default=None)
        said = f"the last data are of {_day(latest)}" if latest else "no data of it are on record"
        return _edge(EdgeFault.NO_RECENT_DATA, said, tuple(sorted(monitor.key for _, monitor in alike)))
    return Edge(EdgeState.IN_FORCE, None, "", tuple(sorted({monitor.key for monitor in fresh})))


def _not_monitored(targets: Sequence[LinkedTarget], monitors: Sequence[MonitorOfIndicator], recorded: Recorded) -> Edge:
    """Why no monitor is installed, as far as what is on record says."""
    if any(not each.is_complete for each in targets) or any(each.records_missing for each in monitors):
        return _edge(EdgeFault.RECORDS_MISSING, "an entry about its monitors was recorded that is not there", ())
    said = _removed(monitors) or "no monitor of it is installed"
    return _edge(_unless_nothing(EdgeFault.NO_MONITOR, recorded.indicator_links), said, ())


def way_to_dashboards(targets: Sequence[LinkedTarget]) -> tuple[Step, ...]:
    """The four hops, each with what it reaches over what the one before it reached."""
    promised = [each for each in targets if each.is_in_force and not each.links_missing]
    watching = [each for target in promised if not target.indicator_links_missing for each in target.indicators]
    monitors = [each for indicator in watching for each in indicator.monitors]
    installed = [each for each in monitors if each.is_installed and not each.records_missing]
    tiles = [each for monitor in installed for each in monitor.tiles]
    shown = [each for each in tiles if each.is_placed and not each.records_missing]
    lost = "an entry about it was recorded that is not there"
    return (
        _step(Hop.TARGET, (f"{each.agreement}/{each.key}" for each in promised),
              lost if any(each.links_missing for each in targets)
              else "no agreement with its target is in force" if targets else "no target promises it"),
        _step(Hop.INDICATOR, (each.key for each in watching),
              lost if any(each.indicator_links_missing for each in promised) else "no indicator watches the target"),
        _step(Hop.MONITOR, (each.key for each in installed),
              lost if any(each.records_missing for each in monitors)
              else _removed(monitors) or "no monitor delivers the indicator"),
        _step(Hop.TILE, (each.key for each in shown),
              lost if any(each.records_missing for each in tiles)
              else "its tile was taken off" if tiles else "no tile shows it"),
    )  # fmt: skip


def broken_hop(steps: Iterable[Step]) -> Step | None:
    """The first hop that leads nowhere."""
    return next((step for step in steps if not step.is_present), None)


_NO_PROMISE = {
    EdgeFault.NOT_LINKED: "no target promises it",
    EdgeFault.ENDED: "no agreement with its target is in force",
}
_NO_CONTRACT = {
    EdgeFault.NOT_LINKED: "no clause carries it",
    EdgeFault.ENDED: "no agreement with its clause is in force",
    EdgeFault.NOT_BINDING: "no clause carries it so that it can be enforced",
}
_SAID = {
    EdgeFault.VALUE_WEAKER: "is weaker than what is required or promised",
    EdgeFault.OTHER_UNIT: "states no value of the required unit",
    EdgeFault.OTHER_METRIC: "is about another metric",
    EdgeFault.CANNOT_COMPARE: "limits the other side of the value",
    EdgeFault.NO_VALUE: "or the requirement states no value",
}


def _edge(fault: EdgeFault, because: str, by: tuple[str, ...]) -> Edge:
    if fault is EdgeFault.NOTHING_RECORDED:
        because = "nothing of the kind is on record in the whole organisation"
    return Edge(STATE_OF[fault], fault, because, by)


def _unless_nothing(fault: EdgeFault, anything: bool) -> EdgeFault:
    """The fault where such records are kept at all."""
    return fault if anything else EdgeFault.NOTHING_RECORDED


def _waived(edge: Edge, waiver: str) -> Edge:
    """A weaker or missing value that somebody accepts."""
    if not waiver or edge.state not in (EdgeState.INCONSISTENT, EdgeState.MISSING):
        return edge
    return Edge(EdgeState.WAIVED, edge.fault, f"{edge.because}; {waiver}", edge.by)


def _worst(judged: Iterable[tuple[EdgeFault | None, str, str]]) -> Edge:
    """What several judgements come to: the first inconsistency, else in force by those that fit, else not to be told.

    What states no value speaks neither for an edge nor against it.
    """
    found = list(judged)
    fitting = tuple(sorted(name for fault, name, _ in found if fault is None))
    wrong = [each for each in found if each[0] is not None and STATE_OF[each[0]] is EdgeState.INCONSISTENT]
    if fitting and not wrong:
        return Edge(EdgeState.IN_FORCE, None, "", fitting)
    fault, name, noun = (wrong or found)[0]
    assert fault is not None  # noqa: S101 - none fits
    return _edge(fault, f"{noun} {name} {_SAID[fault]}", (name,))


def _weaker_than_promised(granted: Stated, promises: Iterable[Stated]) -> EdgeFault | None:
    """Whether a clause grants less than a promise that speaks of the same quantity."""
    weaker = (compare(promise, granted) is EdgeFault.VALUE_WEAKER for promise in promises)
    return EdgeFault.VALUE_WEAKER if any(weaker) else None


def _same_kind(required: Stated, unit: str) -> bool:
    """Whether a unit measures the kind of quantity a requirement states; any does where it states none."""
    return required.value is None or scaled(Decimal(1), required.unit)[0] == scaled(Decimal(1), unit)[0]


def _step(hop: Hop, reached: Iterable[str], otherwise: str) -> Step:
    names = tuple(sorted(set(reached)))
    return Step(hop, names, "" if names else otherwise)


def _removed(monitors: Iterable[MonitorOfIndicator]) -> str:
    return "; ".join(
        f"monitor {each.key} was removed at {_day(each.since)}"
        for each in monitors
        if not each.is_installed and each.since is not None
    )


def _day(instant: datetime | None) -> str:
    return "an unknown instant" if instant is None else instant.isoformat(timespec="seconds")
