"""`slm worker`: what falls due by itself, until told to stop."""

import asyncio
import signal
from contextlib import nullcontext

import structlog

from services.db import Database
from slm import worker
from slm.forecasting_upkeep import keep_forecasts_current
from slm.logs import configure_logging
from slm.metrics import WorkerMetrics, exposed
from slm.running import database_provided, read_settings, run_with_database

log = structlog.get_logger(__name__)


def run_worker() -> None:
    """Work until SIGTERM or Ctrl-C; the piece under way is finished first."""
    settings = read_settings()
    configure_logging(settings)
    with database_provided(settings, migrate=False, supervised=True) as provided:
        metrics = WorkerMetrics() if settings.metrics_port is not None else None
        with exposed(metrics, settings) if metrics else nullcontext():
            run_with_database(lambda database: _work_until_signalled(database, metrics), settings=provided)


async def _work_until_signalled(database: Database, metrics: WorkerMetrics | None) -> None:
    if metrics is not None:
        metrics.watch(database)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log.info("worker.started")
    await worker.run(database, stopping=stopping, upkeep=keep_forecasts_current, metrics=metrics)
