"""A person is forgotten: nothing names them any more, and everything they did is there."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError

from services.audit.models import AuditEntry, AuditPersonalValue
from services.catalogue.models import ServiceOwnership
from services.db import Database
from services.errors import NotFound
from services.forecasting.models import Forecast
from services.forecasting.rules import Association, ForecastSubject, ReasonCode, ticket_reasons
from services.organisations.changes import change_person
from services.organisations.commands import create_account, create_person
from services.organisations.models import Person
from services.organisations.queries import authenticate
from services.organisations.rules import AccessRole
from services.organisations.tokens import IssuedToken, create_api_token
from services.tickets.models import Ticket, TicketEvent
from slm.bundles import files
from slm.bundles.records import write_records
from slm.pseudonyms import pseudonymise
from tests.factories.forecasts import forecast, forecast_model
from tests.factories.organisations import new_actor
from tests.factories.stored import store
from tests.factories.world import World, new_world
from tests.opening import database_on
from tests.slm.test_cli import slm
from tests.slm.test_idempotency_upkeep import change, outcomes

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
NAME, ADDRESS, KEY = "Zacharias Quillfeather", "zq@example.org", "zacharias-q"
CALLER = 'Quillfeather, "Zach"'


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    opened = database_on(database_url, pool_size=2, as_owner=True)
    yield opened
    await opened.close()


@pytest.fixture
async def world(database: Database) -> World:
    """A world in which one person has an account, was changed once, and is named in tickets."""
    world = await new_world(database, await new_actor(database))
    async with database.writing(world.actor.organisation_id) as session:
        by: dict[str, Any] = {"session": session, "actor": world.actor, "now": NOW}
        person_id = await create_person(**by, key=KEY, name=NAME, email=ADDRESS)
        await change_person(
            **by, person_id=person_id, name=f"{NAME} Jr", email=ADDRESS, department_id=None, party_id=None
        )
        await change_person(**by, person_id=person_id, name=NAME, email=ADDRESS, department_id=None, party_id=None)
    ticket = world.rows.ticket("INC9", assignee=NAME)
    said = {"caller_id": CALLER, "watchers": [NAME], "short": f"{NAME} cannot print", "x%_\\y": f"{NAME}%"}
    event = world.rows.event(ticket.id, 1, assignee=NAME, attributes=said)
    await store(database, ticket, event)
    return world


async def token_of_the_person(database: Database, world: World) -> IssuedToken:
    """A token of an account of theirs, with their name in its label."""
    organisation_id = world.actor.organisation_id
    async with database.writing(organisation_id) as session:
        by: dict[str, Any] = {"session": session, "actor": world.actor, "now": NOW}
        person_id = (
            await session.scalars(select(Person.id).where(Person.organisation_id == organisation_id, Person.key == KEY))
        ).one()
        account_id = await create_account(**by, name=NAME, role=AccessRole.VIEWER, person_id=person_id)
        return await create_api_token(**by, account_id=account_id, label=f"{NAME}'s laptop")


async def everything(database: Database, world: World, path: Path) -> str:
    """All records of the organisation, as an export has them."""
    async with database.snapshot(world.actor.organisation_id) as session:
        with files.writing(path) as writer:
            await write_records(session, writer, organisation_id=world.actor.organisation_id, key="acme")
    return "".join(file.read_text() for file in sorted((path / "records").iterdir()))


async def test_no_record_names_the_person_any_more(
    database: Database, owner: Database, world: World, tmp_path: Path
) -> None:
    before = await everything(database, world, tmp_path / "before")
    assert all(name in before for name in (NAME, ADDRESS, KEY, "Quillfeather, "))
    erased = await pseudonymise(owner, actor=world.actor, person_key=KEY, names=[NAME, CALLER, f"{NAME} Jr"], now=NOW)
    assert (erased.rows["ticket"], erased.rows["ticket_event"]) == (1, 1)
    after = await everything(database, world, tmp_path / "after")
    written_by_people = [f"{NAME} cannot print", f"{NAME}%"]
    for text in written_by_people:
        assert text in after, "texts that people wrote are not searched"
        after = after.replace(text, "")
    assert not any(name in after for name in (NAME, ADDRESS, KEY, "Quillfeather"))
    assert after.count("\n") >= before.count("\n"), "no record is gone"


async def test_facts_about_the_person_and_tickets_stay(database: Database, owner: Database, world: World) -> None:
    organisation_id = world.actor.organisation_id
    erased = await pseudonymise(owner, actor=world.actor, person_key=KEY, names=[NAME], now=NOW)
    async with database.reading(organisation_id) as session:
        ticket = (
            await session.scalars(select(Ticket).where(Ticket.organisation_id == organisation_id, Ticket.key == "INC9"))
        ).one()
        event = (
            await session.scalars(
                select(TicketEvent).where(
                    TicketEvent.organisation_id == organisation_id, TicketEvent.ticket_id == ticket.id
                )
            )
        ).one()
        person = (
            await session.scalars(
                select(Person).where(Person.organisation_id == organisation_id, Person.key == erased.person.key)
            )
        ).one()
    assert (ticket.assignee, event.assignee, event.attributes["watchers"]) == (erased.person.name,) * 2 + (
        [erased.person.name],
    )
    assert (event.attributes["caller_id"], event.attributes["x%_\\y"]) == (CALLER, f"{NAME}%")
    assert (person.name, person.email) == (erased.person.name, None)
    assert person.key.startswith("former-")


async def test_reasons_of_forecasts_that_the_program_wrote_name_the_person_no_more(
    database: Database, owner: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slm.pseudonyms.ROWS_AT_ONCE", 2)
    organisation_id = world.actor.organisation_id
    said = [(column, name) for column, name in product(("assignee", "caller_id", "opened_by"), (NAME, CALLER))]
    other = [("team", f"{NAME} & sons"), ("caller_id", f"Anna {NAME}"), ("category", f"{NAME}: about")]
    model = forecast_model(world.actor, version=9)
    written = [
        forecast(
            world.actor, model, subject=ForecastSubject.TICKET, as_of=NOW + timedelta(hours=number),
            ticket_id=world.ticket.id, reasons=reasons_about(column, value),
        )
        for number, (column, value) in enumerate([*said, *other])
    ]  # fmt: skip
    await store(database, model, *written)
    erased = await pseudonymise(owner, actor=world.actor, person_key=KEY, names=[NAME, CALLER], now=NOW)
    assert erased.rows["forecast"] == len(said)
    kept = select(Forecast.reasons).where(Forecast.organisation_id == organisation_id, Forecast.model_id == model.id)
    async with database.reading(organisation_id) as session:
        found = list(await session.scalars(kept.order_by(Forecast.as_of)))
    assert found == [
        *(reasons_about(column, erased.person.name) for column, _ in said),
        *(reasons_about(column, value) for column, value in other),
    ]


def reasons_about(column: str, value: str) -> list[dict[str, Any]]:
    """What the program says of a ticket with this value, as it is stored."""
    (reason,) = ticket_reasons([Association(ReasonCode.TEAM, column, value, 0.4, 1.0)], 0.2)
    return [asdict(reason) | {"log_odds": "1.0"}]


async def test_answers_kept_for_repeated_changes_name_the_person_no_more(database: Database, world: World) -> None:
    refused = {"items": [{"message": f"a person with the key {KEY!r} exists already"}]}
    former = {"message": f"{NAME} Jr was refused"}
    others = {"message": "a person with the key 'bob' exists already"}
    for key, outcome in (("refused", refused), ("former", former), ("others", others)):
        await change(database, world.actor, key, outcome)
    before = await outcomes(database, world.actor)
    await pseudonymise(database, actor=world.actor, person_key=KEY, names=[], now=NOW)
    assert await outcomes(database, world.actor) == before | {"refused": None, "former": None}


async def test_somebody_else_with_roles_and_services_keeps_them(database: Database, world: World) -> None:
    organisation_id = world.actor.organisation_id
    owned = (
        select(func.count()).select_from(ServiceOwnership).where(ServiceOwnership.organisation_id == organisation_id)
    )
    async with database.reading(organisation_id) as session:
        before = (await session.execute(owned)).scalar()
    await pseudonymise(database, actor=world.actor, person_key="ann", names=[], now=NOW)
    async with database.reading(organisation_id) as session:
        assert (await session.execute(owned)).scalar() == before == 1
        others = select(Person.name).where(Person.organisation_id == organisation_id, Person.key == KEY)
        assert (await session.execute(others)).scalar_one() == NAME


async def test_the_accounts_of_the_person_admit_nobody(database: Database, world: World) -> None:
    token = await token_of_the_person(database, world)
    erased = await pseudonymise(database, actor=world.actor, person_key=KEY, names=[], now=NOW)
    assert erased.person.accounts == 1
    assert await authenticate(database.reader, token=token.secret, now=NOW) is None


async def test_the_trail_names_no_label_of_a_token_of_theirs(database: Database, world: World, tmp_path: Path) -> None:
    await token_of_the_person(database, world)
    assert f"{NAME}'s laptop" in await everything(database, world, tmp_path / "before")
    await pseudonymise(database, actor=world.actor, person_key=KEY, names=[], now=NOW)
    assert "'s laptop" not in await everything(database, world, tmp_path / "after")


async def test_the_owner_empties_labels_that_entries_of_the_trail_say_plainly(
    database: Database, owner: Database, world: World, tmp_path: Path
) -> None:
    """As they were written before labels were kept apart."""
    organisation_id = world.actor.organisation_id
    token = await token_of_the_person(database, world)
    written = (AuditEntry.organisation_id == organisation_id, AuditEntry.subject_id == token.id)
    async with owner.writing(organisation_id) as session:
        (entry,) = await session.scalars(select(AuditEntry).where(*written))
        await session.execute(
            delete(AuditPersonalValue).where(
                AuditPersonalValue.organisation_id == organisation_id, AuditPersonalValue.entry_id == entry.id
            )
        )
        entry.changes = [*entry.changes, {"attribute": "label", "before": None, "after": f"{NAME}'s laptop"}]
    with pytest.raises(DBAPIError, match="permission denied"):
        await pseudonymise(database, actor=world.actor, person_key=KEY, names=[], now=NOW)
    await pseudonymise(owner, actor=world.actor, person_key=KEY, names=[], now=NOW)
    assert "'s laptop" not in await everything(database, world, tmp_path / "after")
    async with database.reading(organisation_id) as session:
        created = (await session.scalars(select(AuditEntry).where(*written).order_by(AuditEntry.id))).first()
    assert created is not None
    assert [change["attribute"] for change in created.changes] == [each["attribute"] for each in entry.changes[:-1]]


async def test_an_unknown_person_is_not_found_and_names_need_the_owner(database: Database, world: World) -> None:
    with pytest.raises(NotFound):
        await pseudonymise(database, actor=world.actor, person_key="nobody", names=[], now=NOW)
    with pytest.raises(DBAPIError, match="permission denied"):
        await pseudonymise(database, actor=world.actor, person_key=KEY, names=[NAME], now=NOW)
    async with database.reading(world.actor.organisation_id) as session:
        kept = select(Person.name).where(Person.organisation_id == world.actor.organisation_id, Person.key == KEY)
        assert (await session.execute(kept)).scalar_one() == NAME, "all of it or nothing"


def test_nothing_is_done_unless_the_key_is_said_twice(database_url: str) -> None:
    ended = slm("person", "pseudonymise", "ann", "--organisation", "acme", DATABASE_URL=database_url)
    assert (ended.code, "confirm: expected the person's key again" in ended.err) == (1, True)
