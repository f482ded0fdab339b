"""The audit trail is complete: played back, it is the organisation; and what must not be kept is not in it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from services.agreements.commands import end_agreement, publish_agreement_version
from services.audit.commands import erase_personal_values, table_of
from services.audit.models import AuditEntry, AuditPersonalValue
from services.audit.rules import AuditKind
from services.calendars.commands import publish_calendar_version, review_holidays
from services.catalogue.commands import update_service
from services.compliance.commands import report_events
from services.db import Database, fetch
from services.domain.vocabulary import TicketState
from services.errors import Conflict
from services.organisations.commands import create_account, create_person
from services.organisations.rules import AccessRole, Actor
from services.organisations.tokens import create_api_token, revoke_api_token, rotate_api_token
from services.origin import Origin, originating
from services.tickets.reported import ReportedEvent
from slm.reference.generate import generate
from slm.reference.load import load
from tests.factories.definitions import (
    OFFICE_HOURS,
    SINCE,
    new_agreement,
    new_calendar,
    new_service,
    target,
)
from tests.factories.organisations import NOW, new_person, unique_key
from tests.statements import Statements
from tests.trail import UNTRAILED, all_tables, replayed, stored, trailed_models


async def entries(database: Database, actor: Actor, subject_type: str | None = None) -> list[AuditEntry]:
    """The trail, as it was written."""
    statement = select(AuditEntry).where(AuditEntry.organisation_id == actor.organisation_id).order_by(AuditEntry.id)
    if subject_type is not None:
        statement = statement.where(AuditEntry.subject_type == subject_type)
    async with database.reading(actor.organisation_id) as session:
        return list(await session.scalars(statement))


async def test_the_trail_played_back_is_the_organisation(database: Database, actor: Actor) -> None:
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar), target(calendar, key="respond"))
    person = await new_person(database, actor)
    later = SINCE + timedelta(days=30)
    async with database.writing(actor.organisation_id) as session:
        await update_service(session, actor=actor, service_id=service, name="Mail", now=NOW)
        hours = replace(OFFICE_HOURS, assumed=True)
        await publish_calendar_version(
            session, actor=actor, calendar_id=calendar, valid_from=later, definition=hours, now=NOW
        )
        await review_holidays(session, actor=actor, calendar_id=calendar, valid_from=later + timedelta(1), now=NOW)
        renamed = [target(calendar, name="Solved", objective_percent=Decimal("99.5")), target(calendar, key="new")]
        await publish_agreement_version(
            session, actor=actor, agreement_id=agreement, valid_from=later, targets=renamed, reason="faster", now=NOW
        )
    async with database.writing(actor.organisation_id) as session:
        await end_agreement(
            session, actor=actor, agreement_id=agreement, valid_from=later + timedelta(1), reason="over", now=NOW
        )
        account = await create_account(
            session, actor=actor, name="robot", role=AccessRole.INGEST, person_id=person, now=NOW
        )
        token = await create_api_token(session, actor=actor, account_id=account, label="import", now=NOW)
        rotated = await rotate_api_token(session, actor=actor, token_id=token.id, overlap=timedelta(hours=1), now=NOW)
        await revoke_api_token(session, actor=actor, token_id=rotated.id, now=NOW)
    assert await replayed(database, actor.organisation_id) == await stored(database, actor.organisation_id)


async def test_the_trail_of_what_the_command_line_writes_is_complete_too(database: Database) -> None:
    until = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    blueprint = replace(generate(11, until, tickets=60)[0], key=unique_key("trail"))
    with originating(Origin("slm demo")):
        loaded = await load(database, blueprint, now=until)
    assert await replayed(database, loaded.organisation_id) == await stored(database, loaded.organisation_id)
    written = await entries(database, loaded)
    assert {entry.operation for entry in written} == {"slm demo"}
    (imported,) = (entry for entry in written if entry.kind is AuditKind.INGESTED)
    said = {change["attribute"]: change["after"] for change in imported.changes}
    assert said["events_recorded"] == sum(len(ticket.events) for ticket in blueprint.tickets)


async def test_an_entry_says_who_when_by_what_and_what_it_was_before(database: Database, actor: Actor) -> None:
    service = await new_service(database, actor)
    later = NOW + timedelta(hours=1)
    with originating(Origin("updateService", "trace-7")):
        async with database.writing(actor.organisation_id) as session:
            await update_service(session, actor=actor, service_id=service, name="Mail", description="", now=later)
    entry = (await entries(database, actor, "Service"))[-1]
    assert (entry.kind, entry.operation, entry.trace_id) == (AuditKind.CHANGED, "updateService", "trace-7")
    assert (entry.recorded_by, entry.recorded_at) == (actor.account_id, later)
    assert (entry.subject_id, entry.subject_version) == (service, 2)
    assert entry.changes == [
        {"attribute": "name", "before": "E-mail", "after": "Mail"},
        {"attribute": "version", "before": 1, "after": 2},
    ]


async def test_saying_the_same_again_is_no_change(database: Database, actor: Actor) -> None:
    service = await new_service(database, actor)
    async with database.writing(actor.organisation_id) as session:
        await update_service(session, actor=actor, service_id=service, name="E-mail", now=NOW)
    assert [entry.kind for entry in await entries(database, actor, "Service")] == [AuditKind.CREATED]


async def test_what_is_undone_leaves_no_entry(database: Database, actor: Actor) -> None:
    await new_service(database, actor)
    with pytest.raises(Conflict):
        await new_service(database, actor)
    assert len(await entries(database, actor, "Service")) == 1


async def test_reported_events_are_one_entry_with_their_number(database: Database, actor: Actor) -> None:
    events = [
        ReportedEvent(ticket="INC1", occurred_at=SINCE + timedelta(hours=hour), state=TicketState.NEW)
        for hour in range(3)
    ]
    for _ in range(2):
        async with database.writing(actor.organisation_id) as session:
            recorded = await report_events(session, actor=actor, events=events, service_id=None, now=NOW)
    (entry,) = await entries(database, actor, "Ticket")
    assert (entry.kind, entry.subject_id) == (AuditKind.INGESTED, recorded.tickets["INC1"])
    assert entry.changes[0] == {"attribute": "events_recorded", "before": None, "after": 3}


async def test_no_secret_and_no_digest_of_one_is_in_the_trail(database: Database, actor: Actor) -> None:
    async with database.writing(actor.organisation_id) as session:
        account = await create_account(session, actor=actor, name="robot", role=AccessRole.INGEST, now=NOW)
        token = await create_api_token(session, actor=actor, account_id=account, label="import", now=NOW)
    written = " ".join(str(entry.changes) for entry in await entries(database, actor))
    assert "'account_id'" in written
    assert "token_hash" not in written
    assert token.secret not in written
    assert not re.search(r"[0-9a-f]{64}", written)


async def test_what_tells_about_a_person_can_be_erased_while_the_entries_stay(database: Database, actor: Actor) -> None:
    async with database.writing(actor.organisation_id) as session:
        ann = await create_person(session, actor=actor, key="ann", name="Ann Example", email="ann@example.org", now=NOW)
        bob = await create_person(session, actor=actor, key="bob", name="Bob Example", now=NOW)
    plain = " ".join(str(entry.changes) for entry in await entries(database, actor))
    assert "Ann" not in plain
    assert "ann" not in plain
    before = len(await entries(database, actor))
    async with database.writing(actor.organisation_id) as session:
        erased = await erase_personal_values(session, organisation_id=actor.organisation_id, person_id=ann, now=NOW)
    assert erased == 3
    async with database.reading(actor.organisation_id) as session:
        values = list(
            await session.scalars(
                select(AuditPersonalValue).where(AuditPersonalValue.organisation_id == actor.organisation_id)
            )
        )
    kept = {(value.person_id, value.attribute): value.after for value in values if value.person_id in {ann, bob}}
    assert [kept[ann, name] for name in ("email", "key", "name")] == [None, None, None]
    assert [kept[bob, name] for name in ("email", "key", "name")] == [None, "bob", "Bob Example"]
    assert len(await entries(database, actor)) == before


async def test_entries_are_never_changed_by_the_role_of_the_program(database: Database, actor: Actor) -> None:
    await new_service(database, actor)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.writing(actor.organisation_id) as session:
            await fetch(session, "UPDATE audit_entry SET operation = 'x' WHERE organisation_id = $1::uuid",
                        actor.organisation_id)  # fmt: skip


async def test_a_transaction_keeps_all_its_entries_in_one_statement(
    database: Database, actor: Actor, statements: Statements
) -> None:
    calendar = await new_calendar(database, actor)
    statements.clear()
    async with database.writing(actor.organisation_id) as session:
        await publish_calendar_version(
            session, actor=actor, calendar_id=calendar, valid_from=NOW, definition=OFFICE_HOURS, now=NOW
        )
    assert sum("INSERT INTO audit_entry" in text for text in statements.texts) == 1


def test_every_table_has_entries_or_a_reason_for_none() -> None:
    trailed = {table_of(model).name for model in trailed_models()}
    assert trailed | set(UNTRAILED) == all_tables()
    assert set(UNTRAILED) <= all_tables()
