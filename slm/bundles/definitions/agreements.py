"""Agreements with the targets of each version, and the requirements that targets promise.

A version and its targets are agreed together, so both files are compared and written as one. A target that a file does
not name stays promised; one that is no longer promised says so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from services.agreements.commands import (
    create_agreement,
    end_agreement,
    publish_agreement_version,
    rename_agreement,
)
from services.agreements.requirement_links import link_requirement, unlink_requirement
from services.agreements.rules import AgreementKind, TargetDefinition, VersionStatus
from services.compliance.recomputing import Publication, Subject, apply_version
from services.db import ReadSession, fetch
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Kind, Row, Run, Values, paired, spans
from slm.bundles.definitions.versions import Versioned

AGREEMENTS = """
SELECT a.id, a.key, a.name, a.kind, s.key, c.key, p.key, v.valid_from, v.status, v.reason, v.assumed
FROM agreement_version v
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = v.agreement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
LEFT JOIN party c ON c.organisation_id = $1::uuid AND c.id = a.customer_id
LEFT JOIN party p ON p.organisation_id = $1::uuid AND p.id = a.provider_id
WHERE v.organisation_id = $1::uuid ORDER BY a.key, v.valid_from
"""
TARGETS = """
SELECT t.id, a.key, v.valid_from, t.key, t.name, c.key, d.duration_seconds, d.objective_percent, d.period,
       d.stop_states, d.start_states, d.pause_states, d.resume_states, d.cancel_states, d.start_rule, d.reopen_policy,
       d.limit_inclusive, d.retroactive_pause, d.priorities, d.categories, d.assumed
FROM target_version d
JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = d.agreement_version_id
JOIN calendar c ON c.organisation_id = $1::uuid AND c.id = d.calendar_id
WHERE d.organisation_id = $1::uuid ORDER BY a.key, v.valid_from, t.key
"""
LINKS = """
SELECT a.key || '/' || t.key, r.key, l.tenure, l.valid_from FROM target_requirement l
JOIN target t ON t.organisation_id = $1::uuid AND t.id = l.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = l.requirement_id
WHERE l.organisation_id = $1::uuid ORDER BY a.key, t.key, r.key, l.valid_from
"""

HEADER = ("id", "key", "name", "kind", "service", "customer", "provider", "valid_from", "status", "reason", "assumed")
STATES = ("stop_states", "start_states", "pause_states", "resume_states", "cancel_states")
DEFINITION = (
    "name", "calendar", "duration", "objective_percent", "period", *STATES, "start_rule", "reopen_policy",
    "limit_inclusive", "retroactive_pause", "priorities", "categories", "assumed",
)  # fmt: skip
"""The columns of a target that a version defines; from the fifth on they are called as in `TargetDefinition`."""

REQUIRED = ("name", "calendar", "duration", "objective_percent", "stop_states")
"""Those without a usual value."""

Targets = dict[str, dict[str, Any]]
"""The targets of one version by their keys."""


async def stored_targets(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    """Every definition of every target, as a row of its file."""
    names = ("id", "agreement", "valid_from", "key", *DEFINITION)
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, TARGETS, organisation_id)]
    for row in rows:
        row |= {name: tuple(map(TicketState, row[name])) for name in STATES}
        row |= {"priorities": tuple(row["priorities"]), "categories": tuple(row["categories"])}
        row |= {"period": PeriodKind(row["period"]), "start_rule": StartRule(row["start_rule"])}
        row["reopen_policy"] = ReopenPolicy(row["reopen_policy"])
    return rows


async def _agreements(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    targets: defaultdict[tuple[str, datetime], Targets] = defaultdict(dict)
    for row in await stored_targets(session, organisation_id):
        targets[row["agreement"], row["valid_from"]][row["key"]] = {name: row[name] for name in DEFINITION}
    rows = [dict(zip(HEADER, row, strict=True)) for row in await fetch(session, AGREEMENTS, organisation_id)]
    return [
        {
            **row,
            "kind": AgreementKind(row["kind"]),
            "status": VersionStatus(row["status"]),
            "reason": row["reason"] or None,
            "targets": targets[row["key"], row["valid_from"]],
        }
        for row in rows
    ]


async def _links(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("target", "requirement", "tenure", "valid_from")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, LINKS, organisation_id)]
    return paired(rows, ("target", "requirement"))


def with_targets(rows: Sequence[Row], targets: Sequence[Row]) -> list[Row]:
    """The rows of agreements, each with the rows of its targets."""
    of: defaultdict[tuple[str, Any], list[Row]] = defaultdict(list)
    for target in targets:
        of[target.values["agreement"], target.values.get("valid_from")].append(target)
    return [replace(row, values={**row.values, "target_rows": of.pop(_version(row), [])}) for row in rows]


def _version(row: Row) -> tuple[str, Any]:
    return row.values["key"], row.values.get("valid_from")


def _complete(_kind: Kind, run: Run, row: Row, before: Values) -> Row:
    """The row with all targets its version has: what was promised before, changed and added to as its rows say."""
    said: list[Row] = row.values.get("target_rows") or []
    if not said:
        return row
    promised: Targets = dict(before.get("targets") or {})
    for target in said:
        values, key = target.values, target.values["key"]
        if values.get("promised") is False:
            promised.pop(key, None)
            continue
        usual = promised.get(key) or {column.name: column.blank for column in TARGETS_KIND.columns}
        promised[key] = {**usual, **{name: values[name] for name in DEFINITION if name in values}}
        missing = [
            name for name in ("calendar", "duration", "objective_percent", "stop_states") if not promised[key][name]
        ]
        run.problems += [target.problem(name, "expected a value, because the target is new") for name in missing]
    return replace(row, values={**row.values, "targets": promised})


def _differ(kind: Kind, before: Values, after: Values, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """As for every kind; of targets, which columns of which."""
    found = kind.differences(before, after, [name for name in names if name != "targets"])
    if "targets" in names and "targets" in after:
        was, said = before.get("targets") or {}, after["targets"]
        for key in sorted(set(was) | set(said)):
            found += _target_differences(key, was.get(key), said.get(key))
    return found


def _target_differences(
    key: str, was: Mapping[str, Any] | None, said: Mapping[str, Any] | None
) -> list[tuple[str, str, str]]:
    if was is None or said is None:
        return [(f"targets.{key}", "none" if was is None else "promised", "none" if said is None else "promised")]
    return [(f"targets.{key}.{name}", old, new) for name, old, new in TARGETS_KIND.differences(was, said, DEFINITION)]


def _definitions(run: Run, targets: Targets) -> list[TargetDefinition]:
    return [
        TargetDefinition(
            key=key,
            name=said["name"] or "",
            calendar_id=run.known("calendars", said["calendar"] or ""),
            duration_seconds=said["duration"] or 0,
            objective_percent=said["objective_percent"] or Decimal(0),
            **{name: said[name] for name in DEFINITION[4:]},
        )
        for key, said in targets.items()
    ]


async def _create(run: Run, row: Row, content: Values) -> UUID:
    said = row.values
    return await create_agreement(
        **run.by, key=said["key"], name=said["name"], kind=said["kind"],
        service_id=run.known("services", said["service"]), customer_id=run.id_of("parties", said.get("customer")),
        provider_id=run.id_of("parties", said.get("provider")), valid_from=content["valid_from"],
        targets=_definitions(run, content.get("targets") or {}), reason=content["reason"],
        assumed=content.get("assumed") or False,
    )  # fmt: skip


async def _publish(run: Run, _row: Row, agreement_id: UUID, content: Values) -> None:
    at = {"agreement_id": agreement_id, "valid_from": content["valid_from"], "reason": content["reason"]}
    if content.get("status") is VersionStatus.ENDED:
        publish = partial(end_agreement, **run.by, **at)
    else:
        targets = _definitions(run, content.get("targets") or {})
        assumed = content.get("assumed") or False
        publish = partial(publish_agreement_version, **run.by, **at, targets=targets, assumed=assumed)
    publication = Publication(Subject.AGREEMENT, agreement_id, content["valid_from"], publish)
    await apply_version(**run.by, publication=publication)


async def _rename(run: Run, agreement_id: UUID, name: str) -> None:
    await rename_agreement(**run.by, agreement_id=agreement_id, name=name)


async def _bring_nothing(kind: Kind, run: Run, rows: list[Row]) -> None:
    """Targets were written with their agreements; from here on they, or those that failed with them, are known."""
    for row in rows:
        run.is_hindered(kind, row)
    run.ids[kind.name] = {
        kind.reference_of(row): row["id"] for row in await stored_targets(run.session, run.actor.organisation_id)
    }


def _link(run: Run, row: Row) -> dict[str, Any]:
    return {
        "target_id": run.known("targets", row.values["target"]),
        "requirement_id": run.known("requirements", row.values["requirement"]),
    }


async def _begin_link(run: Run, row: Row) -> UUID:
    return await link_requirement(**run.by, **_link(run, row), valid_from=row.values["valid_from"])


async def _end_link(run: Run, row: Row, _before: Values) -> None:
    await unlink_requirement(**run.by, **_link(run, row), valid_from=row.values["valid_until"])


TARGETS_KIND = Kind(
    "targets",
    "What agreements promise. Written with the agreement's row of the same start.",
    (
        columns.key("agreement", "Which agreement.", of="agreements", required=True),
        columns.instant("valid_from", "Which version, as in its agreement's row."),
        columns.key("key", "Its key within the agreement.", required=True),
        columns.text("name", "Its name."),
        columns.key("calendar", "The service hours it is counted in.", of="calendars"),
        columns.duration("duration", "How much service time may pass, such as `8h`."),
        columns.decimal("objective_percent", "How many per cent of the tickets of a period must keep it."),
        columns.choice("period", "Over which period.", PeriodKind, default=PeriodKind.MONTH),
        columns.choices("stop_states", "States of a ticket that stop its clock.", TicketState),
        columns.choices("start_states", "States in which the clock starts; blank: in any.", TicketState),
        columns.choices("pause_states", "States in which it waits.", TicketState),
        columns.choices("resume_states", "States in which it goes on; blank: in all others.", TicketState),
        columns.choices("cancel_states", "States that drop it.", TicketState),
        columns.choice("start_rule", "Since when it counts.", StartRule, default=StartRule.FROM_OPENING),
        columns.choice("reopen_policy", "What reopening does to it.", ReopenPolicy, default=ReopenPolicy.RESUME),
        columns.flag("limit_inclusive", "Whether stopping exactly at the limit keeps the promise.", default=True),
        columns.flag("retroactive_pause", "Whether a pause counts from when it began.", default=True),
        columns.words("priorities", "Which priorities it is about; blank: all."),
        columns.words("categories", "Which categories it is about; blank: all."),
        columns.flag("assumed", "Whether nobody has confirmed it yet."),
        columns.flag("promised", "no: from this version on it is no longer promised.", default=True),
    ),
    ("agreement", "valid_from", "key"),
    stored_targets,
    _bring_nothing,
    keyed_by=("agreement", "key"),
    part_of="agreements",
    optional_identity=frozenset({"valid_from"}),
)

KINDS = (
    Kind(
        "agreements",
        "What was agreed about services. A row that differs from the latest version, with its targets, is a new one.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.choice("kind", "SLA, OLA, UC or XLA.", AgreementKind, required=True),
            columns.key("service", "The service it is about.", of="services", required=True),
            columns.key("customer", "Who receives it.", of="parties"),
            columns.key("provider", "Who provides it.", of="parties"),
            columns.instant("valid_from", "From when on this version holds; blank: the latest, or one from now on."),
            columns.choice("status", "ended: from this version on nothing is promised.", VersionStatus,
                           default=VersionStatus.IN_FORCE),
            columns.text("reason", "Why there is this version."),
            columns.flag("assumed", "Whether nobody has confirmed it yet."),
        ),
        ("key", "valid_from"),
        _agreements,
        Versioned(
            ("status", "assumed", "targets"), _create, _publish, _rename, prepare=_complete, differ=_differ
        ).bring(),
        keyed_by=("key",),
        optional_identity=frozenset({"valid_from"}),
    ),
    TARGETS_KIND,
    Kind(
        "target_requirements",
        "Which requirements targets promise.",
        (
            columns.key("target", "The target, as AGREEMENT/TARGET.", of="targets", required=True),
            columns.key("requirement", "The requirement.", of="requirements", required=True),
            columns.instant("valid_from", "From when on.", required=True),
            columns.instant("valid_until", "Until when, exclusive; blank while it does."),
        ),
        ("target", "requirement", "valid_from"),
        _links,
        spans(_begin_link, _end_link),
    ),
)  # fmt: skip
