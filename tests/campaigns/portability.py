"""Whether an organisation that moved to another installation answers every query as it did before.

Reference organisation M is loaded, exported, and imported into a database that never had it. Then both are asked: the
queries shown in documents and in GraphiQL, the query documents of the tests, everything that can be selected of every
list with its cursors followed, and every kind of object by its id. `receivedAt` and tokens are left out: they are each
installation's own.
"""

import ast
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_required_argument,
    parse,
    validate,
)

from assessment.commands import score_records
from benchmarks.harness import ROOT, Measurement
from schema.context import Context
from schema.planner.planned_types import model_of
from schema.root import build_schema
from services.db import Database
from services.organisations.queries import find_organisation, system_actor
from services.organisations.rules import Actor
from slm.bundles import files
from slm.bundles.records import restore_records, write_records
from slm.forecasting import forecast
from slm.http.graphiql import examples
from slm.local_database import provide_database
from slm.reference.governed import Governed
from slm.reference.load_governed import load_governed
from slm.reference.sized import MEDIUM, Size, sized
from tests.conftest import TEST_DATA
from tests.template_database import cloned_database

SEED = 7
UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 15, 31, tzinfo=UTC)
PAGES = 3
PAGE = 50
DEPTH = 2
FEWEST_QUERIES = 100
MOST_MEMORY = 512

NOT_MOVED = {"receivedAt", "tokens", "apiTokens"}
BLOCK = re.compile(r"^```graphql\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Compared:
    """How many queries were asked of both, which were answered differently, and how many gave anything at all."""

    asked: int
    different: list[str]
    answered: int


class Installation:
    """Where an organisation is, and how it is asked."""

    def __init__(self, schema: strawberry.Schema, database: Database, actor: Actor) -> None:
        self._schema, self._database, self._actor = schema, database, actor

    async def ask(self, document: str, variables: dict[str, Any]) -> Any:
        """The answer, errors included, without what never moves."""
        context = Context(database=self._database, actor=self._actor, now=NOW, trace_id="trace-1")
        result = await self._schema.execute(document, variable_values=variables, context_value=context)
        errors = [error.formatted for error in getattr(result, "errors", None) or []]
        return {"data": without_what_stays(result.data), "errors": errors}


def without_what_stays(value: Any) -> Any:
    """The answer without the fields that are an installation's own."""
    if isinstance(value, dict):
        return {name: without_what_stays(each) for name, each in value.items() if name not in NOT_MOVED}
    return [without_what_stays(each) for each in value] if isinstance(value, list) else value


def shown_queries() -> Iterator[str]:
    """What documents and GraphiQL show."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        yield from BLOCK.findall(path.read_text(encoding="utf-8"))
    yield from (example.query for example in examples())


def tested_queries() -> Iterator[str]:
    """Every text of the tests that reads as a GraphQL document."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "{" in node.value:
                yield node.value


def sound_queries(schema: GraphQLSchema, texts: Iterator[str]) -> dict[str, DocumentNode]:
    """Those of the texts that ask something of this schema, and change nothing; each once."""
    sound: dict[str, DocumentNode] = {}
    for text in texts:
        try:
            document = parse(text)
        except GraphQLError:
            continue
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        is_query = len(operations) == 1 and operations[0].operation is OperationType.QUERY
        if is_query and not validate(schema, document):
            sound[text] = document
    return sound


def variables_of(document: DocumentNode, ids: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Values for the variables a query needs: ids of objects of every type; queries that need others are left out."""
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    needed = [
        variable
        for variable in operation.variable_definitions or ()
        if isinstance(variable.type, NonNullTypeNode) and variable.default_value is None
    ]
    if not needed:
        yield {}
    elif all(str(ast_text(variable.type)) == "ID!" for variable in needed):
        for id_ in ids.values():
            yield {variable.variable.name.value: id_ for variable in needed}


def ast_text(node: Any) -> str:
    """The type as it is written."""
    return f"{node.type.name.value}!" if isinstance(node, NonNullTypeNode) and hasattr(node.type, "name") else "other"


def selection(type_: Any, depth: int) -> str:
    """Every scalar of a type, and every relation while the depth lasts, by pages of two."""
    parts = ["__typename"]
    for name, field in type_.fields.items():
        if name in NOT_MOVED or any(map(is_required_argument, field.args.values())):
            continue
        named = get_named_type(field.type)
        inner = getattr(named, "fields", None)
        if inner is None:
            parts.append(name)
        elif "first" in field.args and depth > 0:
            node = cast(GraphQLObjectType, get_named_type(named.fields["nodes"].type))
            parts.append(f"{name}(first: 2) {{ nodes {{ {selection(node, depth - 1)} }} }}")
        elif depth > 0 and not field.args:
            parts.append(f"{name} {{ {selection(named, depth - 1)} }}")
    return " ".join(parts)


def lists(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """The root fields that list objects, with the type of these."""
    query = cast(GraphQLObjectType, schema.query_type)
    paged = {name: field for name, field in query.fields.items() if {"first", "after"} <= set(field.args)}
    found = {name: cast(Any, get_named_type(field.type)).fields for name, field in paged.items()}
    return {
        name: cast(GraphQLObjectType, get_named_type(fields["nodes"].type))
        for name, fields in found.items()
        if "nodes" in fields
    }


class Comparison:
    """Asks two installations the same, and remembers what differed."""

    def __init__(self, before: Installation, after: Installation) -> None:
        self._before, self._after = before, after
        self._asked = self._answered = 0
        self._different: list[str] = []

    @property
    def compared(self) -> Compared:
        """What came out."""
        return Compared(self._asked, self._different, self._answered)

    async def ask(self, document: str, variables: dict[str, Any]) -> Any:
        """The answer of the first, after comparing it with that of the second."""
        first = await self._before.ask(document, variables)
        second = await self._after.ask(document, variables)
        self._asked += 1
        self._answered += not first["errors"] and first["data"] is not None
        if first != second:
            self._different.append(document)
        return first["data"]

    async def ask_lists(self, schema: GraphQLSchema) -> dict[str, str]:
        """Every list with all there is to select, page by page from its beginning; gives an id of every type seen."""
        ids: dict[str, str] = {}
        for name, type_ in lists(schema).items():
            cursor: str | None = None
            for _ in range(PAGES):
                document = f"""query($after: String) {{ {name}(first: {PAGE}, after: $after) {{
                    totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {selection(type_, DEPTH)} }} }} }}"""
                data = await self.ask(document, {"after": cursor})
                if data is None:
                    break
                collect_ids(data, ids)
                if not data[name]["pageInfo"]["hasNextPage"]:
                    break
                cursor = data[name]["pageInfo"]["endCursor"]
        return ids


def collect_ids(value: Any, ids: dict[str, str]) -> None:
    """One id of each type that occurs in an answer."""
    if isinstance(value, dict):
        if "id" in value and "__typename" in value:
            ids[value["__typename"]] = value["id"]
        for each in value.values():
            collect_ids(each, ids)
    elif isinstance(value, list):
        for each in value:
            collect_ids(each, ids)


async def compare(before: Installation, after: Installation, schema: strawberry.Schema) -> Compared:
    """Ask both everything."""
    graphql = schema._schema
    comparison = Comparison(before, after)
    ids = await comparison.ask_lists(graphql)
    planned = {name: type_ for name, type_ in graphql.type_map.items() if name in ids and model_of(cast(Any, type_))}
    for name, type_ in planned.items():
        by_id = f"query($id: ID!) {{ node(id: $id) {{ __typename id ... on {name} {{ {selection(type_, 1)} }} }} }}"
        await comparison.ask(by_id, {"id": ids[name]})
    texts = [*shown_queries(), *tested_queries()]
    for text, document in sound_queries(graphql, iter(texts)).items():
        for variables in variables_of(document, ids):
            await comparison.ask(text, variables)
    return comparison.compared


async def loaded(database: Database, governed: Governed) -> Actor:
    """The organisation with its records of governance, forecasts and a maturity score."""
    actor = await load_governed(database, governed)
    await forecast(database, actor=actor, as_of=governed.until, now=governed.until)
    async with database.writing(actor.organisation_id) as session:
        await score_records(session, actor=actor, as_of=governed.until, now=governed.until)
    return actor


async def moved(source: Database, target: Database, actor: Actor, path: Path, key: str) -> Actor:
    """The organisation on another installation."""
    async with source.snapshot(actor.organisation_id) as session:
        with files.writing(path) as writer:
            await write_records(session, writer, organisation_id=actor.organisation_id, key=key)
    with files.reading(path) as bundle:
        await restore_records(target, bundle, name=path.name, key=key, now=NOW)
    return await actor_of(target, key)


async def actor_of(database: Database, key: str) -> Actor:
    """The system actor of an organisation."""
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
        assert organisation_id is not None
        return await system_actor(session, organisation_id=organisation_id)


def run() -> list[Measurement]:
    """Load, export, import and ask at size M."""
    return measure(MEDIUM)


def measure(size: Size) -> list[Measurement]:
    """The same at any size."""
    with ExitStack() as stack:
        server = stack.enter_context(provide_database(None, TEST_DATA))
        here = stack.enter_context(cloned_database(server, "portability_here"))
        there = stack.enter_context(cloned_database(server, "portability_there"))
        archive = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bundle.zip"
        tickets = asyncio.run(_load(here, size))
        exported = _program("export", str(archive), "--organisation", size.key, url=here)
        imported = _program("import", str(archive), url=there)
        compared, records = asyncio.run(_compare(here, there, size.key))
        for document in compared.different[:5]:
            sys.stderr.write(f"answered differently: {' '.join(document.split())[:200]}\n")
        return [
            Measurement(f"tickets of {size.services} services and {size.targets} targets", tickets, "tickets"),
            Measurement("records moved", records, "records"),
            Measurement("queries asked of both", compared.asked, "queries", floor=FEWEST_QUERIES),
            Measurement("of these answered without an error", compared.answered, "queries", floor=FEWEST_QUERIES),
            Measurement("answered differently", len(compared.different), "queries", floor=0, smaller_is_better=True),
            Measurement("export, with definitions", exported.seconds, "s"),
            Measurement("peak memory of the export", exported.peak, "MiB", floor=MOST_MEMORY, smaller_is_better=True),
            Measurement("import, compared before it is kept", imported.seconds, "s"),
            Measurement("peak memory of the import", imported.peak, "MiB", floor=MOST_MEMORY, smaller_is_better=True),
            Measurement("archive", archive.stat().st_size / 2**20, "MiB"),
        ]


async def _compare(here: str, there: str, key: str) -> tuple[Compared, int]:
    schema = build_schema()
    source, target = Database(here), Database(there)
    try:
        before = Installation(schema, source, await actor_of(source, key))
        actor = await actor_of(target, key)
        async with target.reading(actor.organisation_id) as session:
            records = (await (await session.connection()).exec_driver_sql("SELECT records FROM bundle_import")).scalar()
        return await compare(before, Installation(schema, target, actor), schema), int(records or 0)
    finally:
        await source.close()
        await target.close()


async def _load(url: str, size: Size) -> int:
    governed = sized(size, SEED, UNTIL)
    database = Database(url)
    try:
        await loaded(database, governed)
    finally:
        await database.close()
    return len(governed.blueprint.tickets)


@dataclass(frozen=True)
class Ended:
    """How long a program ran, and the most memory it held, in MiB."""

    seconds: float
    peak: float


def _program(*arguments: str, url: str) -> Ended:
    """Run a command of the program as its user does."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "slm", "bundle", *arguments]
    running = subprocess.Popen(command, cwd=ROOT, env={"DATABASE_URL": url, "PATH": "/usr/bin:/bin"})
    # Asked while it runs: what the system counts for an ended process begins with the memory of the one that forked it.
    peak = 0.0
    while running.poll() is None:
        peak = max(peak, _held(running.pid))
        time.sleep(0.1)
    if running.returncode != 0:
        raise RuntimeError(f"slm bundle {arguments[0]} ended with {running.returncode}")
    return Ended(time.perf_counter() - started, peak)


def _held(process: int) -> float:
    """The most memory a running process has held so far, in MiB."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
