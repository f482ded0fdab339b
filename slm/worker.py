"""What happens without anybody touching a ticket: breaches at their due instants, and periods that end."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

from services.compliance.settlement import record_due_breaches
from services.db import Database
from services.errors import Unavailable
from services.organisations.queries import count_due, due_organisations, next_due, system_actor
from slm.logs import job
from slm.metrics import WorkerMetrics

if TYPE_CHECKING:
    from slm.spans import Spans

log = structlog.get_logger(__name__)

LONGEST_WAIT = timedelta(seconds=30)
"""How long the worker sleeps at most: new work may fall due sooner than what it knew of."""
RETRY_AFTER = timedelta(seconds=5)
UPKEEP_EVERY = timedelta(minutes=1)
TICKETS_AT_ONCE = 500
ORGANISATIONS_AT_ONCE = 100


class Upkeep(Protocol):
    """Work that keeps something current in all organisations, and says whether all went well."""

    async def __call__(self, database: Database, *, now: datetime) -> bool:
        """Do what there is to do at `now`."""


async def run(
    database: Database,
    *,
    stopping: asyncio.Event,
    upkeep: Sequence[Upkeep] = (),
    metrics: WorkerMetrics | None = None,
    spans: "Spans | None" = None,
) -> None:
    """Work until told to stop; what fails is logged and tried again, so no due work is lost.

    `upkeep` goes on beside what is due and does not hold it up; when told to stop, what it has not finished is left.
    """
    keeping = asyncio.create_task(_keep(database, upkeep)) if upkeep else None
    try:
        while not stopping.is_set():
            wait, well = RETRY_AFTER, False
            try:
                if metrics is not None:
                    await _measure(database, metrics)
                if well := await work(database, now=datetime.now(UTC), metrics=metrics, spans=spans):
                    wait = await _until_next(database, now=datetime.now(UTC))
                if metrics is not None:
                    await _measure(database, metrics)
            except Unavailable as failure:
                log.warning("worker.waiting", reason=failure.message)
            except Exception:
                log.exception("worker.failed")
            if metrics is not None:
                metrics.rounds.labels("well" if well else "failed").inc()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), timeout=wait.total_seconds())
    finally:
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


async def _keep(database: Database, upkeep: Sequence[Upkeep]) -> None:
    while True:
        for kept in upkeep:
            try:
                await kept(database, now=datetime.now(UTC))
            except Unavailable as failure:
                log.warning("worker.upkeep_waiting", reason=failure.message)
            except Exception:
                log.exception("worker.upkeep_failed")
        await asyncio.sleep(UPKEEP_EVERY.total_seconds())


async def _measure(database: Database, metrics: WorkerMetrics) -> None:
    async with database.reading(None) as session:
        metrics.saw(due=await count_due(session, now=datetime.now(UTC)), earliest=await next_due(session))


async def work(
    database: Database, *, now: datetime, metrics: WorkerMetrics | None = None, spans: "Spans | None" = None
) -> bool:
    """Do what is due at `now` in every organisation, a bounded piece of each in turn.

    One organisation's failure is logged and does not keep the others waiting. Returns whether all went well.
    """
    well = True
    done: set[UUID] = set()
    while True:
        async with database.reading(None) as session:
            # Whole seconds, as clocks compute: what falls due within this one may still be stopped in time.
            second = now.replace(microsecond=0)
            due = await due_organisations(session, now=second, limit=ORGANISATIONS_AT_ONCE, besides=done)
        if not due:
            return well
        for organisation_id in due:
            try:
                tickets = await _work_in(database, organisation_id, now, spans)
            except Unavailable:
                raise  # the others would fare no better
            except Exception:
                log.exception("worker.organisation_failed", organisation=str(organisation_id))
                tickets, well = 0, False
            if metrics is not None:
                metrics.settled.inc(tickets)
            if tickets < TICKETS_AT_ONCE:
                done.add(organisation_id)


async def _work_in(database: Database, organisation_id: UUID, now: datetime, spans: "Spans | None") -> int:
    async with database.reading(None) as session:
        actor = await system_actor(session, organisation_id=organisation_id)
    span = nullcontext() if spans is None else spans.job("settle", organisation_id)
    with span as trace, job("settle", organisation_id=organisation_id, actor_id=actor.account_id, trace_id=trace):
        async with database.writing(organisation_id) as writing:
            tickets = await record_due_breaches(writing, actor=actor, now=now, limit=TICKETS_AT_ONCE)
        if tickets:
            log.info("worker.settled", tickets=tickets)
    return tickets


async def _until_next(database: Database, *, now: datetime) -> timedelta:
    async with database.reading(None) as session:
        due = await next_due(session)
    if due is None:
        return LONGEST_WAIT
    # A second after the due instant: reaching it exactly may still keep the promise.
    return min(LONGEST_WAIT, max(due + timedelta(seconds=1) - now, timedelta(milliseconds=100)))
