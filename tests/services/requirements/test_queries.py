"""Which requirements a live service had at an instant, by what was on record then."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.agreements.queries import PromisedTarget, promised_targets
from services.agreements.requirement_links import link_requirement, unlink_requirement
from services.catalogue.rules import LifecycleEventKind
from services.db import Database, fetch
from services.errors import Conflict, NotFound
from services.organisations.rules import Actor
from services.requirements.commands import publish_requirement_version, waive_requirement
from services.requirements.queries import RequirementAsOf, requirements_of_live_services
from services.requirements.rules import ApprovalTiming, Comparison, RequirementDefinition
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor, new_person
from tests.factories.refusals import refused_fields
from tests.factories.requirements import approved, milestone, new_customer, new_requirement
from tests.statements import Statements

DESIGNED = datetime(2026, 1, 10, tzinfo=UTC)
GO_LIVE = datetime(2026, 3, 1, tzinfo=UTC)
AS_OF = datetime(2026, 6, 2, tzinfo=UTC)
DAY = timedelta(days=1)


async def live_service(database: Database, actor: Actor, key: str = "mail") -> UUID:
    service = await new_service(database, actor, key)
    await milestone(database, actor, service, LifecycleEventKind.DESIGN_APPROVED, DESIGNED)
    await milestone(database, actor, service, LifecycleEventKind.GO_LIVE, GO_LIVE)
    return service


async def found(database: Database, actor: Actor, as_of: datetime = AS_OF) -> dict[str, list[RequirementAsOf]]:
    async with database.reading(actor.organisation_id) as session:
        services = await requirements_of_live_services(session, actor.organisation_id, as_of=as_of)
    return {each.service.key: list(each.requirements) for each in services}


@pytest.mark.capability("S1", partly=True)
async def test_an_approval_in_design_a_late_one_and_a_back_dated_one_are_told_apart(
    database: Database, actor: Actor
) -> None:
    service, customer = await live_service(database, actor), await new_customer(database, actor)
    for key, decided_at, recorded_at in (
        ("design", DESIGNED - DAY, DESIGNED - DAY),
        ("late", GO_LIVE + DAY, GO_LIVE + DAY),
        ("back-dated", DESIGNED - DAY, GO_LIVE + 30 * DAY),
    ):
        _, version = await new_requirement(database, actor, service, at=DESIGNED - 2 * DAY, key=key)
        await approved(database, actor, version, customer, at=decided_at, now=recorded_at)
    await new_requirement(database, actor, service, at=DESIGNED, key="wish")
    timings = {each.key: each.timing for each in (await found(database, actor))["mail"]}
    assert timings == {
        "design": ApprovalTiming.IN_DESIGN,
        "late": ApprovalTiming.AFTER_GO_LIVE,
        "back-dated": ApprovalTiming.AFTER_GO_LIVE,
        "wish": ApprovalTiming.NEVER,
    }


async def test_what_was_recorded_after_the_as_of_instant_is_not_seen(database: Database, actor: Actor) -> None:
    service, customer = await live_service(database, actor), await new_customer(database, actor)
    _, version = await new_requirement(database, actor, service, at=DESIGNED)
    await approved(database, actor, version, customer, at=DESIGNED + DAY, now=GO_LIVE + DAY)
    before, after = GO_LIVE + timedelta(hours=1), GO_LIVE + DAY
    assert [each.timing for each in (await found(database, actor, before))["mail"]] == [ApprovalTiming.NEVER]
    assert [each.timing for each in (await found(database, actor, after))["mail"]] == [ApprovalTiming.BEFORE_GO_LIVE]


async def test_a_live_service_without_requirements_is_there_with_none(database: Database, actor: Actor) -> None:
    await live_service(database, actor)
    assert await found(database, actor) == {"mail": []}


async def test_services_not_yet_live_or_retired_are_not_live(database: Database, actor: Actor) -> None:
    await new_service(database, actor, "planned")
    retired = await live_service(database, actor, "fax")
    again = await live_service(database, actor, "phone")
    for service in (retired, again):
        await milestone(database, actor, service, LifecycleEventKind.RETIRED, GO_LIVE + DAY)
    await milestone(database, actor, again, LifecycleEventKind.GO_LIVE, GO_LIVE + 2 * DAY)
    assert list(await found(database, actor)) == ["phone"]
    assert list(await found(database, actor, GO_LIVE)) == ["fax", "phone"]
    assert list(await found(database, actor, GO_LIVE - DAY)) == []


async def test_the_version_in_force_is_shown_and_whether_a_customer_approved_it(
    database: Database, actor: Actor
) -> None:
    service = await live_service(database, actor)
    customer, colleague = await new_customer(database, actor), await new_person(database, actor)
    requirement, version = await new_requirement(database, actor, service, at=DESIGNED)
    await approved(database, actor, version, customer, at=DESIGNED, now=DESIGNED)
    await approved(database, actor, version, colleague, at=DESIGNED + DAY, now=DESIGNED + DAY)
    stricter = RequirementDefinition("Faster", "time to restore", Comparison.AT_MOST, Decimal(2), "hours", "Orders")
    async with database.writing(actor.organisation_id) as session:
        await publish_requirement_version(
            session, actor=actor, requirement_id=requirement, valid_from=GO_LIVE, definition=stricter, reason="r",
            now=GO_LIVE,
        )  # fmt: skip
        await waive_requirement(
            session, actor=actor, requirement_id=requirement, person_id=customer, valid_from=GO_LIVE,
            valid_until=AS_OF, reason="Moving", now=GO_LIVE,
        )  # fmt: skip
    (now,) = (await found(database, actor))["mail"]
    (then,) = (await found(database, actor, AS_OF - DAY))["mail"]
    assert (now.metric, now.comparison, now.target_value, now.unit) == (
        "time to restore", Comparison.AT_MOST, Decimal(2), "hours",
    )  # fmt: skip
    assert now.states_business_outcome
    assert [each.by_customer for each in now.approvals] == [True, False]
    assert (then.is_waived, now.is_waived) == (True, False)


async def test_a_target_promises_a_requirement_until_the_link_ends(database: Database, actor: Actor) -> None:
    service = await live_service(database, actor)
    await new_agreement(database, actor, service, target(await new_calendar(database, actor)))
    requirement, _ = await new_requirement(database, actor, service, at=DESIGNED)
    link = {
        "actor": actor,
        "target_id": (await promised(database, actor, AS_OF)).target_id,
        "requirement_id": requirement,
    }
    async with database.writing(actor.organisation_id) as session:
        await link_requirement(session, valid_from=AS_OF, now=AS_OF, **link)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="promises"):
            await link_requirement(session, valid_from=AS_OF + DAY, now=AS_OF, **link)  # type: ignore[arg-type]
        await unlink_requirement(session, valid_from=AS_OF + 2 * DAY, now=AS_OF + DAY, **link)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="does not promise"):
            await unlink_requirement(session, valid_from=AS_OF + 3 * DAY, now=AS_OF, **link)  # type: ignore[arg-type]
    as_of = [AS_OF - timedelta(seconds=1), AS_OF, AS_OF + 2 * DAY]
    assert [(await promised(database, actor, at)).requirement_ids for at in as_of] == [(), (requirement,), ()]


async def promised(database: Database, actor: Actor, as_of: datetime) -> PromisedTarget:
    async with database.reading(actor.organisation_id) as session:
        (only,) = await promised_targets(session, actor.organisation_id, as_of=as_of)
    return only


async def test_a_target_promises_requirements_of_its_own_service_only(database: Database, actor: Actor) -> None:
    service, other = await new_service(database, actor), await new_service(database, actor, "phone")
    await new_agreement(database, actor, service, target(await new_calendar(database, actor)))
    requirement, _ = await new_requirement(database, actor, other, at=DESIGNED)
    stranger = await new_actor(database)
    foreign, _ = await new_requirement(database, stranger, await new_service(database, stranger), at=DESIGNED)
    async with database.writing(actor.organisation_id) as session:
        sql = "SELECT id FROM target WHERE organisation_id = $1"
        target_id = (await fetch(session, sql, actor.organisation_id))[0][0]
        for wrong in (requirement, foreign):
            with refused_fields("requirement_id"):
                await link_requirement(
                    session, actor=actor, target_id=target_id, requirement_id=wrong, valid_from=AS_OF, now=AS_OF
                )
        with pytest.raises(NotFound):
            await link_requirement(
                session, actor=actor, target_id=requirement, requirement_id=requirement, valid_from=AS_OF, now=AS_OF
            )


async def test_the_requirements_of_all_services_take_four_statements(
    database: Database, actor: Actor, statements: Statements
) -> None:
    for key in ("mail", "phone", "print"):
        await new_requirement(database, actor, await live_service(database, actor, key), at=DESIGNED, key=key)
    statements.clear()
    services = await found(database, actor)
    assert {key: len(each) for key, each in services.items()} == {"mail": 1, "phone": 1, "print": 1}
    assert len(statements.texts) == 4
