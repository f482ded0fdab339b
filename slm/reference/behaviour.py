"""How tickets come in and how teams work at Wexcombe Stores: the likelihoods the generator draws from."""

from dataclasses import dataclass

from slm.reference.wexcombe_agreements import RESOLUTION_HOURS, SERVICE_LEVELS

DESK, STORES, FIELD, NETWORK, APPLICATIONS = (
    "Service Desk",
    "Store Systems",
    "Field Engineering",
    "Network Operations",
    "Application Support",
)

PACE = {DESK: 0.7, STORES: 1.6, FIELD: 1.15, NETWORK: 0.9, APPLICATIONS: 1.1}
"""How long a team takes, relative to the others."""

MEMBERS = {DESK: 9, STORES: 6, FIELD: 8, NETWORK: 5, APPLICATIONS: 7}

CRITICAL_PRIORITIES = (0.04, 0.16, 0.55, 0.25)
USUAL_PRIORITIES = (0.01, 0.08, 0.56, 0.35)


@dataclass(frozen=True)
class ServiceBehaviour:
    """The tickets of one service: their share of all, and how they spread over priorities, teams and categories."""

    service: str
    share: float
    priorities: tuple[float, float, float, float]
    teams: dict[str, float]
    categories: dict[str, tuple[str, ...]]

    @property
    def calendar(self) -> str:
        """The service hours its resolution is promised in."""
        return next(calendar for service, _, calendar, _ in SERVICE_LEVELS if service == self.service)

    @property
    def resolution_hours(self) -> tuple[int, int, int, int]:
        """Promised hours for priorities 1 to 4, as first agreed."""
        return RESOLUTION_HOURS[self.calendar]


BEHAVIOURS = (
    ServiceBehaviour("point-of-sale", 0.16, CRITICAL_PRIORITIES, {STORES: 0.65, FIELD: 0.35},
                     {"Hardware": ("Till", "Scanner", "Receipt printer"), "Software": ("Price file", "Till software")}),
    ServiceBehaviour("online-shop", 0.09, CRITICAL_PRIORITIES, {APPLICATIONS: 1.0},
                     {"Software": ("Checkout", "Search", "App"), "Data": ("Prices", "Stock")}),
    ServiceBehaviour("card-payments", 0.07, CRITICAL_PRIORITIES, {STORES: 0.7, APPLICATIONS: 0.3},
                     {"Hardware": ("Card terminal",), "Software": ("Authorisation", "Settlement")}),
    ServiceBehaviour("warehouse-management", 0.09, USUAL_PRIORITIES, {APPLICATIONS: 0.6, FIELD: 0.4},
                     {"Hardware": ("Handheld", "Label printer"), "Software": ("Picking", "Dispatch")}),
    ServiceBehaviour("store-network", 0.08, CRITICAL_PRIORITIES, {NETWORK: 0.8, FIELD: 0.2},
                     {"Network": ("Line", "Wireless", "Switch")}),
    ServiceBehaviour("sign-in", 0.11, USUAL_PRIORITIES, {DESK: 1.0},
                     {"Access": ("Password", "Locked account", "Rights")}),
    ServiceBehaviour("mail-and-calendar", 0.07, USUAL_PRIORITIES, {DESK: 0.8, APPLICATIONS: 0.2},
                     {"Software": ("Mailbox", "Calendar"), "Access": ("Shared mailbox",)}),
    ServiceBehaviour("workplace", 0.20, USUAL_PRIORITIES, {DESK: 0.5, FIELD: 0.5},
                     {"Hardware": ("Laptop", "Printer", "Screen"), "Software": ("Office", "Update")}),
    ServiceBehaviour("finance-ledger", 0.04, USUAL_PRIORITIES, {APPLICATIONS: 1.0},
                     {"Software": ("Posting", "Closing"), "Data": ("Cost centre",)}),
    ServiceBehaviour("rostering", 0.04, USUAL_PRIORITIES, {APPLICATIONS: 1.0},
                     {"Software": ("Shift plan", "Time clock"), "Data": ("Hours",)}),
    ServiceBehaviour("loyalty", 0.02, USUAL_PRIORITIES, {APPLICATIONS: 1.0},
                     {"Software": ("Vouchers",), "Data": ("Points",)}),
    ServiceBehaviour("sales-reporting", 0.03, USUAL_PRIORITIES, {APPLICATIONS: 1.0},
                     {"Data": ("Daily figures", "Late load"), "Access": ("Report rights",)}),
)  # fmt: skip

SUPPLIED = {("card-payments", STORES), ("store-network", NETWORK), ("point-of-sale", FIELD)}
"""Where work waits for a supplier and not for the customer."""

HOUR_PROFILE = (1, 1, 1, 1, 1, 2, 4, 8, 14, 16, 15, 14, 11, 12, 13, 13, 11, 8, 6, 5, 4, 3, 2, 1)
"""Relative numbers of tickets opened in each local hour of the day."""

WEEKDAY_PROFILE = (1.25, 1.1, 1.0, 1.0, 1.05, 0.55, 0.35)
"""Relative numbers of tickets opened from Monday to Sunday."""
