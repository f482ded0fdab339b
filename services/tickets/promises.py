"""Which promises hold for which tickets of a history."""

from datetime import datetime
from uuid import UUID

import numpy as np

from services.agreements.queries import targets_in_force
from services.calendars.queries import load_calendar_definitions, versions_in_force
from services.db import ReadSession
from services.domain.instants import to_epoch
from services.tickets.clocks import Promise
from services.tickets.history import Flags, TicketHistory


async def promises(
    session: ReadSession, organisation_id: UUID, log: TicketHistory, *, known_by: datetime | None = None
) -> list[tuple[Promise, Flags]]:
    """Every promise that holds for some of the tickets, with the tickets it holds for: what was agreed at opening.

    With `known_by`, the promises and calendars as they were recorded by then; by default as they are known today.
    """
    services = {service for service in log.service_ids if service is not None}
    if not services:
        return []
    targets = await targets_in_force(session, organisation_id, service_ids=services, known_by=known_by)
    calendars = {
        calendar_id: await versions_in_force(session, organisation_id, calendar_id, known_by=known_by)
        for calendar_id in {target.calendar_id for target in targets}
    }
    definitions = await load_calendar_definitions(
        session,
        organisation_id,
        [version.calendar_version_id for versions in calendars.values() for version in versions],
    )
    found = []
    for target in targets:
        of_service = np.array([service == target.service_id for service in log.service_ids], dtype=np.bool_)
        agreed = of_service & _within(log, target.valid_from, target.until)
        for version in calendars[target.calendar_id]:
            chosen = agreed & _within(log, version.valid_from, version.until)
            if chosen.any():
                version_id = version.calendar_version_id
                found.append((Promise(target, version_id, definitions[version_id]), chosen))
    return found


def _within(log: TicketHistory, start: datetime, end: datetime | None) -> Flags:
    within = log.opened_at >= to_epoch(start)
    return within if end is None else within & (log.opened_at < to_epoch(end))
