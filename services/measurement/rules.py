"""What is watched, by what, and where it is shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.domain.inputs import Problems

LONGEST_URL = 2_000


@dataclass(frozen=True)
class IndicatorEntry:
    """An indicator of a service to create: a metric in a unit."""

    key: str
    name: str
    service_id: UUID
    metric: str
    unit: str


@dataclass(frozen=True)
class MonitorEntry:
    """A monitor of an indicator to create; `source` names where its data come from.

    It is installed from `valid_from` on; None: not yet.
    """

    key: str
    name: str
    indicator_id: UUID
    source: str
    valid_from: datetime | None = None


@dataclass(frozen=True)
class TileEntry:
    """A tile to create, on its dashboard from `valid_from` on; None: not yet."""

    key: str
    name: str
    dashboard: str
    valid_from: datetime | None = None
    url: str = ""


@dataclass(frozen=True)
class MonitorReportEntry:
    """A monitor whose latest data bear the instant `last_data_at`."""

    monitor_id: UUID
    last_data_at: datetime


def check_url(problems: Problems, field: str, url: str) -> None:
    """An address a browser may open, or none."""
    problems.text(field, url, longest=LONGEST_URL, required=False)
    if url and not url.startswith(("https://", "http://")):
        problems.add(field, "expected an address that begins with https:// or http://")


class OpenSloKind(StrEnum):
    """Kinds of documents of OpenSLO v1."""

    DATA_SOURCE = "data_source"
    SLO = "slo"
    SLI = "sli"
    ALERT_POLICY = "alert_policy"
    ALERT_CONDITION = "alert_condition"
    ALERT_NOTIFICATION_TARGET = "alert_notification_target"
    SERVICE = "service"


OPENSLO_KINDS = {
    "DataSource": OpenSloKind.DATA_SOURCE,
    "SLO": OpenSloKind.SLO,
    "SLI": OpenSloKind.SLI,
    "AlertPolicy": OpenSloKind.ALERT_POLICY,
    "AlertCondition": OpenSloKind.ALERT_CONDITION,
    "AlertNotificationTarget": OpenSloKind.ALERT_NOTIFICATION_TARGET,
    "Service": OpenSloKind.SERVICE,
}
"""As documents spell them."""


class BudgetingMethod(StrEnum):
    """What of an indicator's data an OpenSLO objective counts."""

    OCCURRENCES = "occurrences"
    TIMESLICES = "timeslices"
    RATIO_TIMESLICES = "ratio_timeslices"


BUDGETING_METHODS = {
    "Occurrences": BudgetingMethod.OCCURRENCES,
    "Timeslices": BudgetingMethod.TIMESLICES,
    "RatioTimeslices": BudgetingMethod.RATIO_TIMESLICES,
}


class ThresholdOperator(StrEnum):
    """How a value is compared with the threshold to be good."""

    LTE = "lte"
    GTE = "gte"
    LT = "lt"
    GT = "gt"
