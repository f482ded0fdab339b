"""The improvement register: entries, what became of them, and what breaches led to as of an instant."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.compliance.commands import retract_breach
from services.db import Database, fetch, new_id
from services.errors import Conflict, NotFound, NotPermitted
from services.improvement.commands import (
    accept_breach,
    link_breach,
    record_improvement_status,
    register_improvement,
)
from services.improvement.queries import (
    BreachConsequence,
    breach_consequences,
    improvement_shown_consequence,
    register_movements,
)
from services.improvement.rules import ChangedObjectEntry, ChangedObjectKind, Consequence, ImprovementStatus
from services.organisations.rules import AccessRole, Actor
from tests.factories.broken import broken_promise
from tests.factories.organisations import new_actor, new_person
from tests.factories.refusals import refused_fields
from tests.statements import Statements

BREACHED = datetime(2026, 4, 1, tzinfo=UTC)
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CHANGE = ChangedObjectEntry(ChangedObjectKind.CAPACITY, "mail server", "CHG1")


async def registered(
    database: Database,
    actor: Actor,
    *breach_ids: UUID,
    key: str = "spare",
    consequence: Consequence = Consequence.STRUCTURAL,
    at: datetime = BREACHED,
    **different: Any,
) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await register_improvement(
            session, actor=actor, key=key, title="A spare server", consequence=consequence, registered_at=at,
            breach_ids=breach_ids, now=at, **different,
        )  # fmt: skip


async def reached(
    database: Database,
    actor: Actor,
    improvement_id: UUID,
    status: ImprovementStatus,
    at: datetime,
    *,
    now: datetime | None = None,
    note: str = "seen",
    changed: Sequence[ChangedObjectEntry] = (),
) -> UUID:
    async with database.writing(actor.organisation_id) as session:
        return await record_improvement_status(
            session, actor=actor, improvement_id=improvement_id, status=status, occurred_at=at, note=note,
            changed_objects=changed, now=now or at,
        )  # fmt: skip


async def consequences(
    database: Database, actor: Actor, as_of: datetime = AS_OF, since: datetime = BREACHED
) -> list[BreachConsequence]:
    async with database.reading(actor.organisation_id) as session:
        return await breach_consequences(session, actor.organisation_id, since=since, as_of=as_of)


@pytest.mark.capability("Q5", partly=True)
async def test_a_breach_led_to_what_its_improvements_show_and_it_took_so_long(database: Database, actor: Actor) -> None:
    promise = await broken_promise(database, actor, BREACHED)
    improvement = await registered(database, actor, *promise.breach_ids, cause="One disk")
    apology = await registered(database, actor, *promise.breach_ids, key="sorry", consequence=Consequence.APOLOGY)
    await reached(database, actor, apology, ImprovementStatus.IMPLEMENTED, BREACHED + DAY)
    await reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED + 30 * DAY, changed=[CHANGE])
    await reached(database, actor, improvement, ImprovementStatus.VERIFIED, BREACHED + 60 * DAY)
    history = [(await consequences(database, actor, BREACHED + days * DAY))[0].outcome for days in (0, 1, 30, 60)]
    assert [each.consequence for each in history] == [
        Consequence.NONE, Consequence.APOLOGY, Consequence.STRUCTURAL, Consequence.STRUCTURAL,
    ]  # fmt: skip
    assert [each.is_verified for each in history] == [False, False, False, True]
    assert [each.time_to_consequence for each in history] == [None, DAY, 30 * DAY, 30 * DAY]
    (breach,) = await consequences(database, actor)
    assert (breach.service_id, breach.target_id, breach.has_cause) == (promise.service_id, promise.target_id, True)
    assert set(breach.improvement_ids) == {improvement, apology}


@pytest.mark.capability("B7", partly=True)
async def test_a_breach_nobody_answered_led_to_nothing_and_one_accepted_says_so(
    database: Database, actor: Actor
) -> None:
    promise = await broken_promise(database, actor, BREACHED, BREACHED + 30 * DAY)
    person = await new_person(database, actor)
    acceptance = {"actor": actor, "person_id": person, "accepted_at": BREACHED + 40 * DAY, "reason": "Once in years"}
    async with database.writing(actor.organisation_id) as session:
        await accept_breach(session, breach_id=promise.breach_ids[1], now=AS_OF, **acceptance)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            await accept_breach(session, breach_id=promise.breach_ids[1], now=AS_OF, **acceptance)  # type: ignore[arg-type]
    before = await consequences(database, actor, AS_OF - DAY)
    after = await consequences(database, actor)
    assert [each.is_accepted for each in before] == [False, False]
    assert [each.is_accepted for each in after] == [False, True]
    assert {each.outcome.consequence for each in after} == {Consequence.NONE}


async def test_a_retracted_breach_asks_for_nothing(database: Database, actor: Actor) -> None:
    promise = await broken_promise(database, actor, BREACHED)
    async with database.writing(actor.organisation_id) as session:
        await retract_breach(session, actor=actor, breach_id=promise.breach_ids[0], reason="Monitor", now=AS_OF)
    assert len(await consequences(database, actor, AS_OF - DAY)) == 1
    assert await consequences(database, actor) == []


async def test_a_status_recorded_later_is_not_seen_before(database: Database, actor: Actor) -> None:
    promise = await broken_promise(database, actor, BREACHED)
    improvement = await registered(database, actor, *promise.breach_ids)
    await reached(
        database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED + DAY, now=AS_OF, changed=[CHANGE]
    )
    (before,) = await consequences(database, actor, AS_OF - DAY)
    (after,) = await consequences(database, actor)
    assert (before.outcome.consequence, after.outcome.consequence) == (Consequence.NONE, Consequence.STRUCTURAL)


async def test_the_register_shows_what_the_rule_says_an_improvement_amounts_to(
    database: Database, actor: Actor
) -> None:
    promise = await broken_promise(database, actor, BREACHED)
    expected = {}
    for number, (claimed, implemented, changed) in enumerate(
        (claimed, implemented, changed)
        for claimed in (Consequence.WORKAROUND, Consequence.STRUCTURAL)
        for implemented in (False, True)
        for changed in ([], [CHANGE])
        if implemented or not changed
    ):
        key = f"i{number}"
        entry = await registered(database, actor, *promise.breach_ids, key=key, consequence=claimed)
        if implemented:
            await reached(database, actor, entry, ImprovementStatus.IMPLEMENTED, BREACHED, changed=changed)
        shown = Consequence.NONE if not implemented else claimed
        if shown is Consequence.STRUCTURAL and not changed:
            shown = Consequence.CORRECTIVE
        expected[key] = shown.value
    async with database.reading(actor.organisation_id) as session:
        sql = (
            f"SELECT i.key, {improvement_shown_consequence('i')} FROM improvement i WHERE i.organisation_id = $1::uuid"
        )
        found = dict(await fetch(session, sql, actor.organisation_id))
    assert found == expected


async def test_an_improvement_is_done_or_stopped_once_even_at_the_same_moment(database: Database, actor: Actor) -> None:
    improvement = await registered(database, actor)
    both = await asyncio.gather(
        reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED + DAY),
        reached(database, actor, improvement, ImprovementStatus.STOPPED, BREACHED + DAY),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in both) == ["Conflict", "UUID"]


async def test_a_status_follows_the_one_before_it_in_time_and_says_what_was_found(
    database: Database, actor: Actor
) -> None:
    improvement = await registered(database, actor)
    with pytest.raises(Conflict, match="only after"):
        await reached(database, actor, improvement, ImprovementStatus.VERIFIED, BREACHED)
    with refused_fields("occurred_at"):
        await reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED - DAY)
    with refused_fields("occurred_at"):
        await reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED + DAY, now=BREACHED)
    with refused_fields("changed_objects"):
        await reached(database, actor, improvement, ImprovementStatus.STOPPED, BREACHED, changed=[CHANGE])
    with refused_fields("changed_objects.1.name"):
        nameless = ChangedObjectEntry(ChangedObjectKind.DESIGN, " ")
        await reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED, changed=[CHANGE, nameless])
    await reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED)
    with refused_fields("note"):
        await reached(database, actor, improvement, ImprovementStatus.VERIFIED, BREACHED, note="")


@pytest.mark.capability("R4", partly=True)
async def test_what_moved_in_the_register_is_told_by_quarter_as_it_was_known(database: Database, actor: Actor) -> None:
    improvement = await registered(database, actor)
    await reached(database, actor, improvement, ImprovementStatus.IMPLEMENTED, BREACHED + DAY)
    await reached(database, actor, improvement, ImprovementStatus.INEFFECTIVE, BREACHED + 2 * DAY, now=AS_OF)

    async def moved(since: datetime, as_of: datetime) -> list[ImprovementStatus]:
        async with database.reading(actor.organisation_id) as session:
            found = await register_movements(session, actor.organisation_id, since=since, as_of=as_of)
        assert {each.improvement_id for each in found} <= {improvement}
        return [each.status for each in found]

    assert await moved(BREACHED, AS_OF - DAY) == [ImprovementStatus.REGISTERED, ImprovementStatus.IMPLEMENTED]
    assert await moved(BREACHED + DAY, AS_OF) == [ImprovementStatus.IMPLEMENTED, ImprovementStatus.INEFFECTIVE]
    assert await moved(BREACHED + 3 * DAY, AS_OF) == []


async def test_what_is_wrong_with_an_entry_is_said_at_once(database: Database, actor: Actor) -> None:
    await registered(database, actor)
    with pytest.raises(Conflict, match="spare"):
        await registered(database, actor)
    with refused_fields(
        "key", "title", "description", "cause", "registered_at", "consequence", "service_id", "owner_id", "breach_ids.0"
    ):
        async with database.writing(actor.organisation_id) as session:
            await register_improvement(
                session, actor=actor, key="?", title="", consequence=Consequence.NONE, registered_at=AS_OF,
                description="x" * 4001, cause="x" * 4001, service_id=new_id(), owner_id=new_id(),
                breach_ids=[new_id()], now=BREACHED,
            )  # fmt: skip
    with refused_fields("breach_ids"):
        await registered(database, actor, *[new_id()] * 1001, key="many")


async def test_what_belongs_to_another_organisation_is_unknown_here(database: Database, actor: Actor) -> None:
    stranger = await new_actor(database)
    theirs = await broken_promise(database, stranger, BREACHED)
    foreign = await registered(database, stranger, *theirs.breach_ids)
    mine = await broken_promise(database, actor, BREACHED)
    improvement, person = await registered(database, actor), await new_person(database, actor)
    with refused_fields("breach_ids.0"):
        await registered(database, actor, *theirs.breach_ids, key="other")
    with pytest.raises(NotFound):
        await reached(database, actor, foreign, ImprovementStatus.IMPLEMENTED, BREACHED)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("breach_id"):
            await link_breach(
                session, actor=actor, improvement_id=improvement, breach_id=theirs.breach_ids[0], now=BREACHED
            )
        with pytest.raises(NotFound):
            await link_breach(session, actor=actor, improvement_id=foreign, breach_id=mine.breach_ids[0], now=BREACHED)
        with pytest.raises(NotFound):
            await accept_breach(
                session, actor=actor, breach_id=theirs.breach_ids[0], person_id=person, accepted_at=BREACHED,
                reason="r", now=BREACHED,
            )  # fmt: skip
    assert [each.improvement_ids for each in await consequences(database, actor)] == [()]


async def test_a_breach_is_linked_to_an_improvement_once(database: Database, actor: Actor) -> None:
    promise = await broken_promise(database, actor, BREACHED)
    improvement = await registered(database, actor)
    link = {"actor": actor, "improvement_id": improvement, "breach_id": promise.breach_ids[0], "now": BREACHED + DAY}
    async with database.writing(actor.organisation_id) as session:
        await link_breach(session, **link)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            await link_breach(session, **link)  # type: ignore[arg-type]
    assert [len(each.improvement_ids) for each in await consequences(database, actor, BREACHED)] == [0]
    assert [len(each.improvement_ids) for each in await consequences(database, actor)] == [1]


async def test_the_consequences_of_all_breaches_take_two_statements(
    database: Database, actor: Actor, statements: Statements
) -> None:
    promise = await broken_promise(database, actor, *(BREACHED + days * DAY for days in (0, 30, 61)))
    await registered(database, actor, *promise.breach_ids)
    statements.clear()
    assert len(await consequences(database, actor)) == 3
    assert len(statements.texts) == 2


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST])
async def test_roles_below_manager_register_nothing(database: Database, role: AccessRole) -> None:
    with pytest.raises(NotPermitted):
        await registered(database, await new_actor(database, role))
