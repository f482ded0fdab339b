"""Rotation gives a bearer a new secret and time to change over; last use is a fact beside the token."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.db import Database, new_id
from services.errors import Conflict, NotFound
from services.organisations.changes import change_party
from services.organisations.commands import create_account, create_party
from services.organisations.models import ApiTokenUse
from services.organisations.queries import api_tokens, authenticate
from services.organisations.rules import AccessRole, Actor, PartyKind
from services.organisations.tokens import (
    LONGEST_OVERLAP,
    IssuedToken,
    create_api_token,
    record_token_use,
    revoke_api_token,
    rotate_api_token,
)
from tests.factories.organisations import NOW, new_actor
from tests.factories.refusals import refused_fields

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def token(database: Database, actor: Actor) -> IssuedToken:
    """A token made for thirty days."""
    async with database.writing(actor.organisation_id) as session:
        return await create_api_token(
            session, actor=actor, account_id=actor.account_id, label="import", expires_at=NOW + 30 * DAY, now=NOW
        )


async def test_both_secrets_admit_until_the_overlap_ends(database: Database, actor: Actor, token: IssuedToken) -> None:
    async with database.writing(actor.organisation_id) as session:
        new = await rotate_api_token(session, actor=actor, token_id=token.id, overlap=HOUR, now=NOW + DAY)
    assert new.secret != token.secret
    ends = NOW + DAY + HOUR
    assert await authenticate(database.reader, token=token.secret, now=ends - SECOND) == actor
    assert await authenticate(database.reader, token=token.secret, now=ends) is None
    assert await authenticate(database.reader, token=new.secret, now=NOW + DAY) == actor


async def test_the_new_token_lasts_as_long_as_the_old_one_was_made_for(
    database: Database, actor: Actor, token: IssuedToken
) -> None:
    async with database.writing(actor.organisation_id) as session:
        await rotate_api_token(session, actor=actor, token_id=token.id, now=NOW + DAY)
        old, new = await api_tokens(session, actor.organisation_id)
    assert (old.expires_at, new.expires_at) == (NOW + DAY, NOW + 31 * DAY)
    assert (new.label, new.account) == (old.label, old.account)


async def test_an_overlap_never_makes_a_token_last_longer(database: Database, actor: Actor, token: IssuedToken) -> None:
    async with database.writing(actor.organisation_id) as session:
        await rotate_api_token(session, actor=actor, token_id=token.id, overlap=7 * DAY, now=NOW + 29 * DAY)
        old = (await api_tokens(session, actor.organisation_id))[0]
    assert old.expires_at == NOW + 30 * DAY


async def test_a_token_is_rotated_once(database: Database, actor: Actor, token: IssuedToken) -> None:
    async with database.writing(actor.organisation_id) as session:
        await rotate_api_token(session, actor=actor, token_id=token.id, overlap=DAY, now=NOW)
        with pytest.raises(Conflict, match="rotated before"):
            await rotate_api_token(session, actor=actor, token_id=token.id, overlap=DAY, now=NOW)


async def test_what_admits_nobody_is_not_rotated(database: Database, actor: Actor, token: IssuedToken) -> None:
    stranger = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(Conflict, match="admits nobody"):
            await rotate_api_token(session, actor=actor, token_id=token.id, now=NOW + 30 * DAY)
        await revoke_api_token(session, actor=actor, token_id=token.id, now=NOW)
        with pytest.raises(Conflict, match="admits nobody"):
            await rotate_api_token(session, actor=actor, token_id=token.id, now=NOW + DAY)
    async with database.writing(stranger.organisation_id) as session:
        with pytest.raises(NotFound):
            await rotate_api_token(session, actor=stranger, token_id=token.id, now=NOW)


@pytest.mark.parametrize("overlap", [-SECOND, LONGEST_OVERLAP + SECOND])
async def test_an_overlap_is_short(database: Database, actor: Actor, overlap: timedelta) -> None:
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("overlap_seconds", "expires_at"):
            await rotate_api_token(session, actor=actor, token_id=new_id(), overlap=overlap, expires_at=NOW, now=NOW)


async def test_the_latest_use_of_a_token_is_kept(database: Database, actor: Actor, token: IssuedToken) -> None:
    for instant in (NOW, NOW + HOUR, NOW + SECOND):
        async with database.writing(actor.organisation_id) as session:
            await record_token_use(session, organisation_id=actor.organisation_id, used={token.id: instant})
    async with database.reading(actor.organisation_id) as session:
        assert [found.last_used_at for found in await api_tokens(session, actor.organisation_id)] == [NOW + HOUR]
        assert (await session.execute(select(ApiTokenUse.token_id))).scalars().all() == [token.id]


async def test_a_party_stays_on_its_side_while_accounts_act_for_it(database: Database, actor: Actor) -> None:
    async with database.writing(actor.organisation_id) as session:
        party = await create_party(session, actor=actor, key="c", name="C", kind=PartyKind.SUPPLIER, now=NOW)
        await change_party(session, actor=actor, party_id=party, name="C", kind=PartyKind.CUSTOMER, now=NOW)
        await create_account(session, actor=actor, name="x", role=AccessRole.VIEWER, party_id=party, now=NOW)
        await change_party(session, actor=actor, party_id=party, name="D", kind=PartyKind.CUSTOMER, now=NOW)
        with pytest.raises(Conflict, match="act for this party as customer"):
            await change_party(session, actor=actor, party_id=party, name="D", kind=PartyKind.SUPPLIER, now=NOW)
