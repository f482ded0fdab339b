"""An organisation whose services several customers, teams and suppliers share, and who of them may see which row.

Who may see what is said here by following the rows themselves, without SQL, so that it can judge what SQL returns.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID

from services.agreements.models import TargetVersion
from services.agreements.rules import AgreementKind
from services.db import Base, Database, new_id
from services.domain.vocabulary import ClockStatus, Outcome, PeriodKind
from services.forecasting.rules import ForecastSubject
from services.organisations.models import Account, ApiToken
from services.organisations.rules import AccessRole, Actor, PartyKind, PartyScope
from services.tickets.models import Clock
from tests.factories.assessments import assessed
from tests.factories.forecasts import forecast, forecast_model
from tests.factories.steering import steering
from tests.factories.stored import START, Rows, store
from tests.factories.tracing import Tracing

PARTIES = {
    "acme": PartyKind.CUSTOMER,
    "globex": PartyKind.CUSTOMER,
    "desk": PartyKind.INTERNAL_TEAM,
    "network": PartyKind.INTERNAL_TEAM,
    "cloud": PartyKind.SUPPLIER,
    "pipes": PartyKind.SUPPLIER,
}
AGREEMENTS: tuple[tuple[str, AgreementKind, str, str | None, str | None, str], ...] = (
    ("acme-mail", AgreementKind.SLA, "mail", "acme", None, "office"),
    ("globex-mail", AgreementKind.SLA, "mail", "globex", "desk", "office"),
    ("cloud-mail", AgreementKind.UC, "mail", "desk", "cloud", "always"),
    ("pipes-mail", AgreementKind.UC, "mail", None, "pipes", "always"),
    ("globex-web", AgreementKind.SLA, "web", "globex", "network", "office"),
    ("pipes-web", AgreementKind.UC, "web", "network", "pipes", "night"),
    ("desk-web", AgreementKind.OLA, "web", "network", "desk", "night"),
    ("backup", AgreementKind.OLA, "backup", None, None, "night"),
)
"""Key, kind, service, customer, provider, calendar."""


def viewers(customer: str | None, provider: str | None) -> frozenset[str]:
    """Who sees an agreement or a ticket between two parties: each as its kind allows."""
    sides = {
        customer: {PartyKind.CUSTOMER, PartyKind.INTERNAL_TEAM},
        provider: {PartyKind.SUPPLIER, PartyKind.INTERNAL_TEAM},
    }
    return frozenset(name for name, kinds in sides.items() if name is not None and PARTIES[name] in kinds)


@dataclass(frozen=True)
class PartyWorld:
    """An organisation with its administrator, an account of each party, and who may see each of its rows."""

    actor: Actor
    of_party: dict[str, Actor]
    seen_by: dict[UUID, frozenset[str]]
    """By the row's id: every row of the organisation is here, with the parties that may see it."""
    types: dict[UUID, type[Base]]

    def visible(self, actor: Actor, table: str) -> int:
        """How many rows of a table an actor of this organisation may see."""
        return sum(of.__tablename__ == table and self.may_see(actor, id_) for id_, of in self.types.items())

    def may_see(self, actor: Actor, row_id: UUID) -> bool:
        """Whether an actor of this organisation may see the row; nobody may see rows of others."""
        if row_id not in self.seen_by:
            return False
        return actor.party is None or any(self.of_party[name] == actor for name in self.seen_by[row_id])


@dataclass
class _Builder:
    rows: Rows
    actor: Actor
    stored: list[Base] = field(default_factory=list)
    seen_by: dict[UUID, frozenset[str]] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    """Of parties and services, by their keys."""
    department_id: UUID | None = None

    def add(self, *rows: Base, seen: frozenset[str] = frozenset()) -> None:
        """Store rows that these parties see: without any, none does."""
        self.stored.extend(rows)
        for row in rows:
            self.seen_by[row.id] = seen  # type: ignore[attr-defined]

    def id_of(self, key: str | None) -> UUID | None:
        """The id of a party that may not be named."""
        return None if key is None else self.ids[key]

    def show(self, row_id: UUID, names: frozenset[str]) -> None:
        """Let more parties see a row."""
        self.seen_by[row_id] |= names


@dataclass(frozen=True)
class _Hours:
    calendar_id: UUID
    version_id: UUID
    ids: list[UUID]


@dataclass(frozen=True)
class _Promise:
    """A definition of a target about a service, who sees its agreement, the version of the hours it counts by, and what
    superseded what was computed by others.
    """

    service: str
    seen: frozenset[str]
    definition: TargetVersion
    version_id: UUID
    change_id: UUID


async def new_party_world(database: Database, actor: Actor, *, copies: int = 1) -> PartyWorld:
    """Store the organisation; `copies` of each ticket that customers, providers and services allow."""
    build = _Builder(Rows(actor), actor)
    of_party = _parties(build)
    _tickets(build, _agreements(build), copies)
    await store(database, build.stored)
    seen_by = build.seen_by | {actor.organisation_id: frozenset(PARTIES), actor.account_id: frozenset()}
    return PartyWorld(actor, of_party, seen_by, {row.id: type(row) for row in build.stored})  # type: ignore[attr-defined]


def _parties(build: _Builder) -> dict[str, Actor]:
    department = build.rows.department("it")
    build.department_id = department.id
    build.add(department)
    actors: dict[str, Actor] = {}
    for name, kind in PARTIES.items():
        own = frozenset({name})
        party = build.rows.party(name, kind=kind)
        build.ids[name] = party.id
        build.add(party, seen=own)
        person = build.rows.person(f"{name}-ann", party_id=party.id, department_id=department.id)
        build.add(person, seen=own)
        account = Account(
            id=new_id(), organisation_id=build.actor.organisation_id, name=name, role=AccessRole.VIEWER,
            person_id=person.id, party_id=party.id, party_kind=kind, created_at=START,
        )  # fmt: skip
        build.add(account, seen=own)
        token = ApiToken(
            token_hash=new_id().bytes * 2, id=new_id(), organisation_id=build.actor.organisation_id,
            account_id=account.id, label=name, created_at=START, expires_at=None, revoked_at=None,
        )  # fmt: skip
        build.add(token, seen=own)
        actors[name] = Actor(account.organisation_id, account.id, name, account.role, PartyScope(party.id, kind))
    return actors


def _agreements(build: _Builder) -> list[_Promise]:
    rows = build.rows
    hours = {key: _hours(build, key) for key in ("office", "always", "night")}
    boss = rows.person("boss", department_id=build.department_id)
    build.add(boss, rows.role_assignment(boss.id))
    for key in ("mail", "web", "backup"):
        service = rows.service(key)
        build.ids[key] = service.id
        build.add(service, rows.ownership(service.id, boss.id), rows.lifecycle_event(service.id))
    promises = []
    for key, kind, about, customer, provider, calendar in AGREEMENTS:
        seen = viewers(customer, provider)
        agreement = rows.agreement(
            build.ids[about], key, kind=kind, customer_id=build.id_of(customer), provider_id=build.id_of(provider)
        )
        version = rows.agreement_version(agreement.id)
        target = rows.target(agreement.id, "resolve")
        definition = rows.target_version(target.id, version.id, hours[calendar].calendar_id)
        result = rows.period_result(definition, hours[calendar].version_id)
        breach = rows.breach(definition, hours[calendar].version_id)
        clause = Tracing(build.actor).clause(agreement.id)
        build.add(agreement, version, target, clause, definition, seen=seen)
        build.add(result, breach, rows.retraction(breach.id), seen=seen)
        change = rows.recomputation(agreement_version_id=version.id)
        build.add(change)
        build.add(*rows.results_beside(result, change.id, boss.id), seen=seen)
        for named in (build.ids[about], build.id_of(customer), build.id_of(provider), *hours[calendar].ids):
            if named is not None:
                build.show(named, seen)
        promises.append(_Promise(about, seen, definition, hours[calendar].version_id, change.id))
    build.add(
        *steering(
            build.actor,
            service_id=build.ids["mail"],
            target_id=target.id,
            person_id=boss.id,
            calendar_id=definition.calendar_id,
            breach_id=breach.id,
            clause_id=clause.id,
        )
    )
    build.add(*assessed(build.actor, boss.id))
    return promises


def _hours(build: _Builder, key: str) -> _Hours:
    rows = build.rows
    calendar = rows.calendar(key)
    version = rows.calendar_version(calendar.id)
    said = (
        calendar,
        version,
        rows.window(version.id, 1, 9 * 3600, 17 * 3600),
        rows.holiday(version.id, date(2026, 5, 4)),
        rows.closure(version.id),
    )
    build.add(*said)
    return _Hours(calendar.id, version.id, [row.id for row in said])


def _tickets(build: _Builder, promises: list[_Promise], copies: int) -> None:
    rows, model, imported = build.rows, forecast_model(build.actor), build.rows.ticket_import()
    build.add(model, imported)
    customers = frozenset(name for name, kind in PARTIES.items() if kind is PartyKind.CUSTOMER)
    for promise in promises:
        definition = promise.definition
        about = forecast(
            build.actor, model, subject=ForecastSubject.PERIOD, target_id=definition.target_id,
            target_version_id=definition.id, period=PeriodKind.MONTH, period_start=START,
            period_end=START + timedelta(days=30), service_id=None,
        )  # fmt: skip
        build.add(about, seen=promise.seen - customers)
    sides = product((None, "acme", "globex", "network"), (None, "cloud", "pipes", "desk"))
    for number, (_, service, (customer, provider)) in enumerate(product(range(copies), ("mail", "web"), list(sides))):
        seen = viewers(customer, provider)
        ticket = rows.ticket(
            f"INC{number}",
            service_id=build.ids[service],
            opened_at=START + timedelta(minutes=number),
            customer_id=build.id_of(customer),
            provider_id=build.id_of(provider),
            assignee="somebody inside",
        )
        event = rows.event(ticket.id, import_id=imported.id)
        about = forecast(build.actor, model, subject=ForecastSubject.TICKET, ticket_id=ticket.id)
        about.service_id = ticket.service_id
        about.team = "desk"
        build.add(ticket, event, seen=seen)
        settled = forecast(
            build.actor, model, subject=ForecastSubject.TICKET, ticket_id=ticket.id, as_of=START - timedelta(days=1),
            outcome=Outcome.MISSED, outcome_at=START, squared_error=Decimal("0.09"),
        )  # fmt: skip
        build.add(about, settled, seen=seen - customers)
        for promise in promises:
            if promise.service == service:
                clock = _missed(rows, ticket.id, event.id, promise)
                breach = rows.clock_breach(clock)
                was = rows.superseded_clock(clock, promise.change_id)
                build.add(clock, was, breach, rows.retraction(breach.id), seen=seen & promise.seen)


def _missed(rows: Rows, ticket_id: UUID, event_id: UUID, promise: _Promise) -> Clock:
    started = {
        "at": "2026-03-02T09:00:00Z",
        "kind": "start",
        "business_seconds": 0,
        "wall_clock_seconds": 0,
        "percent": None,
        "event_id": str(event_id),
        "rule": "the target applies",
    }
    return rows.clock(
        ticket_id,
        promise.definition,
        promise.version_id,
        timeline=[started],
        breached_at=START + timedelta(hours=8),
        outcome=Outcome.MISSED,
        status=ClockStatus.RUNNING,
    )
