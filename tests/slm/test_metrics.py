"""Figures for Prometheus: what they count, that no caller can add to their labels, and who may ask."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from services.db import Database
from services.domain.vocabulary import TicketState
from services.organisations.rules import AccessRole, Actor
from slm import worker
from slm.app import create_app
from slm.http.metrics import RequestMetrics
from slm.metrics import Metrics, WorkerMetrics, exposed, write_import
from slm.running import Unusable
from slm.settings import Settings
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened
from tests.opening import ORGANISATION_SETTING
from tests.slm.conftest import issue_token

WHO = "query Who { organisation { key } }"


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def sent(database_url: str, metrics: RequestMetrics, secret: str, *documents: dict[str, Any]) -> None:
    """Send bodies to an application that counts in `metrics`."""
    settings = Settings(database_url=SecretStr(database_url), organisation_setting=ORGANISATION_SETTING)
    app = create_app(settings, metrics=metrics)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for body in documents:
                await client.post("/graphql", json=body, headers={"Authorization": f"Bearer {secret}"})


async def test_requests_are_counted_by_the_operations_that_are_known(
    database_url: str, database: Database, actor: Actor
) -> None:
    metrics = RequestMetrics(["Who"])
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    made_up = [{"query": f"query MadeUp{number} {{ organisation {{ key }} }}"} for number in range(5)]
    change = 'mutation { createParty(input: {key: "k", name: "n", kind: CUSTOMER}) { __typename } }'
    broken = [{"query": "{ nothing }"}, {"query": "{"}, {"query": WHO, "operationName": "Nobody"}]
    await sent(database_url, metrics, secret, {"query": WHO}, {"query": WHO}, *made_up, {"query": change}, *broken)
    count = "slm_requests_total"
    assert value(metrics, count, operation="Who", kind="query", status="200") == 2
    assert value(metrics, count, operation="other", kind="query", status="200") == 6
    assert value(metrics, count, operation="other", kind="mutation", status="200") == 1
    assert value(metrics, "slm_request_seconds_count", operation="Who", kind="query") == 2
    assert value(metrics, "slm_errors_total", code="other") == 2
    assert (value(metrics, "slm_statement_seconds_count") or 0) >= 8
    assert value(metrics, "slm_pool_connections", state="in_use") == 0
    assert value(metrics, "slm_pool_connections", state="waited_for") == 0


async def test_no_label_takes_a_word_of_a_caller_or_names_an_organisation(
    database_url: str, database: Database, actor: Actor
) -> None:
    metrics = RequestMetrics(["Who"])
    _, secret = await issue_token(database, actor, AccessRole.VIEWER)
    await sent(
        database_url, metrics, secret, {"query": "query Secretive { organisation { key } }"}, {"query": "{ no }"}
    )
    await sent(database_url, metrics, "slm_" + "A" * 43, {"query": WHO})
    labels = {word for family in metrics.registry.collect() for one in family.samples for word in one.labels.values()}
    named = {word for word in labels if not word.replace(".", "").replace("+Inf", "").isdigit() and word != "+Inf"}
    assert named <= {"Who", "other", "query", "mutation", "none", "invalid", "size", "in_use", "waited_for"}
    assert value(metrics, "slm_requests_total", operation="other", kind="none", status="401") == 1


async def test_the_worker_tells_what_waits_and_since_when(database: Database, actor: Actor) -> None:
    metrics = WorkerMetrics()
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    opened = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    await happened(database, actor, service_id, [event("INC1", opened, TicketState.NEW)], now=opened)
    await worker._measure(database, metrics)
    assert (value(metrics, "slm_due_organisations") or 0) >= 1
    assert (value(metrics, "slm_worker_lag_seconds") or 0) > 86_400
    await worker.work(database, now=datetime.now(UTC), metrics=metrics)
    await worker._measure(database, metrics)
    assert (value(metrics, "slm_settled_tickets_total") or 0) >= 1
    assert value(metrics, "slm_due_organisations") == 0
    assert value(metrics, "slm_worker_lag_seconds") == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_figures_are_told_at_their_own_address_while_the_process_runs() -> None:
    settings = Settings().model_copy(update={"metrics_port": free_port()})
    assert settings.metrics_host == "127.0.0.1"
    metrics, url = WorkerMetrics(), f"http://127.0.0.1:{settings.metrics_port}/metrics"
    with exposed(metrics, settings), urlopen(url) as answer:
        families = {family.name for family in text_string_to_metric_families(answer.read().decode())}
    assert {"slm_worker_lag_seconds", "slm_due_organisations", "slm_statement_seconds"} <= families
    with pytest.raises(OSError, match="refused"), urlopen(url):
        pass


def test_without_a_port_nobody_is_told() -> None:
    assert Settings().metrics_port is None
    with exposed(WorkerMetrics(), Settings()):
        pass


def test_a_taken_port_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings().model_copy(update={"metrics_port": taken.getsockname()[1]})
        with pytest.raises(Unusable, match="set SLM_METRICS_PORT"), exposed(WorkerMetrics(), settings):
            pass


def test_an_import_leaves_its_figures_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "import.prom"
    write_import(path, recorded=3, known=2, rejected=1, stored=True)
    found = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(path.read_text())
        for one in family.samples
    }
    assert found["slm_import_rows", "recorded"] == 3
    assert found["slm_import_rows", "rejected"] == 1
    assert found["slm_import_stored",] == 1


def test_operations_to_tell_apart_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_METRICS_OPERATIONS", "Who, Board")
    assert Settings().metrics_operations == {"Who", "Board"}
