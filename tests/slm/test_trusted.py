"""Trusted documents: known by their ids, alone let in, and answered by GET in a way that caches get right."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.db import Database
from services.organisations.rules import AccessRole, Actor
from slm.settings import Environment
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.slm.conftest import Serving, issue_token

SERVICES = "query Services($first: Int!) { services(first: $first) { nodes { key name } } }"
VIEWER = "query Viewer { viewer { role } }"
CREATE = 'mutation Create { createParty(input: {key: "k", name: "n", kind: CUSTOMER}) { __typename } }'
HASH = sha256(SERVICES.encode()).hexdigest()
ONE = {"variables": '{"first": 1}'}


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[..., Path]:
    def write(documents: Any = None) -> Path:
        path = tmp_path / "documents.json"
        given = {"services": SERVICES, "viewer": VIEWER, "create": CREATE} if documents is None else documents
        path.write_text(given if isinstance(given, str) else json.dumps(given))
        return path

    return write


@pytest.fixture
async def bearer(database: Database, actor: Actor) -> dict[str, str]:
    await new_world(database, actor)
    _, secret = await issue_token(database, actor, AccessRole.ADMINISTRATOR)
    return {"Authorization": f"Bearer {secret}"}


def code_of(answer: httpx.Response) -> Any:
    return answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": "services"},
        {"documentId": HASH},
        {"documentId": f"sha256:{HASH}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
        {"query": SERVICES},
    ],
)
async def test_a_trusted_document_is_found_in_every_way_it_is_named_by(
    serving: Serving, manifest: Callable[..., Path], bearer: dict[str, str], named: dict[str, Any]
) -> None:
    async with serving(trusted_documents=manifest()) as client:
        for _ in range(2):  # the second time from its plan
            answer = await client.post("/graphql", json=named | {"variables": {"first": 1}}, headers=bearer)
            assert answer.json()["data"] == {"services": {"nodes": [{"key": "mail", "name": "mail"}]}}


async def test_in_production_no_other_document_is_executed(
    serving: Serving, manifest: Callable[..., Path], bearer: dict[str, str]
) -> None:
    async with serving(trusted_documents=manifest()) as client:
        other = await client.post("/graphql", json={"query": SERVICES + " "}, headers=bearer)
        unknown = await client.post("/graphql", json={"documentId": "nothing"}, headers=bearer)
        neither = await client.post("/graphql", json={}, headers=bearer)
    assert (other.status_code, code_of(other)) == (403, "UNTRUSTED_DOCUMENT")
    assert (unknown.status_code, code_of(unknown)) == (400, "PERSISTED_QUERY_NOT_FOUND")
    assert (neither.status_code, code_of(neither)) == (400, "BAD_REQUEST")


async def test_in_development_others_are_let_in(
    serving: Serving, manifest: Callable[..., Path], bearer: dict[str, str]
) -> None:
    async with serving(trusted_documents=manifest(), environment=Environment.DEVELOPMENT) as client:
        answer = await client.post("/graphql", json={"query": "{ organisation { key } }"}, headers=bearer)
    assert "errors" not in answer.json()


async def test_without_a_manifest_no_id_is_known_and_nothing_is_read_by_get(
    serving: Serving, bearer: dict[str, str]
) -> None:
    async with serving() as client:
        assert (await client.post("/graphql", json={"documentId": HASH}, headers=bearer)).status_code == 400
        assert (await client.get("/graphql", params={"query": VIEWER}, headers=bearer)).status_code == 405


@pytest.mark.parametrize("document", ["services", "viewer"])
async def test_a_get_is_answered_again_only_when_the_answer_has_changed(
    serving: Serving,
    manifest: Callable[..., Path],
    bearer: dict[str, str],
    database: Database,
    actor: Actor,
    document: str,
) -> None:
    asked = {"documentId": document} | (ONE if document == "services" else {})
    async with serving(trusted_documents=manifest()) as client:
        answers = [await client.get("/graphql", params=asked, headers=bearer) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.headers["ETag"] for answer in answers}) == 1
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answers[0].headers["Vary"]
        current = answers[0].headers["ETag"]
        for known in (current, f'"other", {current}', f"W/{current}", "*"):
            unchanged = await client.get("/graphql", params=asked, headers=bearer | {"If-None-Match": known})
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            assert unchanged.headers["ETag"] == current
        changed = await client.get("/graphql", params=asked, headers=bearer | {"If-None-Match": '"other"'})
        assert changed.status_code == 200


async def test_who_asks_the_same_of_another_organisation_gets_another_tag_and_its_own_answer(
    serving: Serving, manifest: Callable[..., Path], bearer: dict[str, str], database: Database
) -> None:
    stranger = await new_actor(database)
    await new_world(database, stranger)
    _, secret = await issue_token(database, stranger, AccessRole.VIEWER)
    asked = {"documentId": "services"} | ONE
    async with serving(trusted_documents=manifest()) as client:
        mine = await client.get("/graphql", params=asked, headers=bearer)
        theirs = await client.get(
            "/graphql",
            params=asked,
            headers={"Authorization": f"Bearer {secret}", "If-None-Match": mine.headers["ETag"]},
        )
        nobody = await client.get("/graphql", params=asked, headers={"If-None-Match": mine.headers["ETag"]})
    assert theirs.status_code == 200
    assert theirs.json() == mine.json()
    assert theirs.headers["ETag"] != mine.headers["ETag"]
    assert nobody.status_code == 401


async def test_a_get_changes_nothing_and_what_is_refused_has_no_tag(
    serving: Serving, manifest: Callable[..., Path], bearer: dict[str, str]
) -> None:
    async with serving(trusted_documents=manifest()) as client:
        change = await client.get("/graphql", params={"documentId": "create"}, headers=bearer)
        assert (change.status_code, change.headers["Allow"]) == (405, "POST")
        missing = await client.get("/graphql", params={"documentId": "services"}, headers=bearer)
        assert "ETag" not in missing.headers
        assert missing.json()["errors"]
        created = await client.post("/graphql", json={"documentId": "create"}, headers=bearer)
        assert created.json()["data"]["createParty"]["__typename"] == "PartyPayload"


@pytest.mark.parametrize(
    ("documents", "complaint"),
    [
        ("{", "expected JSON"),
        ([SERVICES], "expected an object"),
        ({"a": 1}, "expected an object"),
        ({"a": "{ nothing }"}, "a: Cannot query field"),
        ({"a": "{"}, "a: Syntax Error"),
        ({"a": "{ " + "organisation { id " * 30 + "}" * 31}, "a: "),
        ({"format": "apollo-persisted-query-manifest", "operations": [{"id": "a"}]}, "an id and a body"),
    ],
)
async def test_a_manifest_that_cannot_be_trusted_keeps_the_server_from_starting(
    serving: Serving, manifest: Callable[..., Path], documents: Any, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        async with serving(trusted_documents=manifest(documents)):
            pass


async def test_the_manifest_of_apollo_client_is_read(
    serving: Serving, manifest: Callable[..., Path], bearer: dict[str, str]
) -> None:
    operations = [{"id": "abc", "name": "Viewer", "type": "query", "body": VIEWER}]
    listed = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    async with serving(trusted_documents=manifest(listed)) as client:
        answer = await client.get("/graphql", params={"documentId": "abc"}, headers=bearer)
    assert answer.json() == {"data": {"viewer": {"role": "ADMINISTRATOR"}}}
