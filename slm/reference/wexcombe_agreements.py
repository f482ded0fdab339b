"""What Wexcombe Stores agreed: with its customers (SLA), between its own teams (OLA) and with suppliers (UC)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.agreements.rules import AgreementKind
from services.domain.vocabulary import ReopenPolicy, StartRule, TicketState
from slm.reference.organisation import AgreementFact, AgreementVersionFact, TargetFact

P1, P2, P3, P4 = PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")
MINUTE, HOUR = 60, 3600

WAITING_FOR_CUSTOMER = (TicketState.AWAITING_CUSTOMER,)
RESOLVED = (TicketState.RESOLVED, TicketState.CLOSED)
TAKEN_UP = (
    TicketState.IN_PROGRESS,
    TicketState.AWAITING_CUSTOMER,
    TicketState.AWAITING_SUPPLIER,
    TicketState.RESOLVED,
    TicketState.CLOSED,
)
AT_WORK = (TicketState.NEW, TicketState.IN_PROGRESS, TicketState.AWAITING_SUPPLIER)

# service, customer, calendar, reopen policy
SERVICE_LEVELS = (
    ("point-of-sale", "stores", "always", ReopenPolicy.NEW_CYCLE),
    ("online-shop", "online-trading", "always", ReopenPolicy.CONTINUOUS),
    ("card-payments", "stores", "always", ReopenPolicy.CONTINUOUS),
    ("warehouse-management", "distribution", "shifts", ReopenPolicy.RESUME),
    ("store-network", "stores", "always", ReopenPolicy.RESUME),
    ("sign-in", "head-office", "weekdays", ReopenPolicy.RESUME),
    ("mail-and-calendar", "head-office", "weekdays", ReopenPolicy.RESUME),
    ("workplace", "head-office", "weekdays", ReopenPolicy.RESUME),
    ("finance-ledger", "head-office", "weekdays", ReopenPolicy.RESUME),
    ("rostering", "head-office", "weekdays", ReopenPolicy.NEW_CYCLE),
    ("loyalty", "online-trading", "weekdays", ReopenPolicy.RESUME),
    ("sales-reporting", "head-office", "weekdays", ReopenPolicy.RESUME),
)

RESOLUTION_HOURS: dict[str, tuple[int, int, int, int]] = {
    "always": (4, 8, 48, 120),
    "shifts": (4, 8, 30, 75),
    "weekdays": (4, 8, 20, 50),
}
"""Hours of service time by calendar, for priorities 1 to 4."""

RESPONSE_MINUTES: dict[str, tuple[int, int]] = {"always": (15, 60), "shifts": (30, 60), "weekdays": (30, 120)}
"""Minutes of service time by calendar, for priorities 1 and 2."""

OBJECTIVES = (Decimal(95), Decimal(90), Decimal(90), Decimal(85))


def agreements(today: date, founded_at: datetime) -> tuple[AgreementFact, ...]:
    """Every agreement, in force from a month after the founding; two were changed a few weeks before `today`."""
    first = founded_at + timedelta(days=31)
    changed_at = _first_of_month(today - timedelta(days=40))
    return (
        *(_sla(row, first, changed_at) for row in SERVICE_LEVELS),
        _operational_level(first),
        *(_underpinning(row, first) for row in SUPPLIERS),
    )


def _sla(row: tuple[str, str, str, ReopenPolicy], first: datetime, changed_at: datetime) -> AgreementFact:
    service, customer, calendar, reopen = row
    targets = (*_responses(calendar), *_resolutions(calendar, reopen))
    versions = [AgreementVersionFact(first, first - timedelta(days=12), "First agreement", targets)]
    if change := CHANGES.get(service):
        reason, changed = change
        versions.append(
            AgreementVersionFact(changed_at, changed_at - timedelta(days=9), reason, tuple(map(changed, targets)))
        )
    if service == "workplace":
        versions = [replace(version, targets=(*version.targets, _closing())) for version in versions]
    return AgreementFact(
        f"{service}-sla", f"{service.replace('-', ' ').capitalize()} for {customer.replace('-', ' ')}",
        AgreementKind.SLA, service, customer, "wexcombe-it", tuple(versions),
    )  # fmt: skip


def _responses(calendar: str) -> tuple[TargetFact, ...]:
    return tuple(
        TargetFact(
            f"response-p{number}", f"Priority {number} taken up within {minutes} minutes", calendar,
            minutes * MINUTE, Decimal(95), TAKEN_UP, (priority,),
        )
        for number, priority, minutes in zip((1, 2), (P1, P2), RESPONSE_MINUTES[calendar], strict=True)
    )  # fmt: skip


def _resolutions(calendar: str, reopen: ReopenPolicy) -> tuple[TargetFact, ...]:
    return tuple(
        TargetFact(
            f"resolution-p{number}", f"Priority {number} resolved within {hours} service hours", calendar,
            hours * HOUR, objective, RESOLVED, (priority,),
            pause_states=WAITING_FOR_CUSTOMER, resume_states=AT_WORK, reopen=reopen,
        )
        for number, priority, hours, objective in zip(
            (1, 2, 3, 4), PRIORITIES, RESOLUTION_HOURS[calendar], OBJECTIVES, strict=True
        )
    )  # fmt: skip


def _closing() -> TargetFact:
    return TargetFact(
        "closing", "Confirmed and closed within 70 service hours", "weekdays", 70 * HOUR, Decimal(85),
        (TicketState.CLOSED,), reopen=ReopenPolicy.CONTINUOUS,
    )  # fmt: skip


def _tightened(target: TargetFact) -> TargetFact:
    if target.key != "resolution-p2":
        return target
    return replace(target, name="Priority 2 resolved within 6 service hours", duration_seconds=6 * HOUR)


def _relaxed(target: TargetFact) -> TargetFact:
    if target.key != "resolution-p4":
        return target
    return replace(target, name="Priority 4 resolved within 60 service hours", duration_seconds=60 * HOUR)


CHANGES: dict[str, tuple[str, Callable[[TargetFact], TargetFact]]] = {
    "online-shop": ("Peak season: high priorities back within six hours", _tightened),
    "finance-ledger": ("Month-end freeze: low priorities may take longer", _relaxed),
}


def _operational_level(first: datetime) -> AgreementFact:
    taken_over = TargetFact(
        "take-over", "Network incidents taken up within 3 hours", "always", 3 * HOUR, Decimal(90),
        TAKEN_UP, (P1, P2, P3),
    )  # fmt: skip
    version = AgreementVersionFact(first, first - timedelta(days=5), "First agreement", (taken_over,))
    return AgreementFact(
        "store-network-ola", "Network Operations for the Service Desk", AgreementKind.OLA, "store-network",
        "service-desk", "network-operations", (version,),
    )  # fmt: skip


# service, supplier, name, hours to hand back, calendar
SUPPLIERS = (
    ("card-payments", "paylane", "Paylane card authorisation", 24, "always"),
    ("store-network", "orbicom", "Orbicom store lines", 36, "always"),
    ("point-of-sale", "kestrel", "Kestrel till repair", 16, "weekdays"),
)


def _underpinning(row: tuple[str, str, str, int, str], first: datetime) -> AgreementFact:
    service, supplier, name, hours, calendar = row
    handed_back = TargetFact(
        "hand-back", f"Handed back within {hours} service hours", calendar, hours * HOUR, Decimal(90),
        (TicketState.IN_PROGRESS, *RESOLVED), start_states=(TicketState.AWAITING_SUPPLIER,),
        start=StartRule.FROM_MATCH, reopen=ReopenPolicy.NEW_CYCLE,
    )  # fmt: skip
    version = AgreementVersionFact(first, first - timedelta(days=20), "Contract signed", (handed_back,))
    return AgreementFact(
        f"{supplier}-uc", name, AgreementKind.UC, service, "wexcombe-it", supplier, (version,)
    )  # fmt: skip


def _first_of_month(day: date) -> datetime:
    return datetime(day.year, day.month, 1, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
