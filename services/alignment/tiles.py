"""The trace walked backwards: which requirements a dashboard tile goes back to, and whether it means anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.alignment.tile_sql import TILES
from services.alignment.trace import EVERYTHING
from services.alignment.trace_rules import Hop
from services.catalogue.rules import GateStanding, standing_of_gates
from services.db import ReadSession, fetch


@dataclass(frozen=True)
class NamedThing:
    """Something a tile goes back to."""

    id: UUID
    key: str
    name: str


@dataclass(frozen=True)
class TracedTile:
    """A tile on its dashboard, what it shows, and the requirements it goes back to, if it does.

    `broken_at`: the last step of the way back that leads nowhere, seen from the tile: no monitor, no indicator that
    watches a target in force, no target that promises a requirement.
    """

    tile_id: UUID
    key: str
    name: str
    dashboard: str
    url: str
    monitors: tuple[str, ...]
    services: tuple[NamedThing, ...]
    requirements: tuple[NamedThing, ...]
    broken_at: Hop | None
    records_missing: bool
    standing: GateStanding
    standing_of: tuple[str, ...]
    """The names of the services that decide the standing."""


@dataclass(frozen=True)
class TilePage:
    """Some tiles in the order of their keys, and how many there are in all."""

    rows: tuple[TracedTile, ...]
    total: int
    has_more: bool


async def tile_traces(
    session: ReadSession,
    organisation_id: UUID,
    *,
    as_of: datetime,
    tile_id: UUID | None = None,
    after: str = "",
    first: int = EVERYTHING,
) -> TilePage:
    """The tiles that are on their dashboards at `as_of`, by key, each traced back. One statement."""
    found = await fetch(session, TILES, organisation_id, as_of, tile_id, after, first + 1)
    rows = tuple(_traced(orjson.loads(row[0])) for row in found[:first])
    return TilePage(rows, found[0][1] if found else 0, len(found) > first)


def _traced(said: Mapping[str, Any]) -> TracedTile:
    shown = said["monitors"]
    installed = [each for each in shown if each["tenure"] == "held" and not each["records_missing"]]
    watched = [
        target
        for each in installed
        for target in each["targets"]
        if target["in_force"] and not target["records_missing"]
    ]
    requirements = {one["key"]: NamedThing(UUID(one["id"]), one["key"], one["key"]) for target in watched
                    for one in target["requirements"]}  # fmt: skip
    traced = () if said["records_missing"] else tuple(requirements[key] for key in sorted(requirements))
    standings = {each["service_name"]: standing_of_gates(each["gates"], each["design_gate_count"]) for each in shown}
    standing = max(standings.values(), key=list(GateStanding).index, default=GateStanding.CANNOT_TELL)
    lost = said["records_missing"] or any(
        each["records_missing"] or any(target["records_missing"] for target in each["targets"]) for each in shown
    )
    return TracedTile(
        tile_id=UUID(said["id"]),
        key=said["key"],
        name=said["name"],
        dashboard=said["dashboard"],
        url=said["url"],
        monitors=tuple(each["key"] for each in installed),
        services=_services(shown),
        requirements=traced,
        broken_at=None if traced else _broken_at(installed, watched),
        records_missing=lost,
        standing=standing,
        standing_of=tuple(sorted(name for name, each in standings.items() if each is standing)),
    )


def _broken_at(installed: Sequence[Mapping[str, Any]], watched: Sequence[Mapping[str, Any]]) -> Hop:
    if not installed:
        return Hop.TILE
    return Hop.TARGET if watched else Hop.INDICATOR


def _services(shown: Sequence[Mapping[str, Any]]) -> tuple[NamedThing, ...]:
    found = {
        each["service_key"]: NamedThing(UUID(each["service_id"]), each["service_key"], each["service_name"])
        for each in shown
    }
    return tuple(found[key] for key in sorted(found))
