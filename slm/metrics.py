"""Figures for Prometheus: what a process did and how it stands, at an address of their own.

Off unless a port is set, and then on the loopback address unless another is set: the figures name no organisation, but
how much is going on is nobody's business either. No label takes a value that a caller can make up.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server, write_to_textfile
from sqlalchemy import event

from services.db import Database
from services.reader import Ended, Statement
from slm.running import Unusable
from slm.settings import Settings

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What every process with a database tells: its statements and its connections."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.statements = Histogram(
            "slm_statement_seconds", "Statements run, and how long they took.", buckets=SECONDS, registry=self.registry
        )
        self.connections = Gauge(
            "slm_pool_connections", "Connections of the pool by state.", ["state"], registry=self.registry
        )

    def watch(self, database: Database) -> None:
        """Count what this pool does from now on."""
        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", _begin)
        event.listen(engine, "after_cursor_execute", self._end)
        database.reader.observers.append(self)
        pool: Any = engine.pool
        reader = database.reader
        self.connections.labels("size").set_function(lambda: pool.size() + reader.size)
        self.connections.labels("in_use").set_function(lambda: pool.checkedout() + reader.in_use)
        self.connections.labels("waited_for").set_function(lambda: database.waiting + reader.waited_for)

    def begun(self, statement: Statement) -> Ended:  # noqa: ARG002 - told to every observer
        """See services.reader.Observer."""
        started = time.perf_counter()
        return lambda _failure: self.statements.observe(time.perf_counter() - started)

    def _end(self, connection: Any, *_: Any) -> None:
        self.statements.observe(time.perf_counter() - connection.info.pop(_BEGUN, time.perf_counter()))


_BEGUN = "slm_statement_begun"


def _begin(connection: Any, *_: Any) -> None:
    connection.info[_BEGUN] = time.perf_counter()


class WorkerMetrics(Metrics):
    """What the worker tells besides: what waits for it, and since when."""

    def __init__(self) -> None:
        super().__init__()
        self._earliest: float | None = None
        self.backlog = Gauge("slm_due_organisations", "Organisations with work due now.", registry=self.registry)
        lag = Gauge("slm_worker_lag_seconds", "For how long the oldest due work has waited.", registry=self.registry)
        lag.set_function(self._lag)
        self.settled = Counter("slm_settled_tickets", "Tickets settled when due.", registry=self.registry)
        self.rounds = Counter("slm_worker_rounds", "Looks at what is due.", ["outcome"], registry=self.registry)
        for outcome in ("well", "failed"):
            self.rounds.labels(outcome)

    def saw(self, *, due: int, earliest: datetime | None) -> None:
        """Note how many organisations have work due, and the instant of the earliest work there is."""
        self.backlog.set(due)
        self._earliest = earliest.timestamp() if earliest else None

    def _lag(self) -> float:
        return max(0.0, time.time() - self._earliest) if self._earliest is not None else 0.0


@contextmanager
def exposed(metrics: Metrics, settings: Settings) -> Iterator[None]:
    """Answer Prometheus while the block lasts. Raises Unusable when the address is taken."""
    if settings.metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.metrics_port, settings.metrics_host, metrics.registry)
    except OSError as failure:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise Unusable(f"cannot answer Prometheus on {where}: {failure.strerror}; set SLM_METRICS_PORT") from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_import(path: Path, *, recorded: int, known: int, rejected: int, stored: bool) -> None:
    """Leave what an import counted as a file for the textfile collector: it has ended before anybody could ask."""
    registry = CollectorRegistry()
    rows = Gauge("slm_import_rows", "Rows of the last import by what became of them.", ["result"], registry=registry)
    for result, count in (("recorded", recorded), ("known", known), ("rejected", rejected)):
        rows.labels(result).set(count)
    Gauge("slm_import_stored", "Whether it was stored.", registry=registry).set(stored)
    Gauge("slm_import_finished_seconds", "When it ended.", registry=registry).set_to_current_time()
    write_to_textfile(str(path), registry)
