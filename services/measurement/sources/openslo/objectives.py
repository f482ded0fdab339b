"""What sound documents say that we know, too: services, indicators and objectives."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.measurement.sources.openslo.checks import number_of
from services.measurement.sources.openslo.documents import Document
from services.measurement.sources.openslo.kinds import PREFIX
from services.measurement.sources.openslo.nodes import Mapping

SERVICE, TARGET, UNIT = f"{PREFIX}service", f"{PREFIX}target", f"{PREFIX}unit"
"""Annotations by which a document says what it is about here: keys, that of a target as AGREEMENT/TARGET."""
LONGEST_NAME = 200


@dataclass(frozen=True)
class ServiceStatement:
    """A service by its key."""

    key: str
    name: str
    description: str


@dataclass(frozen=True)
class IndicatorStatement:
    """An indicator by its key; `service` is that it says it is of, empty where it does not say."""

    key: str
    name: str
    metric: str
    unit: str
    service: str


@dataclass(frozen=True)
class ObjectiveStatement:
    """One objective of an SLO. What does not apply is None, or empty where it is a text."""

    name: str
    method: str
    target_percent: Decimal
    operator: str
    threshold: Decimal | None
    window_duration: str
    window_is_rolling: bool
    window_start: str
    window_time_zone: str
    service: str
    indicator: str
    target: str


def service_of(root: Mapping) -> ServiceStatement:
    """What a document of the kind Service says."""
    name = root.text("metadata", "name")
    return ServiceStatement(
        _annotation(root, SERVICE) or name,
        _short(root.text("metadata", "displayName"), name),
        root.text("spec", "description"),
    )


def indicators(documents: Iterable[Document]) -> list[IndicatorStatement]:
    """Every indicator of the documents, inline ones included, each once; the first of a name counts."""
    found: dict[str, IndicatorStatement] = {}
    for document in documents:
        if document.kind == "SLI":
            found.setdefault(document.name, _indicator(document.root))
        elif document.kind == "SLO":
            for holder in (document.root.get("spec"), *document.root.items("spec", "objectives")):
                inline = holder.get("indicator") if isinstance(holder, Mapping) else None
                if isinstance(inline, Mapping):
                    found.setdefault(inline.text("metadata", "name"), _indicator(inline))
    return list(found.values())


def objectives(root: Mapping) -> list[ObjectiveStatement]:
    """The objectives of a document of the kind SLO."""
    window = root.items("spec", "timeWindow")[0]
    spec = root.get("spec")
    assert isinstance(window, Mapping) and isinstance(spec, Mapping)  # noqa: S101, PT018  sound documents have both
    return [
        ObjectiveStatement(
            name=objective.text("displayName"),
            method=spec.text("budgetingMethod"),
            target_percent=_percent(objective),
            operator=objective.text("op"),
            threshold=number_of(objective.get("value")),
            window_duration=window.text("duration"),
            window_is_rolling=window.get("calendar") is None,
            window_start=window.text("calendar", "startTime"),
            window_time_zone=window.text("calendar", "timeZone"),
            service=_annotation(root, SERVICE) or spec.text("service"),
            indicator=_indicator_name(objective) or _indicator_name(spec),
            target=_annotation(root, TARGET),
        )
        for objective in root.items("spec", "objectives")
        if isinstance(objective, Mapping)
    ]


def _percent(objective: Mapping) -> Decimal:
    target, percent = number_of(objective.get("target")), number_of(objective.get("targetPercent"))
    return percent if percent is not None else (target or Decimal(0)).scaleb(2)


def _indicator_name(holder: Mapping) -> str:
    return holder.text("indicator", "metadata", "name") or holder.text("indicatorRef")


def _indicator(root: Mapping) -> IndicatorStatement:
    name = root.text("metadata", "name")
    shown = _short(root.text("metadata", "displayName"), name)
    unit = "percent" if root.get("spec", "ratioMetric") is not None else "as its source says"
    return IndicatorStatement(
        name,
        shown,
        _short(root.text("spec", "description"), shown),
        _annotation(root, UNIT) or unit,
        _annotation(root, SERVICE),
    )


def _annotation(root: Mapping, key: str) -> str:
    return root.text("metadata", "annotations", key)


def _short(text: str, otherwise: str) -> str:
    return text if text.strip() and len(text) <= LONGEST_NAME else otherwise
