"""A service whose promise was broken, month after month."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.attainment.models import PeriodResult
from services.db import Database
from services.domain.period import period_around
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import Actor
from tests.factories.stored import Rows, store


@dataclass(frozen=True)
class BrokenPromise:
    """A service, its target, and a breach for each period asked for."""

    service_id: UUID
    target_id: UUID
    breach_ids: tuple[UUID, ...]
    periods: tuple[PeriodResult, ...]


async def broken_promise(
    database: Database, actor: Actor, *breached_at: datetime, key: str = "mail", **result: Any
) -> BrokenPromise:
    """Store a service with one target, and for each first instant of a month that the month before was missed."""
    rows = Rows(actor)
    calendar, service = rows.calendar(key), rows.service(key)
    hours = rows.calendar_version(calendar.id)
    agreement = rows.agreement(service.id, f"{key}-sla")
    version = rows.agreement_version(agreement.id)
    target = rows.target(agreement.id)
    definition = rows.target_version(target.id, version.id, calendar.id)
    breaches, results = [], []
    for at in breached_at:
        month = period_around(PeriodKind.MONTH, at - timedelta(seconds=1), ZoneInfo("UTC"))
        span = {"period": PeriodKind.MONTH, "period_start": month.start}
        breach = rows.breach(definition, hours.id, breached_at=at, **span)
        breach.recorded_at = at
        breaches.append(breach)
        results.append(rows.period_result(definition, hours.id, period_end=month.end, **span, **result))
    await store(database, [calendar, hours, service, agreement, version, target, definition, *breaches, *results])
    return BrokenPromise(service.id, target.id, tuple(breach.id for breach in breaches), tuple(results))
