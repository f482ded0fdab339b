"""States promises of our own as documents of OpenSLO v1; what it has no word for goes into annotations of ours.

A promise is stated as it is or not at all: what OpenSLO cannot say exactly is named with the reason.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from services.domain.vocabulary import PeriodKind
from services.measurement.sources.openslo.checks import LONGEST_DESCRIPTION, NAME
from services.measurement.sources.openslo.kinds import API_VERSION, PREFIX
from services.measurement.sources.openslo.nodes import Node
from services.measurement.sources.openslo.objectives import SERVICE, TARGET
from services.measurement.sources.openslo.yaml_writer import tree_of

WINDOWS = {
    PeriodKind.WEEK: "1w",
    PeriodKind.MONTH: "1M",
    PeriodKind.QUARTER: "1Q",
    PeriodKind.YEAR: "1Y",
}


@dataclass(frozen=True)
class Promise:
    """A target in force, as far as OpenSLO and our annotations state it. A window is a period or so many days."""

    service_key: str
    service_name: str
    service_description: str
    agreement_key: str
    agreement_kind: str
    customer_key: str
    provider_key: str
    target_key: str
    target_name: str
    target_kind: str
    objective_percent: Decimal
    period: PeriodKind | None
    rolling_days: int | None
    duration_seconds: int | None
    calendar_key: str
    time_zone: str
    maintenance: str
    population_count: int | None
    valid_from: datetime
    indicator_key: str
    indicator_name: str
    indicator_metric: str
    indicator_unit: str

    @property
    def key(self) -> str:
        """The target, as AGREEMENT/TARGET."""
        return f"{self.agreement_key}/{self.target_key}"


class Generated(NamedTuple):
    """A document of a promise."""

    kind: str
    name: str
    root: Node


class Unstated(NamedTuple):
    """A target that is not exported, and why."""

    target: str
    reason: str


def documents_of(promises: Sequence[Promise]) -> tuple[list[Generated], list[Unstated]]:
    """The services of the promises, then the promises."""
    services: dict[str, Generated] = {}
    slos: list[Generated] = []
    unstated = []
    for promise in promises:
        if promise.objective_percent >= 100:
            unstated.append(Unstated(promise.key, "OpenSLO has no target of 100 percent: it is below 1 by definition"))
            continue
        service = dns_name(promise.service_key)
        services.setdefault(service, Generated("Service", service, tree_of(_service(promise, service))))
        name = dns_name(promise.agreement_key, promise.target_key)
        slos.append(Generated("SLO", name, tree_of(_slo(promise, name, service))))
    return [*services.values(), *slos], unstated


def dns_name(*keys: str) -> str:
    """A name after RFC 1123 of keys of ours: the keys, where they are one, otherwise with a digest that tells them
    apart from others that look alike."""
    name = "-".join(keys)
    if NAME.fullmatch(name):
        return name
    plain = re.sub(r"[^a-z0-9]+", "-", name).strip("-")
    digest = hashlib.sha256("/".join(keys).encode()).hexdigest()[:8]
    return f"{plain[:54].rstrip('-') or 'x'}-{digest}"


def _service(promise: Promise, name: str) -> dict[str, Any]:
    description = promise.service_description.strip()
    spec = {"description": description} if 0 < len(description) <= LONGEST_DESCRIPTION else {}
    annotations = {} if name == promise.service_key else {SERVICE: promise.service_key}
    return _document("Service", name, promise.service_name, annotations, spec)


def _slo(promise: Promise, name: str, service: str) -> dict[str, Any]:
    stated = {
        SERVICE: "" if service == promise.service_key else promise.service_key,
        TARGET: promise.key,
        f"{PREFIX}target-kind": promise.target_kind,
        f"{PREFIX}agreement-kind": promise.agreement_kind,
        f"{PREFIX}customer": promise.customer_key,
        f"{PREFIX}provider": promise.provider_key,
        f"{PREFIX}calendar": promise.calendar_key,
        f"{PREFIX}duration-seconds": "" if promise.duration_seconds is None else str(promise.duration_seconds),
        f"{PREFIX}maintenance": promise.maintenance,
        f"{PREFIX}population-count": "" if promise.population_count is None else str(promise.population_count),
        f"{PREFIX}valid-from": promise.valid_from.isoformat(),
    }
    spec = {
        "service": service,
        "indicator": _indicator(promise, name),
        "timeWindow": [_window(promise)],
        "budgetingMethod": "Occurrences",
        "objectives": [{"displayName": promise.target_name, "targetPercent": _short(promise.objective_percent)}],
    }
    return _document("SLO", name, promise.target_name, {key: said for key, said in stated.items() if said}, spec)


def _indicator(promise: Promise, name: str) -> dict[str, Any]:
    """Good and all of what is counted: tickets, or seconds of the agreed time, so that the ratio is exact."""
    counted = "tickets" if promise.duration_seconds is not None else "seconds of agreed time"
    good = "resolved within the target" if promise.duration_seconds is not None else "available"

    def source(which: str) -> dict[str, Any]:
        spec = {"target": promise.key, "counted": counted, "which": which}
        return {"metricSource": {"type": "slm", "spec": spec}}

    known = bool(promise.indicator_key)
    metadata: dict[str, Any] = {
        "name": dns_name(promise.indicator_key) if known else name,
        "displayName": promise.indicator_name if known else promise.target_name,
    }
    if known:
        metadata["annotations"] = {f"{PREFIX}unit": promise.indicator_unit}
    metric = {"description": promise.indicator_metric} if known else {}
    return {
        "metadata": metadata,
        "spec": {**metric, "ratioMetric": {"counter": True, "good": source(good), "total": source("all")}},
    }


def _window(promise: Promise) -> dict[str, Any]:
    if promise.period is None:
        return {"duration": f"{promise.rolling_days}d", "isRolling": True}
    calendar = {"startTime": _start(promise), "timeZone": promise.time_zone}
    return {"duration": WINDOWS[promise.period], "isRolling": False, "calendar": calendar}


def _start(promise: Promise) -> str:
    """The beginning of the year or of the week in which the target came into force, by the clock of its zone."""
    day = promise.valid_from.astimezone(ZoneInfo(promise.time_zone)).date()
    day = day - timedelta(days=day.weekday()) if promise.period is PeriodKind.WEEK else day.replace(month=1, day=1)
    return f"{day.isoformat()} 00:00:00"


def _short(number: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent."""
    return number.normalize() if number != number.to_integral() else number.quantize(Decimal(1))


def _document(kind: str, name: str, shown: str, annotations: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "displayName": shown}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata} | ({"spec": spec} if spec else {})
