"""The trace from requirements to dashboards and contracts: computed on request by one statement a page."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.references import referenced_if_given
from schema.vocabulary import ApprovalTiming, Comparison, EdgeFault, EdgeState, GateStanding, Hop
from services.alignment.tiles import TracedTile, tile_traces
from services.alignment.trace import TracedRequirement, trace_matrix
from services.alignment.trace_rules import Edge, Step, broken_hop
from services.errors import FieldProblem, Invalid
from services.organisations.rules import Actor

MOST_ROWS = 100
AS_OF = "The instant: what held then, by what was recorded by then; null: now. Not in the future."


@strawberry.type(description="A thing by its key and id.")
class TracedThing:
    """Something a trace passes."""

    id: strawberry.ID = strawberry.field(description="Its id, for `node`.")
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name for people.")


@strawberry.type(description="One cell: how a requirement stands to what monitors, promises or contracts it.")
class TraceEdge:
    """See services.alignment.trace_rules.Edge."""

    state: EdgeState = strawberry.field(description="How it stands.")
    fault: EdgeFault | None = strawberry.field(description="Why it is not in force; null if it is.")
    because: str = strawberry.field(description="The same in words; empty if it is in force.")
    by: list[str] = strawberry.field(description="The targets, clauses or monitors that are, or should be, the edge.")


@strawberry.type(description="One hop on the way from a requirement to a dashboard.")
class TraceHop:
    """See services.alignment.trace_rules.Step."""

    hop: Hop = strawberry.field(description="Which hop.")
    present: bool = strawberry.field(description="Whether it leads anywhere.")
    reached: list[str] = strawberry.field(description="What it leads to, by key.")
    because: str = strawberry.field(description="Why it leads nowhere; empty if it leads somewhere.")


@strawberry.type(description="A requirement at an instant: what it says, when it was approved, and where it leads.")
class TraceRow:
    """See services.alignment.trace.TracedRequirement."""

    requirement: TracedThing = strawberry.field(description="The requirement; its name is what it says in words.")
    service: TracedThing = strawberry.field(description="Its service.")
    metric: str = strawberry.field(description="What is to be measured; empty if it does not say.")
    comparison: Comparison | None = strawberry.field(description="Which side of the value is acceptable; null if none.")
    target_value: Decimal | None = strawberry.field(description="The value; null if none is stated.")
    unit: str = strawberry.field(description="The unit of the value; may be empty if none is stated.")
    timing: ApprovalTiming | None = strawberry.field(
        description="When it was approved; null if its service is not live on record, or a decision is missing."
    )
    approved_at: datetime | None = strawberry.field(
        description="When the earliest approval that stands claims to have been given; null if none stands."
    )
    approval_recorded_at: datetime | None = strawberry.field(
        description="When that approval was put on record: compare the two."
    )
    is_back_dated: bool = strawberry.field(
        description="Whether an approval claims an instant before go-live and was put on record more than two weeks"
        " after it. It then counts as given after go-live."
    )
    waived_until: datetime | None = strawberry.field(
        description="Until when somebody accepts that it is not met; null if nobody does."
    )
    monitored_by: TraceEdge = strawberry.field(description="Whether what is required is monitored.")
    promised_in: TraceEdge = strawberry.field(description="Whether what is required is promised.")
    contracted_in: TraceEdge = strawberry.field(description="Whether what is required is contractually agreed.")
    hops: list[TraceHop] = strawberry.field(description="The four hops to a dashboard, in their order.")
    hops_present: int = strawberry.field(description="How many of the four there are before the first that is broken.")
    broken_hop: Hop | None = strawberry.field(description="The first hop that leads nowhere; null if none does.")


@strawberry.type(description="A page of requirements with their traces, by key.")
class TraceMatrix:
    """See services.alignment.trace.TracePage."""

    as_of: datetime = strawberry.field(description="The instant.")
    rows: list[TraceRow] = strawberry.field(description="The requirements of this page.")
    total_count: int = strawberry.field(description="How many requirements there are in all; 0 on an empty page.")
    has_next_page: bool = strawberry.field(description="Whether more follow.")
    end_cursor: str | None = strawberry.field(description="What to give as `after` for the next page.")


@strawberry.type(description="A tile on its dashboard, traced back to requirements.")
class TileTrace:
    """See services.alignment.tiles.TracedTile."""

    tile: TracedThing = strawberry.field(description="The tile.")
    dashboard: str = strawberry.field(description="Its dashboard.")
    url: str = strawberry.field(description="Where to find it; may be empty.")
    monitors: list[str] = strawberry.field(description="The installed monitors whose data it shows, by key.")
    services: list[TracedThing] = strawberry.field(description="The services it shows something of.")
    requirements: list[TracedThing] = strawberry.field(description="The requirements it goes back to.")
    traces: bool = strawberry.field(description="Whether it goes back to any requirement.")
    broken_at: Hop | None = strawberry.field(
        description="Seen from the tile, what leads nowhere: TILE: no installed monitor. INDICATOR: no target in force"
        " is watched. TARGET: the targets promise no requirement. Null if it goes back to one."
    )
    irrelevant: bool | None = strawberry.field(
        description="Whether it is of a service from every design gate of which service level management was absent;"
        " null if that cannot be told."
    )
    design_gates: GateStanding = strawberry.field(
        description="Where service level management was when its services were designed, the worst of them."
    )
    because: str = strawberry.field(description="Why, in words; empty if service level management was present.")


@strawberry.type(description="A page of tiles that are on their dashboards, by key.")
class TileTraces:
    """See services.alignment.tiles.TilePage."""

    as_of: datetime = strawberry.field(description="The instant.")
    rows: list[TileTrace] = strawberry.field(description="The tiles of this page.")
    total_count: int = strawberry.field(description="How many tiles there are in all; 0 on an empty page.")
    has_next_page: bool = strawberry.field(description="Whether more follow.")
    end_cursor: str | None = strawberry.field(description="What to give as `after` for the next page.")


async def resolve_trace_matrix(
    info: Info,
    as_of: Annotated[datetime | None, strawberry.argument(description=AS_OF)] = None,
    service: Annotated[strawberry.ID | None, strawberry.argument(description="Of this service only.")] = None,
    first: Annotated[int, strawberry.argument(description="How many rows at most, 1 to 100.")] = 50,
    after: Annotated[str | None, strawberry.argument(description="Return what follows this cursor.")] = None,
) -> TraceMatrix:
    """One page, by one statement."""
    actor, instant = info.context.actor, instant_of(info, as_of)
    require_page(first)
    async with info.context.database.reading(actor.organisation_id) as session:
        page = await trace_matrix(
            session,
            actor.organisation_id,
            as_of=instant,
            service_id=referenced_if_given(actor, "Service", service),
            after=after or "",
            first=first,
        )
    return TraceMatrix(
        as_of=instant,
        rows=[_row(actor, row) for row in page.rows],
        total_count=page.total,
        has_next_page=page.has_more,
        end_cursor=page.rows[-1].key if page.rows else None,
    )


async def resolve_tile_traces(
    info: Info,
    as_of: Annotated[datetime | None, strawberry.argument(description=AS_OF)] = None,
    tile: Annotated[strawberry.ID | None, strawberry.argument(description="This tile only.")] = None,
    first: Annotated[int, strawberry.argument(description="How many rows at most, 1 to 100.")] = 50,
    after: Annotated[str | None, strawberry.argument(description="Return what follows this cursor.")] = None,
) -> TileTraces:
    """One page, by one statement."""
    actor, instant = info.context.actor, instant_of(info, as_of)
    require_page(first)
    async with info.context.database.reading(actor.organisation_id) as session:
        page = await tile_traces(
            session,
            actor.organisation_id,
            as_of=instant,
            tile_id=referenced_if_given(actor, "DashboardTile", tile),
            after=after or "",
            first=first,
        )
    return TileTraces(
        as_of=instant,
        rows=[_tile(actor, row) for row in page.rows],
        total_count=page.total,
        has_next_page=page.has_more,
        end_cursor=page.rows[-1].key if page.rows else None,
    )


def instant_of(info: Info, as_of: datetime | None) -> datetime:
    """The instant asked about. Raises Invalid for one that has not come: nothing is on record of it."""
    if as_of is not None and as_of > info.context.now:
        raise Invalid("the trace cannot be shown", [FieldProblem("as_of", "expected an instant that has come")])
    return as_of or info.context.now


def require_page(first: int) -> None:
    """Raise Invalid for a page that is empty or too large."""
    if not 1 <= first <= MOST_ROWS:
        problem = FieldProblem("first", f"expected 1 to {MOST_ROWS} rows, got {first}")
        raise Invalid("the page cannot be shown", [problem])


def _row(actor: Actor, row: TracedRequirement) -> TraceRow:
    broken = broken_hop(row.steps)
    return TraceRow(
        requirement=_thing(actor, "ServiceLevelRequirement", row.requirement_id, row.key, row.statement),
        service=_thing(actor, "Service", row.service_id, row.service_key, row.service_name),
        metric=row.required.metric,
        comparison=row.required.comparison,
        target_value=row.required.value,
        unit=row.required.unit,
        timing=row.timing,
        approved_at=row.approved_at,
        approval_recorded_at=row.approval_recorded_at,
        is_back_dated=row.is_back_dated,
        waived_until=row.waived_until,
        monitored_by=_edge(row.monitored_by),
        promised_in=_edge(row.promised_in),
        contracted_in=_edge(row.contracted_in),
        hops=[_hop(step) for step in row.steps],
        hops_present=row.hops_present,
        broken_hop=None if broken is None else broken.hop,
    )


def _tile(actor: Actor, row: TracedTile) -> TileTrace:
    said = {
        GateStanding.PRESENT: "",
        GateStanding.CANNOT_TELL: "no design gate is on record, or one that was recorded is missing",
        GateStanding.ABSENT_FROM_A_GATE: "service level management was absent from a design gate",
        GateStanding.ABSENT_FROM_EVERY_GATE: "service level management was absent from every design gate",
    }
    because, of = said[row.standing], ", ".join(row.standing_of)
    return TileTrace(
        tile=_thing(actor, "DashboardTile", row.tile_id, row.key, row.name),
        dashboard=row.dashboard,
        url=row.url,
        monitors=list(row.monitors),
        services=[_thing(actor, "Service", each.id, each.key, each.name) for each in row.services],
        requirements=[
            _thing(actor, "ServiceLevelRequirement", each.id, each.key, each.name) for each in row.requirements
        ],
        traces=bool(row.requirements),
        broken_at=row.broken_at,
        irrelevant=None if row.standing is GateStanding.CANNOT_TELL
        else row.standing is GateStanding.ABSENT_FROM_EVERY_GATE,
        design_gates=row.standing,
        because=f"{of}: {because}" if because and of else because,
    )  # fmt: skip


def _thing(actor: Actor, type_name: str, id_: object, key: str, name: str) -> TracedThing:
    global_id = strawberry.ID(encode_global_id(type_name, actor.organisation_id, id_))  # type: ignore[arg-type]
    return TracedThing(id=global_id, key=key, name=name)


def _edge(edge: Edge) -> TraceEdge:
    return TraceEdge(state=edge.state, fault=edge.fault, because=edge.because, by=list(edge.by))


def _hop(step: Step) -> TraceHop:
    return TraceHop(hop=step.hop, present=step.is_present, reached=list(step.reached), because=step.because)
