"""Changes repeated under an idempotency key happen once, and changes that meet in a deadlock are tried again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from sqlalchemy import text
from structlog.testing import capture_logs

from schema.context import Context
from schema.mutation import ATTEMPTS, Change, Refusal, mutation
from schema.root import build_schema
from services.db import Database, fetch
from services.idempotency.commands import RETENTION
from services.organisations.rules import AccessRole, Actor
from services.organisations.turns import wait_for_turn
from services.server import TOOK_TOO_LONG
from tests.factories.organisations import new_actor
from tests.opening import database_on
from tests.schema.conftest import NOW, Execute

CREATE = """mutation($input: CreateServiceInput!, $key: String) {
    changed: createService(input: $input, idempotencyKey: $key) { __typename
        ... on Problem { code message }
        ... on InvalidProblem { problems { field } }
        ... on ServicePayload { service { id key name } } }
}"""
MAIL = {"key": "mail", "name": "E-mail"}

Created = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def create(schema: strawberry.Schema, database: Database) -> Created:
    """Create a service, perhaps under a key, perhaps at another instant than usual."""

    async def run(actor: Actor, given: dict[str, Any], key: str | None, now: datetime = NOW) -> dict[str, Any]:
        context = Context(database=database, actor=actor, now=now, trace_id="trace-1")
        result = await schema.execute(CREATE, variable_values={"input": given, "key": key}, context_value=context)
        assert getattr(result, "errors", None) is None
        changed: dict[str, Any] = result.data["changed"]  # type: ignore[index]
        return changed

    return run


async def services(database: Database, actor: Actor) -> int:
    """How many services the organisation has."""
    async with database.reading(actor.organisation_id) as session:
        counted = await fetch(
            session, "SELECT count(*) FROM service WHERE organisation_id = $1::uuid", actor.organisation_id
        )
    return int(counted[0][0])


async def test_the_same_key_and_input_answer_the_first_result_and_change_nothing(
    create: Created, database: Database, actor: Actor
) -> None:
    first = await create(actor, MAIL, "migration-1")
    assert first["service"]["key"] == "mail"
    assert await create(actor, MAIL, "migration-1") == first
    assert await services(database, actor) == 1


async def test_the_first_result_is_read_anew(create: Created, execute: Execute, actor: Actor) -> None:
    first = await create(actor, MAIL, "migration-1")
    rename = """mutation($input: UpdateServiceInput!) { updateService(input: $input) { __typename } }"""
    await execute(actor, rename, input={"serviceId": first["service"]["id"], "name": "Electronic mail"})
    assert (await create(actor, MAIL, "migration-1"))["service"]["name"] == "Electronic mail"


async def test_the_same_key_with_another_input_is_a_conflict_that_says_so(create: Created, actor: Actor) -> None:
    await create(actor, MAIL, "migration-1")
    again = await create(actor, MAIL | {"key": "chat"}, "migration-1")
    assert (again["__typename"], again["code"]) == ("ConflictProblem", "CONFLICT")
    assert "'migration-1' was used for another input of createService" in again["message"]


async def test_the_same_key_for_another_mutation_is_a_conflict(create: Created, execute: Execute, actor: Actor) -> None:
    await create(actor, MAIL, "migration-1")
    result = await execute(
        actor,
        """mutation { createParty(input: {key: "mail", name: "E-mail", kind: SUPPLIER}, idempotencyKey: "migration-1") {
            __typename } }""",
    )
    assert result.data == {"createParty": {"__typename": "ConflictProblem"}}


async def test_a_key_belongs_to_the_account_that_gave_it(create: Created, database: Database, actor: Actor) -> None:
    manager = await new_actor(database, AccessRole.MANAGER)
    colleague = Actor(actor.organisation_id, manager.account_id, "colleague", AccessRole.MANAGER)
    await create(actor, MAIL, "migration-1")
    assert (await create(manager, MAIL, "migration-1"))["__typename"] == "ServicePayload"  # another organisation
    refused = await create(colleague, MAIL, "migration-1")
    assert "exists already" in refused["message"]


async def test_a_refused_change_leaves_its_key_free(create: Created, actor: Actor) -> None:
    assert (await create(actor, MAIL | {"name": ""}, "migration-1"))["__typename"] == "InvalidProblem"
    assert (await create(actor, MAIL, "migration-1"))["__typename"] == "ServicePayload"


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "a\0b"])
async def test_a_key_that_is_none_is_refused_by_name(create: Created, actor: Actor, key: str) -> None:
    refused = await create(actor, MAIL, key)
    assert refused["problems"] == [{"field": "idempotencyKey"}]


async def test_a_key_is_free_again_after_its_retention(create: Created, database: Database, actor: Actor) -> None:
    first = await create(actor, MAIL, "nightly")
    later = NOW + RETENTION
    assert await create(actor, MAIL, "nightly", later) == first
    second = await create(actor, MAIL | {"key": "chat"}, "nightly", later + timedelta(seconds=1))
    assert second["service"]["key"] == "chat"
    assert await services(database, actor) == 2


async def test_many_requests_at_the_same_moment_under_one_key_make_one_object(
    create: Created, database: Database, actor: Actor
) -> None:
    answers = await asyncio.gather(*(create(actor, MAIL, "double-click") for _ in range(8)))
    assert len({answer["service"]["id"] for answer in answers}) == 1
    assert await services(database, actor) == 1


async def test_a_secret_is_not_kept_under_a_key(execute: Execute, actor: Actor, database: Database) -> None:
    account = await execute(
        actor,
        """mutation { createAccount(input: {name: "robot", role: INGEST}) {
            ... on AccountPayload { account { id } } } }""",
    )
    assert account.data is not None
    document = """mutation($id: ID!) { createApiToken(input: {accountId: $id, label: "import"}, idempotencyKey: "t") {
        __typename ... on Problem { message } ... on IssuedTokenPayload { secret } } }"""
    id_ = account.data["createAccount"]["account"]["id"]
    first, second = await execute(actor, document, id=id_), await execute(actor, document, id=id_)
    assert first.data is not None
    assert second.data is not None
    assert first.data["createApiToken"]["secret"].startswith("slm_")
    assert "shown only once" in second.data["createApiToken"]["message"]
    async with database.reading(actor.organisation_id) as session:
        rows = await fetch(session, "SELECT k::text FROM idempotency_key k WHERE organisation_id = $1::uuid",
                           actor.organisation_id)  # fmt: skip
    assert len(rows) == 1
    assert first.data["createApiToken"]["secret"] not in rows[0][0]


@strawberry.type(description="Something to answer.")
class Locked:
    """A payload."""

    attempts: int = strawberry.field(description="How many attempts it took.")


class Meeting:
    """Two transactions that each hold what the other wants next: the first two to arrive wait for each other."""

    def __init__(self) -> None:
        self.arrived = asyncio.Barrier(2)
        self.attempts: dict[str, int] = {}

    async def hold_both(self, change: Change, first: str, second: str) -> Locked:
        """Lock two services in this order."""
        self.attempts[first] = self.attempts.get(first, 0) + 1
        lock = text("UPDATE service SET name = name || '!' WHERE organisation_id = :own AND key = :key")
        await change.session.execute(lock, {"own": change.actor.organisation_id, "key": first})
        if self.attempts[first] == 1:
            await self.arrived.wait()
        await change.session.execute(lock, {"own": change.actor.organisation_id, "key": second})
        return Locked(attempts=self.attempts[first])


async def test_a_deadlock_is_tried_again_until_both_are_through(
    create: Created, database: Database, actor: Actor
) -> None:
    meeting = Meeting()

    @strawberry.type
    class Locking:
        """A mutation that locks what it is told."""

        @mutation("Lock two services in an order.")
        async def hold_both(self, change: Change, first: str, second: str) -> Locked | Refusal:
            """See Meeting."""
            return await meeting.hold_both(change, first, second)

    schema = build_schema(more_mutations=[Locking])
    await create(actor, {"key": "a", "name": "a"}, None)
    await create(actor, {"key": "b", "name": "b"}, None)

    async def lock(first: str, second: str) -> Any:
        context = Context(database=database, actor=actor, now=NOW, trace_id="trace-1")
        document = (
            "mutation($a: String!, $b: String!) { holdBoth(first: $a, second: $b) { ... on Locked { attempts } } }"
        )
        result = await schema.execute(document, variable_values={"a": first, "b": second}, context_value=context)
        assert getattr(result, "errors", None) is None
        return result.data["holdBoth"]["attempts"]  # type: ignore[index]

    attempts = await asyncio.gather(lock("a", "b"), lock("b", "a"))
    assert sorted(attempts) == [1, 2]  # PostgreSQL ended one of them
    async with database.reading(actor.organisation_id) as session:
        names = await fetch(session, "SELECT name FROM service WHERE organisation_id = $1::uuid ORDER BY key",
                            actor.organisation_id)  # fmt: skip
    assert names == [("a!!",), ("b!!",)]


async def test_what_gives_way_every_time_ends_in_a_problem_that_says_try_again(
    monkeypatch: pytest.MonkeyPatch, database: Database, actor: Actor
) -> None:
    monkeypatch.setattr("schema.mutation.FIRST_WAIT_SECONDS", 0.001)
    attempts = 0

    @strawberry.type
    class Unlucky:
        """A mutation that meets another one every time."""

        @mutation("Give way.")
        async def give_way(self, change: Change) -> Locked | Refusal:
            """Fail as a serialisation failure does."""
            nonlocal attempts
            attempts += 1
            await change.session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
            raise AssertionError("not reached")

    context = Context(database=database, actor=actor, now=NOW, trace_id="trace-1")
    document = "mutation { giveWay { __typename ... on Problem { code message } } }"
    result = await build_schema(more_mutations=[Unlucky]).execute(document, context_value=context)
    assert getattr(result, "errors", None) is None
    assert result.data["giveWay"] == {  # type: ignore[index]
        "__typename": "ConflictProblem",
        "code": "TRY_AGAIN",
        "message": "others were changing the same things at the same moment; try again",
    }
    assert attempts == ATTEMPTS


@strawberry.type
class Waiting:
    """Mutations that take long."""

    attempts = 0

    @mutation("Wait for a turn.")
    async def wait(self, change: Change) -> Locked | Refusal:
        """See wait_for_turn."""
        Waiting.attempts += 1
        await wait_for_turn(change.session, change.actor.organisation_id)
        return Locked(attempts=Waiting.attempts)

    @mutation("Take long.")
    async def dawdle(self, change: Change) -> Locked | Refusal:
        """Run out of time."""
        await change.session.execute(text("SELECT pg_sleep(20)"))
        raise AssertionError("not reached")


@pytest.fixture
async def hurried(database_url: str) -> AsyncIterator[Database]:
    """A pool whose statements may take half a second."""
    pool = database_on(database_url, pool_size=1, statement_timeout=timedelta(seconds=0.5))
    yield pool
    await pool.close()


async def test_a_turn_that_does_not_come_is_a_problem_that_says_try_again_after_one_attempt(
    database: Database, hurried: Database, actor: Actor
) -> None:
    async with database.writing(actor.organisation_id) as session:
        await wait_for_turn(session, actor.organisation_id)
    Waiting.attempts = 0
    context = Context(database=hurried, actor=actor, now=NOW, trace_id="trace-1")
    document = "mutation { wait { __typename ... on Problem { code message } } }"
    async with database.writing(actor.organisation_id) as holding:
        await wait_for_turn(holding, actor.organisation_id)
        result = await build_schema(more_mutations=[Waiting]).execute(document, context_value=context)
    assert getattr(result, "errors", None) is None
    assert result.data["wait"] == {  # type: ignore[index]
        "__typename": "ConflictProblem",
        "code": "TRY_AGAIN",
        "message": "others are changing the same things and take long; try again later",
    }
    assert Waiting.attempts == 1


async def test_what_takes_too_long_is_refused_as_such_and_is_no_defect(hurried: Database, actor: Actor) -> None:
    context = Context(database=hurried, actor=actor, now=NOW, trace_id="trace-1")
    with capture_logs() as lines:
        result = await build_schema(more_mutations=[Waiting]).execute(
            "mutation { dawdle { __typename } }", context_value=context
        )
    errors: list[GraphQLError] = getattr(result, "errors", None) or []
    assert [(error.message, error.extensions) for error in errors] == [(TOOK_TOO_LONG, {"code": "TOOK_TOO_LONG"})]
    assert lines == []


def test_a_resolver_that_would_open_its_own_transaction_is_no_mutation() -> None:
    with pytest.raises(TypeError, match="change: Change"):

        @mutation("Do as it likes.")
        async def do_as_it_likes(self: object) -> Locked:
            """Never declared."""
            raise AssertionError
