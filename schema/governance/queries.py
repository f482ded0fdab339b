"""Root fields of governance."""

import strawberry

from schema.governance.inputs import (
    ActionFilter,
    ActionOrder,
    CadenceFilter,
    DailySnapshotFilter,
    DailySnapshotOrder,
    MeetingFilter,
    MeetingOrder,
    ReportPackFilter,
    ReportPackOrder,
)
from schema.governance.types import Action, Cadence, DailySnapshot, Meeting, ReportPack
from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup


@strawberry.type
class Queries:
    """How services are governed."""

    cadence: Cadence | None = lookup(
        "A cadence by its key; null if there is none.", key=("key", str, "The key of the cadence.")
    )
    cadences: Connection[Cadence] = connection(
        "All cadences, ended ones included.", order=KeyOrder.KEY_ASC, filter_by=CadenceFilter
    )
    meetings: Connection[Meeting] = connection(
        "All meetings that were held.", order=MeetingOrder.HELD_AT_DESC, filter_by=MeetingFilter
    )
    actions: Connection[Action] = connection(
        "All actions of all meetings.", order=ActionOrder.DUE_AT_ASC, filter_by=ActionFilter
    )
    report_packs: Connection[ReportPack] = connection(
        "All reports that were shown.", order=ReportPackOrder.SHOWN_AT_DESC, filter_by=ReportPackFilter
    )
    daily_snapshots: Connection[DailySnapshot] = connection(
        "All daily snapshots.", order=DailySnapshotOrder.DAY_DESC, filter_by=DailySnapshotFilter
    )
