"""A reference organisation of a given size: run like Good, with as many services, targets and tickets as asked for.

Size M is that of methods H.1 (60 services, 200 targets, 24 months) with the tickets of H.2 (of a target and month
log-normal, median 45). Contexts of H.1 that the program does not have yet (surveys, outages, credits) are not in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zlib import crc32

import numpy as np

from services.agreements.rules import AgreementKind
from services.domain.business_time import Window
from services.domain.vocabulary import ReopenPolicy, TicketState
from services.tickets.sources.records import TicketEventRecord
from slm.reference.governed import DESIGNED, LIVE, Governed, govern
from slm.reference.habits import GOOD
from slm.reference.organisation import AgreementFact, AgreementVersionFact, CalendarFact, TargetFact, TicketFact
from slm.reference.wexcombe_agreements import PRIORITIES

HOUR = 3600
PROMISED_HOURS = (4, 8, 24, 72)
"""By priority."""
LATE_SHARE = 0.01
PAUSED_SHARE = 0.23
OPEN_SHARE = 0.01
"""Of the last month's tickets."""
TEAMS = ("Service Desk", "Networks", "Applications", "Field")


@dataclass(frozen=True)
class Size:
    """How much of everything. `tickets` is the median number of a target and month; there are always 24 months."""

    key: str
    services: int
    targets: int
    tickets: float


MEDIUM = Size("reference-m", services=60, targets=200, tickets=45)


def sized(size: Size, seed: int, until: datetime) -> Governed:
    """The organisation of that size as of `until` (aware). Nothing but the arguments decides the result."""
    habits = replace(GOOD, key=size.key, name=f"{size.key} (generated)", services=size.services)
    governed, _ = govern(habits, seed, until)
    random = np.random.default_rng([seed, crc32(size.key.encode())])
    promised = list(_promised(size))
    weekdays = tuple(Window(day, 8 * HOUR, 18 * HOUR) for day in range(1, 6))
    founded_at = governed.blueprint.founded_at
    blueprint = replace(
        governed.blueprint,
        calendars=(
            *governed.blueprint.calendars,
            CalendarFact("weekdays", "Weekdays 08:00-18:00", "Europe/London", weekdays, ()),
        ),
        agreements=tuple(_agreement(service, numbers, founded_at) for service, numbers in promised),
        tickets=tuple(_tickets(random, size, promised, governed.months)),
    )
    return replace(governed, blueprint=blueprint)


def _promised(size: Size) -> Iterator[tuple[str, range]]:
    """Each service with the priorities it has targets for: as evenly as it can be."""
    for number in range(size.services):
        targets = size.targets // size.services + (number < size.targets % size.services)
        yield f"service-{number + 1:02d}", range(min(targets, len(PRIORITIES)))


def _agreement(service: str, numbers: range, founded_at: datetime) -> AgreementFact:
    targets = tuple(
        TargetFact(
            f"resolution-p{number + 1}", f"Priority {number + 1} within {PROMISED_HOURS[number]} service hours",
            "always" if number < 2 else "weekdays", PROMISED_HOURS[number] * HOUR, Decimal(90),
            (TicketState.RESOLVED, TicketState.CLOSED), (PRIORITIES[number],),
            pause_states=(TicketState.AWAITING_CUSTOMER,), reopen=ReopenPolicy.RESUME,
        )
        for number in numbers
    )  # fmt: skip
    first = AgreementVersionFact(founded_at + LIVE, founded_at + DESIGNED, "First agreement", targets)
    return AgreementFact(
        f"{service}-sla", f"{service} for the business", AgreementKind.SLA, service, "business", "it", (first,)
    )


def _tickets(
    random: np.random.Generator, size: Size, promised: list[tuple[str, range]], months: tuple[date, ...]
) -> Iterator[TicketFact]:
    counter = 0
    for service, numbers in promised:
        for number in numbers:
            for month in months:
                count = round(float(random.lognormal(np.log(size.tickets), 0.9)))
                is_last = month == months[-1]
                for _ in range(count):
                    counter += 1
                    yield _ticket(random, f"M{counter:07d}", service, number, month, is_last=is_last)


def _ticket(
    random: np.random.Generator, key: str, service: str, number: int, month: date, *, is_last: bool
) -> TicketFact:
    opened_at = datetime.combine(month, datetime.min.time(), UTC) + timedelta(
        days=int(random.integers(0, 25)), seconds=int(random.integers(9 * HOUR, 16 * HOUR))
    )
    chance = random.random(4)
    spent = PROMISED_HOURS[number] * HOUR * (1.5 + chance[1] if chance[0] < LATE_SHARE else 0.05 + 0.2 * chance[1])
    steps = [(TicketState.NEW, opened_at)]
    at = opened_at
    if chance[2] < PAUSED_SHARE:
        at += timedelta(seconds=int(spent / 2))
        steps.append((TicketState.AWAITING_CUSTOMER, at))
        at += timedelta(seconds=int(HOUR * (1 + 20 * chance[1])))
        steps.append((TicketState.IN_PROGRESS, at))
    if not (is_last and chance[3] < OPEN_SHARE):
        steps.append((TicketState.RESOLVED, at + timedelta(seconds=int(spent))))
    team = TEAMS[int(chance[1] * len(TEAMS))]
    return TicketFact(
        service,
        tuple(
            TicketEventRecord(
                ticket_key=key, sequence=sequence, event_key=f"{sequence}|{when.isoformat()}", occurred_at=when,
                recorded_at=when, opened_at=opened_at, state=state, priority=PRIORITIES[number], impact=None,
                urgency=None, category=None, subcategory=None, team=team, assignee=None, customer=None,
                contact_type=None, location=None, recorded_outcome=None, recorded_resolved_at=None,
                recorded_closed_at=None, attributes={"number": key},
            )
            for sequence, (state, when) in enumerate(steps)
        ),
    )  # fmt: skip
