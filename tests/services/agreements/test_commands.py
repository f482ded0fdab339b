"""Agreements and the versions that follow one another."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.agreements.commands import create_agreement, end_agreement, publish_agreement_version
from services.agreements.models import Agreement, Target
from services.agreements.models import ContractPoint as PointRow
from services.agreements.queries import TargetInForce, agreement_by_key, promised_targets, targets_in_force
from services.agreements.rules import AgreementKind, ContractPoint, TargetDefinition, TargetKind
from services.db import Database, new_id
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState
from services.errors import Conflict, NotFound, NotPermitted
from services.organisations.commands import create_party
from services.organisations.rules import AccessRole, Actor, PartyKind
from tests.factories.definitions import SINCE, available, new_agreement, new_calendar, new_service, target
from tests.factories.organisations import NOW, new_actor
from tests.factories.refusals import refused_fields


async def promised(database: Database, actor: Actor, *service_ids: UUID) -> list[TargetInForce]:
    async with database.reading(actor.organisation_id) as session:
        return await targets_in_force(session, actor.organisation_id, service_ids=service_ids)


async def publish(
    database: Database, actor: Actor, agreement_id: UUID, *targets: TargetDefinition, valid_from: datetime = NOW
) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await publish_agreement_version(
            session,
            actor=actor,
            agreement_id=agreement_id,
            valid_from=valid_from,
            targets=targets,
            reason="Renegotiated",
            now=NOW,
        )


async def test_an_agreement_promises_its_targets_as_defined(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    full = target(
        calendar,
        start_rule=StartRule.FROM_MATCH,
        start_states=(TicketState.IN_PROGRESS,),
        resume_states=(TicketState.IN_PROGRESS,),
        cancel_states=(TicketState.CANCELLED,),
        limit_inclusive=False,
        retroactive_pause=False,
        reopen_policy=ReopenPolicy.NEW_CYCLE,
        priorities=("1 - Critical",),
        categories=("network", "mail"),
        objective_percent=Decimal("99.95"),
        period=PeriodKind.QUARTER,
        assumed=True,
    )
    agreement = await new_agreement(database, actor, service, full)
    [found] = await promised(database, actor, service)
    for field in TargetDefinition.__dataclass_fields__.keys() - {"key", "name", "points"}:
        assert getattr(found, field) == getattr(full, field), field
    assert (found.agreement_id, found.service_id, found.target_key) == (agreement, service, "resolve")
    assert (found.valid_from, found.until, found.agreement_kind) == (SINCE, None, AgreementKind.SLA)


async def test_a_target_keeps_its_identity_by_its_key_and_each_definition_its_time(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar))
    await publish(database, actor, agreement, target(calendar, name="Faster", duration_seconds=3600))
    before, after = await promised(database, actor, service)
    assert before.target_id == after.target_id
    assert before.target_version_id != after.target_version_id
    assert (before.valid_from, before.until, before.duration_seconds) == (SINCE, NOW, 8 * 3600)
    assert (after.valid_from, after.until, after.duration_seconds) == (NOW, None, 3600)
    assert [before.holds_at(NOW - timedelta(seconds=1)), before.holds_at(NOW), after.holds_at(NOW)] == [
        True,
        False,
        True,
    ]
    async with database.reading(actor.organisation_id) as session:
        assert (await session.execute(select(Target.name))).scalars().all() == ["Faster"]


async def test_a_target_left_out_is_no_longer_promised(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    respond = target(calendar, key="respond", stop_states=(TicketState.IN_PROGRESS,))
    agreement = await new_agreement(database, actor, service, target(calendar), respond)
    await publish(database, actor, agreement, target(calendar))
    spans = {(found.target_key, found.valid_from, found.until) for found in await promised(database, actor, service)}
    assert spans == {("resolve", SINCE, NOW), ("resolve", NOW, None), ("respond", SINCE, NOW)}


async def test_after_an_agreement_ended_nothing_of_it_is_promised(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar))
    async with database.writing(actor.organisation_id) as session:
        await end_agreement(
            session, actor=actor, agreement_id=agreement, valid_from=NOW, reason="Contract ended", now=NOW
        )
        with pytest.raises(Conflict, match="ended already"):
            await end_agreement(
                session,
                actor=actor,
                agreement_id=agreement,
                valid_from=NOW + timedelta(days=1),
                reason="Again",
                now=NOW,
            )
    [found] = await promised(database, actor, service)
    assert (found.until, found.holds_at(NOW)) == (NOW, False)


async def test_targets_of_other_services_and_of_no_service_are_left_out(database: Database) -> None:
    actor = await new_actor(database)
    calendar = await new_calendar(database, actor)
    mail, phone = await new_service(database, actor), await new_service(database, actor, key="phone")
    await new_agreement(database, actor, mail, target(calendar))
    phone_agreement = await new_agreement(database, actor, phone, target(calendar), key="phone-sla")
    assert [found.agreement_id for found in await promised(database, actor, phone)] == [phone_agreement]
    assert len(await promised(database, actor, mail, phone)) == 2
    assert await promised(database, actor) == []


async def test_versions_of_one_agreement_do_not_close_those_of_another(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    await new_agreement(database, actor, service, target(calendar), key="first")
    second = await new_agreement(database, actor, service, target(calendar), key="second")
    await publish(database, actor, second, target(calendar))
    assert sorted(found.until is None for found in await promised(database, actor, service)) == [False, True, True]


async def test_an_agreement_has_its_parties_and_is_found_by_its_key(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    async with database.writing(actor.organisation_id) as session:
        customer = await create_party(session, actor=actor, key="c", name="C", kind=PartyKind.CUSTOMER, now=NOW)
        provider = await create_party(session, actor=actor, key="p", name="P", kind=PartyKind.SUPPLIER, now=NOW)
        created = await create_agreement(
            session,
            actor=actor,
            key="uc",
            name="Contract",
            kind=AgreementKind.UC,
            service_id=service,
            customer_id=customer,
            provider_id=provider,
            valid_from=SINCE,
            targets=[target(calendar)],
            now=NOW,
        )
    async with database.reading(actor.organisation_id) as session:
        assert await agreement_by_key(session, actor.organisation_id, key="uc") == created
        row = (await session.execute(select(Agreement).where(Agreement.id == created))).scalar_one()
    assert (row.customer_id, row.provider_id, row.kind) == (customer, provider, AgreementKind.UC)


async def test_everything_wrong_with_an_agreement_is_said_at_once_and_nothing_is_written(database: Database) -> None:
    actor = await new_actor(database)
    with refused_fields(
        "key",
        "name",
        "service_id",
        "customer_id",
        "provider_id",
        "valid_from",
        "reason",
        "targets.0.duration_seconds",
        "targets.0.calendar_id",
        "targets.1.key",
        "targets.1.calendar_id",
    ):
        async with database.writing(actor.organisation_id) as session:
            await create_agreement(
                session,
                actor=actor,
                key="",
                name="",
                kind=AgreementKind.SLA,
                service_id=new_id(),
                customer_id=new_id(),
                provider_id=new_id(),
                valid_from=SINCE.replace(tzinfo=None),
                reason="x" * 5000,
                targets=[target(new_id(), duration_seconds=0), target(new_id())],
                now=NOW,
            )
    async with database.reading(actor.organisation_id) as session:
        assert (await session.execute(select(func.count()).select_from(Agreement))).scalar_one() == 0


async def test_definitions_of_another_organisation_are_unknown_here(database: Database) -> None:
    actor, stranger = await new_actor(database), await new_actor(database)
    foreign_calendar = await new_calendar(database, stranger)
    foreign_service = await new_service(database, stranger)
    foreign_agreement = await new_agreement(database, stranger, foreign_service, target(foreign_calendar))
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    with refused_fields("service_id"):
        await new_agreement(database, actor, foreign_service, target(calendar))
    with refused_fields("targets.0.calendar_id"):
        await new_agreement(database, actor, service, target(foreign_calendar))
    with pytest.raises(NotFound):
        await publish(database, actor, foreign_agreement, target(calendar))
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotFound):
            await end_agreement(
                session, actor=actor, agreement_id=foreign_agreement, valid_from=NOW, reason="Mine", now=NOW
            )
    assert await promised(database, actor, foreign_service) == []
    assert len(await promised(database, stranger, foreign_service)) == 1


async def test_two_agreements_with_one_key_at_the_same_moment_make_one_and_a_conflict(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    both = await asyncio.gather(
        new_agreement(database, actor, service, target(calendar)),
        new_agreement(database, actor, service, target(calendar)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in both) == ["Conflict", "UUID"]
    assert len(await promised(database, actor, service)) == 1


async def test_the_second_of_two_publishers_gets_a_conflict_and_the_first_ones_version_stays(
    database: Database,
) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar))
    both = await asyncio.gather(
        publish(database, actor, agreement, target(calendar, duration_seconds=60)),
        publish(database, actor, agreement, target(calendar, duration_seconds=120)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in both) == ["Conflict", "UUID"]
    latest = (await promised(database, actor, service))[-1]
    assert latest.agreement_version_id in both


@pytest.mark.parametrize("valid_from", [SINCE, SINCE - timedelta(days=1)])
async def test_what_was_agreed_before_the_latest_version_cannot_change(
    database: Database, valid_from: datetime
) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar))
    with pytest.raises(Conflict, match="comes after"):
        await publish(database, actor, agreement, target(calendar), valid_from=valid_from)


async def test_ending_needs_a_reason(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("reason"):
            await end_agreement(session, actor=actor, agreement_id=new_id(), valid_from=NOW, reason="", now=NOW)


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST])
async def test_roles_below_manager_agree_nothing(database: Database, role: AccessRole) -> None:
    actor = await new_actor(database, role)
    with pytest.raises(NotPermitted):
        await new_agreement(database, actor, new_id(), target(new_id()))
    with pytest.raises(NotPermitted):
        await publish(database, actor, new_id(), target(new_id()))
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotPermitted):
            await end_agreement(session, actor=actor, agreement_id=new_id(), valid_from=NOW, reason="x", now=NOW)


async def test_a_manager_agrees(database: Database) -> None:
    actor = await new_actor(database, AccessRole.MANAGER)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    await new_agreement(database, actor, service, target(calendar))


async def test_availability_is_promised_beside_clocks_and_judges_no_ticket(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar), availability=[available()])
    async with database.writing(actor.organisation_id) as session:
        await publish_agreement_version(
            session, actor=actor, agreement_id=agreement, valid_from=NOW, targets=[], reason="Only there",
            availability_targets=[available(objective_percent=Decimal("99.5"))], now=NOW,
        )  # fmt: skip
    [clock] = await promised(database, actor, service)
    assert (clock.target_key, clock.until) == ("resolve", NOW)
    async with database.reading(actor.organisation_id) as session:
        before = await promised_targets(session, actor.organisation_id, as_of=NOW - timedelta(seconds=1))
        after = await promised_targets(session, actor.organisation_id, as_of=NOW)
    assert before == [], "nothing was on record yet"
    [only] = after
    assert (only.target_key, only.target_kind, only.duration_seconds) == ("up", TargetKind.AVAILABILITY, None)
    assert only.objective_percent == Decimal("99.5")


async def test_a_target_stays_of_its_kind(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    agreement = await new_agreement(database, actor, service, target(calendar, key="up"))
    with refused_fields("availability_targets.0.key"):
        async with database.writing(actor.organisation_id) as session:
            await publish_agreement_version(
                session, actor=actor, agreement_id=agreement, valid_from=NOW, targets=[], reason="Other",
                availability_targets=[available(key="up")], now=NOW,
            )  # fmt: skip


async def test_the_points_of_a_target_are_kept_with_its_definition(database: Database) -> None:
    actor = await new_actor(database)
    calendar, service = await new_calendar(database, actor), await new_service(database, actor)
    stated = [ContractPoint(Decimal(80), 3600), ContractPoint(Decimal(100), 36_000)]
    await new_agreement(database, actor, service, target(calendar, points=stated))
    async with database.reading(actor.organisation_id) as session:
        kept = await session.execute(
            select(PointRow.probability_percent, PointRow.duration_seconds).order_by(PointRow.probability_percent)
        )
        assert [ContractPoint(*row) for row in kept] == stated
