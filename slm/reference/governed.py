"""Generate a reference organisation from its habits: the catalogue, what is promised, and two years of tickets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zlib import crc32

import numpy as np

from services.agreements.rules import AgreementKind
from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind
from services.domain.business_time import Window
from services.domain.period import first_day, following_day
from services.domain.vocabulary import PeriodKind, TicketState
from services.organisations.rules import GovernanceRole, PartyKind
from services.tickets.sources.records import TicketEventRecord
from slm.reference.habits import Habits
from slm.reference.organisation import (
    AgreementFact,
    AgreementVersionFact,
    Blueprint,
    CalendarFact,
    DepartmentFact,
    OwnerFact,
    PartyFact,
    PersonFact,
    ServiceFact,
    TargetFact,
    TicketFact,
)
from slm.reference.truth import Plant, PlantedFact, Truth

MONTHS = 24
FOUNDED_DAYS_AGO = 920
DESIGNED, LIVE = timedelta(days=60), timedelta(days=90)
"""From the founding on."""
SERVICES_A_MONTH, TICKETS_A_SERVICE = 10, 2
PROMISED = timedelta(hours=8)
MANAGER, OWNER, CUSTOMER, SPONSOR = "ines-moreau", "piet-de-vries", "carla-romano", "sten-falk"
BUYER = "bela-novak"
EVERY_HOUR = tuple(Window(day, 0, 24 * 3600) for day in range(1, 8))


@dataclass(frozen=True)
class Governed:
    """A generated organisation together with the habits that its records of governance are written by."""

    blueprint: Blueprint
    habits: Habits
    months: tuple[date, ...]
    until: datetime

    @property
    def went_live_at(self) -> datetime:
        """When its services went live."""
        return self.blueprint.founded_at + LIVE


def govern(habits: Habits, seed: int, until: datetime) -> tuple[Governed, Truth]:
    """The organisation with these habits as of `until` (aware), and what is planted in it.

    Nothing but the arguments decides the result.
    """
    until = until.astimezone(UTC).replace(microsecond=0)
    today = until.date()
    founded_at = datetime.combine(today - timedelta(days=FOUNDED_DAYS_AGO), datetime.min.time(), UTC)
    months = () if habits.is_silent else tuple(_months(today))
    random = np.random.default_rng([seed, crc32(habits.key.encode())])
    tickets = tuple(_tickets(random, habits, months))
    services = [f"service-{number:02d}" for number in range(1, habits.services + 1)]
    blueprint = Blueprint(
        key=habits.key,
        name=habits.name,
        time_zone="UTC",
        founded_at=founded_at,
        departments=(DepartmentFact("it", "Information Technology"),),
        parties=(
            PartyFact("business", "Business", PartyKind.CUSTOMER),
            PartyFact("it", "IT", PartyKind.INTERNAL_TEAM),
            PartyFact("cloud", "Cloud", PartyKind.SUPPLIER),
        ),
        people=(
            PersonFact(MANAGER, "Ines Moreau", "it", (GovernanceRole.SERVICE_LEVEL_MANAGER,)),
            PersonFact(OWNER, "Piet de Vries", "it", (GovernanceRole.VENDOR_MANAGER,)),
            PersonFact(BUYER, "Béla Novák", "it", (GovernanceRole.PROCUREMENT_LEAD,)),
            PersonFact(CUSTOMER, "Carla Romano", "it", party="business"),
            PersonFact(SPONSOR, "Sten Falk", "it", (GovernanceRole.CIO,)),
        ),
        calendars=(CalendarFact("always", "Around the clock", "UTC", EVERY_HOUR, ()),),
        services=tuple(_service(key, habits, founded_at) for key in services),
        agreements=() if habits.is_silent else tuple(_agreements(services, founded_at)),
        tickets=tickets,
    )
    return Governed(blueprint, habits, months, until), Truth(seed, until, _planted(habits, founded_at, until, tickets))


def _months(today: date) -> Iterator[date]:
    """The first days of the complete months before this one, oldest first."""
    first = first_day(PeriodKind.MONTH, today)
    start = date(first.year - MONTHS // 12, first.month, 1)
    while start < first:
        yield start
        start = following_day(PeriodKind.MONTH, start)


def _service(key: str, habits: Habits, founded_at: datetime) -> ServiceFact:
    """A silent organisation has its service without a word about its life or who answers for it."""
    name = key.replace("-", " ").capitalize()
    owners: tuple[OwnerFact, ...] = (
        OwnerFact(OWNER, OwnershipKind.SERVICE_LEVEL_OWNER),
        OwnerFact(CUSTOMER, OwnershipKind.BUSINESS_OWNER),
    )
    if habits.designs_together:
        owners += (OwnerFact(SPONSOR, OwnershipKind.EXECUTIVE_SPONSOR),)
    life = ((LifecycleEventKind.DESIGN_APPROVED, DESIGNED), (LifecycleEventKind.GO_LIVE, LIVE))
    lifecycle = tuple((kind, founded_at + after) for kind, after in life)
    silent = habits.is_silent
    return ServiceFact(
        key, name, "", Criticality.STANDARD, "it", () if silent else owners, () if silent else lifecycle
    )  # fmt: skip


def _agreements(services: list[str], founded_at: datetime) -> Iterator[AgreementFact]:
    yield from (_agreement(key, founded_at) for key in services)
    yield from (_contract(key, founded_at) for key in services)


def _contract(service: str, founded_at: datetime) -> AgreementFact:
    """What the supplier promises: so little that it is always kept."""
    target = TargetFact(
        "restoration", "Restored within two days", "always", 2 * 24 * 3600, Decimal(80),
        (TicketState.RESOLVED, TicketState.CLOSED),
    )  # fmt: skip
    version = AgreementVersionFact(founded_at + LIVE, founded_at + DESIGNED, "First contract", (target,))
    return AgreementFact(
        f"{service}-uc", f"Hosting of {service}", AgreementKind.UC, service, "it", "cloud", (version,)
    )  # fmt: skip


def _agreement(service: str, founded_at: datetime) -> AgreementFact:
    target = TargetFact(
        "resolution", "Resolved within 8 hours", "always", int(PROMISED.total_seconds()), Decimal(80),
        (TicketState.RESOLVED, TicketState.CLOSED),
    )  # fmt: skip
    version = AgreementVersionFact(founded_at + LIVE, founded_at + DESIGNED, "First agreement", (target,))
    return AgreementFact(
        f"{service}-sla", f"{service} for the business", AgreementKind.SLA, service, "business", "it", (version,)
    )  # fmt: skip


def _tickets(random: np.random.Generator, habits: Habits, months: tuple[date, ...]) -> Iterator[TicketFact]:
    """Two tickets a month of ten services in turn. The first of each month, and of Bad every service's, is late."""
    for position, month in enumerate(months):
        for number in range(SERVICES_A_MONTH):
            service = f"service-{(position * SERVICES_A_MONTH + number) % habits.services + 1:02d}"
            for ticket in range(TICKETS_A_SERVICE):
                always_late = ticket == 0 and (number == 0 or not habits.follows_through)
                is_late = bool(random.random() < habits.late_share) or always_late
                spent = PROMISED * float(random.uniform(1.2, 3.0) if is_late else random.uniform(0.1, 0.9))
                opened_at = datetime.combine(month, datetime.min.time(), UTC) + timedelta(
                    days=int(random.integers(0, 25)), hours=int(random.integers(7, 18))
                )
                yield _ticket(f"T{position:02d}{number:02d}{ticket}", service, opened_at, spent)


def _ticket(key: str, service: str, opened_at: datetime, spent: timedelta) -> TicketFact:
    resolved_at = (opened_at + spent).replace(microsecond=0)
    steps = ((TicketState.NEW, opened_at), (TicketState.RESOLVED, resolved_at))
    return TicketFact(
        service,
        tuple(
            TicketEventRecord(
                ticket_key=key, sequence=sequence, event_key=f"{sequence}|{at.isoformat()}", occurred_at=at,
                recorded_at=at, opened_at=opened_at, state=state, priority="3 - Moderate", impact=None, urgency=None,
                category=None, subcategory=None, team="IT", assignee=None, customer=None, contact_type=None,
                location=None, recorded_outcome=None, recorded_resolved_at=None, recorded_closed_at=None, attributes={},
            )
            for sequence, (state, at) in enumerate(steps)
        ),
    )  # fmt: skip


BAD_HABITS = (
    Plant.LAUNCHED_WITHOUT_REQUIREMENTS,
    Plant.FLATTERED_REPORTS,
    Plant.MEETINGS_WITHOUT_EFFECT,
    Plant.BREACHES_WITHOUT_CHANGE,
)


def _planted(
    habits: Habits, founded_at: datetime, until: datetime, tickets: tuple[TicketFact, ...]
) -> tuple[PlantedFact, ...]:
    """What the habits plant; an organisation that follows through, or is silent, has none of it."""
    if habits.follows_through or habits.is_silent:
        return ()
    late = tuple(each.events[0].ticket_key for each in tickets if _spent(each) > PROMISED)
    return tuple(
        PlantedFact(
            f"{plant.value}:{habits.key}", plant, habits.key, founded_at + LIVE, until, 1.0,
            late if plant is Plant.BREACHES_WITHOUT_CHANGE else (),
        )
        for plant in BAD_HABITS
    )  # fmt: skip


def _spent(ticket: TicketFact) -> timedelta:
    return ticket.events[-1].occurred_at - ticket.events[0].occurred_at
