"""Spans for OpenTelemetry: whose children they are, what they tell, what they never tell, and when there are none."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import DBAPIError

from services.db import Database, fetch
from services.domain.vocabulary import TicketState
from services.organisations.rules import AccessRole, Actor
from slm import worker
from slm.app import create_app
from slm.running import Unusable
from slm.settings import Settings
from slm.traces import traced
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened
from tests.opening import ORGANISATION_SETTING
from tests.slm.conftest import issue_token

sdk = pytest.importorskip("opentelemetry.sdk.trace")
export = pytest.importorskip("opentelemetry.sdk.trace.export")
memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
spans_module = pytest.importorskip("slm.spans")

WHO = "query Who { mine: organisation { key } }"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ENDPOINT = "http://127.0.0.1:9/v1/traces"


class Collected:
    """Spans kept in memory instead of sent."""

    def __init__(self) -> None:
        provider, self.exporter = sdk.TracerProvider(), memory.InMemorySpanExporter()
        provider.add_span_processor(export.SimpleSpanProcessor(self.exporter))
        self.spans = spans_module.Spans(provider, ["Who"])

    def all(self) -> list[Any]:
        return list(self.exporter.get_finished_spans())

    def one(self, name: str) -> Any:
        (found,) = [span for span in self.all() if span.name == name]
        return found


@pytest.fixture
def collected() -> Collected:
    return Collected()


def trace_of(span: Any) -> str:
    return f"{span.context.trace_id:032x}"


async def sent(
    database_url: str, collected: Collected, secret: str, body: dict[str, Any], path: str = "/graphql", **headers: str
) -> httpx.Response:
    """The answer of an application that makes its spans in `collected`."""
    settings = Settings(database_url=SecretStr(database_url), organisation_setting=ORGANISATION_SETTING)
    app = create_app(settings, spans=collected.spans)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, json=body, headers={"Authorization": f"Bearer {secret}", **headers})


async def test_a_request_is_a_span_of_the_callers_trace_and_its_statement_a_child(
    database_url: str, database: Database, actor: Actor, collected: Collected, lines: io.StringIO
) -> None:
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    answer = await sent(database_url, collected, secret, {"query": WHO}, traceparent=CALLER)
    request, statement = collected.one("query Who"), collected.one("SELECT Query.organisation")
    assert f"00-{trace_of(request)}-{request.parent.span_id:016x}-01" == CALLER
    assert request.attributes == {
        "http.request.method": "POST",
        "url.path": "/graphql",
        "http.response.status_code": 200,
        "graphql.operation.type": "query",
        "graphql.operation.name": "Who",
        "slm.organisation": str(actor.organisation_id),
        "slm.role": "viewer",
    }
    assert statement.parent.span_id == request.context.span_id
    assert statement.attributes == {
        "db.system.name": "postgresql",
        "db.operation.name": "SELECT",
        "graphql.field": "Query.organisation",
        "slm.rows": 1,
    }
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {line["trace_id"] for line in logged if line["event"] == "request"} == {trace_of(request)}
    assert answer.headers["X-Trace-Id"] == trace_of(request)


@pytest.mark.parametrize("traceparent", ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
async def test_without_a_trace_of_the_caller_the_log_has_the_new_one_of_the_span(
    database_url: str, database: Database, actor: Actor, collected: Collected, traceparent: str
) -> None:
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    answer = await sent(database_url, collected, secret, {"query": WHO}, traceparent=traceparent)
    assert collected.one("query Who").parent is None
    assert answer.headers["X-Trace-Id"] == trace_of(collected.one("query Who"))


async def test_no_span_holds_a_word_of_the_caller_or_a_value(
    database_url: str, database: Database, actor: Actor, collected: Collected
) -> None:
    _, secret = await issue_token(database, actor, AccessRole.ADMINISTRATOR)
    change = (
        'mutation Marked { markedAlias: createParty(input: {key: "marked", name: "Marked Person", kind: CUSTOMER})'
        " { __typename } }"
    )
    for body in ({"query": change}, {"query": change}, {"query": "{ marked }"}, {"query": "query Marked {"}):
        await sent(database_url, collected, secret, body)
    await sent(database_url, collected, "slm_" + "marked_" * 6 + "x", {"query": WHO})
    await sent(database_url, collected, secret, {}, path="/marked?marked=marked")
    told = [span.to_json() for span in collected.all()]
    assert {"mutation", "INSERT party", "invalid", "POST other", "POST /graphql"} <= {
        span.name for span in collected.all()
    }
    assert [text for text in told if "marked" in text.lower() or secret in text] == []


async def test_a_failed_statement_tells_its_sqlstate_and_no_message(database: Database, collected: Collected) -> None:
    collected.spans.watch(database)
    with collected.spans.job("settle", UUID(int=1)), pytest.raises(DBAPIError):
        async with database.reading(None) as session:
            await fetch(session, "SELECT 1 / 0")
    span = collected.one("SELECT")
    assert span.attributes["error.type"] == "22012"
    assert (span.status.is_ok, span.status.description, span.events) == (False, None, ())


async def test_a_job_of_the_worker_is_a_trace_with_its_statements_and_log_lines(
    database: Database, actor: Actor, collected: Collected, lines: io.StringIO
) -> None:
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    opened = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    await happened(database, actor, service_id, [event("INC1", opened, TicketState.NEW)], now=opened)
    collected.spans.watch(database)
    assert await worker.work(database, now=datetime.now(UTC), spans=collected.spans)
    jobs = {span.attributes["slm.organisation"]: span for span in collected.all() if span.name == "job settle"}
    job = jobs[str(actor.organisation_id)]
    assert job.attributes["slm.job"] == "settle"
    statements = [span for span in collected.all() if span.name != "job settle"]
    assert {span.parent and span.parent.span_id for span in statements} <= {j.context.span_id for j in jobs.values()}
    assert "INSERT breach" in {span.name for span in statements if trace_of(span) == trace_of(job)}
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert trace_of(job) in {line["trace_id"] for line in logged if line["event"] == "worker.settled"}


def test_without_an_endpoint_nothing_is_made() -> None:
    with traced(Settings(), process="slm-api") as spans:
        assert spans is None


def test_neither_the_program_nor_its_worker_loads_the_extra_unless_asked() -> None:
    asked = "import sys, slm.app, slm.cli, slm.commands.serve, slm.commands.work; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "slm.traces" in loaded
    assert loaded & {"slm.spans", "opentelemetry.sdk", "opentelemetry.exporter"} == set()


async def test_statements_of_nobodys_request_or_job_make_no_span(database: Database, collected: Collected) -> None:
    collected.spans.watch(database)
    async with database.reading(None) as session:
        await fetch(session, "SELECT 1")
    assert collected.all() == []


class _Collector(BaseHTTPRequestHandler):
    """Keeps what is posted to it in its server's `posted`."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_what_is_still_held_when_the_process_ends_reaches_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[tuple[str, bytes]] = []
    with HTTPServer(("127.0.0.1", 0), _Collector) as server:
        server.posted = posted  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("SLM_TRACES_ENDPOINT", f"http://127.0.0.1:{server.server_port}/v1/traces")
        with traced(Settings(), process="slm-worker") as spans:
            assert spans is not None
            with spans.job("settle", UUID(int=1)):
                pass
        server.shutdown()
        thread.join()
    ((path, body),) = posted
    assert path == "/v1/traces"
    assert b"job settle" in body
    assert b"slm-worker" in body


def test_an_endpoint_without_the_extra_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.delitem(sys.modules, "slm.spans")
    monkeypatch.setenv("SLM_TRACES_ENDPOINT", ENDPOINT)
    with pytest.raises(Unusable, match="needs the extra `opentelemetry`"), traced(Settings(), process="slm-api"):
        pass


def test_an_endpoint_must_be_an_address_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("collector:4318", "ftp://collector", "https://user:secret@collector"):
        monkeypatch.setenv("SLM_TRACES_ENDPOINT", wrong)
        with pytest.raises(ValidationError):
            Settings()
