"""API tokens: shown once, stored as a hash, gone when expired or revoked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.db import Database, new_id
from services.errors import NotFound, NotPermitted
from services.organisations.commands import create_account
from services.organisations.models import ApiToken
from services.organisations.queries import authenticate
from services.organisations.rules import AccessRole, Actor, new_token
from services.organisations.tokens import create_api_token, revoke_api_token
from tests.factories.organisations import NOW, new_actor
from tests.factories.refusals import refused_fields

HOUR = timedelta(hours=1)


async def test_a_token_authenticates_its_account_without_an_organisation_being_known(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        account = await create_account(session, actor=actor, name="robot", role=AccessRole.INGEST, now=NOW)
        issued = await create_api_token(session, actor=actor, account_id=account, label="nightly import", now=NOW)
    bearer = await authenticate(database.reader, token=issued.secret, now=NOW)
    assert bearer == Actor(actor.organisation_id, account, "robot", AccessRole.INGEST)


async def test_neither_the_table_nor_a_log_of_the_result_holds_the_secret(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        issued = await create_api_token(session, actor=actor, account_id=actor.account_id, label="x", now=NOW)
        stored = (await session.execute(select(ApiToken).where(ApiToken.id == issued.id))).scalar_one()
    assert issued.secret.encode() not in stored.token_hash
    assert len(stored.token_hash) == 32
    assert issued.secret not in repr(issued)


async def test_a_token_admits_until_the_instant_it_expires(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        issued = await create_api_token(
            session, actor=actor, account_id=actor.account_id, label="x", expires_at=NOW + HOUR, now=NOW
        )
    assert await authenticate(database.reader, token=issued.secret, now=NOW + HOUR - timedelta(seconds=1)) == actor
    assert await authenticate(database.reader, token=issued.secret, now=NOW + HOUR) is None


async def test_a_revoked_token_admits_nobody_and_keeps_its_first_revocation(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        issued = await create_api_token(session, actor=actor, account_id=actor.account_id, label="x", now=NOW)
        await revoke_api_token(session, actor=actor, token_id=issued.id, now=NOW + HOUR)
        await revoke_api_token(session, actor=actor, token_id=issued.id, now=NOW + 2 * HOUR)
        revoked = select(ApiToken.revoked_at).where(ApiToken.id == issued.id)
        assert (await session.execute(revoked)).scalar_one() == NOW + HOUR
    assert await authenticate(database.reader, token=issued.secret, now=NOW + HOUR) is None


@pytest.mark.parametrize("token", ["", "slm_x", new_token()], ids=["empty", "malformed", "unknown"])
async def test_an_unknown_or_malformed_token_is_nobody(database: Database, token: str) -> None:
    assert await authenticate(database.reader, token=token, now=NOW) is None


async def test_accounts_and_tokens_of_another_organisation_are_out_of_reach(database: Database) -> None:
    actor, stranger = await new_actor(database), await new_actor(database)
    async with database.writing(stranger.organisation_id) as session:
        foreign = await create_api_token(session, actor=stranger, account_id=stranger.account_id, label="x", now=NOW)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("account_id"):
            await create_api_token(session, actor=actor, account_id=stranger.account_id, label="x", now=NOW)
        with pytest.raises(NotFound):
            await revoke_api_token(session, actor=actor, token_id=foreign.id, now=NOW)
    assert await authenticate(database.reader, token=foreign.secret, now=NOW) == stranger


async def test_what_is_wrong_with_a_token_is_said_at_once(database: Database) -> None:
    actor = await new_actor(database)
    async with database.writing(actor.organisation_id) as session:
        with refused_fields("label", "expires_at", "account_id"):
            await create_api_token(session, actor=actor, account_id=new_id(), label="", expires_at=NOW, now=NOW)


@pytest.mark.parametrize("role", [AccessRole.VIEWER, AccessRole.INGEST, AccessRole.MANAGER])
async def test_only_administrators_issue_and_revoke_tokens(database: Database, role: AccessRole) -> None:
    actor = await new_actor(database, role)
    async with database.writing(actor.organisation_id) as session:
        with pytest.raises(NotPermitted):
            await create_api_token(session, actor=actor, account_id=actor.account_id, label="x", now=NOW)
        with pytest.raises(NotPermitted):
            await revoke_api_token(session, actor=actor, token_id=new_id(), now=NOW)
