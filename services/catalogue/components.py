"""Creating components, saying anew what they need, and saying which component a service stands on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from services.catalogue.dependencies import NeedHistories, needs_at, needs_below
from services.catalogue.models import Component, ComponentNeed, ComponentVersion, Service, ServiceStructure
from services.catalogue.rules import (
    DEEPEST_NEEDS,
    MOST_COMPONENTS,
    MOST_NEEDS,
    ComponentDefinition,
    ComponentEntry,
    ComponentKind,
    StructureEntry,
    check_component,
    levels_below,
    path_to_itself,
)
from services.db import WriteSession, fetch
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict
from services.organisations.changes import replace_row
from services.organisations.models import Party
from services.organisations.rules import Actor, Permission
from services.rows import (
    Outcome,
    add_entries,
    add_row,
    add_rows,
    added,
    check_known,
    count_version,
    existing_ids,
    lock_row,
    sole,
)

LOCKED = (
    "SELECT id FROM component WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE"
)


async def create_component(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    valid_from: datetime,
    definition: ComponentDefinition = ComponentDefinition(),  # noqa: B008 - frozen
    kind: ComponentKind = ComponentKind.ELEMENT,
    service_id: UUID | None = None,
    reason: str = "",
    now: datetime,
) -> UUID:
    """Create a component with its first version. Returns its id."""
    entry = ComponentEntry(key, name, valid_from, definition, kind, service_id, reason)
    return sole(await create_components(session, actor=actor, entries=[entry], now=now))


async def create_components(
    session: WriteSession, *, actor: Actor, entries: Sequence[ComponentEntry], now: datetime
) -> list[Outcome]:
    """Create components with their first versions, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    own, stamps = actor.organisation_id, actor.stamps(now)
    services = await existing_ids(session, Service, own, (entry.service_id for entry in entries))
    definitions = [entry.definition for entry in entries]
    known = await _known(session, own, definitions)
    wanted = {id_ for definition in definitions for id_ in definition.needs[:MOST_NEEDS]}
    histories = await needs_below(session, own, wanted)

    def check(entry: ComponentEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        check_known(problems, "service_id", Service, entry.service_id, services)
        _check_version(problems, entry.kind, entry.valid_from, entry.definition, entry.reason, known)
        if entry.valid_from.tzinfo is not None:
            _check_graph(problems.under("definition"), UUID(int=0), entry.valid_from, entry.definition, histories)

    said = ("key", "name", "kind", "service_id")
    outcomes = await add_entries(
        session,
        Component,
        entries,
        check=check,
        values=lambda entry: {name: getattr(entry, name) for name in said},
        refusal="the component cannot be created",
        taken=lambda entry: f"a component with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    created = added(entries, outcomes)
    versions = [_version(id_, entry.valid_from, entry.definition, entry.reason) for entry, id_ in created]
    ids = await add_rows(session, ComponentVersion, versions, stamps=stamps)
    needed = [
        {"component_version_id": version_id, "needed_id": id_}
        for (entry, _), version_id in zip(created, ids, strict=True)
        for id_ in entry.definition.needs
    ]
    await add_rows(session, ComponentNeed, needed, stamps=stamps)
    return outcomes


async def publish_component_version(
    session: WriteSession,
    *,
    actor: Actor,
    component_id: UUID,
    valid_from: datetime,
    definition: ComponentDefinition,
    reason: str,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Say anew who provides a component and what it needs from `valid_from` on. Returns the version's id.

    Versions follow one another: Conflict when one starts at `valid_from` or later, or when somebody else published one
    since the caller looked at `expected_version`. Invalid, with the way round, when it would come to need itself.
    """
    actor.require(Permission.DEFINE)
    own, stamps = actor.organisation_id, actor.stamps(now)
    component = await lock_row(
        session, Component, own, component_id, noun="component", expected_version=expected_version
    )
    problems = Problems()
    known = await _known(session, own, [definition])
    _check_version(problems, component.kind, valid_from, definition, reason, known)
    problems.refuse("the component version cannot be published")
    # Whoever would close a circle with this change waits at a component that both of them come by.
    below = await needs_below(session, own, definition.needs)
    await fetch(session, LOCKED, own, sorted(below.keys))
    below = await needs_below(session, own, definition.needs)
    _check_graph(problems.under("definition"), component_id, valid_from, definition, below, own_key=component.key)
    problems.refuse("the component version cannot be published")
    latest = await _latest_start(session, own, component_id)
    if latest >= valid_from:
        raise Conflict(f"the component has a version from {latest.isoformat()} already; a new one comes after")
    await count_version(session, component, stamps=stamps)
    version_id = await add_row(
        session,
        ComponentVersion,
        {**_version(component_id, valid_from, definition, reason), **stamps},
        taken=f"the component has a version from {valid_from.isoformat()} already",
    )
    needed = [{"component_version_id": version_id, "needed_id": id_} for id_ in definition.needs]
    await add_rows(session, ComponentNeed, needed, stamps=stamps)
    return version_id


async def rename_component(
    session: WriteSession, *, actor: Actor, component_id: UUID, name: str, now: datetime
) -> None:
    """Call the component something else; it stays the same one."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("name", name)
    problems.refuse("the component cannot be renamed")
    await replace_row(session, actor, Component, component_id, {"name": name}, now)


async def define_service_structure(
    session: WriteSession,
    *,
    actor: Actor,
    service_id: UUID,
    component_id: UUID,
    valid_from: datetime,
    reason: str = "",
    now: datetime,
) -> UUID:
    """Say on which component a service stands from `valid_from` on. Returns the id of the entry."""
    entry = StructureEntry(service_id, component_id, valid_from, reason)
    return sole(await define_service_structures(session, actor=actor, entries=[entry], now=now))


async def define_service_structures(
    session: WriteSession, *, actor: Actor, entries: Sequence[StructureEntry], now: datetime
) -> list[Outcome]:
    """Say on which components services stand, each that can be said. Structures of a service follow one another."""
    actor.require(Permission.DEFINE)
    own = actor.organisation_id
    services = await existing_ids(session, Service, own, (entry.service_id for entry in entries))
    components = await existing_ids(session, Component, own, (entry.component_id for entry in entries))
    table = ServiceStructure
    latest = {
        row.service_id: row.start
        for row in await session.execute(
            select(table.service_id, func.max(table.valid_from).label("start"))
            .where(table.organisation_id == own, table.service_id.in_(services))
            .group_by(table.service_id)
        )
    }

    def check(entry: StructureEntry, problems: Problems) -> None:
        problems.instant("valid_from", entry.valid_from)
        problems.text("reason", entry.reason, longest=LONGEST_NOTE, required=False)
        check_known(problems, "service_id", Service, entry.service_id, services)
        check_known(problems, "component_id", Component, entry.component_id, components)
        before = latest.get(entry.service_id)
        if entry.valid_from.tzinfo is not None:
            if before is not None and before >= entry.valid_from:
                problems.add("valid_from", f"expected an instant after {before.isoformat()}, where the last one starts")
            latest[entry.service_id] = max(before or entry.valid_from, entry.valid_from)

    return await add_entries(
        session,
        table,
        entries,
        check=check,
        values=vars,
        refusal="the structure of the service cannot be recorded",
        taken=lambda entry: f"the service has a structure from {entry.valid_from.isoformat()} already",
        stamps=actor.stamps(now),
    )


async def _known(
    session: WriteSession, own: UUID, definitions: Sequence[ComponentDefinition]
) -> tuple[Collection[UUID], Collection[UUID]]:
    """Which of the parties and of the components that definitions name there are."""
    needed = (id_ for definition in definitions for id_ in definition.needs[:MOST_NEEDS])
    parties = await existing_ids(session, Party, own, (definition.provider_id for definition in definitions))
    return parties, await existing_ids(session, Component, own, needed)


def _check_version(
    problems: Problems,
    kind: ComponentKind,
    valid_from: datetime,
    definition: ComponentDefinition,
    reason: str,
    known: tuple[Collection[UUID], Collection[UUID]],
) -> None:
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE, required=False)
    here, (parties, components) = problems.under("definition"), known
    check_component(kind, definition, here)
    check_known(here, "provider_id", Party, definition.provider_id, parties)
    for place, id_ in enumerate(definition.needs[:MOST_NEEDS]):
        check_known(here, f"needs.{place}", Component, id_, components)


def _check_graph(
    problems: Problems,
    component_id: UUID,
    valid_from: datetime,
    definition: ComponentDefinition,
    below: NeedHistories,
    own_key: str = "",
) -> None:
    """At no instant from `valid_from` on the component needs itself, or more than the arithmetic takes."""
    for instant in sorted({valid_from} | {start for start in below.starts() if start > valid_from}):
        needs: Mapping[UUID, Collection[UUID]] = {
            **needs_at(below, instant),
            component_id: definition.needs[:MOST_NEEDS],
        }
        if (path := path_to_itself(component_id, needs)) is not None:
            names = " -> ".join(own_key if id_ == component_id else below.keys[id_] for id_ in path)
            problems.add("needs", f"expected no component that needs this one in turn, got {names}")
        elif (many := len(levels := levels_below(component_id, needs)) - 1) > MOST_COMPONENTS:
            problems.add("needs", f"expected at most {MOST_COMPONENTS} components below it, got {many}")
        elif levels[component_id] > DEEPEST_NEEDS:
            problems.add("needs", f"expected at most {DEEPEST_NEEDS} levels below it, got {levels[component_id]}")
        else:
            continue
        return


def _version(
    component_id: UUID, valid_from: datetime, definition: ComponentDefinition, reason: str
) -> dict[str, object]:
    return {
        "component_id": component_id,
        "valid_from": valid_from,
        "provider_id": definition.provider_id,
        "gate": definition.gate,
        "at_least": definition.at_least,
        "need_count": len(definition.needs),
        "reason": reason,
    }


async def _latest_start(session: WriteSession, own: UUID, component_id: UUID) -> datetime:
    statement = select(func.max(ComponentVersion.valid_from)).where(
        ComponentVersion.organisation_id == own, ComponentVersion.component_id == component_id
    )
    return (await session.execute(statement)).scalar_one()
