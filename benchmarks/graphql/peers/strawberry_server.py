"""Standard Strawberry over SQLAlchemy's ORM, with a DataLoader for each relation, as its documentation suggests.

It uses our mapped classes and our way of remembering role and organisation on a connection, so that what differs from
our server is only how a query is answered. Run as a module; PORT and DATABASE_URL come from the environment.
"""

import json
import os
import socket
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Self
from uuid import UUID

import strawberry
import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased
from strawberry.dataloader import DataLoader
from strawberry.fastapi import BaseContext, GraphQLRouter
from strawberry.types import Info

from services.agreements import models as agreements
from services.agreements.rules import AgreementKind
from services.attainment import models as attainment
from services.catalogue import models as catalogue
from services.catalogue.rules import Criticality
from services.compliance import models as compliance
from services.compliance.rules import BreachKind
from services.db import Database
from services.domain.vocabulary import Outcome
from services.organisations.queries import authenticate
from services.tickets import models as tickets

TOKENS_REMEMBERED_SECONDS = 2.0

for vocabulary in (AgreementKind, BreachKind, Criticality, Outcome):
    strawberry.enum(vocabulary)


class Loaders(BaseContext):
    """The context of a request: whose organisation it reads, and a DataLoader for each relation."""

    def __init__(self, database: Database, organisation_id: UUID) -> None:
        super().__init__()
        self.database = database
        self.organisation_id = organisation_id
        self.agreements = self._to_many(agreements.Agreement, agreements.Agreement.service_id, agreements.Agreement.key)
        self.targets = self._to_many(agreements.Target, agreements.Target.agreement_id, agreements.Target.key)
        self.targets_by_id = self._to_one(agreements.Target)
        self.tickets_by_id = self._to_one(tickets.Ticket)
        self.period_results: DataLoader[tuple[UUID, int], list[Any]] = DataLoader(self._period_results)

    async def rows(self, statement: Select[Any]) -> Sequence[Any]:
        """All objects of a statement."""
        async with self.database.reading(self.organisation_id) as session:
            return (await session.scalars(statement)).all()

    def _to_many(
        self, model: Any, reference: InstrumentedAttribute[UUID], order: InstrumentedAttribute[str]
    ) -> DataLoader[UUID, list[Any]]:
        async def load(ids: list[UUID]) -> list[list[Any]]:
            mine = model.organisation_id == self.organisation_id
            found = await self.rows(select(model).where(mine, reference.in_(ids)).order_by(order))
            return _grouped(ids, found, lambda row: getattr(row, reference.key))

        return DataLoader(load)

    def _to_one(self, model: Any) -> DataLoader[UUID, Any]:
        async def load(ids: list[UUID]) -> list[Any]:
            mine = model.organisation_id == self.organisation_id
            found = {row.id: row for row in await self.rows(select(model).where(mine, model.id.in_(ids)))}
            return [found.get(id_) for id_ in ids]

        return DataLoader(load)

    async def _period_results(self, asked: list[tuple[UUID, int]]) -> list[list[Any]]:
        model, (_, first) = attainment.PeriodResult, asked[0]
        mine = (model.organisation_id == self.organisation_id, model.target_id.in_([target for target, _ in asked]))
        latest = func.row_number().over(partition_by=model.target_id, order_by=model.period_start.desc())
        ranked = select(model, latest.label("rank")).where(*mine).subquery()
        result = aliased(model, ranked)
        statement = select(result).where(ranked.c.rank <= first).order_by(ranked.c.rank)
        return _grouped(asked, await self.rows(statement), lambda row: (row.target_id, first))


def _grouped(keys: Sequence[Hashable], rows: Sequence[Any], key: Callable[[Any], Hashable]) -> list[list[Any]]:
    groups: dict[Hashable, list[Any]] = {each: [] for each in keys}
    for row in rows:
        groups[key(row)].append(row)
    return list(groups.values())


LoadersInfo = Info[Loaders, None]


def _cursor(*position: str) -> str:
    return urlsafe_b64encode(json.dumps(position).encode()).decode()


def _position(cursor: str) -> list[str]:
    position: list[str] = json.loads(urlsafe_b64decode(cursor))
    return position


@strawberry.type
class PeriodResult:
    """A result of a target over a period."""

    id: strawberry.ID
    period_start: datetime
    met: int
    missed: int
    attainment_percent: Decimal | None
    outcome: Outcome

    @classmethod
    def of(cls, row: attainment.PeriodResult) -> Self:
        """From the row."""
        return cls(
            id=strawberry.ID(str(row.id)),
            period_start=row.period_start,
            met=row.met,
            missed=row.missed,
            attainment_percent=row.attainment_percent,
            outcome=row.outcome,
        )


@strawberry.type
class PeriodResultConnection:
    """The latest results."""

    nodes: list[PeriodResult]


@strawberry.type
class Target:
    """A target of an agreement."""

    row_id: strawberry.Private[UUID]
    id: strawberry.ID
    key: str
    name: str

    @classmethod
    def of(cls, row: agreements.Target) -> Self:
        """From the row."""
        return cls(row_id=row.id, id=strawberry.ID(str(row.id)), key=row.key, name=row.name)

    @strawberry.field
    async def period_results(self, info: LoadersInfo, first: int) -> PeriodResultConnection:
        """The latest ones."""
        rows = await info.context.period_results.load((self.row_id, first))
        return PeriodResultConnection(nodes=[PeriodResult.of(row) for row in rows])


@strawberry.type
class Agreement:
    """An agreement about a service."""

    row_id: strawberry.Private[UUID]
    id: strawberry.ID
    key: str
    name: str
    kind: AgreementKind

    @classmethod
    def of(cls, row: agreements.Agreement) -> Self:
        """From the row."""
        return cls(row_id=row.id, id=strawberry.ID(str(row.id)), key=row.key, name=row.name, kind=row.kind)

    @strawberry.field
    async def targets(self, info: LoadersInfo) -> list[Target]:
        """By key."""
        return [Target.of(row) for row in await info.context.targets.load(self.row_id)]


@strawberry.type
class Service:
    """A service."""

    row_id: strawberry.Private[UUID]
    id: strawberry.ID
    key: str
    name: str
    description: str
    criticality: Criticality

    @classmethod
    def of(cls, row: catalogue.Service) -> Self:
        """From the row."""
        return cls(
            row_id=row.id,
            id=strawberry.ID(str(row.id)),
            key=row.key,
            name=row.name,
            description=row.description,
            criticality=row.criticality,
        )

    @strawberry.field
    async def agreements(self, info: LoadersInfo) -> list[Agreement]:
        """By key."""
        return [Agreement.of(row) for row in await info.context.agreements.load(self.row_id)]


@strawberry.type
class ServiceEdge:
    """A service and its cursor."""

    cursor: str
    node: Service


@strawberry.type
class ServiceConnection:
    """A page of services."""

    nodes: list[Service]

    @strawberry.field
    def edges(self) -> list[ServiceEdge]:
        """The same with cursors."""
        return [ServiceEdge(cursor=_cursor(node.key), node=node) for node in self.nodes]


@strawberry.type
class Ticket:
    """A ticket."""

    id: strawberry.ID
    key: str


@strawberry.type
class Breach:
    """A breach."""

    target_id: strawberry.Private[UUID]
    ticket_id: strawberry.Private[UUID | None]
    id: strawberry.ID
    kind: BreachKind
    breached_at: datetime
    cycle: int | None

    @strawberry.field
    async def target(self, info: LoadersInfo) -> Target:
        """Whose promise was broken."""
        return Target.of(await info.context.targets_by_id.load(self.target_id))

    @strawberry.field
    async def ticket(self, info: LoadersInfo) -> Ticket | None:
        """What broke it."""
        if self.ticket_id is None:
            return None
        row = await info.context.tickets_by_id.load(self.ticket_id)
        return Ticket(id=strawberry.ID(str(row.id)), key=row.key)


@strawberry.type
class PageInfo:
    """Where a page stands."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class BreachEdge:
    """A breach and its cursor."""

    cursor: str
    node: Breach


@strawberry.type
class BreachConnection:
    """A page of breaches."""

    within: strawberry.Private[tuple[Any, ...]]
    edges: list[BreachEdge]
    page_info: PageInfo

    @strawberry.field
    async def total_count(self, info: LoadersInfo) -> int:
        """Of the whole list."""
        counted = await info.context.rows(select(func.count()).select_from(compliance.Breach).where(*self.within))
        return int(counted[0])


@strawberry.input
class InstantRange:
    """Half-open."""

    from_: datetime | None = strawberry.field(name="from", default=None)
    before: datetime | None = None


@strawberry.input
class BreachFilter:
    """Which breaches."""

    breached: InstantRange | None = None


@strawberry.enum
class BreachOrder(Enum):
    """The latest first."""

    BREACHED_AT_DESC = "breached_at"


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field
    async def services(self, info: LoadersInfo, first: int, after: str | None = None) -> ServiceConnection:
        """By key."""
        model = catalogue.Service
        statement = select(model).where(model.organisation_id == info.context.organisation_id)
        if after is not None:
            statement = statement.where(model.key > _position(after)[0])
        rows = await info.context.rows(statement.order_by(model.key).limit(first))
        return ServiceConnection(nodes=[Service.of(row) for row in rows])

    @strawberry.field
    async def service(self, info: LoadersInfo, key: str) -> Service | None:
        """The one with this key."""
        model = catalogue.Service
        statement = select(model).where(model.organisation_id == info.context.organisation_id, model.key == key)
        rows = await info.context.rows(statement)
        return Service.of(rows[0]) if rows else None

    @strawberry.field
    async def breaches(
        self,
        info: LoadersInfo,
        first: int,
        order_by: BreachOrder,  # noqa: ARG002 - there is but one
        after: str | None = None,
        filter: BreachFilter | None = None,  # noqa: A002 - the argument's name
    ) -> BreachConnection:
        """The latest first."""
        model, breached = compliance.Breach, filter.breached if filter else None
        within = [model.organisation_id == info.context.organisation_id]
        if breached is not None and breached.from_ is not None:
            within.append(model.breached_at >= breached.from_)
        if breached is not None and breached.before is not None:
            within.append(model.breached_at < breached.before)
        statement = select(model).where(*within)
        if after is not None:
            at, id_ = _position(after)
            statement = statement.where(tuple_(model.breached_at, model.id) < (datetime.fromisoformat(at), UUID(id_)))
        ordered = statement.order_by(model.breached_at.desc(), model.id.desc())
        rows = await info.context.rows(ordered.limit(first + 1))
        edges = [_breach_edge(row) for row in rows[:first]]
        return BreachConnection(
            within=tuple(within),
            edges=edges,
            page_info=PageInfo(
                has_next_page=len(rows) > first,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


def _breach_edge(row: compliance.Breach) -> BreachEdge:
    node = Breach(
        target_id=row.target_id,
        ticket_id=row.ticket_id,
        id=strawberry.ID(str(row.id)),
        kind=row.kind,
        breached_at=row.breached_at,
        cycle=row.cycle,
    )
    return BreachEdge(cursor=_cursor(row.breached_at.isoformat(), str(row.id)), node=node)


def create_app(database: Database) -> FastAPI:
    """The server; tokens are remembered for a short while."""
    remembered: dict[str, tuple[float, UUID]] = {}

    async def context(request: Request) -> Loaders:
        token = request.headers["authorization"].removeprefix("Bearer ")
        until, organisation_id = remembered.get(token, (0.0, None))
        if organisation_id is None or until < time.monotonic():
            actor = await authenticate(database.reader, token=token, now=datetime.now(UTC))
            if actor is None:
                raise PermissionError("the token is unknown, expired or revoked")
            organisation_id = actor.organisation_id
            remembered[token] = (time.monotonic() + TOKENS_REMEMBERED_SECONDS, organisation_id)
        return Loaders(database, organisation_id)

    app = FastAPI()
    context_getter: Callable[..., Awaitable[Loaders]] = context
    app.include_router(GraphQLRouter(strawberry.Schema(Query), context_getter=context_getter), prefix="/graphql")
    return app


def _serve() -> None:
    database = Database(os.environ["DATABASE_URL"])
    # Shared with the other process: the system spreads connections between the two.
    shared = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), reuse_port=True)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=shared.detach())
    uvicorn.Server(uvicorn.Config(create_app(database), log_level="warning", access_log=False)).run([listener])


if __name__ == "__main__":
    _serve()
