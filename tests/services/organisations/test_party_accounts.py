"""An account of a party is confined to it for good, and accounts of other organisations are out of reach."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import ProgrammingError

from services.db import Database, new_id
from services.errors import NotPermitted
from services.organisations.commands import create_account, create_party
from services.organisations.models import Account
from services.organisations.queries import authenticate
from services.organisations.rules import AccessRole, Actor, PartyKind, PartyScope, Permission
from services.organisations.tokens import create_api_token
from tests.factories.organisations import NOW, new_actor
from tests.factories.refusals import refused_fields


@pytest.mark.parametrize("kind", PartyKind)
async def test_the_bearer_of_its_token_is_confined_to_the_party(
    database: Database, actor: Actor, kind: PartyKind
) -> None:
    async with database.writing(actor.organisation_id) as session:
        party = await create_party(session, actor=actor, key="cloud", name="Cloud", kind=kind, now=NOW)
        account = await create_account(
            session, actor=actor, name="portal", role=AccessRole.VIEWER, party_id=party, now=NOW
        )
        issued = await create_api_token(session, actor=actor, account_id=account, label="portal", now=NOW)
    bearer = await authenticate(database.reader, token=issued.secret, now=NOW)
    assert bearer == Actor(actor.organisation_id, account, "portal", AccessRole.VIEWER, PartyScope(party, kind))


async def test_an_account_of_a_party_only_reads(database: Database, actor: Actor) -> None:
    async with database.writing(actor.organisation_id) as session:
        party = await create_party(session, actor=actor, key="c", name="C", kind=PartyKind.SUPPLIER, now=NOW)
        for role in set(AccessRole) - {AccessRole.VIEWER}:
            with refused_fields("role"):
                await create_account(session, actor=actor, name="x", role=role, party_id=party, now=NOW)


async def test_a_party_of_another_organisation_is_unknown(database: Database, actor: Actor) -> None:
    stranger = await new_actor(database)
    async with database.writing(stranger.organisation_id) as session:
        party = await create_party(session, actor=stranger, key="c", name="C", kind=PartyKind.SUPPLIER, now=NOW)
    async with database.writing(actor.organisation_id) as session:
        for unknown in (party, new_id()):
            with refused_fields("party_id"):
                await create_account(session, actor=actor, name="x", role=AccessRole.VIEWER, party_id=unknown, now=NOW)


@pytest.mark.parametrize("permission", Permission)
def test_a_party_has_no_permission_whatever_its_role(permission: Permission) -> None:
    scope = PartyScope(new_id(), PartyKind.SUPPLIER)
    with pytest.raises(NotPermitted, match="supplier"):
        Actor(new_id(), new_id(), "x", AccessRole.ADMINISTRATOR, scope).require(permission)


async def test_the_program_cannot_change_for_whom_an_account_acts(database: Database, actor: Actor) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.writing(actor.organisation_id) as session:
            await session.execute(update(Account).where(Account.id == actor.account_id).values(party_id=None))


async def test_with_an_organisation_set_no_account_of_another_can_be_read_or_written(
    database: Database, actor: Actor
) -> None:
    stranger = await new_actor(database)
    foreign = Account.id == stranger.account_id
    async with database.writing(actor.organisation_id) as session:
        assert (await session.execute(select(func.count()).select_from(Account).where(foreign))).scalar_one() == 0
        changed = await session.execute(update(Account).where(foreign).values(name="mine"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
    async with database.reading(None) as session:
        assert (await session.execute(select(Account.name).where(foreign))).scalar_one() == stranger.name
