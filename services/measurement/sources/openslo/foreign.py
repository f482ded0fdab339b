"""What is no document of OpenSLO v1, though it looks like one: told by its own words, with what it is instead."""

from services.measurement.sources.openslo.kinds import API_VERSION, KINDS
from services.measurement.sources.openslo.nodes import Finding, Mapping, Node, Scalar

OTHERS = {
    "openslo/v1alpha": "OpenSLO v1alpha",
    "openslo/v1beta1": "OpenSLO v1beta1",
    "openslo.com/v2alpha": "OpenSLO v2alpha",
    "openslo.com/v2alpha1": "OpenSLO v2alpha",
    "sloth.slok.dev/v1": "a PrometheusServiceLevel of Sloth",
    "sre.google.com/v1": "a configuration of slo-generator",
    "sre.google.com/v2": "a configuration of slo-generator",
}
WITHOUT_API_VERSION = {
    "version": ("prometheus/v1", "a specification of Sloth"),
    "slo_name": (None, "a configuration of slo-generator"),
    "groups": (None, "a file of Prometheus rules"),
}
"""Fields by which formats without an apiVersion are told, and the value they have, if it is always the same."""


def foreign(root: Node) -> Finding | None:
    """Why a document is none of OpenSLO v1; None if it is one."""
    if not isinstance(root, Mapping):
        return Finding(*root.place, "", f"expected a document with apiVersion: {API_VERSION}, kind, metadata and spec")
    said = root.get("apiVersion")
    if not isinstance(said, Scalar):
        for name, (value, what) in WITHOUT_API_VERSION.items():
            found = root.get(name)
            if found is not None and (value is None or root.text(name) == value):
                return _other(found, name, what)
        return Finding(*(said or root).place, "apiVersion", f"expected {API_VERSION}")
    if said.text != API_VERSION:
        return _other(said, "apiVersion", OTHERS.get(said.text))
    kind = root.get("kind")
    if not isinstance(kind, Scalar) or kind.text not in KINDS:
        got = kind.text if isinstance(kind, Scalar) else ""
        return Finding(*(kind or root).place, "kind", f"expected one of {', '.join(KINDS)}", got[:100])
    return None


def _other(node: Node, field: str, what: str | None) -> Finding:
    text = node.text[:100] if isinstance(node, Scalar) else ""
    told = f": this is {what}, which is not read" if what else ""
    return Finding(*node.place, field, f"expected apiVersion: {API_VERSION}{told}", text)
