"""Judging promises against what is stored: what changed is judged again, and nothing else."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.agreements.commands import create_agreement, end_agreement, publish_agreement_version
from services.agreements.rules import AgreementKind, AvailabilityDefinition
from services.alignment.commands import Aligned, align
from services.alignment.gaps import accept_gap, assign_gap, withdraw_gap_acceptance
from services.alignment.gathering import STATEMENTS
from services.alignment.models import AlignmentGap, AlignmentGapEntry, ChainJudgement, TargetAlignment
from services.alignment.rules import Axis, ChainVerdict
from services.alignment.what_if import Proposal, what_if
from services.calendars.commands import publish_calendar_version
from services.catalogue.rules import ComponentDefinition, Gate
from services.db import Database
from services.errors import Conflict, NotFound
from services.organisations.rules import Actor
from tests.factories.definitions import OFFICE_HOURS, SINCE, new_calendar, new_service
from tests.factories.dependencies import new_component, said_anew, stands_on, supported
from tests.factories.organisations import NOW, new_person
from tests.factories.refusals import refused_fields
from tests.statements import Statements

LATER = NOW + timedelta(days=1)


def up(percent: str, calendar_id: UUID | None = None) -> AvailabilityDefinition:
    return AvailabilityDefinition("up", "Up", Decimal(percent), calendar_id=calendar_id)


async def agreed(
    database: Database, actor: Actor, service: UUID, key: str, kind: AgreementKind, *targets: AvailabilityDefinition
) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await create_agreement(
            session, actor=actor, key=key, name=key, kind=kind, service_id=service, valid_from=SINCE, targets=[],
            availability_targets=targets, now=NOW,
        )  # fmt: skip


async def said(
    database: Database, actor: Actor, agreement_id: UUID, targets: Sequence[AvailabilityDefinition], at: datetime
) -> None:
    async with database.writing(actor.organisation_id) as session:
        await publish_agreement_version(
            session, actor=actor, agreement_id=agreement_id, valid_from=at, targets=[], availability_targets=targets,
            reason="Anew", now=at,
        )  # fmt: skip


async def run(database: Database, actor: Actor, now: datetime = LATER, **options: Any) -> Aligned:
    async with database.writing(actor.organisation_id) as session:
        return await align(session, actor=actor, now=now, **options)


class Shop:
    """Three services, each of a component of its own and a network they share; two promise it, one by office hours."""

    services: list[UUID]
    apps: list[UUID]
    slas: list[UUID]
    olas: list[UUID]
    network: UUID
    network_uc: UUID
    office: UUID


@pytest.fixture
async def shop(database: Database, actor: Actor) -> Shop:
    made = Shop()
    made.office = await new_calendar(database, actor)
    made.network = await new_component(database, actor, "network")
    made.services, made.apps, made.slas, made.olas = [], [], [], []
    for number in range(3):
        service = await new_service(database, actor, f"service-{number}")
        app = await new_component(database, actor, f"app-{number}", made.network)
        await stands_on(database, actor, service, app)
        hours = made.office if number == 2 else None
        made.services.append(service)
        made.apps.append(app)
        made.slas.append(await agreed(database, actor, service, f"sla-{number}", AgreementKind.SLA, up("99.8", hours)))
        made.olas.append(await agreed(database, actor, service, f"ola-{number}", AgreementKind.OLA, up("99.9", hours)))
        await supported(database, actor, app, made.olas[-1])
    made.network_uc = await agreed(database, actor, made.services[0], "uc", AgreementKind.UC, up("99.9"))
    await supported(database, actor, made.network, made.network_uc)
    return made


async def verdicts(database: Database, actor: Actor) -> list[ChainVerdict | None]:
    async with database.reading(actor.organisation_id) as session:
        return list(
            await session.scalars(
                select(TargetAlignment.verdict)
                .where(TargetAlignment.organisation_id == actor.organisation_id)
                .order_by(TargetAlignment.service_id)
            )
        )


async def judgements(database: Database, actor: Actor) -> int:
    async with database.reading(actor.organisation_id) as session:
        own = select(ChainJudgement.id).where(ChainJudgement.organisation_id == actor.organisation_id)
        return len((await session.scalars(own)).all())


async def test_what_was_judged_is_judged_again_only_when_something_it_rests_on_changed(
    database: Database, actor: Actor, shop: Shop
) -> None:
    assert await run(database, actor) == Aligned(3, 3, 0)
    # The network's minutes around the clock may all fall in office hours.
    assert await verdicts(database, actor) == [ChainVerdict.BACKED, ChainVerdict.BACKED, ChainVerdict.NOT_BACKED]
    assert await run(database, actor) == Aligned(3, 0, 0)
    await said(database, actor, shop.olas[1], [up("99.5")], LATER)
    assert await run(database, actor) == Aligned(3, 1, 0)
    assert (await verdicts(database, actor))[1] is ChainVerdict.IMPOSSIBLE_AT_FLOOR
    await said(database, actor, shop.network_uc, [up("99.99")], LATER)
    assert await run(database, actor) == Aligned(3, 3, 0)
    async with database.writing(actor.organisation_id) as session:
        await publish_calendar_version(
            session, actor=actor, calendar_id=shop.office, valid_from=LATER, definition=OFFICE_HOURS, now=LATER
        )
    assert await run(database, actor) == Aligned(3, 1, 0)
    await said_anew(database, actor, shop.apps[0], at=LATER)
    assert await run(database, actor) == Aligned(3, 1, 0)
    assert await judgements(database, actor) == 3 + 1 + 3 + 1 + 1


async def test_judging_everything_again_stores_nothing_that_is_stored(
    database: Database, actor: Actor, shop: Shop
) -> None:
    await run(database, actor)
    assert await run(database, actor, everything=True) == Aligned(3, 3, 0)
    assert await judgements(database, actor) == 3


async def test_what_starts_later_counts_when_it_starts(database: Database, actor: Actor, shop: Shop) -> None:
    await said(database, actor, shop.olas[0], [up("90")], LATER + timedelta(days=30))
    await run(database, actor)
    assert (await verdicts(database, actor))[0] is ChainVerdict.BACKED
    assert (await run(database, actor, LATER + timedelta(days=31))).judged == 1
    assert (await verdicts(database, actor))[0] is ChainVerdict.IMPOSSIBLE_AT_FLOOR


async def test_a_run_judges_a_bounded_piece_and_says_what_waits(database: Database, actor: Actor, shop: Shop) -> None:
    assert await run(database, actor, limit=2) == Aligned(3, 2, 1)
    assert await run(database, actor, limit=2) == Aligned(3, 1, 0)


async def test_two_who_judge_at_once_judge_nothing_twice(database: Database, actor: Actor, shop: Shop) -> None:
    await run(database, actor)
    await said(database, actor, shop.network_uc, [up("99.99")], LATER)
    await asyncio.gather(run(database, actor), run(database, actor))
    await run(database, actor)
    assert await judgements(database, actor) == 6


async def test_a_promise_that_ends_is_judged_no_longer_and_its_gaps_close(
    database: Database, actor: Actor, shop: Shop
) -> None:
    await said(database, actor, shop.olas[0], [up("90")], LATER)
    await run(database, actor)
    async with database.writing(actor.organisation_id) as session:
        await end_agreement(session, actor=actor, agreement_id=shop.slas[0], valid_from=LATER, reason="Over", now=LATER)
    assert (await run(database, actor)).promises == 2
    assert (await verdicts(database, actor))[0] is None
    assert await gaps_of(database, actor, open_=False) == [Axis.VALUE]


async def gaps_of(database: Database, actor: Actor, *, open_: bool = True) -> list[Axis]:
    async with database.reading(actor.organisation_id) as session:
        own = select(AlignmentGap.axis).where(
            AlignmentGap.organisation_id == actor.organisation_id, AlignmentGap.is_open.is_(open_)
        )
        return list(await session.scalars(own))


async def test_a_gap_opens_closes_and_opens_again_and_keeps_what_was_done_about_it(
    database: Database, actor: Actor, shop: Shop
) -> None:
    person = await new_person(database, actor)
    await said(database, actor, shop.olas[0], [up("99.5")], LATER)
    await said(database, actor, shop.network_uc, [up("99.99")], LATER)
    await run(database, actor)
    async with database.reading(actor.organisation_id) as session:
        own = select(AlignmentGap.id).where(AlignmentGap.organisation_id == actor.organisation_id, AlignmentGap.is_open)
        (gap,) = await session.scalars(own)
    by: dict[str, Any] = {"actor": actor, "gap_id": gap, "person_id": person}
    async with database.writing(actor.organisation_id) as session:
        await assign_gap(session, **by, due_on=LATER.date(), now=LATER)
    with refused_fields("expires_at", "reason"):
        async with database.writing(actor.organisation_id) as session:
            await accept_gap(session, **by, expires_at=LATER, reason="", now=LATER)
    for instant, act in ((1, "accept"), (2, "withdraw")):
        at = LATER + timedelta(hours=instant)
        async with database.writing(actor.organisation_id) as session:
            if act == "accept":
                until = LATER + timedelta(days=9)
                await accept_gap(session, **by, expires_at=until, reason="Known", now=at)
            else:
                await withdraw_gap_acceptance(session, **by, reason="No", now=at)
    with pytest.raises(Conflict, match="no acceptance"):
        async with database.writing(actor.organisation_id) as session:
            await withdraw_gap_acceptance(
                session,
                **by,
                reason="No",
                now=LATER + timedelta(hours=3),
            )
    await said(database, actor, shop.olas[0], [up("99.9")], LATER + timedelta(days=1))
    await run(database, actor, LATER + timedelta(days=1))
    assert await gaps_of(database, actor) == []
    await said(database, actor, shop.olas[0], [up("99.5")], LATER + timedelta(days=2))
    await run(database, actor, LATER + timedelta(days=2))
    async with database.reading(actor.organisation_id) as session:
        found = (
            await session.scalars(select(AlignmentGap).where(AlignmentGap.organisation_id == actor.organisation_id))
        ).all()
        entries = await session.scalars(
            select(AlignmentGapEntry.kind).where(AlignmentGapEntry.organisation_id == actor.organisation_id)
        )
        assert sorted(entries) == ["accepted", "assigned", "withdrawn"]
    (again,) = [each for each in found if each.id == gap]
    assert (again.is_open, again.owner_id, again.accepted_until) == (True, person, None)
    assert again.opened_at == LATER + timedelta(days=2)


async def test_a_proposal_is_judged_before_anybody_signs_it_and_nothing_is_kept(
    database: Database, actor: Actor, shop: Shop, statements: Statements
) -> None:
    await run(database, actor)
    proposal = Proposal(agreement_id=shop.network_uc, availability_targets=[up("99")])
    async with database.reading(actor.organisation_id) as session:
        statements.texts.clear()
        found = await what_if(session, actor.organisation_id, proposal=proposal, at=LATER, now=LATER)
        assert len(statements.texts) == STATEMENTS
    before = {each.agreement_key: each.before.verdict for each in found if each.before}
    assert before["sla-0"] is ChainVerdict.BACKED
    after = [each.after.verdict for each in found if each.after]
    assert after == [ChainVerdict.IMPOSSIBLE_AT_FLOOR, ChainVerdict.IMPOSSIBLE_AT_FLOOR, ChainVerdict.NOT_BACKED]
    assert await judgements(database, actor) == 3
    async with database.reading(actor.organisation_id) as session:
        with pytest.raises(NotFound):
            await what_if(
                session, actor.organisation_id, proposal=Proposal(agreement_id=shop.office), at=LATER, now=LATER
            )


async def test_a_component_that_would_need_another_is_judged_too(database: Database, actor: Actor, shop: Shop) -> None:
    spare = await new_component(database, actor, "spare")
    needing = ComponentDefinition(gate=Gate.ALL_OF, needs=[shop.network, spare])
    proposal = Proposal(components={shop.apps[0]: needing})
    async with database.reading(actor.organisation_id) as session:
        (changed,) = await what_if(session, actor.organisation_id, proposal=proposal, at=LATER, now=LATER)
        assert changed.after is not None
        assert changed.after.verdict is ChainVerdict.NOT_BACKED
        round_ = Proposal(components={shop.network: ComponentDefinition(gate=Gate.ALL_OF, needs=[shop.apps[0]])})
        with refused_fields("components"):
            await what_if(session, actor.organisation_id, proposal=round_, at=LATER, now=LATER)
