"""Requirements, their versions, approvals and waivers as facts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from services.db import Database, execute, new_id
from services.errors import Conflict, NotFound, NotPermitted
from services.organisations.rules import AccessRole, Actor
from services.requirements.commands import (
    approve_requirement,
    create_requirement,
    publish_requirement_version,
    waive_requirement,
    withdraw_approval,
)
from services.requirements.models import RequirementApproval
from services.requirements.rules import RequirementDefinition
from tests.factories.definitions import new_service
from tests.factories.organisations import NOW, new_actor, new_person
from tests.factories.refusals import refused_fields
from tests.factories.requirements import DEFINITION, approved, new_requirement

LATER = NOW + timedelta(days=1)


@pytest.mark.capability("S1", partly=True)
async def test_an_approval_keeps_when_it_was_given_beside_when_it_was_recorded_and_received(
    database: Database, actor: Actor
) -> None:
    service, person = await new_service(database, actor), await new_person(database, actor)
    _, version = await new_requirement(database, actor, service, at=NOW)
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    before = datetime.now(UTC)
    approval = await approved(database, actor, version, person, at=long_ago, now=NOW)
    async with database.reading(actor.organisation_id) as session:
        kept = (
            await session.execute(select(RequirementApproval).where(RequirementApproval.id == approval))
        ).scalar_one()
    assert (kept.decided_at, kept.recorded_at, kept.recorded_by) == (long_ago, NOW, actor.account_id)
    assert before <= kept.received_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE requirement_approval SET decided_at = now() WHERE organisation_id = $1",
        "DELETE FROM requirement_approval WHERE organisation_id = $1",
        "UPDATE requirement_version SET statement = 'x' WHERE organisation_id = $1",
        "UPDATE service_level_requirement SET received_at = now() WHERE organisation_id = $1",
    ],
)
async def test_nobody_can_say_when_a_fact_was_received_nor_change_it(
    database: Database, actor: Actor, statement: str
) -> None:
    service, person = await new_service(database, actor), await new_person(database, actor)
    _, version = await new_requirement(database, actor, service, at=NOW)
    await approved(database, actor, version, person, at=NOW, now=NOW)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await execute(session, statement, actor.organisation_id)


async def test_an_approval_is_given_once_withdrawn_once_and_given_again(database: Database, actor: Actor) -> None:
    service, person = await new_service(database, actor), await new_person(database, actor)
    _, version = await new_requirement(database, actor, service, at=NOW)
    about = {"actor": actor, "requirement_version_id": version, "person_id": person, "now": LATER}
    hours = [NOW + timedelta(hours=hour) for hour in range(4)]
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(Conflict, match="does not stand"):
            await withdraw_approval(session, withdrawn_at=hours[0], reason="No", **about)  # type: ignore[arg-type]
        await approve_requirement(session, approved_at=hours[1], **about)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="stands already"):
            await approve_requirement(session, approved_at=hours[2], **about)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="already"):
            await withdraw_approval(session, withdrawn_at=hours[1], reason="No", **about)  # type: ignore[arg-type]
        await withdraw_approval(session, withdrawn_at=hours[2], reason="Prices rose", **about)  # type: ignore[arg-type]
        await approve_requirement(session, approved_at=hours[3], **about)  # type: ignore[arg-type]


async def test_an_approval_cannot_lie_ahead_nor_come_from_nobody(database: Database, actor: Actor) -> None:
    _, version = await new_requirement(database, actor, await new_service(database, actor), at=NOW)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("approved_at", "note", "person_id"):
            await approve_requirement(
                session, actor=actor, requirement_version_id=version, person_id=new_id(), approved_at=LATER,
                note="x" * 4001, now=NOW,
            )  # fmt: skip
        with refused_fields("reason", "withdrawn_at", "person_id"):
            await withdraw_approval(
                session, actor=actor, requirement_version_id=version, person_id=new_id(), withdrawn_at=LATER,
                reason=" ", now=NOW,
            )  # fmt: skip


async def test_a_requirement_is_said_anew_only_after_what_was_said_before(database: Database, actor: Actor) -> None:
    requirement, _ = await new_requirement(database, actor, await new_service(database, actor), at=NOW)
    again = {"actor": actor, "requirement_id": requirement, "definition": DEFINITION, "reason": "r", "now": LATER}
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(Conflict):
            await publish_requirement_version(session, valid_from=NOW, **again)  # type: ignore[arg-type]
        await publish_requirement_version(session, valid_from=LATER, **again)  # type: ignore[arg-type]
        with refused_fields("definition.statement", "reason"):
            await publish_requirement_version(
                session,
                valid_from=LATER,
                **again | {"definition": RequirementDefinition(""), "reason": "x" * 4001},  # type: ignore[arg-type]
            )


async def test_a_waiver_has_a_reason_and_an_end_after_its_start(database: Database, actor: Actor) -> None:
    service, person = await new_service(database, actor), await new_person(database, actor)
    requirement, _ = await new_requirement(database, actor, service, at=NOW)
    waiver = {"actor": actor, "requirement_id": requirement, "person_id": person, "valid_from": NOW, "now": NOW}
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("reason", "valid_until"):
            await waive_requirement(session, valid_until=NOW, reason="", **waiver)  # type: ignore[arg-type]
        await waive_requirement(session, valid_until=LATER, reason="Moving", **waiver)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            await waive_requirement(session, valid_until=LATER, reason="Moving", **waiver)  # type: ignore[arg-type]


async def test_what_belongs_to_another_organisation_is_unknown_here(database: Database, actor: Actor) -> None:
    stranger = await new_actor(database)
    foreign_service = await new_service(database, stranger)
    foreign, foreign_version = await new_requirement(database, stranger, foreign_service, at=NOW)
    foreign_person, person = await new_person(database, stranger), await new_person(database, actor)
    _, version = await new_requirement(database, actor, await new_service(database, actor), at=NOW)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("service_id"):
            await create_requirement(
                session, actor=actor, key="k", service_id=foreign_service, valid_from=NOW, definition=DEFINITION,
                now=NOW,
            )  # fmt: skip
        with pytest.raises(NotFound):
            await publish_requirement_version(
                session, actor=actor, requirement_id=foreign, valid_from=LATER, definition=DEFINITION, reason="r",
                now=NOW,
            )  # fmt: skip
        with pytest.raises(NotFound):
            await approve_requirement(
                session, actor=actor, requirement_version_id=foreign_version, person_id=person, approved_at=NOW,
                now=NOW,
            )  # fmt: skip
        with refused_fields("person_id"):
            await approve_requirement(
                session, actor=actor, requirement_version_id=version, person_id=foreign_person, approved_at=NOW,
                now=NOW,
            )  # fmt: skip
        with pytest.raises(NotFound):
            await waive_requirement(
                session, actor=actor, requirement_id=foreign, person_id=person, valid_from=NOW, valid_until=LATER,
                reason="r", now=NOW,
            )  # fmt: skip


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST])
async def test_roles_below_manager_state_no_requirement(database: Database, role: AccessRole) -> None:
    actor = await new_actor(database, role)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotPermitted):
            await create_requirement(
                session, actor=actor, key="k", service_id=new_id(), valid_from=NOW, definition=DEFINITION, now=NOW
            )
        with pytest.raises(NotPermitted):
            await approve_requirement(
                session, actor=actor, requirement_version_id=new_id(), person_id=new_id(), approved_at=NOW, now=NOW
            )
