"""`slm worker`: what falls due by itself, until told to stop."""

import asyncio
import signal
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import structlog

from services.db import Database
from slm import worker
from slm.alignment import AlignmentKept
from slm.forecasting_upkeep import keep_forecasts_current
from slm.idempotency_upkeep import OutcomesEmptied
from slm.logs import configure_logging
from slm.metrics import WorkerMetrics, exposed
from slm.running import database_provided, read_settings, run_with_database
from slm.traces import traced

if TYPE_CHECKING:
    from slm.spans import Spans

log = structlog.get_logger(__name__)


def run_worker() -> None:
    """Work until SIGTERM or Ctrl-C; the piece under way is finished first."""
    settings = read_settings()
    configure_logging(settings)
    with (
        traced(settings, process="slm-worker") as spans,
        database_provided(settings, migrate=False, supervised=True) as provided,
    ):
        metrics = WorkerMetrics() if settings.metrics_port is not None else None
        with exposed(metrics, settings) if metrics else nullcontext():
            run_with_database(lambda database: _work_until_signalled(database, metrics, spans), settings=provided)


async def _work_until_signalled(database: Database, metrics: WorkerMetrics | None, spans: "Spans | None") -> None:
    for watching in (metrics, spans):
        if watching is not None:
            watching.watch(database)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log.info("worker.started")
    upkeep: list[worker.Upkeep] = [OutcomesEmptied(), AlignmentKept(), partial(keep_forecasts_current, spans=spans)]
    await worker.run(database, stopping=stopping, upkeep=upkeep, metrics=metrics, spans=spans)
