"""What documents of the seven kinds of OpenSLO v1 say.

After the specification of openslo/v1 (OpenSLO, README, "Object Types"); where its text is silent or against itself, the
stricter reading of the project's own Go library is taken.
"""

import re

from services.measurement.sources.openslo import nodes
from services.measurement.sources.openslo.checks import (
    Check,
    Findings,
    anything,
    exactly_one,
    fields_of_its_own,
    mapping,
    name,
    number,
    number_of,
    one_of,
    optional,
    required,
    sequence,
    text,
    truth,
    under,
    warn_of_words,
)
from services.measurement.sources.openslo.durations import (
    duration,
    slice_window,
    start_in_zone,
    start_time,
    time_zone,
    window_duration,
)
from services.measurement.sources.openslo.nodes import Node, Scalar

API_VERSION = "openslo/v1"
PREFIX = "slm.internal/"
"""Of the annotations that are ours: `.internal` belongs to nobody, and `openslo.com/` to OpenSLO."""
RESERVED_PREFIX = "openslo.com/"

LABEL = re.compile(r"[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
DNS_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
ANNOTATION_PREFIX = re.compile(rf"{DNS_LABEL}(?:\.{DNS_LABEL})*")
CREDENTIAL = re.compile(r"(?i).*(?:secret|password|passwd|token|api_?key|access_?key|private_?key|credential).*")


def _labels(findings: Findings, node: Node, path: str) -> None:
    if not isinstance(node, nodes.Mapping):
        findings.problem(node, path, "expected labels, each with a text or a list of texts")
        return
    for key, value in node.entries:
        if not LABEL.fullmatch(key.text):
            findings.problem(
                key, under(path, key.text), "expected a key of at most 63 letters, digits, '-', '_' or '.'"
            )
        for each in value.items if isinstance(value, nodes.Sequence) else (value,):
            if isinstance(each, Scalar):
                warn_of_words(findings, each, under(path, key.text))
            else:
                findings.problem(each, under(path, key.text), "expected a text or a list of texts")


def _annotations(findings: Findings, node: Node, path: str) -> None:
    if not isinstance(node, nodes.Mapping):
        findings.problem(node, path, "expected annotations, each with a text")
        return
    for key, value in node.entries:
        where = under(path, key.text)
        prefix, slash, own = key.text.rpartition("/")
        has_prefix = not slash or (len(prefix) <= 253 and ANNOTATION_PREFIX.fullmatch(prefix))
        if not has_prefix or not LABEL.fullmatch(own):
            findings.problem(key, where, "expected NAME or DNS-NAME/NAME, the name of at most 63 characters")
        elif key.text.startswith(RESERVED_PREFIX):
            findings.warn(key, where, f"{RESERVED_PREFIX} is reserved for OpenSLO itself")
        if isinstance(value, Scalar):
            warn_of_words(findings, value, where)
        else:
            findings.problem(value, where, "expected a text")


METADATA = mapping(
    {
        "name": required(name),
        "displayName": optional(text()),
        "labels": optional(_labels),
        "annotations": optional(_annotations),
    }
)
DESCRIPTION = optional(text())
OPERATOR = one_of("lte", "gte", "lt", "gt")


def _inline(kind: str, spec: Check) -> Check:
    """A document of a kind within another; it need not say which kind it is."""
    return mapping(
        {
            "apiVersion": optional(one_of(API_VERSION)),
            "kind": optional(one_of(kind)),
            "metadata": required(METADATA),
            "spec": required(spec),
        }
    )


def _inline_or(reference: str, kind: str, spec: Check) -> Check:
    """A document within another, or a reference to one."""
    inline, referring = _inline(kind, spec), mapping({reference: required(name)})

    def check(findings: Findings, node: Node, path: str) -> None:
        is_reference = isinstance(node, nodes.Mapping) and node.get("spec") is None
        (referring if is_reference else inline)(findings, node, path)

    return check


def _warn_of_credentials(findings: Findings, node: Node, path: str) -> None:
    if not isinstance(node, nodes.Mapping):
        return
    for key, value in node.entries:
        if CREDENTIAL.fullmatch(key.text) and isinstance(value, Scalar) and not value.is_null:
            # Where it is, but not what it is.
            hidden = Scalar("", place=key.place)
            findings.warn(hidden, under(path, key.text), "this looks like a credential: whoever reads this file has it")
        _warn_of_credentials(findings, value, under(path, key.text))


def _query(findings: Findings, node: Node, path: str) -> None:
    fields_of_its_own(findings, node, path)
    _warn_of_credentials(findings, node, path)


METRIC = mapping(
    {
        "metricSource": required(
            mapping(
                {
                    "metricSourceRef": optional(name),
                    "type": optional(text()),
                    "spec": required(_query),
                }
            )
        )
    }
)


def _ratio_parts(findings: Findings, ratio: nodes.Mapping, path: str) -> None:
    there = {part for part in ("good", "bad", "total", "raw") if ratio.get(part) is not None}
    if there == {"raw"}:
        if ratio.get("rawType") is None:
            findings.problem(ratio, under(path, "rawType"), "expected success or failure beside raw")
    elif there not in ({"good", "total"}, {"bad", "total"}):
        got = " and ".join(sorted(there)) or "none of them"
        findings.problem(ratio, path, f"expected good and total, or bad and total, or raw alone; got {got}")


SLI = mapping(
    {
        "description": DESCRIPTION,
        "thresholdMetric": optional(METRIC),
        "ratioMetric": optional(
            mapping(
                {
                    "counter": optional(truth),
                    "good": optional(METRIC),
                    "bad": optional(METRIC),
                    "total": optional(METRIC),
                    "rawType": optional(one_of("success", "failure")),
                    "raw": optional(METRIC),
                },
                _ratio_parts,
            )
        ),
    },
    exactly_one("thresholdMetric", "ratioMetric"),
)

ALERT_CONDITION = mapping(
    {
        "description": DESCRIPTION,
        "severity": required(text()),
        "condition": required(
            mapping(
                {
                    "kind": optional(one_of("burnrate")),
                    "op": optional(OPERATOR),
                    "threshold": required(number("a number")),
                    "lookbackWindow": required(duration()),
                    "alertAfter": optional(duration(least=0)),
                }
            )
        ),
    }
)
NOTIFICATION_TARGET = mapping({"description": DESCRIPTION, "target": required(text())})
ALERT_POLICY = mapping(
    {
        "description": DESCRIPTION,
        "alertWhenNoData": optional(truth),
        "alertWhenResolved": optional(truth),
        "alertWhenBreaching": optional(truth),
        "conditions": required(
            sequence(_inline_or("conditionRef", "AlertCondition", ALERT_CONDITION), least=1, most=1, what="condition")
        ),
        "notificationTargets": required(
            sequence(_inline_or("targetRef", "AlertNotificationTarget", NOTIFICATION_TARGET), what="targets")
        ),
    }
)


def _rolling_or_calendar(findings: Findings, window: nodes.Mapping, path: str) -> None:
    rolling, calendar = window.text("isRolling").lower() == "true", window.get("calendar")
    if rolling and calendar is not None:
        findings.problem(calendar, under(path, "calendar"), "expected none: the window is rolling")
    elif not rolling and calendar is None:
        findings.problem(window, path, "expected isRolling: true, or a calendar")


TIME_WINDOW = mapping(
    {
        "duration": required(duration()),
        "isRolling": optional(truth),
        "calendar": optional(
            mapping({"startTime": required(start_time), "timeZone": optional(time_zone)}, start_in_zone)
        ),
    },
    _rolling_or_calendar,
    window_duration,
)


def _plausible_percent(findings: Findings, objective: nodes.Mapping, path: str) -> None:
    node = objective.get("targetPercent")
    value = number_of(node)
    if node is not None and value is not None and 0 < value < 1:
        findings.warn(node, under(path, "targetPercent"), "less than one percent: is a target of 0 to 1 meant?")


OBJECTIVE = mapping(
    {
        "displayName": optional(text()),
        "op": optional(OPERATOR),
        "value": optional(number("a number")),
        "target": optional(number("a number from 0 to below 1 (a percentage is targetPercent)", lambda v: 0 <= v < 1)),
        "targetPercent": optional(number("a number from 0 to below 100", lambda v: 0 <= v < 100)),
        "timeSliceTarget": optional(number("a number above 0, at most 1", lambda v: 0 < v <= 1)),
        "timeSliceWindow": optional(slice_window),
        "indicator": optional(_inline("SLI", SLI)),
        "indicatorRef": optional(name),
        "compositeWeight": optional(number("a number above 0", lambda v: v > 0)),
    },
    exactly_one("target", "targetPercent"),
    _plausible_percent,
)
SLICED = {"Timeslices": ("timeSliceTarget", "timeSliceWindow"), "RatioTimeslices": ("timeSliceWindow",)}
"""What each objective says under a method that judges slices of time."""


def _slices(findings: Findings, slo: nodes.Mapping, path: str) -> None:
    method = slo.text("budgetingMethod")
    for number_, objective in enumerate(slo.items("objectives")):
        where = f"{under(path, 'objectives')}[{number_}]"
        for each in ("timeSliceTarget", "timeSliceWindow"):
            is_there = isinstance(objective, nodes.Mapping) and objective.get(each) is not None
            if each in SLICED.get(method, ()) and not is_there:
                findings.problem(objective, under(where, each), f"expected a value: the method is {method}")


def _indicators(findings: Findings, slo: nodes.Mapping, path: str) -> None:
    """One indicator for the whole, or one for each objective of a composite."""
    own = exactly_one("indicator", "indicatorRef")
    parts = [each for each in slo.items("objectives") if isinstance(each, nodes.Mapping)]
    if not is_composite(slo):
        own(findings, slo, path)
        return
    if slo.get("indicator") is not None or slo.get("indicatorRef") is not None:
        findings.problem(slo, path, "expected an indicator here or in the objectives, got both")
    for number_, part in enumerate(parts):
        own(findings, part, f"{under(path, 'objectives')}[{number_}]")
    warning = "how the parts of a composite make one figure is left open by OpenSLO: kept, and judged part by part"
    findings.warn(parts[0], under(path, "objectives"), warning)


def is_composite(slo: nodes.Mapping) -> bool:
    """Whether objectives of this specification have indicators of their own."""
    return any(
        isinstance(each, nodes.Mapping) and (each.get("indicator") is not None or each.get("indicatorRef") is not None)
        for each in slo.items("objectives")
    )


SLO = mapping(
    {
        "description": DESCRIPTION,
        "service": required(text()),
        "indicator": optional(_inline("SLI", SLI)),
        "indicatorRef": optional(name),
        "timeWindow": required(sequence(TIME_WINDOW, least=1, most=1, what="time window")),
        "budgetingMethod": required(one_of("Occurrences", "Timeslices", "RatioTimeslices")),
        "objectives": required(sequence(OBJECTIVE, least=1, what="objectives")),
        "alertPolicies": optional(sequence(_inline_or("alertPolicyRef", "AlertPolicy", ALERT_POLICY), what="policies")),
    },
    _indicators,
    _slices,
)


def _document(spec: Check, *, is_required: bool = True) -> Check:
    return mapping(
        {
            "apiVersion": required(one_of(API_VERSION)),
            "kind": required(anything),
            "metadata": required(METADATA),
            "spec": required(spec) if is_required else optional(spec),
        }
    )


KINDS: dict[str, Check] = {
    "DataSource": _document(
        mapping(
            {"description": DESCRIPTION, "type": required(text()), "connectionDetails": optional(_warn_of_credentials)}
        )
    ),
    "SLO": _document(SLO),
    "SLI": _document(SLI),
    "AlertPolicy": _document(ALERT_POLICY),
    "AlertCondition": _document(ALERT_CONDITION),
    "AlertNotificationTarget": _document(NOTIFICATION_TARGET),
    "Service": _document(mapping({"description": DESCRIPTION}), is_required=False),
}
