"""The HTTP application: who is let in, what it says of itself, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine

from assessment.commands import start_campaign
from assessment.models import AssessmentAnswer
from services.db import Database
from services.idempotency.models import IdempotencyKey
from services.organisations.models import Organisation
from services.organisations.rules import AccessRole, Actor
from services.organisations.tokens import revoke_api_token
from slm.app import DEMO_HEADER, create_app
from slm.http.authentication import REMEMBERED_FOR
from slm.http.limits import LARGEST_BODY
from slm.readiness import Readiness
from slm.settings import Environment, Settings
from tests.slm.conftest import Serving, issue_token

WHO = "{ organisation { key } }"
INTROSPECTION = "{ __schema { queryType { name } } }"


async def ask(client: httpx.AsyncClient, query: str = WHO, token: str | None = None, **headers: str) -> httpx.Response:
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return await client.post("/graphql", json={"query": query}, headers=headers)


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "NOT_AUTHENTICATED"
    assert error["extensions"]["traceId"] == answer.headers["X-Trace-Id"]


async def test_without_a_token_nothing_is_answered(serving: Serving) -> None:
    async with serving() as client:
        assert_refused(await ask(client))


@pytest.mark.parametrize("token", ["", "slm_", "slm_" + "A" * 43, "hunter2", "slm_" + "é" * 43])
async def test_a_wrong_token_is_refused(serving: Serving, token: str) -> None:
    async with serving() as client:
        headers = {b"Authorization": f"Bearer {token}".encode()}
        assert_refused(await client.post("/graphql", json={"query": WHO}, headers=headers))


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
async def test_another_scheme_than_bearer_is_refused(
    serving: Serving, database: Database, actor: Actor, scheme: str
) -> None:
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    async with serving() as client:
        assert_refused(await ask(client, Authorization=f"{scheme} {secret}".strip()))


@pytest.mark.parametrize("role", list(AccessRole))
async def test_a_token_of_every_role_reads_its_own_organisation(
    serving: Serving, database: Database, actor: Actor, role: AccessRole
) -> None:
    _, secret = await issue_token(database, actor, role)
    async with serving() as client:
        answer = await ask(client, '{ organisation { id } account(name: "test") { role } }', token=secret)
        assert answer.status_code == 200
        assert answer.json()["data"]["account"] == {"role": role.name}


async def test_two_tokens_see_two_organisations(serving: Serving, database: Database, actor: Actor) -> None:
    from tests.factories.organisations import new_actor

    other = await new_actor(database)
    _, mine = await issue_token(database, actor, AccessRole.VIEWER)
    _, theirs = await issue_token(database, other, AccessRole.VIEWER)
    async with serving() as client:
        answers = [(await ask(client, token=secret)).json()["data"]["organisation"]["key"] for secret in (mine, theirs)]
    assert answers[0] != answers[1]


async def test_an_expired_token_is_refused(serving: Serving, database: Database, actor: Actor) -> None:
    made = datetime.now(UTC) - timedelta(days=2)
    _, secret = await issue_token(database, actor, AccessRole.VIEWER, expires_at=made + timedelta(days=1), now=made)
    async with serving() as client:
        assert_refused(await ask(client, token=secret))


async def test_revoking_a_token_takes_effect_in_a_moment(serving: Serving, database: Database, actor: Actor) -> None:
    token_id, secret = await issue_token(database, actor, AccessRole.VIEWER)
    async with serving() as client:
        assert (await ask(client, token=secret)).status_code == 200
        async with database.writing(actor.organisation_id) as session:
            await revoke_api_token(session, actor=actor, token_id=token_id, now=datetime.now(UTC))
        await asyncio.sleep(REMEMBERED_FOR.total_seconds())
        assert_refused(await ask(client, token=secret))


async def test_the_demo_answers_anybody_about_its_one_organisation(demo: httpx.AsyncClient) -> None:
    answer = await ask(demo)
    assert answer.json()["data"] == {"organisation": {"key": "wexcombe"}}


@pytest.mark.parametrize("key", ["null", '"once"', '""'])
async def test_anybody_in_the_demo_reads_and_changes_nothing(
    serving: Serving, database: Database, actor: Actor, key: str
) -> None:
    now = datetime.now(UTC)
    async with database.writing(actor.organisation_id) as session:
        await start_campaign(session, actor=actor, title="Autumn", as_of=now, now=now)
        organisation = (await session.execute(select(Organisation.key))).scalar_one()
    async with serving(environment=Environment.DEVELOPMENT, demo_organisation=organisation) as client:
        read = (await ask(client, "{ viewer { permissions } assessments(first: 1) { nodes { id } } }")).json()["data"]
        assert read["viewer"] == {"permissions": []}
        given = f'assessmentId: "{read["assessments"]["nodes"][0]["id"]}", pattern: "G1", role: "manager", level: 3'
        answer = await ask(
            client,
            f'mutation {{ recordAnswer(input: {{ {given}, respondent: "ann" }}, idempotencyKey: {key})'
            " { __typename ... on Problem { code } } }",
        )
    refused = {"__typename": "NotPermittedProblem", "code": "NOT_PERMITTED"}
    assert answer.json()["data"] == {"recordAnswer": refused}
    async with database.reading(actor.organisation_id) as session:
        for table in (AssessmentAnswer, IdempotencyKey):
            assert (await session.execute(select(table.id))).all() == []


async def test_the_demo_says_so_on_every_answer_and_on_its_page(demo: httpx.AsyncClient) -> None:
    for path in ("/", "/health", "/ready", "/nowhere"):
        assert (await demo.get(path)).headers[DEMO_HEADER] == "wexcombe"
    assert "without a token" in (await demo.get("/")).text


async def test_a_wrong_token_is_refused_in_the_demo_too(demo: httpx.AsyncClient) -> None:
    assert_refused(await ask(demo, token="slm_" + "A" * 43))


async def test_the_demo_answers_only_under_names_of_this_machine(demo: httpx.AsyncClient) -> None:
    assert (await ask(demo, Host="rebound.example")).status_code == 400


async def test_outside_the_demo_nothing_speaks_of_one(serving: Serving) -> None:
    async with serving(environment=Environment.DEVELOPMENT) as client:
        page = await client.get("/")
        assert DEMO_HEADER not in page.headers
        assert "without a token" not in page.text


def test_a_demo_in_production_is_refused(database_url: str) -> None:
    with pytest.raises(ValueError, match="SLM_ENVIRONMENT=development"):
        create_app(Settings(DATABASE_URL=database_url, demo_organisation="wexcombe"))  # type: ignore[call-arg]


async def test_a_demo_of_an_organisation_that_is_not_there_does_not_start(serving: Serving) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        async with serving(environment=Environment.DEVELOPMENT, demo_organisation="nobody"):
            pass


async def test_production_has_no_page_and_no_introspection(serving: Serving, database: Database, actor: Actor) -> None:
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    async with serving() as client:
        assert (await client.get("/")).status_code == 404
        assert (await client.get("/graphiql/page.js")).status_code == 404
        assert "errors" in (await ask(client, INTROSPECTION, token=secret)).json()
    async with serving(environment=Environment.DEVELOPMENT) as client:
        assert "errors" not in (await ask(client, INTROSPECTION, token=secret)).json()


async def test_health_says_the_process_is_up(serving: Serving) -> None:
    async with serving() as client:
        answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})


async def test_ready_says_the_database_can_be_served_from(serving: Serving) -> None:
    async with serving() as client:
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_an_outdated_database_is_not_ready(serving: Serving, database_url: str) -> None:
    owner = create_async_engine(database_url)
    try:
        async with serving() as client:
            async with owner.begin() as connection:
                known = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
                await connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
            try:
                answer = await client.get("/ready")
            finally:
                async with owner.begin() as connection:
                    await connection.execute(text("UPDATE alembic_version SET version_num = :known"), {"known": known})
    finally:
        await owner.dispose()
    assert answer.status_code == 503
    assert "slm migrate" in answer.json()["reasons"][0]


async def test_a_database_out_of_reach_is_not_ready() -> None:
    unreachable = Database("postgresql+asyncpg://slm@127.0.0.1:1/slm")
    assert await Readiness(unreachable).reasons_against() == ["the database cannot be reached"]


@pytest.mark.parametrize("secret", [None, "slm_" + "A" * 43])
async def test_without_its_database_every_request_is_answered_503_until_it_is_back(
    demo: httpx.AsyncClient, secret: str | None
) -> None:
    state = demo._transport.app.state  # type: ignore[attr-defined]
    there, state.database = state.database, Database("postgresql+asyncpg://slm@127.0.0.1:1/slm")
    try:
        answer = await ask(demo, token=secret)
    finally:
        state.database = there
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    (error,) = answer.json()["errors"]
    assert error["message"] == "the database cannot be reached; try again later"
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert (await ask(demo)).status_code == 200


@pytest.mark.parametrize("wrong", [{"extensions": "x"}, {"variables": []}, {"operationName": 1}])
async def test_a_known_query_with_a_wrong_parameter_is_refused_like_any_other(
    demo: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    assert (await ask(demo)).status_code == 200
    answer = await demo.post("/graphql", json={"query": WHO, **wrong})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_every_answer_is_of_a_media_type_that_is_accepted(demo: httpx.AsyncClient, accept: str) -> None:
    for status, query, token in ((200, WHO, None), (200, WHO, None), (401, WHO, "slm_" + "A" * 43)):
        answer = await ask(demo, query, token, Accept=accept)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, accept)


async def test_queries_by_get_are_a_convenience_of_development(serving: Serving, demo: httpx.AsyncClient) -> None:
    answer = await demo.get("/graphql", params={"query": WHO})
    assert answer.json()["data"] == {"organisation": {"key": "wexcombe"}}
    async with serving() as client:
        assert_refused(await client.get("/graphql", params={"query": WHO}))


async def test_a_body_beyond_the_limit_is_refused_declared_or_not(demo: httpx.AsyncClient) -> None:
    body = b" " * (LARGEST_BODY + 1)

    async def undeclared() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    for content in (body, undeclared()):
        answer = await demo.post("/graphql", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_LARGE"


async def test_a_body_at_the_limit_is_read(demo: httpx.AsyncClient) -> None:
    query = b'{"query": "{ organisation { key } }"}'
    answer = await demo.post(
        "/graphql", content=query.ljust(LARGEST_BODY), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200


async def test_every_answer_narrows_what_a_browser_may_do(demo: httpx.AsyncClient) -> None:
    for path in ("/", "/health", "/graphql", "/nowhere"):
        headers = (await demo.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


async def test_a_callers_trace_is_kept_and_nonsense_replaced(demo: httpx.AsyncClient) -> None:
    given = "0af7651916cd43dd8448eb211c80319c"
    kept = await demo.get("/health", headers={"traceparent": f"00-{given}-b7ad6b7169203331-01"})
    assert kept.headers["X-Trace-Id"] == given
    replaced = await demo.get("/health", headers={"traceparent": "00-' OR 1=1-x"})
    assert len(replaced.headers["X-Trace-Id"]) == 32


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


async def test_pages_of_listed_origins_may_call_and_no_others(serving: Serving) -> None:
    async with serving(cors_origins=("https://app.example.org",)) as client:
        allowed = await client.options("/graphql", headers={"Origin": "https://app.example.org", **PREFLIGHT})
        assert allowed.status_code == 200
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
        assert "Access-Control-Allow-Credentials" not in allowed.headers
        for origin in ("https://app.example.org.evil.example", "http://app.example.org", "https://example.org", "null"):
            refused = await client.options("/graphql", headers={"Origin": origin, **PREFLIGHT})
            assert "Access-Control-Allow-Origin" not in refused.headers
        answer = await ask(client, Origin="https://app.example.org")
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
        assert answer.headers["Access-Control-Expose-Headers"] == "ETag, X-Trace-Id"


async def test_unless_listed_no_page_of_another_origin_may_call(serving: Serving) -> None:
    async with serving() as client:
        answer = await client.options("/graphql", headers={"Origin": "https://app.example.org", **PREFLIGHT})
        assert answer.status_code == 405
        answered = await ask(client, Origin="https://app.example.org")
    assert not [name for name in (*answer.headers, *answered.headers) if name.lower().startswith("access-control")]
