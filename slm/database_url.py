"""Reads the database's address in any usual spelling and writes it the one way the program uses it."""

from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVER = "postgresql+asyncpg"
SYSTEMS = frozenset({"postgres", "postgresql"})
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
OPTIONS = frozenset({"host", "port", "ssl", "target_session_attrs", "prepared_statement_cache_size"})


class DatabaseUrlError(ValueError):
    """The address cannot be used. The message says why, and never holds the address: it may carry a password."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"DATABASE_URL: {problem}. Expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require, "
            "or postgresql://USER@/DATABASE?host=/SOCKET/DIRECTORY"
        )


def normalise_database_url(spelling: str) -> str:
    """The address as `postgresql+asyncpg://...` for SQLAlchemy; a normalised address comes back unchanged.

    Accepts `postgres` and `postgresql` with any driver behind a `+`, libpq's options `user`, `password`, `dbname` and
    `sslmode`, and a UNIX socket either as `?host=/directory` or as a percent-encoded host. Raises DatabaseUrlError.
    """
    try:
        url = make_url(spelling.strip())
    except (ArgumentError, ValueError):
        raise DatabaseUrlError("it cannot be read (a sign like @ or : in a password is written %40, %3A)") from None
    system = url.drivername.partition("+")[0]
    if system not in SYSTEMS:
        raise DatabaseUrlError(f"it is for {system!r}, not for PostgreSQL")
    url = _with_parts_from_options(_with_socket_as_option(url.set(drivername=DRIVER)))
    if not url.database:
        raise DatabaseUrlError("it names no database")
    if unknown := sorted(set(url.query) - OPTIONS):
        raise DatabaseUrlError(f"the option {unknown[0]!r} is not one of {', '.join(sorted(OPTIONS | {'sslmode'}))}")
    return url.render_as_string(hide_password=False)


def _with_socket_as_option(url: URL) -> URL:
    host = unquote(url.host or "")
    if not host.startswith("/"):
        return url
    return URL.create(
        url.drivername, url.username, url.password, database=url.database, query={**url.query, "host": host}
    ).update_query_dict({} if url.port is None else {"port": str(url.port)})


def _with_parts_from_options(url: URL) -> URL:
    """Move what libpq also takes as options to its own place; what the address says itself wins, as in libpq."""
    options = dict(url.query)
    user, password, database = (options.pop(name, None) for name in ("user", "password", "dbname"))
    mode = options.pop("sslmode", None) or options.get("ssl")
    if mode is not None:
        if mode not in SSL_MODES:
            raise DatabaseUrlError(f"sslmode is one of {', '.join(SSL_MODES)}")
        options["ssl"] = mode
    return URL.create(
        url.drivername,
        url.username or _one(user),
        url.password if url.password is not None else _one(password),
        url.host,
        url.port,
        url.database or _one(database),
        options,
    )


def _one(value: str | tuple[str, ...] | None) -> str | None:
    return value[-1] if isinstance(value, tuple) else value
