"""What services are built of, who works on their tickets in which order, and which agreement supports what."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any
from uuid import UUID

from services.agreements.component_support import end_component_support, support_component
from services.catalogue.components import (
    create_component,
    define_service_structure,
    publish_component_version,
    rename_component,
)
from services.catalogue.response_chains import (
    create_response_chain,
    publish_response_chain_version,
    rename_response_chain,
)
from services.catalogue.rules import ComponentDefinition, ComponentKind, Gate, ResponseChainDefinition
from services.db import ReadSession, fetch
from services.domain.vocabulary import TicketState
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Bring, Kind, Row, Run, Values, each, flat, paired, spans
from slm.bundles.definitions.versions import Versioned

COMPONENTS = """
SELECT c.id, c.key, c.name, c.kind, s.key, v.valid_from, p.key, v.gate, v.at_least,
       (SELECT coalesce(array_agg(o.key ORDER BY o.key), '{}') FROM component_need n
        JOIN component o ON o.organisation_id = $1::uuid AND o.id = n.needed_id
        WHERE n.organisation_id = $1::uuid AND n.component_version_id = v.id), v.reason
FROM component_version v
JOIN component c ON c.organisation_id = $1::uuid AND c.id = v.component_id
LEFT JOIN service s ON s.organisation_id = $1::uuid AND s.id = c.service_id
LEFT JOIN party p ON p.organisation_id = $1::uuid AND p.id = v.provider_id
WHERE v.organisation_id = $1::uuid ORDER BY c.key, v.valid_from
"""
STRUCTURES = """
SELECT s.key, t.valid_from, c.key, t.reason FROM service_structure t
JOIN service s ON s.organisation_id = $1::uuid AND s.id = t.service_id
JOIN component c ON c.organisation_id = $1::uuid AND c.id = t.component_id
WHERE t.organisation_id = $1::uuid ORDER BY s.key, t.valid_from
"""
CHAINS = """
SELECT r.id, r.key, r.name, s.key, v.valid_from, v.stop_states,
       (SELECT array_agg(hop.keys ORDER BY hop.position) FROM (
            SELECT h.position, string_agg(c.key, ' + ' ORDER BY c.key) AS keys FROM response_hop h
            JOIN component c ON c.organisation_id = $1::uuid AND c.id = h.component_id
            WHERE h.organisation_id = $1::uuid AND h.response_chain_version_id = v.id GROUP BY h.position) AS hop),
       v.reason
FROM response_chain_version v
JOIN response_chain r ON r.organisation_id = $1::uuid AND r.id = v.response_chain_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = r.service_id
WHERE v.organisation_id = $1::uuid ORDER BY r.key, v.valid_from
"""
SUPPORTS = """
SELECT a.key, c.key, t.tenure, t.valid_from FROM component_support t
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN component c ON c.organisation_id = $1::uuid AND c.id = t.component_id
WHERE t.organisation_id = $1::uuid ORDER BY a.key, c.key, t.valid_from
"""


async def _components(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "key", "name", "kind", "service", "valid_from", "provider", "gate", "at_least", "needs", "reason")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, COMPONENTS, organisation_id)]
    for row in rows:
        row |= {"kind": ComponentKind(row["kind"]), "gate": Gate(row["gate"]) if row["gate"] else None}
        row |= {"needs": tuple(row["needs"]), "reason": row["reason"] or None}
    return rows


async def _structures(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("service", "valid_from", "component", "reason")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, STRUCTURES, organisation_id)]
    return [{**row, "reason": row["reason"] or None} for row in rows]


async def _chains(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "key", "name", "service", "valid_from", "stop_states", "hops", "reason")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, CHAINS, organisation_id)]
    for row in rows:
        row |= {"stop_states": tuple(map(TicketState, row["stop_states"])), "hops": tuple(row["hops"])}
        row["reason"] = row["reason"] or None
    return rows


async def _supports(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("agreement", "component", "tenure", "valid_from")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, SUPPORTS, organisation_id)]
    return paired(rows, ("agreement", "component"))


def _component_definition(run: Run, content: Values) -> ComponentDefinition:
    return ComponentDefinition(
        provider_id=run.id_of("parties", content.get("provider")),
        gate=content.get("gate"),
        at_least=content.get("at_least"),
        needs=[run.known("components", key) for key in content.get("needs") or ()],
    )


async def _create_component(run: Run, row: Row, content: Values) -> UUID:
    return await create_component(
        **run.by, key=row.values["key"], name=row.values["name"], valid_from=content["valid_from"],
        kind=row.values.get("kind") or ComponentKind.ELEMENT,
        service_id=run.id_of("services", row.values.get("service")),
        definition=_component_definition(run, content), reason=content["reason"],
    )  # fmt: skip


async def _publish_component(run: Run, _row: Row, component_id: UUID, content: Values) -> None:
    await publish_component_version(
        **run.by, component_id=component_id, valid_from=content["valid_from"],
        definition=_component_definition(run, content), reason=content["reason"],
    )  # fmt: skip


async def _rename_component(run: Run, component_id: UUID, name: str) -> None:
    await rename_component(**run.by, component_id=component_id, name=name)


def _needed_first_of_all(bring: Bring) -> Bring:
    """Components that are needed come first, whatever the order of the file."""

    async def ordered(kind: Kind, run: Run, rows: list[Row]) -> None:
        of: dict[str, list[Row]] = {}
        for row in rows:
            of.setdefault(row.values["key"], []).append(row)
        known = set(run.ids[kind.name]) | set(of)
        for row in rows:
            for key in row.values.get("needs") or ():
                if key not in known:
                    run.problems.append(row.problem("needs", f"there is no {key!r} in components, here or stored"))
                    run.unsound.add((kind.name, row.values["key"]))
        await bring(kind, run, [row for key in _needed_first(of) for row in of[key]])

    return ordered


def _needed_first(rows: Mapping[str, Sequence[Row]]) -> Sequence[str]:
    needed = {
        key: {other for row in versions for other in row.values.get("needs") or () if other in rows}
        for key, versions in rows.items()
    }
    try:
        return list(TopologicalSorter(needed).static_order())
    except CycleError:
        # Perhaps no circle at any instant: then what is needed must stand first in the file.
        return list(rows)


async def _define_structure(run: Run, row: Row) -> UUID:
    return await define_service_structure(
        **run.by, service_id=run.known("services", row.values["service"]),
        component_id=run.known("components", row.values["component"]), valid_from=row.values["valid_from"],
        reason=row.values.get("reason") or "",
    )  # fmt: skip


def _hops(run: Run, content: Values) -> ResponseChainDefinition:
    hops = [[run.known("components", key.strip()) for key in hop.split("+")] for hop in content["hops"]]
    return ResponseChainDefinition(hops, content.get("stop_states") or ())


async def _create_chain(run: Run, row: Row, content: Values) -> UUID:
    return await create_response_chain(
        **run.by, key=row.values["key"], name=row.values["name"], valid_from=content["valid_from"],
        service_id=run.known("services", row.values["service"]), definition=_hops(run, content),
        reason=content["reason"],
    )  # fmt: skip


async def _publish_chain(run: Run, _row: Row, chain_id: UUID, content: Values) -> None:
    await publish_response_chain_version(
        **run.by, response_chain_id=chain_id, valid_from=content["valid_from"], definition=_hops(run, content),
        reason=content["reason"],
    )  # fmt: skip


async def _rename_chain(run: Run, chain_id: UUID, name: str) -> None:
    await rename_response_chain(**run.by, response_chain_id=chain_id, name=name)


def _support(run: Run, row: Row) -> dict[str, Any]:
    return {
        "agreement_id": run.known("agreements", row.values["agreement"]),
        "component_id": run.known("components", row.values["component"]),
    }


async def _begin_support(run: Run, row: Row) -> UUID:
    return await support_component(**run.by, **_support(run, row), valid_from=row.values["valid_from"])


async def _end_support(run: Run, row: Row, _before: Values) -> None:
    await end_component_support(**run.by, **_support(run, row), valid_from=row.values["valid_until"])


KINDS = (
    Kind(
        "components",
        "What services are built of. A row that differs from the latest version is a new version.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.choice("kind", "Whether it can fail by itself.", ComponentKind, default=ComponentKind.ELEMENT),
            columns.key("service", "The service of ours that it is.", of="services"),
            columns.instant("valid_from", "From when on this version holds; blank: the latest, or one from now on."),
            columns.key("provider", "The party that provides it; blank: nobody has said.", of="parties"),
            columns.choice("gate", "How many of those it needs must work.", Gate),
            columns.whole("at_least", "How many are enough, with the gate at_least."),
            columns.words("needs", "The keys of the components it needs."),
            columns.text("reason", "Why there is this version."),
        ),
        ("key", "valid_from"),
        _components,
        _needed_first_of_all(
            Versioned(
                ("provider", "gate", "at_least", "needs"),
                _create_component,
                _publish_component,
                rename=_rename_component,
            ).bring()
        ),
        keyed_by=("key",),
        optional_identity=frozenset({"valid_from"}),
    ),
    Kind(
        "service_structures",
        "On which component a service stands: it works exactly when that does.",
        (
            columns.key("service", "Which service.", of="services", required=True),
            columns.instant("valid_from", "From when on.", required=True),
            columns.key("component", "Which component.", of="components", required=True),
            columns.text("reason", "Why."),
        ),
        ("service", "valid_from"),
        _structures,
        flat(each(_define_structure)),
    ),
    Kind(
        "response_chains",
        "Who works on tickets in which order. A row that differs from the latest version is a new version.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.key("service", "The service.", of="services", required=True),
            columns.instant("valid_from", "From when on this version holds; blank: the latest, or one from now on."),
            columns.choices("stop_states", "States that end its work; blank: it concerns all targets.", TicketState),
            columns.words("hops", "The components in order; those that work in parallel joined by a plus."),
            columns.text("reason", "Why there is this version."),
        ),
        ("key", "valid_from"),
        _chains,
        Versioned(("stop_states", "hops"), _create_chain, _publish_chain, rename=_rename_chain).bring(),
        keyed_by=("key",),
        optional_identity=frozenset({"valid_from"}),
    ),
)
"""Those that need no agreement."""

SUPPORTS_KIND = Kind(
    "component_supports",
    "Which OLA or UC supports which component.",
    (
        columns.key("agreement", "Which agreement.", of="agreements", required=True),
        columns.key("component", "Which component.", of="components", required=True),
        columns.instant("valid_from", "From when on.", required=True),
        columns.instant("valid_until", "Until when, exclusive; blank while it is supported."),
    ),
    ("agreement", "component", "valid_from"),
    _supports,
    spans(_begin_support, _end_support),
)
