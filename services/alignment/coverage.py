"""How much of what is live was designed: owners, requirements, their timing, their trace, and who sat in at the gates.

A figure counts what is on record. Without anything to count it says so, and which records are missing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.alignment.tiles import TracedTile, tile_traces
from services.alignment.trace import TracedRequirement, trace_matrix
from services.alignment.trace_rules import EdgeState, broken_hop
from services.catalogue.queries import GateAsOf, design_gates, owners_of_services
from services.catalogue.rules import GateStanding, OwnershipKind, standing_of_gates
from services.db import ReadSession
from services.requirements.queries import ServiceRequirements, requirements_of_live_services
from services.requirements.rules import ApprovalTiming, standing_approvals

STATEMENTS = 8
"""How many statements `coverage` runs: four for requirements, one each for owners, gates, the trace and the tiles."""
HOPS = 4


class CoverageCode(StrEnum):
    """What a figure counts."""

    OWNED = "owned"
    REQUIRED = "required"
    TRACEABLE = "traceable"
    REQUIRED_IN_DESIGN = "required_in_design"
    DESIGNED_WITH_SERVICE_LEVEL_MANAGEMENT = "designed_with_service_level_management"
    MONITORED_PROMISED_CONTRACTED = "monitored_promised_contracted"
    TRACEABLE_OF_DESIGNED = "traceable_of_designed"
    TILES_TRACEABLE = "tiles_traceable"
    MANAGED_AS_DESIGNED = "managed_as_designed"


@dataclass(frozen=True)
class Gap:
    """One thing that is not counted: a service, a requirement or a tile, and why."""

    type_name: str
    id: UUID
    name: str
    because: str


@dataclass(frozen=True)
class Counted:
    """How many of how many; `total` 0 where there is nothing to count, or None where it cannot be told, `because`."""

    code: CoverageCode
    count: int
    total: int | None
    gaps: tuple[Gap, ...]
    because: str = ""


@dataclass(frozen=True)
class Coverage:
    """All figures at an instant; `timings`: how many live services had their earliest requirement approved when."""

    as_of: datetime
    figures: tuple[Counted, ...]
    timings: Mapping[ApprovalTiming, int]
    headline: str


async def coverage(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> Coverage:
    """Everything that can be counted at `as_of` from what was recorded by then."""
    live = await requirements_of_live_services(session, organisation_id, as_of=as_of)
    owned = await owners_of_services(session, organisation_id, as_of=as_of)
    standings = _standings(await design_gates(session, organisation_id, as_of=as_of))
    matrix = (await trace_matrix(session, organisation_id, as_of=as_of)).rows
    tiles = (await tile_traces(session, organisation_id, as_of=as_of)).rows
    return _coverage(as_of, live, owned, standings, matrix, tiles)


def _standings(gates: Iterable[GateAsOf]) -> dict[UUID, GateStanding]:
    found: dict[UUID, list[GateAsOf]] = defaultdict(list)
    for gate in gates:
        found[gate.service_id].append(gate)
    return {
        service_id: standing_of_gates([each.present for each in held], held[0].ever_recorded)
        for service_id, held in found.items()
    }


def _coverage(
    as_of: datetime,
    live: Sequence[ServiceRequirements],
    owned: Mapping[UUID, frozenset[OwnershipKind]],
    standings: Mapping[UUID, GateStanding],
    matrix: Sequence[TracedRequirement],
    tiles: Sequence[TracedTile],
) -> Coverage:
    known = {each.service.service_id for each in live}
    by_service: dict[UUID, list[TracedRequirement]] = defaultdict(list)
    for row in matrix:
        by_service[row.service_id].append(row)
    of_live = [row for row in matrix if row.service_id in known]
    in_design = [row for row in of_live if row.timing is ApprovalTiming.IN_DESIGN]
    managed = [_service_gap(each, _not_managed(by_service[each.service.service_id])) for each in live]
    timings = dict.fromkeys(ApprovalTiming, 0)
    for each in live:
        timings[_timing(each)] += 1
    figures = (
        _of_services(CoverageCode.OWNED, live, lambda each: _not_owned(owned.get(each.service.service_id))),
        _of_services(CoverageCode.REQUIRED, live, _not_required),
        _hops(of_live),
        _of_services(CoverageCode.REQUIRED_IN_DESIGN, live, _not_in_design),
        _gates(live, standings),
        _of_rows(CoverageCode.MONITORED_PROMISED_CONTRACTED, of_live, _not_consistent),
        _of_rows(CoverageCode.TRACEABLE_OF_DESIGNED, in_design, _not_traceable,
                 "no requirement approved in design is on record"),
        _of_tiles(tiles),
        _counted(CoverageCode.MANAGED_AS_DESIGNED, managed, NO_LIVE_SERVICE),
    )  # fmt: skip
    return Coverage(as_of, figures, timings, _headline(figures[-1]))


NO_LIVE_SERVICE = "no go-live of any service is on record"
NO_REQUIREMENT = "no requirement of a live service is on record"
NO_GATE = "no design gate of a live service is on record"
NO_TILE = "no dashboard tile is on record"


def _counted(code: CoverageCode, judged: Iterable[Gap | None], nothing: str) -> Counted:
    found = list(judged)
    gaps = tuple(gap for gap in found if gap is not None)
    if not found:
        return Counted(code, 0, None, (), nothing)
    return Counted(code, len(found) - len(gaps), len(found), gaps)


def _of_services(
    code: CoverageCode, live: Sequence[ServiceRequirements], fault: Callable[[ServiceRequirements], str]
) -> Counted:
    return _counted(code, (_service_gap(each, fault(each)) for each in live), NO_LIVE_SERVICE)


def _of_rows(
    code: CoverageCode,
    rows: Sequence[TracedRequirement],
    fault: Callable[[TracedRequirement], str],
    nothing: str = NO_REQUIREMENT,
) -> Counted:
    return _counted(code, (_row_gap(each, fault(each)) for each in rows), nothing)


def _of_tiles(tiles: Sequence[TracedTile]) -> Counted:
    judged = (
        None if each.requirements else Gap("DashboardTile", each.tile_id, each.name, "it goes back to no requirement")
        for each in tiles
    )
    return _counted(CoverageCode.TILES_TRACEABLE, judged, NO_TILE)


def _hops(rows: Sequence[TracedRequirement]) -> Counted:
    """Hops, not requirements, are counted here."""
    if not rows:
        return Counted(CoverageCode.TRACEABLE, 0, None, (), NO_REQUIREMENT)
    gaps = tuple(gap for each in rows if (gap := _row_gap(each, _not_traceable(each))) is not None)
    return Counted(CoverageCode.TRACEABLE, sum(each.hops_present for each in rows), HOPS * len(rows), gaps)


def _gates(live: Sequence[ServiceRequirements], standings: Mapping[UUID, GateStanding]) -> Counted:
    code = CoverageCode.DESIGNED_WITH_SERVICE_LEVEL_MANAGEMENT
    if live and not any(each.service.service_id in standings for each in live):
        return Counted(code, 0, None, (), NO_GATE)
    said = {
        GateStanding.PRESENT: "",
        GateStanding.CANNOT_TELL: "no design gate is on record, or one that was recorded is missing",
        GateStanding.ABSENT_FROM_A_GATE: "service level management was absent from a design gate",
        GateStanding.ABSENT_FROM_EVERY_GATE: "service level management was absent from every design gate",
    }
    return _of_services(code, live, lambda each: said[standings.get(each.service.service_id, GateStanding.CANNOT_TELL)])


def _service_gap(found: ServiceRequirements, because: str) -> Gap | None:
    return Gap("Service", found.service.service_id, found.service.name, because) if because else None


def _row_gap(row: TracedRequirement, because: str) -> Gap | None:
    return Gap("ServiceLevelRequirement", row.requirement_id, row.key, because) if because else None


def _not_owned(kinds: frozenset[OwnershipKind] | None) -> str:
    missing = [kind.value.replace("_", " ") for kind in OwnershipKind if kind not in (kinds or ())]
    return f"no {' and no '.join(missing)}" if missing else ""


def _not_required(found: ServiceRequirements) -> str:
    if any(standing_approvals(each.approvals) and not each.approvals_missing for each in found.requirements):
        return ""
    return "no approval of its requirements stands" if found.requirements else "no requirement is on record"


def _timing(found: ServiceRequirements) -> ApprovalTiming:
    """When the earliest requirement was approved whose decisions are all there."""
    timings = {each.timing for each in found.requirements if not each.approvals_missing}
    return next((timing for timing in ApprovalTiming if timing in timings), ApprovalTiming.NEVER)


def _not_in_design(found: ServiceRequirements) -> str:
    timing = _timing(found)
    return "" if timing is ApprovalTiming.IN_DESIGN else f"approved {timing.value.replace('_', ' ')}"


def _not_traceable(row: TracedRequirement) -> str:
    broken = broken_hop(row.steps)
    return "" if broken is None else f"no {broken.hop.value}: {broken.because}"


def _not_consistent(row: TracedRequirement) -> str:
    edges = {"monitored": row.monitored_by, "promised": row.promised_in, "contracted": row.contracted_in}
    faults = [
        f"not {name}: {edge.because}"
        for name, edge in edges.items()
        if edge.state not in (EdgeState.IN_FORCE, EdgeState.WAIVED)
    ]
    return "; ".join(faults)


def _not_managed(rows: Sequence[TracedRequirement]) -> str:
    """P0: what keeps a service from being managed as it was designed."""
    if not rows:
        return "no requirement is on record"
    if not any(row.timing is ApprovalTiming.IN_DESIGN for row in rows):
        return "no requirement was approved in design"
    return next((fault for row in rows if (fault := _not_consistent(row))), "")


def _headline(figure: Counted) -> str:
    if figure.total is None:
        return f"It cannot be told what is managed as it was designed: {figure.because}."
    return (
        f"{figure.count} of {figure.total} live services are managed as they were designed: required in design,"
        " monitored, promised and contracted."
    )
