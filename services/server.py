"""How we are with a PostgreSQL server: as which role, told which organisation, and what its errors mean."""

from enum import StrEnum

from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError

RUNTIME_ROLE = "slm_runtime"

GIVEN_UP = "57014"
"""SQLSTATE of a statement that ran out of its time."""

CONNECT_SECONDS = 10
"""How long making a connection may take before the server counts as out of reach."""

UNREACHABLE = "the database cannot be reached; try again later"

TOOK_TOO_LONG = "the request took too long and was given up; ask for less, or try again later"


class OrganisationSetting(StrEnum):
    """How a connection is told as which role it acts and which organisation row-level security admits."""

    SESSION = "session"
    """Remembered on the connection: the role once, the organisation when it changes, outside any transaction and
    forgotten after any error, because a rollback could undo what we believe to be set. One message less in most
    transactions, but it takes a connection to one PostgreSQL that is ours alone."""
    TRANSACTION = "transaction"
    """Said first in each transaction and forgotten with it: a connection keeps nothing, prepared statements neither.
    For a distributed server, whose nodes hear of nothing else, and for a pooler that lends connections by the
    transaction."""


NOTHING_PREPARED = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",  # the unnamed one, which nobody has to close
}
"""What the driver needs where the next transaction may run on another server connection."""


def server_lost(failure: BaseException) -> bool:
    """Whether an error says that the server is gone, ends this connection or takes none; decided by SQLSTATE."""
    if isinstance(failure, ConnectionError) or (isinstance(failure, DBAPIError) and failure.connection_invalidated):
        return True
    cause = failure.orig if isinstance(failure, DBAPIError) else failure
    # The driver calls it an internal error when the server's farewell arrived between two statements.
    if cause is not None and isinstance(cause.__cause__, InternalClientError):
        return True
    state = str(getattr(cause, "sqlstate", None) or "")
    return state[:2] == "08" or state in ("57P01", "57P02", "57P03", "53300")
