"""Root fields of agreements."""

import strawberry

from schema.agreements.types import Agreement, AgreementFilter
from schema.orders import KeyOrder
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup


@strawberry.type
class Queries:
    """Agreements."""

    agreement: Agreement | None = lookup(
        "An agreement by its key; null if there is none.", key=("key", str, "The key of the agreement.")
    )
    agreements: Connection[Agreement] = connection(
        "All agreements, ended ones included.", order=KeyOrder.KEY_ASC, filter_by=AgreementFilter
    )
