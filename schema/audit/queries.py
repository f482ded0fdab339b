"""The root field of the audit trail."""

import strawberry

from schema.audit.types import AuditEntry, AuditEntryFilter, AuditEntryOrder
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class Queries:
    """The audit trail."""

    audit_entries: Connection[AuditEntry] = connection(
        "Who changed what, when, and what it was before. Auditors and administrators only.",
        order=AuditEntryOrder.RECORDED_AT_DESC,
        filter_by=AuditEntryFilter,
    )
