"""Creating response chains, and saying anew who works on tickets in which order."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from services.catalogue.models import Component, ResponseChain, ResponseChainVersion, ResponseHop, Service
from services.catalogue.rules import MOST_HOPS, ResponseChainDefinition, ResponseChainEntry, check_response_chain
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict
from services.organisations.changes import replace_row
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


async def create_response_chain(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    service_id: UUID,
    valid_from: datetime,
    definition: ResponseChainDefinition,
    reason: str = "",
    now: datetime,
) -> UUID:
    """Create a response chain of a service with its first version. Returns its id."""
    entry = ResponseChainEntry(key, name, service_id, valid_from, definition, reason)
    return sole(await create_response_chains(session, actor=actor, entries=[entry], now=now))


async def create_response_chains(
    session: WriteSession, *, actor: Actor, entries: Sequence[ResponseChainEntry], now: datetime
) -> list[Outcome]:
    """Create response chains with their first versions, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    own, stamps = actor.organisation_id, actor.stamps(now)
    services = await existing_ids(session, Service, own, (entry.service_id for entry in entries))
    named = (id_ for entry in entries for id_ in _named(entry.definition))
    components = await existing_ids(session, Component, own, named)

    def check(entry: ResponseChainEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        check_known(problems, "service_id", Service, entry.service_id, services)
        _check_version(problems, entry.valid_from, entry.definition, entry.reason, components)

    outcomes = await add_entries(
        session,
        ResponseChain,
        entries,
        check=check,
        values=lambda entry: {"key": entry.key, "name": entry.name, "service_id": entry.service_id},
        refusal="the response chain cannot be created",
        taken=lambda entry: f"a response chain with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    created = added(entries, outcomes)
    versions = [_version(id_, entry.valid_from, entry.definition, entry.reason) for entry, id_ in created]
    ids = await add_rows(session, ResponseChainVersion, versions, stamps=stamps)
    hops = [
        hop for (entry, _), version_id in zip(created, ids, strict=True) for hop in _hops(version_id, entry.definition)
    ]
    await add_rows(session, ResponseHop, hops, stamps=stamps)
    return outcomes


async def publish_response_chain_version(
    session: WriteSession,
    *,
    actor: Actor,
    response_chain_id: UUID,
    valid_from: datetime,
    definition: ResponseChainDefinition,
    reason: str,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Say a response chain anew from `valid_from` on. Returns the version's id.

    Versions follow one another: Conflict when one starts at `valid_from` or later, or when somebody else published one
    since the caller looked at `expected_version`.
    """
    actor.require(Permission.DEFINE)
    own, stamps = actor.organisation_id, actor.stamps(now)
    problems = Problems()
    components = await existing_ids(session, Component, own, _named(definition))
    _check_version(problems, valid_from, definition, reason, components)
    problems.refuse("the response chain version cannot be published")
    chain = await lock_row(
        session, ResponseChain, own, response_chain_id, noun="response chain", expected_version=expected_version
    )
    starts = select(func.max(ResponseChainVersion.valid_from)).where(
        ResponseChainVersion.organisation_id == own, ResponseChainVersion.response_chain_id == response_chain_id
    )
    latest = (await session.execute(starts)).scalar_one()
    if latest >= valid_from:
        raise Conflict(f"the response chain has a version from {latest.isoformat()} already; a new one comes after")
    await count_version(session, chain, stamps=stamps)
    version_id = await add_row(
        session,
        ResponseChainVersion,
        {**_version(response_chain_id, valid_from, definition, reason), **stamps},
        taken=f"the response chain has a version from {valid_from.isoformat()} already",
    )
    await add_rows(session, ResponseHop, _hops(version_id, definition), stamps=stamps)
    return version_id


async def rename_response_chain(
    session: WriteSession, *, actor: Actor, response_chain_id: UUID, name: str, now: datetime
) -> None:
    """Call the response chain something else."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("name", name)
    problems.refuse("the response chain cannot be renamed")
    await replace_row(session, actor, ResponseChain, response_chain_id, {"name": name}, now)


def _named(definition: ResponseChainDefinition) -> list[UUID]:
    return [id_ for hop in definition.hops[:MOST_HOPS] for id_ in hop]


def _check_version(
    problems: Problems,
    valid_from: datetime,
    definition: ResponseChainDefinition,
    reason: str,
    components: frozenset[UUID],
) -> None:
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE, required=False)
    here = problems.under("definition")
    check_response_chain(definition, here)
    for place, hop in enumerate(definition.hops[:MOST_HOPS]):
        for position, id_ in enumerate(hop):
            check_known(here, f"hops.{place}.components.{position}", Component, id_, components)


def _version(
    chain_id: UUID, valid_from: datetime, definition: ResponseChainDefinition, reason: str
) -> dict[str, object]:
    return {
        "response_chain_id": chain_id,
        "valid_from": valid_from,
        "stop_states": list(definition.stop_states),
        "hop_count": sum(map(len, definition.hops)),
        "reason": reason,
    }


def _hops(version_id: UUID, definition: ResponseChainDefinition) -> list[dict[str, object]]:
    return [
        {"response_chain_version_id": version_id, "position": position, "component_id": id_}
        for position, hop in enumerate(definition.hops)
        for id_ in hop
    ]
