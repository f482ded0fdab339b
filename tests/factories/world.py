"""An organisation in which every type of the API has something to show, and every reference is set somewhere."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.agreements.rules import TargetKind
from services.audit.models import AuditEntry, AuditPersonalValue
from services.audit.rules import AuditKind
from services.compliance.models import Breach
from services.db import Database, new_id
from services.domain.vocabulary import ClockStatus, Outcome
from services.idempotency.models import IdempotencyKey
from services.organisations.models import ApiToken
from services.organisations.rules import Actor
from services.tickets.models import Clock, Ticket, TicketEvent
from tests.factories.alignments import aligned
from tests.factories.assessments import assessed
from tests.factories.contracting import contracting
from tests.factories.dependencies import depending
from tests.factories.forecasts import forecasting
from tests.factories.steering import steering
from tests.factories.stored import START, Rows, store
from tests.factories.tracing import Tracing


@dataclass(frozen=True)
class World:
    """What tests ask for by id."""

    actor: Actor
    rows: Rows
    ticket: Ticket
    event: TicketEvent
    clock: Clock
    breach: Breach


async def new_world(database: Database, actor: Actor) -> World:
    """Store one of everything, with the same keys in every organisation."""
    rows = Rows(actor)
    company, it = rows.department("company"), rows.department("it")
    it.parent_id = company.id
    customer, provider = rows.party("acme"), rows.party("cloud")
    ann = rows.person("ann", department_id=it.id, party_id=provider.id, email="ann@example.org")
    calendar = rows.calendar("office")
    hours = rows.calendar_version(calendar.id, holiday_source="holidays: GB")
    service = rows.service("mail", department_id=it.id)
    agreement = rows.agreement(service.id, "mail-sla", customer_id=customer.id, provider_id=provider.id)
    version = rows.agreement_version(agreement.id)
    target = rows.target(agreement.id, "resolve")
    clause = Tracing(actor).clause(agreement.id)
    definition = rows.target_version(target.id, version.id, calendar.id, resume_states=["in_progress"])
    available = rows.target(agreement.id, "available", TargetKind.AVAILABILITY)
    availability = rows.availability_target_version(available.id, version.id, calendar_id=calendar.id)
    ticket = rows.ticket("INC1", service_id=service.id, customer_id=customer.id, provider_id=provider.id)
    imported = rows.ticket_import()
    event = rows.event(ticket.id, import_id=imported.id)
    timeline = [
        {
            "at": "2026-03-02T09:00:00Z",
            "kind": "start",
            "business_seconds": 0,
            "wall_clock_seconds": 0,
            "percent": None,
            "event_id": str(event.id),
            "rule": "the target applies",
        },
        {
            "at": "2026-03-02T13:00:00Z",
            "kind": "threshold",
            "business_seconds": 14400,
            "wall_clock_seconds": 14400,
            "percent": 50,
            "event_id": None,
            "rule": "50 % of 8 h of business time",
        },
    ]
    clock = rows.clock(
        ticket.id,
        definition,
        hours.id,
        timeline=timeline,
        breached_at=START + timedelta(hours=8),
        outcome=Outcome.MISSED,
        status=ClockStatus.RUNNING,
    )
    breach = rows.clock_breach(clock)
    retracted = rows.breach(definition, hours.id)
    result = rows.period_result(definition, hours.id)
    recomputed = rows.recomputation(agreement_version_id=version.id)
    token = ApiToken(
        token_hash=new_id().bytes * 2,
        id=new_id(),
        organisation_id=actor.organisation_id,
        account_id=actor.account_id,
        label="front-end",
        created_at=START,
        expires_at=None,
        revoked_at=None,
    )
    repeatable = IdempotencyKey(
        id=new_id(), key="k", operation="createService", input_sha256="0" * 64, outcome={}, **actor.stamps(START)
    )
    entry = AuditEntry(
        id=new_id(),
        kind=AuditKind.CHANGED,
        operation="updateService",
        trace_id="t",
        subject_type="Service",
        subject_id=service.id,
        subject_version=2,
        changes=[{"attribute": "name", "before": "Mail", "after": "mail"}],
        **actor.stamps(START),
    )
    said = AuditPersonalValue(
        organisation_id=actor.organisation_id,
        id=new_id(),
        entry_id=entry.id,
        person_id=ann.id,
        attribute="name",
        before=None,
        after="ann",
        erased_at=None,
    )
    await store(
        database,
        token,
        [repeatable, entry, said],
        [company, it, customer, provider, ann, rows.role_assignment(ann.id), calendar, hours],
        [rows.window(hours.id, 1, 9 * 3600, 17 * 3600), rows.window(hours.id, 5, 22 * 3600, 26 * 3600)],
        [rows.holiday(hours.id, date(2026, 5, 4)), rows.closure(hours.id)],
        [service, rows.ownership(service.id, ann.id), rows.lifecycle_event(service.id)],
        [agreement, version, target, clause, definition, rows.contract_point(definition), available, availability],
        [ticket, imported, event, clock],
        [rows.reported_clock(ticket.id, imported.id)],
        [recomputed, rows.recomputation(calendar_version_id=hours.id), rows.superseded_clock(clock, recomputed.id)],
        [result, *rows.results_beside(result, recomputed.id, ann.id), breach, retracted],
        [rows.retraction(retracted.id)],
        steering(
            actor,
            service_id=service.id,
            target_id=target.id,
            person_id=ann.id,
            calendar_id=calendar.id,
            breach_id=breach.id,
            clause_id=clause.id,
        ),
        aligned(actor, target_id=target.id, service_id=service.id, version_id=version.id, person_id=ann.id),
        depending(actor, service_id=service.id, agreement_id=agreement.id, provider_id=provider.id),
        contracting(
            actor,
            agreement_id=agreement.id,
            version_id=version.id,
            target_id=target.id,
            calendar_id=calendar.id,
            person_id=ann.id,
        ),
        forecasting(actor, ticket, service.id, definition),
        assessed(actor, ann.id),
    )
    return World(actor, rows, ticket, event, clock, breach)
