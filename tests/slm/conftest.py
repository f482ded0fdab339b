"""Applications under test: the real one, on the real database, with its lifespan run."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx
import pytest
import structlog
from pydantic import SecretStr

from services.db import Database
from services.organisations.commands import create_account
from services.organisations.rules import AccessRole, Actor
from services.organisations.tokens import create_api_token
from slm.app import create_app
from slm.logs import configure_logging
from slm.reference.load_wexcombe import load_wexcombe
from slm.settings import Environment, Settings


class Serving(Protocol):
    """Opens a client of an application whose settings differ as given."""

    def __call__(self, **different: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]: ...


@pytest.fixture
def serving(database_url: str) -> Serving:
    @asynccontextmanager
    async def open_client(**different: Any) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings(database_url=SecretStr(database_url)).model_copy(update=different)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield client

    return open_client


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as in production; what was configured before is put back."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    configure_logging(Settings())
    stream = io.StringIO()
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@pytest.fixture
async def demo_organisation(database: Database) -> Actor:
    """The generated organisation with fewer tickets, loaded once per database."""
    _, actor = await load_wexcombe(database, seed=7, now=datetime.now(UTC), tickets=1500)
    return actor


@pytest.fixture
async def demo(serving: Serving, demo_organisation: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(environment=Environment.DEVELOPMENT, demo_organisation="wexcombe") as client:
        yield client


async def issue_token(
    database: Database, actor: Actor, role: AccessRole, *, label: str = "test", expires_at: datetime | None = None,
    now: datetime | None = None,
) -> tuple[Any, str]:  # fmt: skip
    """The id and secret of a new token of the actor's organisation."""
    now = now or datetime.now(UTC)
    async with database.writing(actor.organisation_id) as session:
        account_id = await create_account(session, actor=actor, name=label, role=role, now=now)
        issued = await create_api_token(
            session, actor=actor, account_id=account_id, label=label, expires_at=expires_at, now=now
        )
    return issued.id, issued.secret
