"""Agreements with the targets of each version, and the requirements that targets promise.

A version and its targets are agreed together, so the files are compared and written as one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
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
from services.agreements.rules import AgreementKind, VersionStatus
from services.compliance.recomputing import Publication, Subject, apply_version
from services.db import ReadSession, fetch
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Kind, Row, Run, Values, paired, spans
from slm.bundles.definitions.targets import AVAILABILITY_KIND, TARGET_FILES, TargetFile
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
LINKS = """
SELECT a.key || '/' || t.key, r.key, l.tenure, l.valid_from FROM target_requirement l
JOIN target t ON t.organisation_id = $1::uuid AND t.id = l.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN service_level_requirement r ON r.organisation_id = $1::uuid AND r.id = l.requirement_id
WHERE l.organisation_id = $1::uuid ORDER BY a.key, t.key, r.key, l.valid_from
"""

HEADER = ("id", "key", "name", "kind", "service", "customer", "provider", "valid_from", "status", "reason", "assumed")
Targets = dict[str, dict[str, Any]]
"""The targets of one version by their keys."""


async def _agreements(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    targets: dict[str, defaultdict[tuple[str, datetime], Targets]] = {}
    for file in TARGET_FILES:
        found = targets[file.name] = defaultdict(dict)
        for row in await file.kind.stored(session, organisation_id):
            found[row["agreement"], row["valid_from"]][row["key"]] = {name: row[name] for name in file.definition}
    rows = [dict(zip(HEADER, row, strict=True)) for row in await fetch(session, AGREEMENTS, organisation_id)]
    return [
        {
            **row,
            "kind": AgreementKind(row["kind"]),
            "status": VersionStatus(row["status"]),
            "reason": row["reason"] or None,
            **{name: found[row["key"], row["valid_from"]] for name, found in targets.items()},
        }
        for row in rows
    ]


async def _links(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("target", "requirement", "tenure", "valid_from")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, LINKS, organisation_id)]
    return paired(rows, ("target", "requirement"))


def with_targets(rows: Sequence[Row], targets: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The rows of agreements, each with the rows of its targets, by the file they are in."""
    of: defaultdict[tuple[str, Any], defaultdict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, found in targets.items():
        for target in found:
            of[target.values["agreement"], target.values.get("valid_from")][name].append(target)
    return [replace(row, values={**row.values, "target_rows": of.pop(_version(row), {})}) for row in rows]


def _version(row: Row) -> tuple[str, Any]:
    return row.values["key"], row.values.get("valid_from")


def _complete(_kind: Kind, run: Run, row: Row, before: Values) -> Row:
    """The row with all targets its version has: what was promised before, changed and added to as its rows say."""
    said: Mapping[str, list[Row]] = row.values.get("target_rows") or {}
    promised = {
        file.name: _promised(file, run, said[file.name], before.get(file.name) or {})
        for file in TARGET_FILES
        if said.get(file.name)
    }
    return replace(row, values={**row.values, **promised})


def _promised(file: TargetFile, run: Run, rows: Sequence[Row], before: Targets) -> Targets:
    promised = dict(before)
    for target in rows:
        values, key = target.values, target.values["key"]
        if values.get("promised") is False:
            promised.pop(key, None)
            continue
        usual = promised.get(key) or {column.name: column.blank for column in file.kind.columns}
        promised[key] = {**usual, **{name: values[name] for name in file.definition if name in values}}
        missing = [name for name in file.required if not promised[key][name]]
        run.problems += [target.problem(name, "expected a value, because the target is new") for name in missing]
    return promised


def _differ(kind: Kind, before: Values, after: Values, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """As for every kind; of targets, which columns of which."""
    files = {file.name: file for file in TARGET_FILES}
    found = kind.differences(before, after, [name for name in names if name not in files])
    for name in names:
        if name in files and name in after:
            was, said = before.get(name) or {}, after[name]
            for key in sorted(set(was) | set(said)):
                found += _target_differences(files[name], key, was.get(key), said.get(key))
    return found


def _target_differences(
    file: TargetFile, key: str, was: Mapping[str, Any] | None, said: Mapping[str, Any] | None
) -> list[tuple[str, str, str]]:
    named = f"{file.name}.{key}"
    if was is None or said is None:
        return [(named, "none" if was is None else "promised", "none" if said is None else "promised")]
    return [(f"{named}.{name}", old, new) for name, old, new in file.kind.differences(was, said, file.definition)]


def _definitions(run: Run, content: Values) -> dict[str, Any]:
    """The targets of every file, as the arguments of a command."""
    return {
        file.name: [file.defined(run, key, said) for key, said in (content.get(file.name) or {}).items()]
        for file in TARGET_FILES
    }


async def _create(run: Run, row: Row, content: Values) -> UUID:
    said = row.values
    return await create_agreement(
        **run.by, key=said["key"], name=said["name"], kind=said["kind"],
        service_id=run.known("services", said["service"]), customer_id=run.id_of("parties", said.get("customer")),
        provider_id=run.id_of("parties", said.get("provider")), valid_from=content["valid_from"],
        reason=content["reason"], assumed=content.get("assumed") or False, **_definitions(run, content),
    )  # fmt: skip


async def _publish(run: Run, _row: Row, agreement_id: UUID, content: Values) -> None:
    at = {"agreement_id": agreement_id, "valid_from": content["valid_from"], "reason": content["reason"]}
    if content.get("status") is VersionStatus.ENDED:
        publish = partial(end_agreement, **run.by, **at)
    else:
        assumed = content.get("assumed") or False
        publish = partial(publish_agreement_version, **run.by, **at, assumed=assumed, **_definitions(run, content))
    publication = Publication(Subject.AGREEMENT, agreement_id, content["valid_from"], publish)
    await apply_version(**run.by, publication=publication)


async def _rename(run: Run, agreement_id: UUID, name: str) -> None:
    await rename_agreement(**run.by, agreement_id=agreement_id, name=name)


def _link(run: Run, row: Row) -> dict[str, Any]:
    named = row.values["target"]
    return {
        "target_id": run.ids[AVAILABILITY_KIND.name].get(named) or run.known("targets", named),
        "requirement_id": run.known("requirements", row.values["requirement"]),
    }


async def _begin_link(run: Run, row: Row) -> UUID:
    return await link_requirement(**run.by, **_link(run, row), valid_from=row.values["valid_from"])


async def _end_link(run: Run, row: Row, _before: Values) -> None:
    await unlink_requirement(**run.by, **_link(run, row), valid_from=row.values["valid_until"])


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
            ("status", "assumed", *(file.name for file in TARGET_FILES)), _create, _publish, _rename,
            prepare=_complete, differ=_differ,
        ).bring(),
        keyed_by=("key",),
        optional_identity=frozenset({"valid_from"}),
    ),
    *(file.kind for file in TARGET_FILES),
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
