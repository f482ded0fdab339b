"""When a token was last used is noted in memory, and written outside of requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.db import Database
from services.organisations.queries import api_tokens
from services.organisations.rules import AccessRole, Actor
from slm.deletion import count_rows, delete_organisation
from slm.http.token_use import TokenUse
from tests.opening import database_on
from tests.slm.conftest import Serving, issue_token
from tests.slm.test_app import ask
from tests.statements import Statements

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


async def last_used(database: Database, actor: Actor) -> list[datetime | None]:
    async with database.reading(actor.organisation_id) as session:
        return [token.last_used_at for token in await api_tokens(session, actor.organisation_id)]


async def test_a_request_writes_nothing_and_stopping_writes_what_was_noted(
    serving: Serving, database: Database, actor: Actor
) -> None:
    before = datetime.now(UTC)
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    async with serving() as client:
        for _ in range(3):
            assert (await ask(client, token=secret)).status_code == 200
        assert await last_used(database, actor) == [None]
    [used] = await last_used(database, actor)
    assert used is not None
    assert before <= used <= datetime.now(UTC)


async def test_many_uses_are_one_statement_for_each_organisation(
    database: Database, actor: Actor, statements: Statements
) -> None:
    token_id, _ = await issue_token(database, actor, AccessRole.VIEWER)
    bearer, use = replace(actor, token_id=token_id), TokenUse()
    for seconds in range(50):
        use.note(bearer, NOW + timedelta(seconds=seconds))
    use.note(actor, NOW)  # the program itself has no token
    statements.clear()
    await use.write(database)
    await use.write(database)
    assert len([text for text in statements.texts if "INSERT INTO api_token_use" in text]) == 1
    assert await last_used(database, actor) == [NOW + timedelta(seconds=49)]


async def test_what_cannot_be_written_now_is_written_later(database: Database, actor: Actor) -> None:
    token_id, _ = await issue_token(database, actor, AccessRole.VIEWER)
    use, nowhere = TokenUse(), Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    use.note(replace(actor, token_id=token_id), NOW)
    await use.write(nowhere)
    await nowhere.close()
    assert await last_used(database, actor) == [None]
    await use.write(database)
    assert await last_used(database, actor) == [NOW]


async def test_a_token_that_is_there_no_more_leaves_nothing_behind(
    database: Database, database_url: str, actor: Actor
) -> None:
    token_id, _ = await issue_token(database, actor, AccessRole.VIEWER)
    use = TokenUse()
    use.note(replace(actor, token_id=token_id), NOW)
    owner = database_on(database_url, pool_size=2, as_owner=True)
    try:
        await delete_organisation(owner, organisation_id=actor.organisation_id)
        await use.write(database)
        assert await count_rows(owner, organisation_id=actor.organisation_id) == {}
    finally:
        await owner.close()
