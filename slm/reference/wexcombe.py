"""Wexcombe Stores, a fictional retailer: its departments, people, parties, service hours and services."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from services.catalogue.rules import Criticality, LifecycleEventKind, OwnershipKind
from services.domain.business_time import Window
from services.organisations.rules import GovernanceRole, PartyKind
from slm.reference.organisation import (
    Blueprint,
    CalendarFact,
    DepartmentFact,
    OwnerFact,
    PartyFact,
    PersonFact,
    ServiceFact,
)
from slm.reference.wexcombe_agreements import agreements

TIME_ZONE = "Europe/London"
FOUNDED_DAYS_AGO = 540

DEPARTMENTS = (
    DepartmentFact("information-technology", "Information Technology"),
    DepartmentFact("it-operations", "IT Operations", "information-technology"),
    DepartmentFact("it-applications", "IT Applications", "information-technology"),
    DepartmentFact("retail", "Retail"),
    DepartmentFact("finance", "Finance"),
    DepartmentFact("people", "People"),
    DepartmentFact("logistics", "Logistics"),
)

PARTIES = (
    PartyFact("stores", "Stores", PartyKind.CUSTOMER),
    PartyFact("online-trading", "Online Trading", PartyKind.CUSTOMER),
    PartyFact("head-office", "Head Office", PartyKind.CUSTOMER),
    PartyFact("distribution", "Distribution", PartyKind.CUSTOMER),
    PartyFact("wexcombe-it", "Wexcombe IT", PartyKind.INTERNAL_TEAM),
    PartyFact("service-desk", "Service Desk", PartyKind.INTERNAL_TEAM),
    PartyFact("store-systems", "Store Systems", PartyKind.INTERNAL_TEAM),
    PartyFact("field-engineering", "Field Engineering", PartyKind.INTERNAL_TEAM),
    PartyFact("network-operations", "Network Operations", PartyKind.INTERNAL_TEAM),
    PartyFact("application-support", "Application Support", PartyKind.INTERNAL_TEAM),
    PartyFact("paylane", "Paylane Card Services", PartyKind.SUPPLIER),
    PartyFact("orbicom", "Orbicom Networks", PartyKind.SUPPLIER),
    PartyFact("kestrel", "Kestrel Hardware Care", PartyKind.SUPPLIER),
)

PEOPLE = (
    PersonFact("amara-okafor", "Amara Okafor", "information-technology", (GovernanceRole.CIO,)),
    PersonFact("tomasz-zielinski", "Tomasz Zieliński", "it-operations", (GovernanceRole.SERVICE_LEVEL_MANAGER,)),
    PersonFact("priya-raman", "Priya Raman", "it-applications", (GovernanceRole.SERVICE_DESIGN_LEAD,)),
    PersonFact("liam-byrne", "Liam Byrne", "information-technology", (GovernanceRole.VENDOR_MANAGER,)),
    PersonFact("helen-ashdown", "Helen Ashdown", "finance", (GovernanceRole.PROCUREMENT_LEAD,)),
    PersonFact("noor-haddad", "Noor Haddad", "retail", (GovernanceRole.CUSTOMER_EXPERIENCE_MANAGER,)),
    PersonFact("jonas-lindqvist", "Jonas Lindqvist", "it-operations", (GovernanceRole.CONTINUAL_IMPROVEMENT_LEAD,)),
    PersonFact("grace-mwangi", "Grace Mwangi", "retail"),
    PersonFact("owen-pritchard", "Owen Pritchard", "retail"),
    PersonFact("sofia-marchetti", "Sofia Marchetti", "finance"),
    PersonFact("daniel-frost", "Daniel Frost", "logistics"),
    PersonFact("ruth-adeyemi", "Ruth Adeyemi", "people"),
    PersonFact("ben-carver", "Ben Carver", "it-applications"),
    PersonFact("mei-tanaka", "Mei Tanaka", "it-operations"),
)

CRITICAL, IMPORTANT, STANDARD = Criticality.CRITICAL, Criticality.IMPORTANT, Criticality.STANDARD

# key, name, what it does for the business, criticality, department, service level owner, business owner, live for days
SERVICES = (
    ("point-of-sale", "Point of sale", "Tills, scanners and receipts in 140 stores.", CRITICAL,
     "retail", "mei-tanaka", "grace-mwangi", 2100),
    ("online-shop", "Online shop", "Browsing, basket and checkout on the web and in the app.", CRITICAL,
     "retail", "ben-carver", "owen-pritchard", 1650),
    ("card-payments", "Card payments", "Authorising cards in stores and online.", CRITICAL,
     "finance", "ben-carver", "sofia-marchetti", 1400),
    ("warehouse-management", "Warehouse management", "Receiving, picking and dispatch in two shifts.", IMPORTANT,
     "logistics", "ben-carver", "daniel-frost", 1120),
    ("store-network", "Store network", "Lines, switches and wireless in every store.", IMPORTANT,
     "it-operations", "mei-tanaka", "grace-mwangi", 1900),
    ("sign-in", "Sign-in and access", "Accounts, passwords and rights.", IMPORTANT,
     "it-operations", "tomasz-zielinski", "ruth-adeyemi", 1500),
    ("mail-and-calendar", "Mail and calendar", "Mailboxes, calendars and shared rooms.", IMPORTANT,
     "it-operations", "mei-tanaka", "ruth-adeyemi", 1300),
    ("workplace", "Workplace", "Laptops, printers and the software on them.", STANDARD,
     "it-operations", "tomasz-zielinski", "ruth-adeyemi", 1700),
    ("finance-ledger", "Finance ledger", "Ledger, invoices and month-end closing.", STANDARD,
     "finance", "ben-carver", "sofia-marchetti", 2400),
    ("rostering", "Rostering and payroll", "Shifts, hours worked and pay.", STANDARD,
     "people", "ben-carver", "ruth-adeyemi", 800),
    ("loyalty", "Loyalty programme", "Points, vouchers and member offers.", STANDARD,
     "retail", "ben-carver", "owen-pritchard", 620),
    ("sales-reporting", "Sales reporting", "Daily figures by store and range.", STANDARD,
     "finance", "ben-carver", "sofia-marchetti", 590),
)  # fmt: skip


def definitions(until: datetime) -> Blueprint:
    """Wexcombe Stores as it was agreed, without tickets, as of `until`; dates of the past are counted back from it."""
    today = until.astimezone(ZoneInfo(TIME_ZONE)).date()
    founded_at = days_before(today, FOUNDED_DAYS_AGO)
    return Blueprint(
        key="wexcombe",
        name="Wexcombe Stores (generated)",
        time_zone=TIME_ZONE,
        founded_at=founded_at,
        departments=DEPARTMENTS,
        parties=PARTIES,
        people=PEOPLE,
        calendars=_calendars(range(founded_at.year, today.year + 2)),
        services=tuple(_service(today, *row) for row in SERVICES),
        agreements=agreements(today, founded_at),
        tickets=(),
    )


def days_before(today: date, days: int) -> datetime:
    """The local midnight that many days before a date, in UTC."""
    day = today - timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(TIME_ZONE)).astimezone(UTC)


def _service(
    today: date,
    key: str,
    name: str,
    description: str,
    criticality: Criticality,
    department: str,
    level_owner: str,
    business_owner: str,
    days_live: int,
) -> ServiceFact:
    return ServiceFact(
        key,
        name,
        description,
        criticality,
        department,
        owners=(
            OwnerFact(level_owner, OwnershipKind.SERVICE_LEVEL_OWNER),
            OwnerFact(business_owner, OwnershipKind.BUSINESS_OWNER),
            *([OwnerFact("amara-okafor", OwnershipKind.EXECUTIVE_SPONSOR)] if criticality is CRITICAL else []),
        ),
        lifecycle=(
            (LifecycleEventKind.DESIGN_APPROVED, days_before(today, days_live + 75)),
            (LifecycleEventKind.GO_LIVE, days_before(today, days_live)),
        ),
    )


def _calendars(years: range) -> tuple[CalendarFact, ...]:
    bank_holidays = tuple(sorted(holidays.country_holidays("GB", subdiv="ENG", years=years).items()))
    christmas = tuple((date(year, 12, 25), "Christmas Day") for year in years)
    return (
        CalendarFact("always", "Around the clock", TIME_ZONE, _windows(range(1, 8), (0, 24)), ()),
        CalendarFact("weekdays", "Weekdays 08:00-18:00", TIME_ZONE, _windows(range(1, 6), (8, 18)), bank_holidays),
        CalendarFact("shifts", "Two shifts, Monday to Saturday", TIME_ZONE,
                     _windows(range(1, 7), (6, 13), (14, 22)), christmas),
    )  # fmt: skip


def _windows(weekdays: range, *hours: tuple[int, int]) -> tuple[Window, ...]:
    return tuple(Window(day, opens * 3600, closes * 3600) for day in weekdays for opens, closes in hours)
