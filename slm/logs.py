"""Log lines: JSON in production, readable in development, and never a secret or a personal field in either.

Every line carries what was bound for the request or job it belongs to: `request_id` or `job`, `trace_id`, and, once
they are known, the ids of `organisation` and `actor`.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import structlog
from structlog.typing import EventDict, Processor

from slm.settings import Environment, Settings

WITHHELD = "[withheld]"

_SECRETS = re.compile(r"slm_[A-Za-z0-9_-]{43}|(?<=://)[^\s/@:]*:[^\s/@]*(?=@)|(?i:(?<=bearer )\S+)")
"""API tokens, credentials inside an address, and whatever follows the word Bearer."""
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+\.[A-Za-z]{2,}")
_ROW = re.compile(r"^\s*DETAIL: .*(?:\n(?!\s*(?:HINT:|\[SQL|The above|During|Traceback)).*)*", re.MULTILINE)
"""What PostgreSQL tells of the row at fault: its values, which may be anybody's."""
_SUSPICIOUS = re.compile(r"@|slm_|DETAIL|bearer", re.IGNORECASE)
"""What any of these contains: most values have none of it and need no closer look."""
_WITHHELD_NAMES = frozenset(
    {"authorization", "cookie", "password", "secret", "token", "database_url"}
    | {"email", "name", "person", "assignee", "caller", "note", "minutes", "statement", "variables"}
)


def configure_logging(settings: Settings) -> None:
    """Send structlog's lines and those of the libraries to standard error, from `settings.log_level` on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_what_is_private,
    ]
    readable = settings.environment is Environment.DEVELOPMENT
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if readable else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for chatty in ("uvicorn.error", "asyncio", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def without_what_is_private(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Leave out values named like secrets or like what people are called or write, and blot out what looks like one."""
    return {name: _blotted(value, name) for name, value in event.items()}


def _blotted(value: Any, name: object = "") -> Any:
    if isinstance(name, str) and name.lower() in _WITHHELD_NAMES:
        return WITHHELD
    if isinstance(value, str):
        if not _SUSPICIOUS.search(value):
            return value
        return _EMAIL.sub(WITHHELD, _SECRETS.sub(WITHHELD, _ROW.sub(f"DETAIL: {WITHHELD}", value)))
    if isinstance(value, dict):
        return {key: _blotted(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_blotted(inner) for inner in value]
    return value


@contextmanager
def job(
    name: str, *, organisation_id: UUID, actor_id: UUID | None = None, trace_id: str | None = None
) -> Iterator[None]:
    """Bind what the log lines of a piece of work carry: its name, its trace (a new one unless given), and for whom."""
    known = {"organisation": str(organisation_id)} | ({"actor": str(actor_id)} if actor_id else {})
    with structlog.contextvars.bound_contextvars(job=name, trace_id=trace_id or uuid4().hex, **known):
        yield
