"""Log lines: JSON in production, readable in development, and never a secret in either."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from slm.settings import Environment, Settings

_SECRETS = re.compile(r"slm_[A-Za-z0-9_-]{43}|(?<=://)[^\s/@:]*:[^\s/@]*(?=@)|(?i:(?<=bearer )\S+)")
"""API tokens, credentials inside an address, and whatever follows the word Bearer."""
_SECRET_NAMES = frozenset({"authorization", "cookie", "password", "secret", "token", "database_url"})


def configure_logging(settings: Settings) -> None:
    """Send structlog's lines and those of the libraries to standard error, from `settings.log_level` on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    readable = settings.environment is Environment.DEVELOPMENT
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if readable else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
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


def without_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Leave out values named like secrets, and blot out texts that look like one."""
    return {name: "[withheld]" if name.lower() in _SECRET_NAMES else _blotted(value) for name, value in event.items()}


def _blotted(value: Any) -> Any:
    return _SECRETS.sub("[withheld]", value) if isinstance(value, str) else value
