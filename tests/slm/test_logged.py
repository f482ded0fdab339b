"""What the log says of a day at the API: whose request it was, and nothing anybody is called, writes or signs in by."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLScalarType

from schema.root import build_schema
from services.db import Database, WriteSession, execute
from services.domain.vocabulary import TicketState
from services.organisations import commands
from services.organisations.rules import AccessRole, Actor
from services.tickets.sources.profile import load_profile
from slm import worker
from slm.importing import import_tickets
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor, unique_key
from tests.factories.tickets import event, happened
from tests.factories.world import new_world
from tests.schema.test_every_field import DEPTH, lists, selection
from tests.slm.conftest import Serving, issue_token
from tests.slm.test_importing import GOOD, PROFILE, export

NAME, EMAIL = "Zaphod Beeblebrox", "zaphod@heartofgold.example"
PRIVATE = re.compile(
    r"zaphod|beeblebrox|heartofgold|ann@example|slm_[A-Za-z0-9_-]{43}|[\w.]+@[\w.]+\.\w+", re.IGNORECASE
)
INSTANT, DAY = "2026-01-05T10:00:00Z", "2026-01-05"
EXAMPLES = {"DateTime": INSTANT, "Date": DAY, "Int": 1, "Float": 1.0, "Boolean": True, "ID": EMAIL}
FAILING = f"""
INSERT INTO person (organisation_id, id, recorded_at, recorded_by, key, name, email)
SELECT organisation_id, id, recorded_at, recorded_by, key, '{NAME}', '{EMAIL}' FROM person
"""


def sample(type_: Any) -> Any:
    """A value of an input type in which every text is somebody's name and address."""
    match type_:
        case GraphQLNonNull():
            return sample(type_.of_type)
        case GraphQLList():
            return [sample(type_.of_type)]
        case GraphQLEnumType():
            return next(iter(type_.values))
        case GraphQLInputObjectType():
            given = type_.fields.items()
            return {name: sample(field.type) for name, field in given if isinstance(field.type, GraphQLNonNull)} | {
                name: sample(field.type) for name, field in given if name in ("name", "email", "note", "reason")
            }
        case GraphQLScalarType():
            return EXAMPLES.get(type_.name, f"{NAME} <{EMAIL}>")
    raise TypeError(str(type_))


def mutations(schema: strawberry.Schema) -> list[tuple[str, dict[str, Any]]]:
    """Every mutation, with variables as `sample` makes them."""
    mutation = schema._schema.mutation_type
    assert mutation is not None
    return [
        (
            f"mutation($input: {field.args['input'].type}) {{ {name}(input: $input) {{ __typename }} }}",
            {"input": sample(field.args["input"].type)},
        )
        for name, field in mutation.fields.items()
    ]


class Client:
    """Sends documents and notes which answers were defects."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {secret}"}

    async def send(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        answer = await self.client.post(
            "/graphql", json={"query": query, "variables": variables or {}}, headers=self.headers
        )
        return answer.json()


@pytest.fixture
async def manager(database: Database) -> Actor:
    """An administrator of an organisation with one of everything."""
    return (await new_world(database, await new_actor(database))).actor


async def test_what_is_logged_of_every_query_and_mutation_names_nobody(
    serving: Serving, database: Database, manager: Actor, lines: io.StringIO
) -> None:
    schema = build_schema()
    _, secret = await issue_token(database, manager, AccessRole.ADMINISTRATOR)
    async with serving() as http:
        client = Client(http, secret)
        for name, type_ in lists(schema).items():
            answer = await client.send(f"{{ {name}(first: 3) {{ nodes {{ {selection(type_, DEPTH)} }} }} }}")
            assert "errors" not in answer, answer
        for document, variables in mutations(schema):
            await client.send(document, variables)
        await client.send(f'{{ person(key: "{EMAIL}") {{ nothing }} }}')
        await client.send(f'query Zaphod {{ ticket(key: "{NAME}") {{ key }} }}')
        await Client(http, "slm_" + "A" * 43).send("{ organisation { key } }")
        await http.get(f"/{EMAIL}", params={"token": secret}, headers=client.headers)
    logged = lines.getvalue()
    assert not PRIVATE.search(logged), PRIVATE.search(logged)
    requests = [line for line in map(json.loads, logged.splitlines()) if line["event"] == "request"]
    assert len(requests) > 50
    known = [line for line in requests if line["status"] == 200]
    assert {line["organisation"] for line in known} == {str(manager.organisation_id)}
    assert len({line["actor"] for line in known}) == 1
    assert len({line["request_id"] for line in requests}) == len(requests)
    assert all(line["trace_id"] for line in requests)


async def test_a_defect_is_logged_with_its_request_and_without_the_row_it_was_about(
    serving: Serving, database: Database, manager: Actor, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(session: WriteSession, **_given: Any) -> None:
        await execute(session, FAILING)

    monkeypatch.setattr(commands, "create_person", failing)
    _, secret = await issue_token(database, manager, AccessRole.ADMINISTRATOR)
    async with serving() as http:
        document = 'mutation { createPerson(input: {key: "k", name: "n"}) { __typename } }'
        answer = await Client(http, secret).send(document)
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    (defect,) = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["level"] == "error"]
    assert defect["trace_id"] == answer["errors"][0]["extensions"]["traceId"]
    assert defect["organisation"] == str(manager.organisation_id)
    assert "INSERT INTO person" in defect["exception"]


async def test_what_the_worker_and_an_import_log_names_nobody(
    database: Database, actor: Actor, lines: io.StringIO, tmp_path: Any
) -> None:
    service_id = await new_service(database, actor)
    calendar_id = await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    opened = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    await happened(database, actor, service_id, [event(EMAIL, opened, TicketState.NEW, team=NAME)], now=opened)
    await worker.work(database, now=datetime.now(UTC))
    key = unique_key("import")
    rows = [row.replace("slow", f"{NAME} {EMAIL}") for row in GOOD]
    (tmp_path / "profile.yaml").write_text(PROFILE)
    profile = load_profile(tmp_path / "profile.yaml")
    await import_tickets(database, path=export(tmp_path, *rows), organisation_key=key, profile=profile)
    logged = lines.getvalue()
    assert not PRIVATE.search(logged), PRIVATE.search(logged)
    # The worker settles whatever is due in the organisations of other tests too.
    written = list(map(json.loads, logged.splitlines()))
    own = str(actor.organisation_id)
    (settled,) = [line for line in written if (line["event"], line.get("organisation")) == ("worker.settled", own)]
    (imported,) = [line for line in written if line["event"] == "import.finished"]
    assert settled["job"] == "settle"
    assert (imported["job"], imported["rows_read"], imported["stored"]) == ("import", 4, True)
    assert {"trace_id", "actor", "organisation"} <= imported.keys()
