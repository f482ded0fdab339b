"""What holds between documents: what is referred to is there, and objectives suit the indicator they are about."""

from collections.abc import Collection, Iterator, Sequence

from services.measurement.sources.openslo import nodes
from services.measurement.sources.openslo.checks import Findings, under
from services.measurement.sources.openslo.nodes import Mapping, Node, Scalar

REFERENCES = {
    "indicatorRef": "SLI",
    "alertPolicyRef": "AlertPolicy",
    "conditionRef": "AlertCondition",
    "targetRef": "AlertNotificationTarget",
    "metricSourceRef": "DataSource",
}


def check_references(
    findings: Findings, roots: Sequence[Mapping], beside: Sequence[Mapping], known: Collection[str]
) -> None:
    """Look at every document in the light of the others, of those beside them, and of what is known by key."""
    there = {f"{root.text('kind')}/{root.text('metadata', 'name')}" for root in (*roots, *beside)}
    indicators = {root.text("metadata", "name"): root for root in (*beside, *roots) if root.text("kind") == "SLI"}
    for root in roots:
        for path, key, value in _references(root, ""):
            wanted = f"{REFERENCES[key]}/{value.text}"
            if wanted not in there and wanted not in known:
                findings.warn(value, path, f"there is no {REFERENCES[key]} of this name here")
        if root.text("kind") == "SLO":
            _check_objectives(findings, root, indicators)


def _references(node: Node, path: str) -> Iterator[tuple[str, str, Scalar]]:
    if isinstance(node, nodes.Sequence):
        for number, item in enumerate(node.items):
            yield from _references(item, f"{path}[{number}]")
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            if key.text in REFERENCES and isinstance(value, Scalar) and not value.is_null:
                yield under(path, key.text), key.text, value
            # What other systems are told may use the same words for something else.
            elif key.text not in ("connectionDetails", "annotations", "labels") and not path.endswith("metricSource"):
                yield from _references(value, under(path, key.text))


def _check_objectives(findings: Findings, root: Mapping, indicators: dict[str, Mapping]) -> None:
    """A threshold needs something to compare with; a ratio has nothing to compare."""
    objectives = root.items("spec", "objectives")
    shared = indicator_of(root.get("spec"), indicators)
    for number, objective in enumerate(objectives):
        if not isinstance(objective, Mapping):
            continue
        path = f"spec.objectives[{number}]"
        indicator = indicator_of(objective, indicators) or shared
        if indicator is None:
            continue
        if indicator.get("spec", "thresholdMetric") is not None:
            for each in ("op", "value"):
                if objective.get(each) is None:
                    findings.problem(objective, under(path, each), "expected a value: the indicator is a threshold")
            if objective.text("op") in ("lte", "gte"):
                findings.warn(objective, under(path, "op"), "a value that equals the limit is good")
        for each in ("op", "value"):
            node = objective.get(each)
            if indicator.get("spec", "ratioMetric") is not None and node is not None:
                findings.warn(node, under(path, each), "it says nothing about a ratio; kept")
    if shared is not None and shared.get("spec", "thresholdMetric") is not None and len(objectives) > 1:
        where = objectives[1]
        findings.problem(where, "spec.objectives", f"expected 1 objective about a threshold, got {len(objectives)}")


def indicator_of(holder: Node | None, indicators: dict[str, Mapping]) -> Mapping | None:
    """The indicator of a specification or an objective, inline or by reference; None if it is not known."""
    if not isinstance(holder, Mapping):
        return None
    inline = holder.get("indicator")
    return inline if isinstance(inline, Mapping) else indicators.get(holder.text("indicatorRef"))
